"""What the API says of itself: FastAPI's document, with the one shape in which everything says no."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from tocsin.web.problems import Problem

TITLE = "Tocsin"

ABOUT = """\
A failure comes in, the right person is reached, the answer comes back.

Send events with the key of an integration. Everything else takes an API token as bearer token, or the session of
whoever is signed in. Instants are RFC 3339, in answers always in UTC. Lists are `{"items", "next_cursor"}`. Errors are
problem documents: after 4xx nothing was stored, after 5xx or a broken connection send the request again; what acts on
an alert may be sent twice."""

TAGS = (
    {"name": "events", "description": "How failures come in."},
    {"name": "alerts", "description": "Looking at alerts and their story."},
    {"name": "acting", "description": "Answering alerts, and paging people directly."},
    {"name": "on call", "description": "Who is on call, now and over time."},
    {"name": "insight", "description": "What the rota means for people: how fair it is, what an edit moves."},
    {"name": "evidence", "description": "Every event that came in, every call that was made."},
    {"name": "catalog", "description": "What is configured."},
    {"name": "messages", "description": "What people are told besides pages."},
    {"name": "silences", "description": "What is kept from ringing for a while."},
    {"name": "syncs", "description": "What outside follows the rota: groups of a chat, programs."},
    {"name": "tokens", "description": "Who may call, for what, and how long."},
    {"name": "audit", "description": "Who has changed what."},
    {"name": "this server", "description": "Whether this server lives, is ready, and what it counts."},
)


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an application."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version=app.openapi_version,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return document
