"""Opsgenie's dialect: paths and keys in all their shapes, bodies read liberally, errors in the vendor's words."""

from __future__ import annotations

from typing import Any

import pytest

from intake.wire import RECEIVED_AT, header, request_to, said, taken
from tocsin.core.arrivals import Outcome
from tocsin.core.errors import Broken, Forbidden, NotFound, Refused, TocsinError, Unavailable
from tocsin.core.events import Action, Event
from tocsin.core.vocabulary import EventId, Severity
from tocsin.intake.opsgenie import DOOR
from tocsin.intake.replies import TooLarge, WrongMethod
from tocsin.ports.doors import Earlier, Events, Request, StatusOf, Taken

KEY = "11111111-2222-3333-4444-555555555555"
GENIE = {"Authorization": f"GenieKey {KEY}"}
ALIAS = {"identifierType": "alias"}


def read(path: str, body: object = None, **others: Any) -> Event:
    """The event that a request means."""
    found = DOOR.read(request_to(DOOR, path, body, **others))
    assert isinstance(found, Events)
    return found.events[0]


def create(body: dict[str, object]) -> Event:
    """The event that a create means."""
    return read("/v2/alerts", {"message": "m", **body})


def status_after(outcome: Outcome, action: str, **others: Any) -> dict[str, Any]:
    """What the status of a request says, by what became of it."""
    assert DOOR.tell is not None
    earlier = Earlier(taken=taken(outcome, **others), action=action, integration="airflow", processed_at=RECEIVED_AT)
    data = said(DOOR.tell(request_to(DOOR, "/v2/alerts/requests/event-1", method="GET"), earlier))["data"]
    assert isinstance(data, dict)
    return data


@pytest.mark.parametrize("path", ["/v2/alerts", "/v2/alerts/", "/opsgenie/v2/alerts", "/in/k", "/in/k/v2/alerts/"])
def test_a_create_is_found_at_every_address(path: str) -> None:
    """Create works at the root, under the prefix and at the key's own address, with a trailing slash and without."""
    event = read(path, {"message": "late", "alias": "a"})
    assert (event.action, event.dedup_key, event.summary) == (Action.TRIGGER, "a", "late")


@pytest.mark.parametrize(
    ("path", "alias", "action"),
    [
        ("/v2/alerts/etl%2Forders%3Alate/close", "etl/orders:late", Action.RESOLVE),
        ("/v2/alerts/etl/orders:late/close", "etl/orders:late", Action.RESOLVE),
        ("/v2/alerts/etl/orders/acknowledge/", "etl/orders", Action.ACKNOWLEDGE),
        ("/opsgenie/v2/alerts//etl//close", "/etl/", Action.RESOLVE),
        ("/v2/alerts/close/close", "close", Action.RESOLVE),
        ("/v2/alerts/requests/close", "requests", Action.RESOLVE),
        ("/v2/alerts/orders%20api/close", "orders api", Action.RESOLVE),
        ("/v2/alerts/a+b%2Bc/close", "a+b+c", Action.RESOLVE),
        ("/v2/alerts/%E6%97%A5/close", "日", Action.RESOLVE),
        ("/v2/alerts/a%00b%FF/close", "a\ufffdb\ufffd", Action.RESOLVE),
        ("/in/k/v2/alerts/x/close", "x", Action.RESOLVE),
        ("/in/k/x/close", "x", Action.RESOLVE),
    ],
)
def test_an_alias_with_slashes_is_one_name(path: str, alias: str, action: Action) -> None:
    """An identifier holds slashes as `%2F` or raw; the verb is the last segment."""
    event = read(path, query=ALIAS)
    assert (event.dedup_key, event.action, event.alert_id) == (alias, action, None)


def test_an_alert_is_named_by_id_unless_told_otherwise() -> None:
    """Without an identifier type the identifier is an alert's id."""
    assert read("/v2/alerts/0190/close").alert_id == "0190"
    assert read("/v2/alerts/0190/close", query={"identifierType": "id"}).alert_id == "0190"


@pytest.mark.parametrize(("kind", "words"), [("tiny", "no tiny ids yet"), ("name", "should be one of")])
def test_an_unknown_kind_of_identifier_is_refused(kind: str, words: str) -> None:
    """Tiny ids are not there yet, and say so; anything else never was."""
    with pytest.raises(Refused, match=words):
        read("/v2/alerts/7/close", query={"identifierType": kind})


def test_a_request_is_asked_after() -> None:
    """The status question names the id that the earlier answer gave."""
    found = DOOR.read(request_to(DOOR, "/opsgenie/v2/alerts/requests/r-1", method="GET", headers=GENIE))
    assert found == StatusOf(key=KEY, request_id=EventId("r-1"))


@pytest.mark.parametrize(
    ("method", "path", "error"),
    [
        ("GET", "/v2/alerts", WrongMethod),
        ("GET", "/v2/alerts/x/close", WrongMethod),
        ("POST", "/v2/alerts/requests/x", WrongMethod),
        ("POST", "/v2/alerts/x/notes", NotFound),
        ("POST", "/v2/alerts/close", NotFound),
        ("DELETE", "/v2/alerts/x", NotFound),
        ("GET", "/v2/alerts/requests", NotFound),
    ],
)
def test_what_is_not_there_is_refused(method: str, path: str, error: type[Refused]) -> None:
    """A known address with another method, and an address that is not there yet, are two different answers."""
    with pytest.raises(error):
        read(path, {"message": "m"}, method=method)


@pytest.mark.parametrize(
    ("headers", "query", "key"),
    [
        ({"Authorization": f"GenieKey {KEY}"}, {}, KEY),
        ({"authorization": f"geniekey  {KEY} "}, {}, KEY),
        ({"Authorization": "Basic OjExMTE="}, {}, "1111"),
        ({"Authorization": "Basic MTExMTo="}, {}, "1111"),
        ({}, {"apiKey": KEY}, KEY),
        ({"Authorization": "Basic no base64"}, {}, None),
        ({"Authorization": f"Bearer {KEY}"}, {}, None),
        ({}, {"apiKey": ""}, None),
        ({}, {}, None),
    ],
)
def test_a_key_is_found_where_clients_put_it(headers: dict[str, str], query: dict[str, str], key: str | None) -> None:
    """GenieKey, Basic with one half empty, and the query."""
    assert DOOR.read(request_to(DOOR, "/v2/alerts", {"message": "m"}, headers=headers, query=query)).key == key


@pytest.mark.parametrize(
    ("priority", "severity"),
    [
        ("P1", Severity.CRITICAL),
        ("P2", Severity.ERROR),
        ("P3", Severity.WARNING),
        ("P4", Severity.INFO),
        ("p5", Severity.INFO),
        (None, Severity.WARNING),
        ("", Severity.WARNING),
    ],
)
def test_a_priority_becomes_a_severity(priority: str | None, severity: Severity) -> None:
    """P3 is the usual one, as at the vendor's."""
    assert create({"priority": priority}).severity is severity


def test_empty_values_are_absent() -> None:
    """null, "", [] and {} say nothing, and unknown fields are ignored."""
    empty: dict[str, object] = {
        "alias": "a",
        "entity": "",
        "responders": [],
        "details": {},
        "tags": None,
        "IdentifierType": "alias",
    }
    assert create(empty) == create({"alias": "a"})


def test_plain_values_are_read_as_texts() -> None:
    """Numbers and truth values stand for their text, tags may be one text, and what has parts makes no label."""
    event = create({"alias": 12345, "tags": "a,b", "entity": 7, "details": {"n": 3, "ok": True, "deep": {"a": 1}}})
    assert event.dedup_key == "12345"
    assert event.labels == {"entity": "7", "tags": "a,b", "n": "3", "ok": "true"}


def test_no_more_labels_than_fit() -> None:
    """Entity and tags come first, then as many details as fit; long and many-lined values stay in the details alone."""
    details = {"long": "x" * 513, "lines": "a\nb", **{f"d{n}": "x" for n in range(80)}}
    event = create({"entity": "e", "details": details})
    assert len(event.labels) == 64
    assert {"entity", "d0", "d62"} < set(event.labels)
    assert "long" not in event.labels
    assert "lines" not in event.labels
    assert isinstance(event.details, dict)
    assert event.details["details"] == details


def test_a_long_message_is_cut_and_kept() -> None:
    """A message over 130 characters is cut as the vendor cuts it; the whole is the description, or in the details."""
    message = "x" * 131
    event = create({"message": message})
    assert (event.summary, event.description, event.details) == ("x" * 130, message, {"message": message})
    assert create({"message": message, "description": "d"}).description == "d"


def test_a_long_alias_stays_one_key() -> None:
    """An alias too long for the index becomes a digest, the same when it is created and when it is closed."""
    alias = "a" * 600
    assert len(create({"alias": alias}).dedup_key) == 32
    assert create({"alias": alias}).dedup_key == read(f"/v2/alerts/{alias}/close", query=ALIAS).dedup_key
    assert create({"alias": alias}).dedup_key != create({"alias": alias + "b"}).dedup_key


def test_without_an_alias_nothing_is_deduplicated() -> None:
    """Two creates without an alias are two alerts, as at the vendor's."""
    first = request_to(DOOR, "/v2/alerts", {"message": "m"})
    other = Request(method="POST", path="/v2/alerts", body=first.body, received_at=RECEIVED_AT, client="192.0.2.8")
    keys = [found.events[0].dedup_key for found in map(DOOR.read, (first, other)) if isinstance(found, Events)]
    assert len(set(keys)) == 2


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"message": "Message can not be empty."}),
        ({"message": " "}, {"message": "Message can not be empty."}),
        ({"message": ["m"]}, {"message": "should be a text"}),
        ({"message": "m", "priority": "P9"}, {"priority": "should be one of [ P1, P2, P3, P4, P5 ]"}),
        (
            {"priority": 1},
            {"message": "Message can not be empty.", "priority": "should be one of [ P1, P2, P3, P4, P5 ]"},
        ),
        ({"message": "m", "details": "d"}, {"details": "should be an object of texts"}),
        ([], {"body": "The body must be an object, not a list."}),
    ],
)
def test_a_wrong_body_is_refused_field_by_field(body: object, errors: dict[str, str]) -> None:
    """Validation answers 422 with the vendor's sentence and a map of all that is wrong."""
    request = request_to(DOOR, "/v2/alerts", body)
    with pytest.raises(Refused) as refused:
        DOOR.read(request)
    reply = DOOR.refuse(request, refused.value)
    assert reply.status == 422
    assert said(reply)["message"] == "Request body is not processable. Please check the errors."
    assert said(reply)["errors"] == errors


@pytest.mark.parametrize(
    ("key", "status", "message"),
    [
        ("not-a-uuid", 422, "Key format is not valid!"),
        (KEY, 401, "Could not authenticate"),
        (KEY.upper(), 401, "Could not authenticate"),
        (None, 401, "Could not authenticate"),
    ],
)
def test_an_unknown_key_is_refused_by_its_shape(key: str | None, status: int, message: str) -> None:
    """A key that is no UUID is told so, one that is one is not known."""
    headers = {} if key is None else {"Authorization": f"GenieKey {key}"}
    request = request_to(DOOR, "/v2/alerts", {"message": "m"}, headers=headers)
    reply = DOOR.refuse(request, Forbidden("no such key", known=False))
    assert (reply.status, said(reply)["message"]) == (status, message)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Forbidden("no", known=True), 403),
        (NotFound("where"), 404),
        (WrongMethod("PUT", "POST"), 405),
        (TooLarge("big"), 413),
        (Refused("wrong"), 422),
        (Unavailable("full", retry_seconds=3), 503),
        (Broken("bug"), 500),
    ],
)
def test_every_error_is_an_object_that_clients_can_read(error: TocsinError, status: int) -> None:
    """The SDKs want an object with message, took and requestId, and their headers, whatever went wrong."""
    reply = DOOR.refuse(request_to(DOOR, "/v2/alerts", b"\xff"), error)
    body = said(reply)
    assert reply.status == status
    assert isinstance(body["message"], str)
    assert isinstance(body["took"], float)
    assert len(body["requestId"]) == 36
    assert header(reply, "x-request-id") == body["requestId"]
    assert (header(reply, "x-ratelimit-state"), header(reply, "x-ratelimit-period-in-sec")) == ("OK", "60")
    assert header(reply, "x-response-time")
    assert header(reply, "retry-after") == ("3" if status == 503 else None)


def test_a_wrong_method_is_worded_as_at_the_vendors() -> None:
    """405 says which method is not supported."""
    reply = DOOR.refuse(request_to(DOOR, "/v2/alerts"), WrongMethod("PUT", "POST"))
    assert said(reply)["message"] == "Request method 'PUT' not supported"


def test_a_write_is_answered_with_its_event() -> None:
    """The request id is the first event's id, so that its status can be asked for at once."""
    reply = DOOR.answer(request_to(DOOR, "/v2/alerts", {"message": "m"}), (taken(event_id=EventId("e-9")),))
    assert (reply.status, said(reply)["requestId"], header(reply, "x-request-id")) == (202, "e-9", "e-9")


@pytest.mark.parametrize(
    ("outcome", "action", "success", "status"),
    [
        (Outcome.CREATED, "trigger", True, "Created alert"),
        (Outcome.REPEATED, "trigger", True, "Created alert"),
        (Outcome.REOPENED, "trigger", True, "Created alert"),
        (Outcome.ACKNOWLEDGED, "acknowledge", True, "Acknowledged alert"),
        (Outcome.RESOLVED, "resolve", True, "Closed alert"),
        (Outcome.ALREADY, "acknowledge", False, "Alert is already acknowledged"),
        (Outcome.NOTHING_OPEN, "resolve", False, "There is no open alert with alias [key-1]"),
    ],
)
def test_a_status_tells_what_became_of_it(outcome: Outcome, action: str, success: bool, status: str) -> None:
    """Both names of success agree, and the text is one that Zabbix knows as final."""
    data = status_after(outcome, action)
    assert (data["success"], data["isSuccess"], data["status"]) == (success, success, status)
    assert data["action"] == {"trigger": "Create", "acknowledge": "Acknowledge", "resolve": "Close"}[action]
    assert (data["alertId"], data["alias"], data["integrationId"]) == ("alert-1", "key-1", "airflow")
    assert data["processedAt"] == "2026-11-22T03:49:15.000Z"


def test_a_status_of_nothing_has_no_alert() -> None:
    """A close of an alert that never was says so, with an empty id."""
    data = status_after(Outcome.NOTHING_OPEN, "resolve", alert_id=None, status=None)
    assert (data["status"], data["alertId"], data["isSuccess"]) == ("Alert does not exist", "", False)


def test_a_status_of_no_request_lets_clients_ask_again() -> None:
    """The Go SDK asks again only after a 404 with this error type."""
    assert DOOR.tell is not None
    reply = DOOR.tell(request_to(DOOR, "/v2/alerts/requests/x", method="GET"), None)
    assert (reply.status, header(reply, "x-opsgenie-errortype")) == (404, "RequestNotProcessed")


def test_a_status_has_a_request_id_of_its_own() -> None:
    """Asking is a request like any other: its id is not the one that is asked after."""
    assert DOOR.tell is not None
    first: Taken = taken()
    earlier = Earlier(taken=first, action="trigger", integration="i", processed_at=RECEIVED_AT)
    reply = DOOR.tell(request_to(DOOR, f"/v2/alerts/requests/{first.event_id}", method="GET"), earlier)
    assert said(reply)["requestId"] not in ("", first.event_id)
