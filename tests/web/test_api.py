"""The API as a whole: who may call it, how it says no, what it says of itself, and that nothing breaks it."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import APIRouter
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tocsin.core.errors import Broken, TocsinError, Unavailable
from tocsin.web.context import Readiness
from tocsin.web.server import LARGEST_BODY
from web.api_world import NOBODY, World

LOOKS = (
    "/api/v1/alerts", f"/api/v1/alerts/{NOBODY}", f"/api/v1/alerts/{NOBODY}/timeline", "/api/v1/oncall",
    "/api/v1/schedules", "/api/v1/schedules/data-primary/shifts", f"/api/v1/deliveries?alert={NOBODY}",
    f"/api/v1/events?alert={NOBODY}", "/api/v1/services", "/api/v1/teams", "/api/v1/people", "/api/v1/silences",
    "/api/v1/people/data-primary/messages",
)  # fmt: skip
ACTS = (
    *(f"/api/v1/alerts/{NOBODY}/{action}" for action in ("acknowledge", "unacknowledge", "resolve", "escalate")),
    *(f"/api/v1/alerts/{NOBODY}/{action}" for action in ("snooze", "reassign", "responders", "notes")),
    "/api/v1/pages", "/api/v1/silences", "/api/v1/people/data-primary/messages/test",
)  # fmt: skip
PROBLEM = {"type", "title", "status", "detail", "field", "hint"}


@pytest.mark.parametrize("address", LOOKS)
async def test_looking_needs_a_viewer(address: str) -> None:
    """Without a token, and with a wrong one, the answer is 401 as a problem, and says how to ask."""
    world = await World().open()
    for by in (None, "wrong"):
        answer = await world.get(address, by=by)
        assert (answer.status, answer.headers["content-type"]) == (401, "application/problem+json")
        assert answer.json().keys() == PROBLEM
        assert "Bearer" in answer.json()["hint"]
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("address", ACTS)
async def test_acting_needs_an_actor(address: str) -> None:
    """Nobody is 401, a stakeholder 403, and a session from a foreign page 403, before anything else is looked at."""
    world = await World().open()
    cookie = world.cookie("grace", "responder")
    assert (await world.post(address, by=None)).status == 401
    assert (await world.post(address, by="stan")).status == 403
    assert (await world.post(address, by=None, cookie=cookie, origin="https://evil.example")).status == 403
    assert (await world.post(address, by=None, cookie=cookie, sec_fetch_site="same-origin")).status in (404, 422)


@pytest.mark.parametrize("address", LOOKS)
async def test_a_stakeholder_looks(address: str) -> None:
    """Whoever looks on sees every list."""
    assert (await (await World().open()).get(address, by="stan")).status in (200, 404)


async def test_a_session_looks_as_a_token_does() -> None:
    """A cookie opens the same doors."""
    world = await World().open()
    assert (await world.get("/api/v1/alerts", by=None, cookie=world.cookie("stan", ""))).status == 200


@pytest.mark.parametrize(
    ("body", "status", "field", "hint"),
    [
        (b"{", 400, None, ""),
        (b"\xff\xfe", 400, None, ""),
        (b"[]", 422, None, ""),
        (b"null", 422, None, ""),
        (b"{}", 422, "text", ""),
        (b'{"text": 7}', 422, "text", ""),
        (b'{"text": ""}', 422, "text", ""),
        (b'{"text": "a\\u0000b"}', 422, "text", "NUL"),
        (b'{"text": "\\ud800"}', 422, "text", ""),
        (b'{"txt": "x", "text": "y"}', 422, "txt", "text"),
    ],
)
async def test_a_wrong_body_is_told_by_its_field(body: bytes, status: int, field: str | None, hint: str) -> None:
    """What is no JSON is 400; JSON that is wrong is 422 with the field, and a hint where one helps."""
    world = await World().open()
    answer = await world.call("POST", f"/api/v1/alerts/{await world.trigger()}/notes", body)
    assert (answer.status, answer.json()["field"]) == (status, field)
    assert hint in (answer.json()["hint"] or "")


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/alerts/", "/api", "/api/", "/api/v2/alerts", "/nothing"])
async def test_an_unknown_address_is_a_problem(path: str) -> None:
    """What is not there is 404 as a problem, and no slash is guessed."""
    answer = await (await World().open()).get(path, accept="*/*")
    assert (answer.status, answer.json()["title"]) == (404, "Not found")


async def test_a_wrong_method_is_a_problem() -> None:
    """The methods that an address knows are told."""
    answer = await (await World().open()).call("DELETE", "/api/v1/alerts")
    assert (answer.status, answer.headers["allow"], answer.json()["hint"]) == (405, "GET", "use GET")


async def test_a_giant_body_is_not_read() -> None:
    """More than anybody has use for is refused, with and without a token."""
    world = await World().open()
    for by in ("admin", None):
        answer = await world.call("POST", "/api/v1/pages", b"[" * (LARGEST_BODY + 1), by=by)
        assert (answer.status, answer.json()["title"]) == (413, "The request is too large")


def failing(error: Exception) -> APIRouter:
    """A page that fails."""
    router = APIRouter()

    @router.get("/fails")
    @router.get("/api/fails")
    async def fail() -> None:
        raise error

    return router


@pytest.mark.parametrize("error", [Broken("the password is hunter2"), ZeroDivisionError("hunter2")])
async def test_a_fault_of_ours_tells_nothing(error: Exception) -> None:
    """What broke inside is 500 with the usual headers, and not a word of it goes out."""
    world = await World(options={"page_routers": [failing(error)]}).open()
    answer = await world.get("/api/fails")
    assert (answer.status, answer.json()["title"]) == (500, "Tocsin failed")
    assert b"hunter2" not in answer.body
    assert "content-security-policy" in answer.headers


async def test_unavailable_says_when() -> None:
    """503 comes with the seconds to wait."""
    world = await World(options={"page_routers": [failing(Unavailable("busy", retry_seconds=1.2))]}).open()
    answer = await world.get("/api/fails")
    assert (answer.status, answer.headers["retry-after"], answer.json()["detail"]) == (503, "2", "busy")


async def test_a_browser_gets_a_page() -> None:
    """Whoever asks for a page outside the API gets what was handed in; everybody else a problem."""

    async def error_page(request: Request, error: TocsinError) -> Response:
        return PlainTextResponse(type(error).__name__, 404)

    world = await World(options={"error_page": error_page, "page_routers": [failing(ZeroDivisionError())]}).open()
    html = "text/html,application/xhtml+xml"
    assert (await world.get("/nothing", accept=html)).body == b"NotFound"
    assert (await world.get("/fails", accept=html)).body == b"Broken"
    assert (await world.get("/nothing", accept="application/json")).json()["status"] == 404
    assert (await world.get("/api/v1/nothing", accept=html)).json()["status"] == 404


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/api/docs", "/api/v1/alerts", "/nothing"])
async def test_every_answer_is_locked_down(path: str) -> None:
    """No answer may be framed, sniffed, or load anything from elsewhere; those of the API stay out of caches."""
    headers = (await (await World().open()).get(path, by=None)).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "referrer-policy" in headers
    assert path != "/api/v1/alerts" or headers["cache-control"] == "no-store"


async def test_probes_need_no_token() -> None:
    """Alive, ready and metrics are answered to anybody; not ready is 503 with the reasons."""
    world = await World().open()
    assert (await world.get("/healthz", by=None)).json() == {"status": "alive"}
    assert (await world.get("/readyz", by=None)).json() == {"status": "ready", "troubles": []}
    assert (await world.call("HEAD", "/healthz", by=None)).status == 200
    metrics = await world.get("/metrics", by=None)
    assert (metrics.body, metrics.headers["content-type"][:10]) == (b"tocsin_up 1\n", "text/plain")
    world.ready = Readiness(ready=False, troubles=("The database does not answer.",))
    answer = await world.get("/readyz", by=None)
    assert (answer.status, answer.json()["troubles"]) == (503, ["The database does not answer."])


async def document() -> dict[str, Any]:
    """What the API says of itself."""
    found = (await (await World().open()).get("/api/openapi.json", by=None)).json()
    assert isinstance(found, dict)
    return found


async def test_the_description_is_whole() -> None:
    """Every address of the contract is described, each operation with words, examples of no, and what it answers."""
    told = await document()
    addresses = {address.split("?")[0].replace(NOBODY, "{alert_id}") for address in (*LOOKS, *ACTS)}
    addresses = {address.replace("data-primary", "{name}") for address in addresses}
    assert addresses | {"/api/v1/events", "/healthz", "/readyz", "/metrics"} <= set(told["paths"])
    operations = [one for methods in told["paths"].values() for one in methods.values()]
    assert len({one["operationId"] for one in operations}) == len(operations)
    for one in operations:
        assert one["summary"]
        assert one["description"]
        assert one["tags"][0] in {tag["name"] for tag in told["tags"]}
        assert any(status.startswith("2") for status in one["responses"])
    native = [one for path, methods in told["paths"].items() if path.startswith("/api/") for one in methods.values()]
    for one in native:
        assert one["security"]
        assert "application/problem+json" in one["responses"]["401"]["content"]


async def test_the_description_is_sound() -> None:
    """OpenAPI 3.1: every reference leads somewhere, every path parameter is declared and needed."""
    told = await document()
    assert told["openapi"].startswith("3.1")
    shapes = told["components"]["schemas"]
    for reference in re.findall(r'"\$ref": "([^"]+)"', json.dumps(told)):
        assert reference.removeprefix("#/components/schemas/") in shapes
    for path, methods in told["paths"].items():
        for one in methods.values():
            declared = {p["name"] for p in one.get("parameters", ()) if p["in"] == "path" and p["required"]}
            assert declared == set(re.findall(r"\{(\w+)\}", path))
    assert "HTTPValidationError" not in shapes


async def test_without_a_keeper_there_are_no_silences() -> None:
    """What a server cannot do it does not describe."""
    world = await World(options={"silences": None}).open()
    assert (await world.get("/api/v1/silences")).status == 404


async def test_the_reference_loads_nothing_from_elsewhere() -> None:
    """The page has every operation, and no address of another host in anything that is loaded."""
    world = await World().open()
    page = await world.get("/api/docs", by=None)
    text = page.body.decode()
    style = await world.get("/api/docs.css", by=None)
    assert page.headers["content-type"].startswith("text/html")
    assert style.headers["content-type"].startswith("text/css")
    loaded = re.findall(r'(?:src|href|action)="([^"]*)"', text)
    assert all(one.startswith(("#", "/")) and not one.startswith("//") for one in loaded)
    assert "<script" not in text
    assert "style=" not in text
    assert b"url(" not in style.body
    assert b"@import" not in style.body
    for path, methods in (await document())["paths"].items():
        assert path in text
        assert all(f'id="{one["operationId"]}"' in text for one in methods.values())
    inside = set(re.findall(r' id="([^"]+)"', text))
    assert {one[1:] for one in loaded if one.startswith("#")} <= inside


async def test_events_belong_to_the_doors() -> None:
    """A server without its doors does not pretend to have stored an event."""
    answer = await (await World().open()).post("/api/v1/events", {"action": "trigger"})
    assert answer.status == 503


#: Cursors that are well formed outside and wrong inside.
CURSORS = [
    base64.urlsafe_b64encode(inside.encode()).decode()
    for inside in ("2026-01-01T00:00:00 x", f"2026-01-01T00:00:00 {NOBODY}", "2026-01-01T00:00:00+00:00 x", " ", "\x00")
]
SLIPS = ["\x00", "../..", "%", "0" * 36, "9" * 400, "-1", "NaN", *CURSORS]
hostile = st.one_of(st.text(max_size=40), st.sampled_from(SLIPS))
PARAMETERS = ("status", "service", "team", "text", "limit", "cursor", "at", "schedule", "from", "to", "alert")


@settings(max_examples=60)
@given(
    address=st.sampled_from([look.split("?")[0] for look in LOOKS]),
    where=hostile,
    asked=st.dictionaries(st.sampled_from(PARAMETERS), hostile, max_size=4),
)
def test_nothing_that_is_asked_breaks_it(address: str, where: str, asked: dict[str, str]) -> None:
    """Whatever stands in the path and in the query, the answer is an answer and not a fault of ours."""

    async def ask() -> int:
        world = await World().open()
        await world.trigger()
        path = address.replace(NOBODY, where.replace("?", "")).replace("data-primary", where.replace("?", ""))
        query = "&".join(f"{name}={quote(value, safe='', errors='replace')}" for name, value in asked.items())
        answer = await world.get(f"{path}?{query}")
        assert answer.raised is None
        return answer.status

    assert asyncio.run(ask()) < 500


@pytest.mark.parametrize("cursor", CURSORS)
async def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    """A cursor that we did not give out is the asker's mistake, however well it is made."""
    world = await World().open()
    await world.trigger()
    assert (await world.get(f"/api/v1/alerts?cursor={cursor}")).status in (200, 422)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ("minutes", "until", "person", "text", "people", "summary", "urgency", "match", "name", "comment")


@settings(max_examples=80)
@given(address=st.sampled_from(ACTS), body=json_values | st.dictionaries(st.sampled_from(FIELDS), json_values))
def test_nothing_that_is_sent_breaks_it(address: str, body: object) -> None:
    """Whatever a body holds, the answer is an answer and not a fault of ours."""

    async def ask() -> int:
        world = await World().open()
        path = address.replace(NOBODY, await world.trigger())
        answer = await world.call("POST", path, json.dumps(body).encode("utf-8", "replace"))
        assert answer.raised is None
        return answer.status

    assert asyncio.run(ask()) < 500
