"""The Prometheus family: what fires and what is over, who is who, whole groups, answers that make senders come back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from intake.wire import RECEIVED_AT, header, request_to, said, taken
from tocsin.core.errors import Broken, Forbidden, NotFound, Refused, TocsinError, Unavailable
from tocsin.core.events import Action, Event
from tocsin.core.vocabulary import Severity
from tocsin.intake.alertmanager import DOOR, SEVERITIES
from tocsin.intake.body import LARGEST_BATCH
from tocsin.intake.replies import TooLarge, WrongMethod
from tocsin.ports.doors import Events

API = "/alertmanager/api/v2/alerts"
LABELS = {"alertname": "Late", "instance": "db-0"}
GROUP = '{}:{alertname="Late"}'


def read(body: object, path: str = API, **others: Any) -> tuple[Event, ...]:
    """The events that a body means."""
    found = DOOR.read(request_to(DOOR, path, body, **others))
    assert isinstance(found, Events)
    return found.events


def alert(**others: object) -> dict[str, object]:
    """One alert of the API."""
    return {"labels": LABELS, **others}


def webhook(*alerts: dict[str, object], **others: object) -> dict[str, object]:
    """A webhook with these alerts."""
    told = [{"status": "firing", "fingerprint": "f", **alert} for alert in alerts]
    return {"version": "4", "status": "firing", "groupKey": GROUP, "alerts": told, **others}


def at(seconds: float) -> str:
    """An RFC 3339 instant so many seconds after the request came in."""
    return (RECEIVED_AT + timedelta(seconds=seconds)).isoformat()


@pytest.mark.parametrize(
    ("ends_at", "action", "expires_after"),
    [
        (at(0.001), Action.TRIGGER, 0.001),
        (at(0), Action.RESOLVE, None),
        (at(-60), Action.RESOLVE, None),
        (None, Action.TRIGGER, 300),
        ("0001-01-01T00:00:00.000Z", Action.TRIGGER, 300),
    ],
)
def test_an_alert_fires_while_its_end_lies_ahead(
    ends_at: str | None, action: Action, expires_after: float | None
) -> None:
    """The end decides: ahead it is when the alert expires, behind when it ended, absent it is five minutes away."""
    event = read([alert(startsAt=at(-600), endsAt=ends_at)])[0]
    assert event.action is action
    assert event.expires_at == (None if expires_after is None else RECEIVED_AT + timedelta(seconds=expires_after))
    assert event.at == (None if action is Action.TRIGGER or ends_at is None else datetime.fromisoformat(ends_at))


@pytest.mark.parametrize("started", [at(-600), "0001-01-01T00:00:00Z"])
def test_a_beginning_is_not_the_time_of_the_message(started: str) -> None:
    """An alert that fires again may carry an old beginning: it must not look older than the resolve before it."""
    assert read([alert(startsAt=started)])[0].at is None


def test_an_alert_of_the_api_is_known_by_all_its_labels() -> None:
    """Order, empty labels, annotations and the generator make no difference; any label with a value does."""
    same = [
        alert(),
        {"labels": dict(reversed(LABELS.items())), "annotations": {"summary": "s"}, "generatorURL": "http://g"},
        {"labels": {**LABELS, "empty": ""}},
    ]
    assert len({event.dedup_key for event in read(same)}) == 1
    assert len({event.dedup_key for event in read([*same, {"labels": {**LABELS, "x": "y"}}])}) == 2


def test_the_recipe_of_an_identity_never_changes() -> None:
    """An upgrade must not forget which open alert a label set belongs to."""
    assert read([alert()])[0].dedup_key == "fef313d51844af4d2ddc9dc937a96a4b"


def test_one_bad_alert_refuses_the_batch() -> None:
    """A batch is stored whole or not at all; the refusal names the alert."""
    some: list[dict[str, object]] = [{}, {"labels": {}}, {"labels": {"a": ""}}, {"labels": {"a": 1}}]
    for bad in (*some, alert(endsAt="soon")):
        with pytest.raises(Refused) as refused:
            read([alert(), bad])
        assert (refused.value.field or "").startswith("[1]")
    with pytest.raises(Refused) as refused:
        read(webhook(alert(), {"labels": LABELS, "status": "odd"}))
    assert refused.value.field == "alerts[1].status"


def test_a_webhooks_alert_is_known_by_its_fingerprint() -> None:
    """The fingerprint is the key; without one the labels are, and a long one still fits the index."""
    events = read(webhook(alert(), alert(fingerprint=None), alert(fingerprint="f" * 600)))
    assert [event.dedup_key for event in events][:2] == ["f", read([alert()])[0].dedup_key]
    assert len(events[2].dedup_key) == 32


def test_a_resolved_group_with_cut_off_alerts_ends_whole() -> None:
    """Only a group that is over and was cut off says more than its alerts do."""
    resolved = alert(status="resolved", endsAt=at(-1))
    whole = read(webhook(resolved, status="resolved", truncatedAlerts=3))[-1]
    assert (whole.action, whole.dedup_key, whole.source_group, whole.at) == (Action.RESOLVE, GROUP, GROUP, None)
    assert whole.whole_group
    for others in ({"status": "resolved", "truncatedAlerts": 0}, {"truncatedAlerts": 3}, {"status": "resolved"}):
        assert not any(event.whole_group for event in read(webhook(resolved, **others)))
    assert not any(e.whole_group for e in read(webhook(resolved, status="resolved", truncatedAlerts=3, groupKey="")))


def test_alerts_belong_to_their_group_in_few_characters() -> None:
    """A group key of any length becomes one that fits, the same for the alerts and for the end of the whole."""
    events = read(webhook(alert(), status="resolved", truncatedAlerts=1, groupKey="g" * 3_000))
    assert len({event.source_group for event in events}) == 1
    assert len(events[0].source_group or "") == 32


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("critical", Severity.CRITICAL),
        ("Page", Severity.CRITICAL),
        ("error", Severity.ERROR),
        ("high", Severity.ERROR),
        (" warning ", Severity.WARNING),
        ("warn", Severity.WARNING),
        ("info", Severity.INFO),
        ("none", Severity.INFO),
        ("purple", Severity.ERROR),
        ("", Severity.ERROR),
    ],
)
def test_a_severity_is_a_word_in_a_label(word: str, severity: Severity) -> None:
    """The table is documented in the door; what is not in it is an error, for a wrong guess must not let sleep."""
    assert read([{"labels": {**LABELS, "severity": word}}])[0].severity is severity
    assert all(known == known.lower() for known in SEVERITIES)


@pytest.mark.parametrize(
    ("annotations", "summary", "description"),
    [
        ({"summary": "s", "description": "d"}, "s", "d"),
        ({"summary": " ", "title": "t", "message": "m"}, "t", "m"),
        ({"message": "m"}, "m", None),
        ({"description": "d"}, "d", None),
        ({"summary": "x" * 1025}, "x" * 1024, "x" * 1025),
        ({}, "Late db-0", None),
        (None, "Late db-0", None),
    ],
)
def test_a_summary_is_found(annotations: dict[str, str] | None, summary: str, description: str | None) -> None:
    """The best annotation there is, else the alert's name and instance; a description does not say the same again."""
    event = read([alert(annotations=annotations)])[0]
    assert (event.summary, event.description) == (summary, description)


def test_an_alert_without_any_name_has_a_summary() -> None:
    """A person reads something, whatever the labels are."""
    assert read([{"labels": {"job": "node"}}])[0].summary == "An alert without a name"


def test_a_service_is_a_label() -> None:
    """The label `service` names the service."""
    assert read([{"labels": {**LABELS, "service": "pipelines"}}])[0].service == "pipelines"
    assert read([alert()])[0].service is None


def test_links_lead_where_a_responder_looks_first() -> None:
    """The runbook comes first; an address of another scheme than http is left out."""
    links = {"generatorURL": "http://p/graph", "silenceURL": "http://g/silence", "panelURL": "javascript:x"}
    event = read(
        webhook(alert(annotations={"runbook_url": "https://rb"}, **links), externalURL="http://g", version="1")
    )[0]
    assert [link.text for link in event.links] == ["Runbook", "Source", "Silence", "Grafana"]


def test_a_source_is_where_it_came_from() -> None:
    """A webhook's source is its external address, an alert's of the API the host that made it."""
    assert read(webhook(alert(), externalURL="http://am"))[0].source == "http://am"
    assert read(webhook(alert()))[0].source == "alertmanager"
    assert read([alert(generatorURL="http://p:9090/graph?x")])[0].source == "http://p:9090"
    assert read([alert()])[0].source == "prometheus"


@pytest.mark.parametrize(
    ("path", "headers", "query", "key"),
    [
        (API, {"Authorization": "Bearer k"}, {}, "k"),
        (API, {"Authorization": "Basic bmFtZTpr"}, {}, "k"),
        (API, {"Authorization": "Basic azo="}, {}, "k"),
        (API, {"Authorization": "Token k"}, {}, "k"),
        (API, {}, {"key": "k"}, "k"),
        ("/in/k/api/v2/alerts", {"Authorization": "Bearer other"}, {"key": "other"}, "k"),
        ("/in/k", {}, {}, "k"),
        ("/alertmanager/webhook", {}, {}, None),
    ],
)
def test_a_key_is_found_where_senders_put_it(
    path: str, headers: dict[str, str], query: dict[str, str], key: str | None
) -> None:
    """In the path, as Bearer or any other scheme, as either half of Basic, in the query."""
    assert DOOR.read(request_to(DOOR, path, [alert()], headers=headers, query=query)).key == key


def test_nothing_to_say_is_taken() -> None:
    """An empty batch is no mistake."""
    assert read([]) == ()
    assert read(webhook()) == ()


def test_answers_are_what_senders_expect() -> None:
    """The API answers 200 with nothing, a webhook 200 with an object, however many alerts there were."""
    batch = DOOR.answer(request_to(DOOR, API, b" \n[]"), ())
    assert (batch.status, batch.body, batch.headers) == (200, b"", ())
    told = DOOR.answer(request_to(DOOR, "/in/k", webhook()), (taken(),))
    assert (told.status, said(told)) == (200, {})


def test_what_is_not_there_is_refused() -> None:
    """Another method, another address, another shape and a body over 10 MB are refused."""
    with pytest.raises(WrongMethod):
        read([], method="GET")
    with pytest.raises(NotFound):
        read([], f"{API}/groups")
    with pytest.raises(TooLarge):
        read(b" " * (LARGEST_BATCH + 1))
    with pytest.raises(Refused) as refused:
        read({"dag_id": "orders", "state": "failed"})
    assert refused.value.field == "alerts"
    assert read(webhook(), "/in/k", method="PUT") == ()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refused("wrong", hint="Mend it."), 400),
        (Forbidden("who", known=False), 401),
        (Forbidden("no", known=True), 403),
        (NotFound("where"), 404),
        (WrongMethod("GET", "POST"), 405),
        (TooLarge("big"), 413),
        (Unavailable("full", retry_seconds=2), 503),
        (Broken("bug"), 500),
    ],
)
def test_every_error_is_in_the_apis_shape(error: TocsinError, status: int) -> None:
    """Trouble of ours is 503 and never 429, which a webhook's sender takes for final."""
    reply = DOOR.refuse(request_to(DOOR, API, []), error)
    assert reply.status == status
    assert set(said(reply)) == {"code", "message"}
    assert said(reply)["code"] == status
    assert header(reply, "retry-after") == ("2" if status == 503 else None)


def test_an_error_carries_its_hint() -> None:
    """What to do about it stands in the log of the sender."""
    assert (
        said(DOOR.refuse(request_to(DOOR, API, []), Refused("Wrong.", hint="Mend it.")))["message"] == "Wrong. Mend it."
    )
