"""Tocsin's own events: what is refused and in which words, what is made where it is left out, what is answered."""

from __future__ import annotations

from typing import Any

import pytest

from intake.wire import header, request_to, said, taken
from tocsin.core.alerts.model import Status
from tocsin.core.arrivals import Outcome
from tocsin.core.errors import Broken, Forbidden, NotFound, Refused, Unavailable
from tocsin.core.events import Event
from tocsin.intake.body import LARGEST
from tocsin.intake.native import DOOR
from tocsin.intake.replies import TooLarge, WrongMethod
from tocsin.ports.doors import Events

GOOD = {"action": "trigger", "summary": "orders are late", "severity": "error"}
PATH = "/api/v1/events"


def read(body: object, **others: Any) -> Event:
    """The event that a body means."""
    found = DOOR.read(request_to(DOOR, PATH, body, **others))
    assert isinstance(found, Events)
    return found.events[0]


@pytest.mark.parametrize(
    ("body", "field", "hint"),
    [
        (b"", None, "Send JSON in UTF-8."),
        (b"\xff{}", None, "Send JSON in UTF-8."),
        ([GOOD], None, None),
        ({}, "action", "Write one of trigger, acknowledge, resolve."),
        ({"acton": "trigger"}, "action", "Did you mean `action` where you wrote `acton`?"),
        ({**GOOD, "action": "triger"}, "action", 'Did you mean "trigger"?'),
        ({**GOOD, "action": "change"}, "action", "Write one of trigger, acknowledge, resolve."),
        ({**GOOD, "severity": "loud"}, "severity", "Write one of critical, error, warning, info."),
        ({**GOOD, "severity": "CRITCAL"}, "severity", 'Did you mean "critical"?'),
        ({"action": "trigger", "severity": "loud"}, "severity", "Write one of critical, error, warning, info."),
        ({"action": "trigger", "summary": "x"}, "severity", "Write one of critical, error, warning, info."),
        (
            {"action": "trigger", "summary": "x", "severty": "error"},
            "severity",
            "Did you mean `severity` where you wrote `severty`?",
        ),
        ({"action": "trigger", "severity": "info"}, "summary", None),
        ({"action": "trigger", "severity": "info", "summary": " "}, "summary", None),
        (
            {"action": "trigger", "severity": "info", "sumary": "x"},
            "summary",
            "Did you mean `summary` where you wrote `sumary`?",
        ),
        ({**GOOD, "summary": "x" * 4001}, "summary", "At most 4,000; put the rest into `details`."),
        ({"action": "resolve"}, "dedup_key", None),
        (
            {"action": "acknowledge", "dedup-key": "x"},
            "dedup_key",
            "Did you mean `dedup_key` where you wrote `dedup-key`?",
        ),
        ({**GOOD, "dedup_key": "x" * 513}, "dedup_key", "At most 512; send a digest of it."),
        ({**GOOD, "labels": {"a": 1}}, "labels", None),
        ({**GOOD, "labels": {str(n): "x" for n in range(65)}}, "labels", "Send at most 64."),
        ({**GOOD, "details": "x" * 65_536}, "details", "At most 65,536; link to the rest."),
        (b'{"action":"resolve","dedup_key":"x","details":%s}' % (b"9" * 5_000), "details", None),
        ({**GOOD, "links": [{"text": "x"}]}, "links[0].href", None),
        (
            {**GOOD, "links": [{"href": "https://a"}, {"href": "javascript:alert(1)"}]},
            "links[1].href",
            "Write an address that begins with https:// or http://, of at most 2,000 characters.",
        ),
        ({**GOOD, "at": "yesterday"}, "at", None),
        ({**GOOD, "at": "2026-01-31T09:00:00"}, "at", None),
        ({**GOOD, "at": "0001-01-01T00:00:00+05:00"}, "at", "Leave it out when unknown."),
    ],
)
def test_a_wrong_event_is_refused_with_its_field(body: object, field: str | None, hint: str | None) -> None:
    """A refusal names the field, and says what to write where there is something to say."""
    with pytest.raises(Refused) as refused:
        read(body)
    assert (refused.value.field, refused.value.hint) == (field, hint)
    assert field is None or f"`{field}`" in refused.value.detail


def test_a_deep_event_is_refused() -> None:
    """JSON that nests without end is refused, whether the parser or the keeping gives up on it."""
    for depth in (40, 100_000):
        body = b'{"action":"trigger","summary":"x","severity":"info","details":%s}' % (b"[" * depth + b"]" * depth)
        with pytest.raises(Refused, match="nests too deeply"):
            read(body)


def test_a_large_event_is_refused() -> None:
    """A body over the limit is refused before it is read."""
    with pytest.raises(TooLarge, match="1,000,001 bytes"):
        read(b" " * (LARGEST + 1))


def test_another_method_and_another_address_are_refused() -> None:
    """The door takes POST at its own address and nothing else."""
    with pytest.raises(WrongMethod):
        read(GOOD, method="GET")
    with pytest.raises(NotFound):
        DOOR.read(request_to(DOOR, f"{PATH}/x", GOOD))


def test_a_key_is_made_from_source_summary_and_labels() -> None:
    """Without a dedup key the same three make the same key, in any order of labels; each of them makes another."""
    base: dict[str, object] = {**GOOD, "source": "airflow", "labels": {"a": "1", "b": "2"}}
    key = read(base).dedup_key
    assert key == read({**base, "labels": {"b": "2", "a": "1"}, "severity": "info", "details": 7}).dedup_key
    others: list[dict[str, object]] = [{"summary": "x"}, {"source": "cron"}, {"source": None}, {"labels": {"a": "1"}}]
    assert len({key, *(read({**base, **other}).dedup_key for other in others)}) == 5


def test_a_made_key_never_changes() -> None:
    """The recipe of a made key is a promise: an upgrade must not open a second alert for what is open."""
    assert read({**GOOD, "source": "airflow", "labels": {"a": "1"}}).dedup_key == "11ae6a99c524953262742b9427019e91"


def test_a_nul_is_replaced() -> None:
    """A NUL, which no text of the database can hold, loses no event; an escaped backslash before it is left alone."""
    assert read({**GOOD, "summary": "a\0\0b"}).summary == "a\ufffd\ufffdb"
    assert read({**GOOD, "summary": "a\\u0000"}).summary == "a\\u0000"


def test_the_key_comes_from_the_header_or_the_address() -> None:
    """Bearer, Basic and the address are understood, the address first; a key in the query is not."""
    headers = [{"Authorization": "Bearer k"}, {"authorization": "bearer k"}, {"Authorization": "Basic Oms="}]
    assert [DOOR.read(request_to(DOOR, PATH, GOOD, headers=sent)).key for sent in headers] == ["k"] * 3
    assert DOOR.read(request_to(DOOR, "/in/k", GOOD, headers={"Authorization": "Bearer other"})).key == "k"
    assert DOOR.read(request_to(DOOR, PATH, GOOD, query={"key": "k"})).key is None


def test_an_answer_has_the_ids() -> None:
    """The sender learns its alert, its key, and what became of the event."""
    reply = DOOR.answer(request_to(DOOR, PATH, GOOD), (taken(Outcome.REPEATED),))
    assert reply.status == 202
    assert said(reply) == {
        "event_id": "event-1",
        "alert_id": "alert-1",
        "dedup_key": "key-1",
        "status": "triggered",
        "outcome": "repeated",
    }


def test_an_answer_without_an_alert_says_null() -> None:
    """A resolve of nothing is taken, and concerns no alert."""
    reply = DOOR.answer(request_to(DOOR, PATH, GOOD), (taken(Outcome.NOTHING_OPEN, alert_id=None, status=None),))
    assert (said(reply)["alert_id"], said(reply)["status"], reply.status) == (None, None, 202)


def test_an_acknowledged_alert_says_so() -> None:
    """The status is the alert's own, after the event."""
    reply = DOOR.answer(request_to(DOOR, PATH, GOOD), (taken(Outcome.ACKNOWLEDGED, status=Status.ACKNOWLEDGED),))
    assert said(reply)["status"] == "acknowledged"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refused("wrong", field="at", hint="mend"), 422),
        (Forbidden("who", known=False), 401),
        (Forbidden("no", known=True), 403),
        (NotFound("where"), 404),
        (WrongMethod("GET", "POST"), 405),
        (TooLarge("big"), 413),
        (Unavailable("full", retry_seconds=1.2), 503),
        (Broken("secret"), 500),
    ],
)
def test_an_error_is_a_problem_document(error: Exception, status: int) -> None:
    """Every error has the contract's fields; a fault of ours keeps its details to itself."""
    assert isinstance(error, Refused | Unavailable | Broken)
    reply = DOOR.refuse(request_to(DOOR, PATH, GOOD), error)
    problem = said(reply)
    assert (reply.status, problem["status"]) == (status, status)
    assert header(reply, "content-type") == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "detail", "field", "hint"}
    assert "secret" not in problem["detail"]


def test_an_error_carries_what_the_status_asks_for() -> None:
    """Unavailable says when to come back, a wrong method which is right, an unknown key how to show one."""
    request = request_to(DOOR, PATH, GOOD)
    assert header(DOOR.refuse(request, Unavailable("full", retry_seconds=1.2)), "retry-after") == "2"
    assert header(DOOR.refuse(request, WrongMethod("GET", "POST")), "allow") == "POST"
    assert header(DOOR.refuse(request, Forbidden("who", known=False)), "www-authenticate") == "Bearer"
    problem = said(DOOR.refuse(request, Refused("wrong", field="at", hint="mend")))
    assert (problem["detail"], problem["field"], problem["hint"]) == ("wrong", "at", "mend")
