"""What the tests of all doors share: requests as they come over the wire, and events as JSON that a person can read."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from tocsin.core.alerts.model import Status
from tocsin.core.arrivals import Outcome
from tocsin.core.events import Action, Event
from tocsin.core.vocabulary import AlertId, EventId
from tocsin.intake import DOORS
from tocsin.ports.doors import Door, Events, Read, Reply, Request, Taken

FIXTURES = Path(__file__).parent / "fixtures"

#: When all requests of the fixtures came in: the one instant that fits all recordings of Prometheus.
RECEIVED_AT = datetime(2026, 11, 22, 3, 49, 15, tzinfo=UTC)

BY_NAME = {door.name: door for door in DOORS}

_DEFAULTS = {field.name: getattr(Event(action=Action.CHANGE, dedup_key=""), field.name) for field in fields(Event)}


def request_to(
    door: Door,
    path: str,
    body: object = None,
    *,
    method: str = "POST",
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> Request:
    """A request to a door, its prefix or `/in/KEY` taken off as the dispatcher does it; `body` is bytes or JSON."""
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    key, rest = None, ""
    if path.startswith("/in/"):
        key, slash, after = path.removeprefix("/in/").partition("/")
        rest = slash + after
    else:
        matching = [prefix for prefix in door.paths if path == prefix or path.startswith(prefix + "/")]
        assert matching, f"{path} does not lead to {door.name}"
        rest = path.removeprefix(max(matching, key=len))
    return Request(
        method=method,
        path=path,
        rest=rest,
        query=query or {},
        headers={name.lower(): value for name, value in (headers or {}).items()},
        body=raw,
        received_at=RECEIVED_AT,
        key=key,
        client="192.0.2.7",
    )


def taken(outcome: Outcome = Outcome.CREATED, *, status: Status | None = Status.TRIGGERED, **others: Any) -> Taken:
    """What became of an event, with ids that a test recognises."""
    facts = {"event_id": EventId("event-1"), "dedup_key": "key-1", "alert_id": AlertId("alert-1"), **others}
    return Taken(outcome=outcome, status=status, **facts)


def said(reply: Reply) -> Any:
    """A reply's body as JSON."""
    return json.loads(reply.body)


def header(reply: Reply, name: str) -> str | None:
    """A header of a reply by its name in lower case."""
    return dict(reply.headers).get(name)


def as_json(read: Read) -> dict[str, Any]:
    """What a door has read, without what every event has anyway."""
    if isinstance(read, Events):
        return {"key": read.key, "events": [_event(event) for event in read.events]}
    return {"key": read.key, "status_of": read.request_id}


def _event(event: Event) -> Any:
    values = {name: getattr(event, name) for name in _DEFAULTS}
    always = {"action", "dedup_key"} | ({"severity"} if event.action is Action.TRIGGER else set())
    told = {name: value for name, value in values.items() if name in always or value != _DEFAULTS[name]}
    return json.loads(msgspec.json.encode(told))
