"""An alert's life: what every command brings about in every state, what triggers do, what time does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.scene import NATIVE, T0, after, minutes, trigger
from tocsin.core.alerts.lifecycle import OVERTAKEN_WITHIN, begin, begin_overtaken, decide, evolve, may_reopen, retrigger
from tocsin.core.alerts.model import (
    Acknowledge,
    AddNote,
    Alert,
    AlertKeptAlive,
    AlertReopened,
    AlertRings,
    AlertWorsened,
    Command,
    Course,
    Fact,
    NoteAdded,
    Reason,
    Reconsider,
    Resolve,
    Snooze,
    Status,
    Unacknowledge,
    Why,
)
from tocsin.core.events import Event
from tocsin.core.vocabulary import AlertId, Instant, Severity, Urgency

RINGS = Course(service=None, urgency=Urgency.HIGH, reopen_within=minutes(5))
SILENCE = Reason(why=Why.SILENCED, subject="deploy", until=after(60))
OTHER_SILENCE = Reason(why=Why.SILENCED, subject="migration", until=after(90))
ROUTE = Reason(why=Why.ROUTE_SUPPRESSES, subject="noise")

ACKNOWLEDGE = Acknowledge(now=after(1), by="ada", via="web")
UNACKNOWLEDGE = Unacknowledge(now=after(1), by="ada")
RESOLVE = Resolve(now=after(1), why=Why.RESOLVED_BY_PERSON, by="ada")
SNOOZE = Snooze(now=after(1), by="ada", until=after(31))
NOTHING_QUIETS = Reconsider(now=after(1), quiet=None)
SILENCE_QUIETS = Reconsider(now=after(1), quiet=SILENCE)
NOTE = AddNote(now=after(1), by="ada", text="looking")


def told(alert: Alert, facts: tuple[Fact, ...]) -> Alert:
    """The alert after facts."""
    for fact in facts:
        alert = evolve(alert, fact)
    return alert


def begun(event: Event | None = None, course: Course = RINGS, now: Instant = T0) -> Alert:
    """An alert out of its first event."""
    return begin(event or trigger(), alert_id=AlertId("a"), integration=NATIVE, course=course, now=now).alert


def in_state(status: Status) -> Alert:
    """An alert that came to stand there at the beginning."""
    alert = begun(course=replace(RINGS, quiet=SILENCE) if status is Status.SUPPRESSED else RINGS)
    ways: dict[Status, Command] = {
        Status.ACKNOWLEDGED: replace(ACKNOWLEDGE, now=T0),
        Status.SNOOZED: replace(SNOOZE, now=T0, until=after(30)),
        Status.RESOLVED: replace(RESOLVE, now=T0),
    }
    return told(alert, decide(alert, ways[status])) if status in ways else alert


def holds_together(alert: Alert) -> bool:
    """What must be true of an alert wherever it stands."""
    quiet = alert.status in (Status.ACKNOWLEDGED, Status.SNOOZED, Status.SUPPRESSED)
    return (
        (alert.reason is None) == alert.rings
        and (alert.holder is not None) == (alert.status is Status.ACKNOWLEDGED)
        and (alert.quiet_since is not None) == quiet
        and (alert.resolved_at is not None) == (not alert.is_open)
        and (alert.quiet_until is None or quiet)
        and (not quiet or (alert.reason is not None and alert.reason.until == alert.quiet_until))
    )


# State by state, command by command. None: no fact.

TABLE: list[tuple[Status, Command, Status | None]] = [
    (Status.TRIGGERED, ACKNOWLEDGE, Status.ACKNOWLEDGED),
    (Status.TRIGGERED, UNACKNOWLEDGE, None),
    (Status.TRIGGERED, RESOLVE, Status.RESOLVED),
    (Status.TRIGGERED, SNOOZE, Status.SNOOZED),
    (Status.TRIGGERED, NOTHING_QUIETS, None),
    (Status.TRIGGERED, SILENCE_QUIETS, Status.SUPPRESSED),
    (Status.ACKNOWLEDGED, ACKNOWLEDGE, None),
    (Status.ACKNOWLEDGED, UNACKNOWLEDGE, Status.TRIGGERED),
    (Status.ACKNOWLEDGED, RESOLVE, Status.RESOLVED),
    (Status.ACKNOWLEDGED, SNOOZE, Status.SNOOZED),
    (Status.ACKNOWLEDGED, NOTHING_QUIETS, None),
    (Status.ACKNOWLEDGED, SILENCE_QUIETS, None),
    (Status.SNOOZED, ACKNOWLEDGE, Status.ACKNOWLEDGED),
    (Status.SNOOZED, UNACKNOWLEDGE, None),
    (Status.SNOOZED, RESOLVE, Status.RESOLVED),
    (Status.SNOOZED, SNOOZE, Status.SNOOZED),
    (Status.SNOOZED, replace(SNOOZE, until=after(30)), None),
    (Status.SNOOZED, replace(SNOOZE, until=after(1)), None),
    (Status.SNOOZED, NOTHING_QUIETS, None),
    (Status.SNOOZED, SILENCE_QUIETS, None),
    (Status.SUPPRESSED, ACKNOWLEDGE, Status.ACKNOWLEDGED),
    (Status.SUPPRESSED, UNACKNOWLEDGE, None),
    (Status.SUPPRESSED, RESOLVE, Status.RESOLVED),
    (Status.SUPPRESSED, SNOOZE, Status.SNOOZED),
    (Status.SUPPRESSED, replace(SNOOZE, until=after(60)), Status.SNOOZED),
    (Status.SUPPRESSED, NOTHING_QUIETS, Status.TRIGGERED),
    (Status.SUPPRESSED, SILENCE_QUIETS, None),
    (Status.SUPPRESSED, Reconsider(now=after(1), quiet=OTHER_SILENCE), Status.SUPPRESSED),
    (Status.RESOLVED, ACKNOWLEDGE, None),
    (Status.RESOLVED, UNACKNOWLEDGE, None),
    (Status.RESOLVED, RESOLVE, None),
    (Status.RESOLVED, SNOOZE, None),
    (Status.RESOLVED, NOTHING_QUIETS, None),
    (Status.RESOLVED, SILENCE_QUIETS, None),
]


@pytest.mark.parametrize(("status", "command", "becomes"), TABLE)
def test_every_command_in_every_state(status: Status, command: Command, becomes: Status | None) -> None:
    """A command leads where the table says, and given twice it brings about nothing the second time."""
    alert = in_state(status)
    facts = decide(alert, command)
    afterwards = told(alert, facts)
    assert bool(facts) == (becomes is not None)
    assert afterwards.status is (becomes or status)
    assert holds_together(afterwards)
    assert decide(afterwards, command) == ()


@pytest.mark.parametrize("status", list(Status))
def test_a_note_is_kept_in_every_state(status: Status) -> None:
    """Somebody may write something down whatever the alert's state, and nothing else changes."""
    alert = in_state(status)
    facts = decide(alert, NOTE)
    assert facts == (NoteAdded(at=after(1), alert_id=alert.id, by="ada", text="looking"),)
    assert replace(told(alert, facts), updated_at=alert.updated_at) == alert


# Time


def test_an_acknowledgement_lapses() -> None:
    """An acknowledgement that brings no end lapses at its instant, not before, and the alert rings again."""
    alert = begun()
    alert = told(alert, decide(alert, replace(ACKNOWLEDGE, lapses_after=minutes(30))))
    assert alert.due_at == after(31)
    assert decide(alert, Reconsider(now=after(30), quiet=None)) == ()
    (rings,) = decide(alert, Reconsider(now=after(31), quiet=None))
    assert isinstance(rings, AlertRings)
    assert rings.after.why is Why.ACKNOWLEDGED
    assert told(alert, (rings,)).rings


def test_what_ends_under_a_silence_stays_quiet() -> None:
    """When a snooze ends while a silence holds, the silence keeps the alert quiet, by its own name."""
    alert = told(begun(), decide(begun(), SNOOZE))
    alert = told(alert, decide(alert, Reconsider(now=after(31), quiet=SILENCE)))
    assert (alert.status, alert.reason, alert.due_at) == (Status.SUPPRESSED, SILENCE, after(60))


def test_a_snooze_takes_the_place_of_a_lapse() -> None:
    """An acknowledgement that was to lapse sooner does not end a snooze that was given after it."""
    alert = begun()
    alert = told(alert, decide(alert, replace(ACKNOWLEDGE, lapses_after=minutes(5))))
    alert = told(alert, decide(alert, replace(SNOOZE, now=after(2))))
    assert alert.due_at == after(31)
    assert decide(alert, Reconsider(now=after(6), quiet=None)) == ()


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.RESOLVED])
@pytest.mark.parametrize(
    ("event", "course", "why"),
    [
        (trigger(expires_at=after(10)), RINGS, Why.EXPIRED),
        (trigger(), replace(RINGS, resolve_after=minutes(10)), Why.RESOLVED_BY_AGE),
        (trigger(expires_at=after(10)), replace(RINGS, resolve_after=minutes(10)), Why.EXPIRED),
    ],
)
def test_an_open_alert_ends_by_itself(status: Status, event: Event, course: Course, why: Why) -> None:
    """An alert whose source has fallen silent, or that is too old, is over at its instant in every open state."""
    like = in_state(status)
    ends = begun(event, course)
    alert = replace(like, expires_at=ends.expires_at, too_old_at=ends.too_old_at)
    assert alert.due_at == after(10)
    alert = told(alert, decide(alert, Reconsider(now=after(10), quiet=None)))
    assert (alert.status, alert.reason) == (Status.RESOLVED, Reason(why=why))
    assert alert.due_at is None
    assert holds_together(alert)


def test_an_alert_that_nothing_ends_is_never_due() -> None:
    """Time alone does not change an alert without expiry, age or an end of its quiet."""
    assert begun().due_at is None
    assert told(begun(), decide(begun(), ACKNOWLEDGE)).due_at is None


# Triggers


def test_a_further_trigger_that_says_nothing_new_is_no_fact() -> None:
    """The same severity or a lesser one, with the same expiry, changes nothing."""
    for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO):
        assert retrigger(begun(), trigger(severity=severity), course=RINGS, now=after(1)) == ()


@pytest.mark.parametrize(
    ("before", "says", "becomes"),
    [
        (Urgency.LOW, Urgency.LOW, Urgency.LOW),
        (Urgency.LOW, Urgency.HIGH, Urgency.HIGH),
        (Urgency.HIGH, Urgency.LOW, Urgency.HIGH),
    ],
)
def test_what_is_worse_is_never_less_urgent(before: Urgency, says: Urgency, becomes: Urgency) -> None:
    """A worse severity may raise the urgency and never lowers it."""
    alert = begun(course=replace(RINGS, urgency=before))
    event = trigger(severity=Severity.CRITICAL)
    (worse,) = retrigger(alert, event, course=replace(RINGS, urgency=says), now=after(1))
    assert isinstance(worse, AlertWorsened)
    assert (worse.severity, worse.urgency) == (Severity.CRITICAL, becomes)


@pytest.mark.parametrize(
    ("before", "says"), [(None, 10), (10, 20), (20, 10), (10, None)], ids=["begins", "later", "earlier", "ends"]
)
def test_the_source_moves_the_expiry(before: int | None, says: int | None) -> None:
    """The last word of the source on its expiry holds, whether it comes later, earlier, or is taken back."""
    alert = begun(trigger(expires_at=None if before is None else after(before)))
    event = trigger(expires_at=None if says is None else after(says))
    facts = retrigger(alert, event, course=RINGS, now=after(1))
    assert [type(fact) for fact in facts] == [AlertKeptAlive]
    assert told(alert, facts).due_at == event.expires_at


def test_an_acknowledged_alert_that_gets_worse_stays_acknowledged() -> None:
    """Somebody has it already: worse does not take it from them."""
    alert = in_state(Status.ACKNOWLEDGED)
    alert = told(alert, retrigger(alert, trigger(severity=Severity.CRITICAL), course=RINGS, now=after(1)))
    assert (alert.status, alert.severity) == (Status.ACKNOWLEDGED, Severity.CRITICAL)


def test_what_was_silenced_for_less_rings_when_it_is_worse() -> None:
    """A suppression that does not hold for the worse severity ends with it, at once."""
    alert = in_state(Status.SUPPRESSED)
    event = trigger(severity=Severity.CRITICAL)
    assert told(alert, retrigger(alert, event, course=RINGS, now=after(1))).rings
    still = retrigger(alert, event, course=replace(RINGS, quiet=SILENCE), now=after(1))
    assert told(alert, still).reason == SILENCE
    other = retrigger(alert, event, course=replace(RINGS, quiet=OTHER_SILENCE), now=after(1))
    assert told(alert, other).reason == OTHER_SILENCE


@pytest.mark.parametrize("status", [Status.SUPPRESSED, Status.ACKNOWLEDGED, Status.SNOOZED])
def test_a_route_that_suppresses_less_lets_worse_ring(status: Status) -> None:
    """An alert that a route keeps quiet for its low severity may ring once another route takes the worse one."""
    alert = begun(trigger(severity=Severity.INFO), replace(RINGS, quiet=ROUTE))
    if status is not Status.SUPPRESSED:
        alert = told(alert, decide(alert, ACKNOWLEDGE if status is Status.ACKNOWLEDGED else SNOOZE))
    assert alert.never_rings == ROUTE
    alert = told(alert, retrigger(alert, trigger(severity=Severity.CRITICAL), course=RINGS, now=after(2)))
    assert alert.never_rings is None
    assert alert.status is (Status.TRIGGERED if status is Status.SUPPRESSED else status)
    assert holds_together(alert)


@pytest.mark.parametrize("command", [replace(ACKNOWLEDGE, lapses_after=minutes(5)), SNOOZE])
def test_the_word_of_a_route_outlives_what_people_say(command: Command) -> None:
    """A route's suppression is remembered while an acknowledgement or a snooze stands before it."""
    alert = begun(course=replace(RINGS, quiet=ROUTE))
    assert told(alert, decide(alert, command)).never_rings == ROUTE


# Over, and back


def over(why: Why, ended: int | None, at: int = 0) -> Alert:
    """An alert that is over since `at`, by its source's clock since `ended`."""
    command = Resolve(now=after(at), why=why, at=None if ended is None else after(ended))
    return told(begun(), decide(begun(), command))


@pytest.mark.parametrize(
    ("ended", "says", "minutes_later", "reopens"),
    [
        (0, 1, 1, True),
        (0, None, 1, True),
        (None, -1, 1, True),
        (0, 0, 1, True),
        (0, -1, 1, False),
        (0, -1, 10, False),
        (0, 1, 5, None),
        (None, -1, 10, None),
        (0, -1, 60, None),
    ],
)
def test_a_trigger_after_the_end(ended: int | None, says: int | None, minutes_later: int, *, reopens: bool) -> None:
    """It opens the same alert again within the time for it, unless its source told a later end; then it is news."""
    alert = over(Why.RESOLVED_BY_SOURCE, ended)
    event = trigger(at=None if says is None else after(says))
    now = after(minutes_later)
    assert may_reopen(alert, event, RINGS, now) == (reopens is not None)
    if reopens is not None:
        facts = retrigger(alert, event, course=RINGS, now=now)
        assert [type(fact) for fact in facts] == ([AlertReopened] if reopens else [])


def test_an_expiry_is_not_the_word_of_the_source() -> None:
    """A source that was silent too long has not told an end: what it says then is not overtaken by it."""
    alert = begun(trigger(expires_at=after(10)))
    alert = told(alert, decide(alert, Reconsider(now=after(10), quiet=None)))
    facts = retrigger(alert, trigger(at=after(9)), course=RINGS, now=after(11))
    assert [type(fact) for fact in facts] == [AlertReopened]


def test_an_end_is_remembered_for_a_while_only() -> None:
    """A trigger from long before the end that comes in long after it is news: clocks go wrong, and lost is worst."""
    alert = over(Why.RESOLVED_BY_SOURCE, 0)
    event = trigger(at=after(-5))
    now = T0 + OVERTAKEN_WITHIN
    assert may_reopen(alert, event, RINGS, now - timedelta(microseconds=1))
    assert not may_reopen(alert, event, RINGS, now)


def test_an_open_alert_does_not_reopen() -> None:
    """Only what is over can come back."""
    assert not may_reopen(begun(), trigger(), RINGS, T0)


def test_a_reopened_alert_begins_anew() -> None:
    """It takes over what the event says, forgets its end, and is as quiet as routes and silences now want it."""
    alert = over(Why.RESOLVED_BY_PERSON, 0)
    event = trigger(summary="worse now", severity=Severity.CRITICAL, expires_at=after(20))
    course = replace(RINGS, quiet=ROUTE, resolve_after=minutes(60), urgency=Urgency.LOW)
    alert = told(alert, retrigger(alert, event, course=course, now=after(1)))
    assert (alert.status, alert.reason, alert.never_rings) == (Status.SUPPRESSED, ROUTE, ROUTE)
    assert (alert.summary, alert.severity, alert.urgency) == ("worse now", Severity.CRITICAL, Urgency.LOW)
    assert (alert.ended_at, alert.resolved_at, alert.too_old_at, alert.due_at) == (None, None, after(61), after(20))
    assert holds_together(alert)
    alert = told(alert, decide(alert, RESOLVE))
    alert = told(alert, retrigger(alert, event, course=RINGS, now=after(2)))
    assert (alert.status, alert.never_rings) == (Status.TRIGGERED, None)


def test_an_overtaken_trigger_makes_an_alert_that_is_over() -> None:
    """It is kept and shown, and never rings."""
    first = begin(trigger(), alert_id=AlertId("a"), integration=NATIVE, course=RINGS, now=T0)
    alert = told(first.alert, begin_overtaken(first, after(-1)))
    assert (alert.status, alert.ended_at) == (Status.RESOLVED, after(-1))
    assert alert.reason == Reason(why=Why.OVERTAKEN)


@pytest.mark.parametrize("quiet", [None, SILENCE, ROUTE])
def test_a_new_alert_is_as_quiet_as_its_course(quiet: Reason | None) -> None:
    """It rings unless the course names a reason, and is looked at again when that reason ends."""
    alert = begun(course=replace(RINGS, quiet=quiet))
    assert alert.rings == (quiet is None)
    assert (alert.reason, alert.due_at) == (quiet, None if quiet is None else quiet.until)
    assert holds_together(alert)


# Any life at all


INSTANTS = st.integers(1, 100).map(after)
COMMANDS = st.one_of(
    st.builds(
        Acknowledge,
        now=INSTANTS,
        by=st.just("ada"),
        via=st.just("web"),
        lapses_after=st.none() | st.integers(1, 9).map(minutes),
    ),
    st.builds(Unacknowledge, now=INSTANTS, by=st.just("ada")),
    st.builds(
        Resolve, now=INSTANTS, why=st.sampled_from([Why.RESOLVED_BY_SOURCE, Why.RESOLVED_BY_PERSON]),
        at=st.none() | INSTANTS,
    ),
    st.builds(Snooze, now=INSTANTS, by=st.just("ada"), until=INSTANTS),
    st.builds(Reconsider, now=INSTANTS, quiet=st.sampled_from([None, SILENCE, OTHER_SILENCE])),
    st.builds(
        lambda at, expires, severity: (trigger(at=at, expires_at=expires, severity=severity)),
        st.none() | INSTANTS, st.none() | INSTANTS, st.sampled_from(Severity),
    ),
)  # fmt: skip


@given(st.sampled_from([None, SILENCE, ROUTE]), st.lists(st.tuples(COMMANDS, INSTANTS), max_size=30))
def test_any_life_holds_together(quiet: Reason | None, course_of_life: list[tuple[Command | Event, Instant]]) -> None:
    """Whatever is said in whatever order: an alert that rings has no reason, every other one has its own."""
    alert = begun(course=replace(RINGS, quiet=quiet))
    for said, now in course_of_life:
        if isinstance(said, Event):
            facts = retrigger(alert, said, course=replace(RINGS, quiet=quiet), now=now)
        else:
            facts = decide(alert, said)
        alert = told(alert, facts)
        assert holds_together(alert)
        assert (alert.due_at is None) or alert.is_open
