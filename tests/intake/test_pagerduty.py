"""PagerDuty's dialect: what a trigger needs, keys that are made, changes, and refusals in the vendor's words."""

from __future__ import annotations

from typing import Any

import pytest

from intake.wire import header, request_to, said, taken
from tocsin.core.arrivals import Outcome
from tocsin.core.errors import Broken, Forbidden, NotFound, Refused, TocsinError, Unavailable
from tocsin.core.events import Action, Event
from tocsin.core.vocabulary import Severity
from tocsin.intake.pagerduty import DOOR, LARGEST
from tocsin.intake.replies import TooLarge, WrongMethod
from tocsin.ports.doors import Events

PAYLOAD = {"summary": "late", "source": "airflow", "severity": "error"}
TRIGGER = {"routing_key": "r", "event_action": "trigger", "payload": PAYLOAD}
SEVERITIES = "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')"


def read(body: object, path: str = "/v2/enqueue", **others: Any) -> Event:
    """The event that a body means."""
    return whole(body, path, **others).events[0]


def whole(body: object, path: str = "/v2/enqueue", **others: Any) -> Events:
    """The event with the key."""
    found = DOOR.read(request_to(DOOR, path, body, **others))
    assert isinstance(found, Events)
    return found


def trigger(**payload: object) -> Event:
    """The event that a trigger with these fields in its payload means."""
    return read({**TRIGGER, "payload": {**PAYLOAD, **payload}})


@pytest.mark.parametrize("path", ["/v2/enqueue", "/v2/enqueue/", "/pagerduty/v2/enqueue", "/in/k", "/in/k/v2/enqueue"])
def test_a_trigger_is_found_at_every_address(path: str) -> None:
    """Triggers work at the root, under the prefix and at the key's own address."""
    assert read(TRIGGER, path).action is Action.TRIGGER


@pytest.mark.parametrize("path", ["/v2/change/enqueue", "/pagerduty/v2/change/enqueue/", "/in/k/v2/change/enqueue"])
def test_a_change_is_told_by_its_address(path: str) -> None:
    """A change is told by where it is sent, needs a summary alone, and is answered without a key."""
    body = {"routing_key": "r", "payload": {"summary": "deploy"}}
    event = read(body, path)
    assert (event.action, event.severity, event.summary) == (Action.CHANGE, Severity.INFO, "deploy")
    reply = DOOR.answer(request_to(DOOR, path, body), (taken(Outcome.NOTED, alert_id=None, status=None),))
    assert said(reply) == {"message": "Change event processed", "status": "success"}


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, ["'routing_key' is missing or blank", "'event_action' is missing or blank"]),
        (
            {**TRIGGER, "event_action": "close"},
            ["'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')"],
        ),
        (
            {"routing_key": "r", "event_action": "trigger"},
            [f"'payload.{name}' is missing or blank" for name in ("summary", "source", "severity")],
        ),
        (
            {**TRIGGER, "payload": {**PAYLOAD, "severity": "bad", "source": " "}},
            ["'payload.source' is missing or blank", SEVERITIES],
        ),
        ({**TRIGGER, "payload": "text"}, [f"'payload.{name}' is missing or blank" for name in PAYLOAD]),
        ({"routing_key": "r", "event_action": "resolve"}, ["'dedup_key' is missing or blank"]),
        ({"routing_key": "r", "event_action": "acknowledge", "dedup_key": ""}, ["'dedup_key' is missing or blank"]),
        ({**TRIGGER, "dedup_key": "x" * 256}, ["'dedup_key' is too long (maximum is 255 characters)"]),
        ([], ["The body must be an object, not a list."]),
    ],
)
def test_a_wrong_event_is_refused_with_all_that_is_wrong(body: object, errors: list[str]) -> None:
    """What is wrong comes as 400 with a list, each in the words that clients have been logging for years."""
    request = request_to(DOOR, "/v2/enqueue", body)
    with pytest.raises(Refused) as refused:
        DOOR.read(request)
    reply = DOOR.refuse(request, refused.value)
    assert reply.status == 400
    assert said(reply) == {"status": "invalid event", "message": "Event object is invalid", "errors": errors}


def test_a_key_is_made_for_a_trigger() -> None:
    """A trigger without a dedup key gets one of its own, and the answer tells it."""
    request = request_to(DOOR, "/v2/enqueue", TRIGGER)
    made = read(TRIGGER).dedup_key
    assert len(made) == 32
    assert made != trigger(summary="other").dedup_key
    reply = DOOR.answer(request, (taken(dedup_key=made),))
    assert (reply.status, said(reply)["dedup_key"]) == (202, made)


def test_a_resolve_of_nothing_is_answered_as_any_other() -> None:
    """Airflow tests its connection with a resolve of an unknown key, which must be 2xx."""
    request = request_to(DOOR, "/v2/enqueue", {"routing_key": "r", "event_action": "resolve", "dedup_key": "x"})
    reply = DOOR.answer(request, (taken(Outcome.NOTHING_OPEN, dedup_key="x", alert_id=None, status=None),))
    assert reply.status == 202
    assert said(reply) == {"status": "success", "message": "Event processed", "dedup_key": "x"}


def test_the_address_has_the_key_before_the_body() -> None:
    """A key in the path is the key; without one it is the body's, which may then be left out nowhere."""
    assert whole(TRIGGER).key == "r"
    assert whole(TRIGGER, "/in/k").key == "k"
    assert whole({**TRIGGER, "routing_key": None}, "/in/k").key == "k"


def test_a_payload_is_read_liberally() -> None:
    """A severity in capitals, a source that is a number and a timestamp that is none do not lose the event."""
    event = trigger(severity="CRITICAL", source=1, timestamp="2015-07-17 8am", custom_details="text", group=None)
    assert (event.severity, event.source, event.at, event.labels) == (Severity.CRITICAL, "1", None, {})
    assert event.details == {"custom_details": "text"}


def test_a_timestamp_is_an_instant() -> None:
    """The vendor's formats of time are understood, with whatever offset."""
    assert trigger(timestamp="2026-11-22T04:00:00.000+0100").at == trigger(timestamp="2026-11-22T03:00:00Z").at
    assert trigger(timestamp="2026-11-22T03:00:00").at == trigger(timestamp="2026-11-22T03:00:00Z").at is not None
    assert trigger(timestamp="9999-12-31T23:59:59-12:00").at is None


def test_a_long_summary_is_cut_and_kept() -> None:
    """A summary over 1,024 characters is cut; the whole is in the details."""
    event = trigger(summary="x" * 1025)
    assert (event.summary, event.details) == ("x" * 1024, {"summary": "x" * 1025})


def test_large_details_are_cut() -> None:
    """Custom details of a size that no alert should carry are cut; the raw request keeps them."""
    event = trigger(custom_details={"firing": "x" * 100_000, "n": 1})
    assert isinstance(event.details, dict)
    assert len(event.details["custom_details"]["firing"]) == 8_000
    assert event.details["custom_details"]["n"] == 1
    assert trigger(custom_details={str(n): "x" * 8_000 for n in range(20)}).details is None


def test_links_are_addresses_that_a_page_may_show() -> None:
    """Links, the client's own address and images become links; another scheme than http does not."""
    body = {
        **TRIGGER,
        "links": [{"href": "javascript:alert(1)"}, {"href": "https://l"}, "x", {"text": "none"}, {"href": "https://l"}],
        "client": "Prom",
        "client_url": "http://c",
        "images": [{"src": "https://i"}, {"src": "https://i2", "href": "https://h", "alt": "chart"}],
    }
    links = [(link.href, link.text) for link in read(body).links]
    assert links == [
        ("https://l", "https://l"),
        ("http://c", "Prom"),
        ("https://i", "https://i"),
        ("https://h", "chart"),
    ]


def test_what_is_not_there_is_refused() -> None:
    """Another method, another address and a body over 512 KB are refused before the body is read."""
    with pytest.raises(WrongMethod):
        read(TRIGGER, method="GET")
    with pytest.raises(NotFound):
        read(TRIGGER, "/v2/enqueue/x")
    with pytest.raises(TooLarge):
        read(b" " * (LARGEST + 1))


@pytest.mark.parametrize(
    ("error", "status", "errors"),
    [
        (Forbidden("no such key", known=False), 400, ["Invalid routing key"]),
        (Forbidden("no", known=True), 403, ["no"]),
        (NotFound("where"), 404, ["where"]),
        (TooLarge("big"), 413, ["big"]),
        (Refused("wrong"), 400, ["wrong"]),
        (Unavailable("full", retry_seconds=0.2), 503, ["full"]),
        (Broken("bug"), 500, ["Tocsin failed; this is not your fault."]),
    ],
)
def test_every_error_has_status_message_and_errors(error: TocsinError, status: int, errors: list[str]) -> None:
    """An unknown key is an invalid event like any other; trouble of ours is a status that clients send again after."""
    reply = DOOR.refuse(request_to(DOOR, "/v2/enqueue", TRIGGER), error)
    assert reply.status == status
    assert set(said(reply)) == {"status", "message", "errors"}
    assert said(reply)["errors"] == errors
    assert header(reply, "retry-after") == ("1" if status == 503 else None)
