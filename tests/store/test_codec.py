"""What is stored comes back as it was: every class of facts and of targets, cases with climbs, strange values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from tocsin.core.alerts import model
from tocsin.core.alerts.model import Alert, Reason, Status, Why
from tocsin.core.case import Case, Fact, Group, GroupOpened
from tocsin.core.errors import Broken, Refused
from tocsin.core.escalation import run as climb
from tocsin.core.escalation.policy import Condition, Policy, Step
from tocsin.core.escalation.run import Run
from tocsin.core.escalation.steps import Asked, Nobody, OnePerson, OnSchedule, Program, WholeTeam
from tocsin.core.events import Action, Event
from tocsin.core.paging import attempt as paging
from tocsin.core.paging.attempt import Attempt, Line, Page, Standing, Stopped
from tocsin.core.vocabulary import Link, Severity, Urgency, utc
from tocsin.ports.state import Raw
from tocsin.store import codec

AT = utc(2026, 3, 29, 1, 59, 59).replace(microsecond=123456)
LATER = AT + timedelta(days=400, microseconds=1)
REASON = Reason(why=Why.SILENCED, subject="night", until=LATER)
GROUP = Group(id="g", key="r\x1fa", opened_at=AT, gathers_until=LATER, service="s", policy="p", people=("ada", "linus"))
ALERT = Alert(
    id="a", integration="i", dedup_key="k", status=Status.SUPPRESSED, summary="日本 \\u0000 \"x\"",
    severity=Severity.INFO, urgency=Urgency.LOW, service=None, created_at=AT, updated_at=LATER,
    labels={"b": "1", "a": ""},
    details={"n": [1, 2.5, None, True, {"x": "y"}]}, links=(Link(href="http://x", text="x"),), reason=REASON,
    quiet_until=LATER,
)  # fmt: skip
POLICY = Policy(
    name="p",
    steps=(
        Step(
            targets=(OnSchedule(schedule="s"), OnePerson(person="ada"), WholeTeam(team="t"), Program(address="http://p")),
            after=timedelta(minutes=5, microseconds=3),
            when=Condition(
                severities=frozenset({Severity.CRITICAL}), weekdays=frozenset({0, 6}),
                between=(time(22), time(6, 30)), time_zone="Asia/Shanghai",
            ),
            round_robin=True,
        ),
    ),
    repeat=2,
    repeat_after=timedelta(minutes=1),
    last_resort=(WholeTeam(team="t"),),
    acknowledgement_lapses_after=timedelta(hours=1),
)  # fmt: skip
RUN = Run(
    policy=POLICY, urgency=Urgency.HIGH, started_at=AT, rungs=3, round=1, next_step=1, next_at=LATER,
    asked=frozenset({"ada", "linus"}), unreached=frozenset({"ada"}), reached_before=True,
)  # fmt: skip
ASKED = Asked(person="ada", address=None, because="user ada")
LINE = Line(after=timedelta(seconds=30), contact="hook", channel="webhook", address="http://x")
PAGE = Page(
    id="p1", rung=1, person="ada", recipient="ada", because="user ada", urgency=Urgency.HIGH, opened_at=AT,
    plan=(LINE,),
    attempts=MappingProxyType(
        {1: Attempt(number=1, line=0, standing=Standing.AGAIN, tries=2, retry_at=LATER, uncertain=True)}
    ),
)  # fmt: skip

FACTS: list[Fact] = [
    GroupOpened(at=AT, group=GROUP),
    model.AlertTriggered(at=AT, alert=ALERT),
    model.AlertReopened(
        at=AT, alert_id="a", summary="s", severity=Severity.ERROR, urgency=Urgency.HIGH, expires_at=LATER,
        too_old_at=None, reason=REASON,
    ),
    model.AlertWorsened(at=AT, alert_id="a", severity=Severity.CRITICAL, urgency=Urgency.HIGH),
    model.AlertKeptAlive(at=AT, alert_id="a", expires_at=None),
    model.AlertAcknowledged(at=AT, alert_id="a", by="ada", via="web", lapses_at=LATER),
    model.AlertSnoozed(at=AT, alert_id="a", by="ada", until=LATER),
    model.AlertSuppressed(at=AT, alert_id="a", reason=REASON),
    model.AlertRings(at=AT, alert_id="a", after=REASON, by=None),
    model.AlertResolved(at=AT, alert_id="a", why=Why.EXPIRED, by=None, ended_at=LATER),
    model.NoteAdded(at=AT, alert_id="a", by="ada", text="line\nline"),
    climb.RunStarted(at=AT, policy=POLICY, urgency=Urgency.LOW),
    climb.StepBegan(
        at=AT, rung=1, round=0, step=0, asked=(ASKED,), missing=(Nobody(reason="nobody_on_call", subject="s"),),
        next_step=1, next_at=LATER, round_robin=True,
    ),
    climb.StepPassed(at=AT, round=0, step=None, missing=(), next_at=LATER),
    climb.EscalatedByHand(at=AT, by="ada"),
    climb.PersonAdded(at=AT, rung=2, asked=ASKED, by="linus"),
    climb.Reassigned(at=AT, rung=2, asked=ASKED, by="linus", next_at=LATER),
    climb.OutOfReach(at=AT, recipient="ada", next_at=None),
    climb.RunHeld(at=AT),
    climb.RunEnded(at=AT),
    paging.PageOpened(at=AT, page=PAGE),
    paging.AttemptMade(at=AT, page_id="p1", number=1, line=0, tries=1, next_at=LATER, repeat=True),
    paging.ContactPassed(at=AT, page_id="p1", number=2, line=0, tries=1, passes=1, failing_since=AT, why="no",
                         retry_at=LATER, next_at=AT),
    paging.AttemptSucceeded(at=AT, page_id="p1", number=1, failing_since=AT),
    paging.AttemptFailed(at=AT, page_id="p1", number=1, why="no", retry_at=LATER, next_at=None, uncertain=True),
    paging.NobodyReached(at=AT, page_id="p1"),
    paging.PageStopped(at=AT, page_id="p1", why=Stopped.SUPERSEDED),
]  # fmt: skip


def classes_below(value: Any) -> Iterator[type[Any]]:
    """The classes of everything that a value holds."""
    yield type(value)
    parts = value.values() if hasattr(value, "values") else value if isinstance(value, tuple | frozenset) else ()
    fields = [getattr(value, name) for name in getattr(value, "__dataclass_fields__", ())]
    for part in (*parts, *fields):
        yield from classes_below(part)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_a_fact_comes_back(fact: Fact) -> None:
    """A fact of any class is the same after it was stored."""
    assert codec.decode_facts(codec.encode_facts([fact])) == (fact,)


def test_every_class_of_facts_is_tried() -> None:
    """A new class of facts fails here until it has a sample above; no two classes share a stored name."""
    assert {type(fact).__name__ for fact in FACTS} == set(codec.FACTS)
    assert len(codec.FACTS) == len(FACTS)


def test_every_class_of_targets_is_tried() -> None:
    """A new kind of step target fails here until the sample policy has it."""
    assert set(codec.TARGETS.values()) <= set(classes_below(POLICY))


def test_several_facts_keep_their_order() -> None:
    """The facts of one commit come back in their order."""
    assert codec.decode_facts(codec.encode_facts(FACTS)) == tuple(FACTS)


def test_an_unknown_fact_is_told() -> None:
    """A fact that this version does not know is named, not skipped."""
    with pytest.raises(Broken, match="AlertTeleported"):
        codec.decode_facts('[{"is":"AlertTeleported","at":"2026-01-01T00:00:00Z"}]')


@pytest.mark.parametrize("run", [None, RUN])
def test_a_case_comes_back(run: Run | None) -> None:
    """Group, climb and pages are the same after they were stored; alerts are kept beside them."""
    case = Case(group=GROUP, alerts={"a": ALERT}, run=run, pages={"p1": PAGE}, version=7)
    alerts = {"a": codec.decode_alert(codec.encode_alert(ALERT))}
    assert codec.decode_state(codec.encode_state(case), alerts=alerts, version=7) == case


def test_a_raw_request_comes_back() -> None:
    """Head and body of a request are kept apart and come back together."""
    raw = Raw(method="POST", path="/in/%2F", headers={"a": "b"}, body=b"\0\xff")
    assert codec.decode_raw(codec.encode_head(raw), raw.body) == raw


@pytest.mark.parametrize("text", ["a\0b", "\0", "\\\0", "\\\\\0"])
def test_nul_is_refused_in_events_and_replaced_elsewhere(text: str) -> None:
    """An event with NUL can be mended by its sender; elsewhere the rest matters more than the character."""
    with pytest.raises(Refused):
        codec.encode_event(Event(action=Action.TRIGGER, dedup_key="k", details=[text]))
    assert codec.decode_json(codec.encode_json({"why": text})) == {
        "why": text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    }


@pytest.mark.parametrize("text", ["\\u0000", "\\\\u0000", "\\ufffd", "\N{REPLACEMENT CHARACTER}", "\x1f\x7f\u2028"])
def test_text_that_only_looks_strange_is_kept(text: str) -> None:
    """Backslashes, other control characters and escapes of escapes are not NUL."""
    event = codec.decode_json(codec.encode_event(Event(action=Action.TRIGGER, dedup_key="k", summary=text)))
    assert event["summary"] == text


@pytest.mark.parametrize("value", ["\ud800", object()])
def test_what_is_not_json_is_refused(value: object) -> None:
    """Half a surrogate pair, or a value that is not JSON, is the asker's to mend."""
    with pytest.raises(Refused):
        codec.encode_event(Event(action=Action.TRIGGER, dedup_key="k", details=value))
