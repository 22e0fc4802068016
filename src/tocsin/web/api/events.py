"""Tocsin's own events as the API describes them. They are taken in by the doors that stand in front of this server."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Security
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field

from tocsin.core.alerts.model import Status
from tocsin.core.errors import Unavailable
from tocsin.core.vocabulary import Severity
from tocsin.web.api.access import problems
from tocsin.web.api.instants import Asked
from tocsin.web.api.shapes import LinkShape

_KEY = HTTPBearer(auto_error=False, scheme_name="integration key", description="The key of an integration.")

router = APIRouter(tags=["events"], dependencies=[Security(_KEY)])


class EventBody(BaseModel):
    """What a source says. A trigger needs a summary and a severity, everything else a dedup key."""

    action: Literal["trigger", "acknowledge", "resolve"]
    dedup_key: str | None = Field(
        default=None, description="Left out, one is made from source, summary and labels.", examples=["disk:db-1"]
    )
    summary: str | None = Field(default=None, examples=["disk of db-1 is 96 % full"])
    severity: Severity | None = None
    source: str | None = Field(default=None, examples=["db-1"])
    service: str | None = Field(default=None, description="Left out, routes or the integration choose.")
    labels: dict[str, str] | None = Field(default=None, examples=[{"host": "db-1"}])
    details: Any = Field(default=None, description="Whatever else there is to say, as JSON.")
    links: list[LinkShape] | None = None
    at: Asked | None = Field(default=None, description="When it happened by the source's clock.")


class EventTaken(BaseModel):
    """What became of an event; it is stored."""

    event_id: str
    alert_id: str | None = Field(description="Null: no alert is concerned.")
    dedup_key: str = Field(examples=["disk:db-1"])
    status: Status | None = Field(description="The alert's status afterwards.")


@router.post("/events", status_code=202, summary="Send an event", responses=problems(403))
async def send_event(body: EventBody) -> EventTaken:
    """Something fails, somebody has it, or it is over. Answered after it is stored: after 5xx, send it again."""
    raise Unavailable("the doors that take events in do not stand in front of this server")
