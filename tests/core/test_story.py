"""The ladder and the story: every fact can be told, and what lies ahead is what the climb will do."""

from __future__ import annotations

import inspect
import re
from datetime import timedelta
from typing import Any, get_args

import pytest

from tocsin.app.catalogs import load_catalogs
from tocsin.core import case as cases
from tocsin.core.alerts import model
from tocsin.core.alerts.model import Alert, Reason, Status, Why
from tocsin.core.case import Case, Fact, Group, GroupOpened
from tocsin.core.escalation import run as climb
from tocsin.core.escalation import steps
from tocsin.core.escalation.policy import Condition, Policy, Step
from tocsin.core.escalation.run import Surroundings
from tocsin.core.escalation.steps import Asked, Nobody, OnePerson, OnSchedule, Program, WholeTeam
from tocsin.core.paging import attempt as paging
from tocsin.core.paging.attempt import Line, Page, Stopped
from tocsin.core.story import BECAUSE, NOBODY, STOPPED, WHY, Kind, Rung, Told, Tone, Try, ladder, line, story
from tocsin.core.story import because as because_of
from tocsin.core.vocabulary import Severity, Urgency, utc

NOW = utc(2026, 11, 22, 3, 11)
MINUTE = timedelta(minutes=1)
ADA = Asked(person="ada", address=None, because="schedule primary")
LINUS = Asked(person="linus", address=None, because="user linus")
POLICY = Policy(
    name="climb",
    steps=(
        Step(targets=(OnSchedule(schedule="primary"),)),
        Step(targets=(OnSchedule(schedule="empty"),), after=5 * MINUTE),
        Step(targets=(OnePerson(person="linus"),), after=5 * MINUTE),
    ),
    repeat=2,
    last_resort=(WholeTeam(team="data"),),
)
ALERT = Alert(
    id="a1",
    integration="native",
    dedup_key="k",
    status=Status.TRIGGERED,
    summary="orders late",
    severity=Severity.CRITICAL,
    urgency=Urgency.HIGH,
    service=None,
    created_at=NOW,
    updated_at=NOW,
)
PAGE = Page(
    id="p1",
    rung=1,
    person="ada",
    recipient="ada",
    because="schedule primary",
    urgency=Urgency.HIGH,
    opened_at=NOW,
    plan=(
        Line(after=timedelta(0), contact="phone", channel="webhook", address="http://ada.example/"),
        Line(after=2 * MINUTE, contact="mail", channel="email", address="ada@example.org"),
    ),
    next_at=NOW,
)
#: One of each kind, and each way in which a kind reads differently.
FACTS: tuple[Fact, ...] = (
    GroupOpened(at=NOW, group=Group(id="g", key=None, opened_at=NOW, gathers_until=NOW, service=None)),
    model.AlertTriggered(at=NOW, alert=ALERT),
    model.AlertReopened(
        at=NOW,
        alert_id="a1",
        summary="orders late again",
        severity=Severity.ERROR,
        urgency=Urgency.HIGH,
        expires_at=None,
        too_old_at=None,
        reason=None,
    ),
    model.AlertWorsened(at=NOW, alert_id="a1", severity=Severity.CRITICAL, urgency=Urgency.HIGH),
    model.AlertKeptAlive(at=NOW, alert_id="a1", expires_at=NOW),
    model.AlertKeptAlive(at=NOW, alert_id="a1", expires_at=None),
    model.AlertAcknowledged(at=NOW, alert_id="a1", by="ada", via="web", lapses_at=NOW),
    model.AlertSnoozed(at=NOW, alert_id="a1", by="ada", until=NOW),
    *(model.AlertSuppressed(at=NOW, alert_id="a1", reason=Reason(why=why, subject="x")) for why in Why),
    model.AlertRings(at=NOW, alert_id="a1", after=Reason(why=Why.SNOOZED, subject="ada")),
    model.AlertRings(at=NOW, alert_id="a1", after=Reason(why=Why.ACKNOWLEDGED, subject="ada"), by="ada"),
    *(model.AlertResolved(at=NOW, alert_id="a1", why=why, by=None, ended_at=NOW) for why in Why),
    model.NoteAdded(at=NOW, alert_id="a1", by="ada", text="looked at it"),
    climb.RunStarted(at=NOW, policy=POLICY, urgency=Urgency.HIGH),
    climb.StepBegan(at=NOW, rung=1, round=0, step=0, asked=(ADA,), missing=(), next_step=1, next_at=NOW),
    climb.StepBegan(at=NOW, rung=2, round=1, step=0, asked=(ADA, LINUS), missing=(), next_step=1, next_at=NOW),
    climb.StepBegan(at=NOW, rung=3, round=1, step=None, asked=(ADA,), missing=(), next_step=3, next_at=NOW),
    climb.StepPassed(at=NOW, round=0, step=1, missing=(), next_at=NOW),
    climb.StepPassed(
        at=NOW, round=0, step=None, missing=tuple(Nobody(reason=one, subject="x") for one in NOBODY), next_at=NOW
    ),
    climb.EscalatedByHand(at=NOW, by="ada"),
    climb.PersonAdded(at=NOW, rung=4, asked=LINUS, by="ada"),
    climb.Reassigned(at=NOW, rung=5, asked=LINUS, by="ada", next_at=NOW),
    climb.OutOfReach(at=NOW, recipient="ada", next_at=None),
    climb.RunHeld(at=NOW),
    climb.RunEnded(at=NOW),
    paging.PageOpened(at=NOW, page=PAGE),
    paging.AttemptMade(at=NOW, page_id="p1", number=1, line=0, tries=1, next_at=None),
    paging.AttemptMade(at=NOW, page_id="p1", number=2, line=0, tries=2, next_at=None),
    paging.AttemptMade(at=NOW, page_id="p1", number=3, line=0, tries=1, next_at=None, failing_since=NOW),
    paging.ContactPassed(
        at=NOW,
        page_id="p1",
        number=4,
        line=0,
        tries=0,
        passes=1,
        failing_since=NOW,
        why="down",
        retry_at=None,
        next_at=None,
    ),
    paging.AttemptSucceeded(at=NOW, page_id="p1", number=1),
    paging.AttemptSucceeded(at=NOW, page_id="p1", number=3, failing_since=NOW),
    paging.AttemptFailed(at=NOW, page_id="p1", number=1, why="answered 503", retry_at=None, next_at=None),
    paging.NobodyReached(at=NOW, page_id="p1"),
    *(paging.PageStopped(at=NOW, page_id="p1", why=why) for why in Stopped),
)


class Roster:
    """Ada is on call, the other schedule is empty, both are in the team."""

    def on_call(self, schedule: str, at: object) -> tuple[str, ...]:
        """Who is on call."""
        return ("ada",) if schedule == "primary" else ()

    def members(self, team: str) -> tuple[str, ...]:
        """Who is in the team."""
        return ("ada", "linus")

    def is_reachable(self, person: str) -> bool:
        """Everybody can be reached."""
        return True


def climbed(
    *commands: tuple[timedelta, Any], policy: Policy = POLICY
) -> tuple[Case, list[tuple[Any, tuple[Fact, ...]]]]:
    """A case and its entries, after commands to its climb, each so long after the beginning."""
    around = Surroundings(roster=Roster(), severity=Severity.CRITICAL)
    opened: tuple[Fact, ...] = (FACTS[0], model.AlertTriggered(at=NOW, alert=ALERT))
    started = climb.start(now=NOW, policy=policy, urgency=Urgency.HIGH, surroundings=around)
    entries: list[tuple[Any, tuple[Fact, ...]]] = [(NOW, (*opened, *started))]
    case = _after(None, entries[0][1])
    for after, command in commands:
        assert case.run is not None
        facts = climb.decide(case.run, command(now=NOW + after), around)
        entries.append((NOW + after, facts))
        case = _after(case, facts)
    return case, entries


def test_every_kind_of_fact_is_here() -> None:
    """A new kind of fact fails here until it has an example above, and with it a line."""
    assert {type(fact) for fact in FACTS} == set(get_args(Fact))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_every_fact_has_a_line_in_every_language(fact: Fact) -> None:
    """Each is told by a text that there is, and the text's blanks are all filled."""
    told = line(fact, {"p1": PAGE}).told
    for language in ("en", "zh"):
        for one in _all(told):
            text = load_catalogs().of(language).text(one.text, **one.values)
            assert text != one.text
            assert "%(" not in text


@pytest.mark.parametrize(("texts", "names"), [(WHY, Why), (STOPPED, Stopped)])
def test_every_named_reason_has_a_text(texts: dict[Any, str], names: Any) -> None:
    """Nothing that keeps Tocsin from ringing goes without words."""
    assert set(texts) == set(names)


def test_every_reason_for_nobody_has_a_text() -> None:
    """What the step kinds and the climb give as a reason stands in the table, and nothing else does."""
    source = inspect.getsource(climb) + "".join(
        inspect.getsource(inspect.getmodule(kind)) for kind in get_args(steps.Target)
    )
    assert set(re.findall(r'reason="(\w+)"', source)) == set(NOBODY)


@pytest.mark.parametrize(
    "target",
    [OnSchedule(schedule="primary"), OnePerson(person="ada"), WholeTeam(team="data"), Program(address="http://x")],
)
def test_every_kind_of_target_says_why(target: Any) -> None:
    """The words with which a target explains itself are understood."""
    found = target.find(Roster(), NOW)
    assert {because_of(one.because).text for one in found.asked} <= set(BECAUSE.values())


def test_unknown_words_are_told_as_they_are() -> None:
    """An explanation in words that nobody knows is shown, not lost."""
    assert because_of("a hunch") == Told("because.other", {"name": "a hunch"})


def test_the_story_goes_through_every_fact() -> None:
    """As many lines as facts, in their order, pages known by what opened them."""
    facts = (FACTS[0], *(fact for fact in FACTS if isinstance(fact, paging.Fact)))
    lines = story([(NOW, facts[:2]), (NOW, facts[2:])])
    assert len(lines) == len(facts)
    assert lines[2].told == Told("story.attempt_made", {"person": "ada", "contact": "phone", "tries": 1})


def test_a_ladder_that_has_just_begun() -> None:
    """Ada is asked now; ahead: a gap that is passed at once, Linus, two more rounds, the last resort for ever."""
    case, entries = climbed()
    rungs = ladder(case, entries, (), roster=Roster())
    assert [(rung.kind, rung.tone) for rung in rungs] == [
        (Kind.PRESENT, Tone.RINGS),
        (Kind.FUTURE, Tone.NOBODY),
        (Kind.FUTURE, Tone.RINGS),
        (Kind.FUTURE, Tone.AGAIN),
        (Kind.FUTURE, Tone.RINGS),
    ]
    assert rungs[0].countdown == NOW + 5 * MINUTE
    assert [rung.at - NOW for rung in rungs] == [0 * MINUTE, 5 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE]
    assert rungs[3].title == Told("ladder.again", {"count": 2})
    assert [asking.recipient for asking in rungs[4].people] == ["ada", "linus"]
    assert rungs[4].notes == (Told("ladder.every", {"every": 15 * MINUTE}),)


def test_what_was_ahead_comes_true() -> None:
    """When time passes, the rungs that were foretold are those that begin, at their instants."""
    case, entries = climbed()
    foretold = [(rung.at, rung.tone, rung.people) for rung in ladder(case, entries, (), roster=Roster())[:3]]
    case, entries = climbed((5 * MINUTE, climb.TimePasses))
    behind = [rung for rung in ladder(case, entries, (), roster=Roster()) if rung.kind is not Kind.FUTURE]
    assert [(rung.at, rung.tone, rung.people) for rung in behind] == foretold
    assert [rung.kind for rung in behind] == [Kind.PAST, Kind.PAST, Kind.PRESENT]


def test_at_the_last_resort_it_is_rung_again() -> None:
    """The last resort has one thing ahead: itself, after its time."""
    case, entries = climbed(policy=Policy(name="none", steps=(), last_resort=(OnePerson(person="ada"),)))
    rungs = ladder(case, entries, (), roster=Roster())
    assert [rung.kind for rung in rungs] == [Kind.PRESENT, Kind.FUTURE]
    assert rungs[1].at - rungs[0].at == timedelta(minutes=15)


def test_a_condition_that_does_not_hold_is_said() -> None:
    """A step that is left out says that its condition does not hold."""
    night = Step(targets=(OnePerson(person="ada"),), when=Condition(severities=frozenset({Severity.INFO})))
    case, entries = climbed(policy=Policy(name="x", steps=(night,), last_resort=(OnePerson(person="ada"),)))
    first = ladder(case, entries, (), roster=Roster())[0]
    assert (first.tone, first.title.text) == (Tone.NOBODY, "story.step_passed.condition")


def test_who_did_not_want_to_wait_is_named_on_the_next_rung() -> None:
    """Escalated by hand: the rung that follows says by whom."""
    case, entries = climbed((MINUTE, lambda now: climb.EscalateNow(now=now, by="grace")))
    rungs = ladder(case, entries, (), roster=Roster())
    assert rungs[1].notes[0] == Told("story.escalated", {"by": "grace"})


def test_who_was_out_of_reach_is_noted_on_their_rung() -> None:
    """A page that no contact took is told where its recipient was asked."""
    case, entries = climbed((MINUTE, lambda now: climb.CannotReach(now=now, recipient="ada")))
    rungs = ladder(case, entries, (), roster=Roster())
    assert Told("story.out_of_reach", {"person": "ada"}) in rungs[0].notes


def test_tries_stand_on_their_rung_in_order() -> None:
    """What was tried, then what is planned and what is tried again, each on the rung that it belongs to."""
    case, entries = climbed()
    retried = paging.Attempt(number=1, line=0, standing=paging.Standing.AGAIN, tries=1, retry_at=NOW + MINUTE)
    page = _page(next_line=1, next_at=NOW + 2 * MINUTE, attempts={1: retried})
    case = _with_page(case, page)
    made = Try(at=NOW, rung=1, recipient="ada", contact="phone", channel="webhook", status="failed", detail="503")
    other = Try(at=NOW, rung=7, recipient="eve", contact="phone", channel="webhook", status="sent")
    tries = ladder(case, entries, (other, made), roster=Roster())[0].tries
    assert [(one.status, one.contact) for one in tries] == [
        ("failed", "phone"),
        ("again", "phone"),
        ("planned", "mail"),
    ]


def test_an_answer_ends_the_ladder() -> None:
    """Acknowledged: nothing lies ahead, and the answer is the present rung, with the time when it lapses."""
    case, entries = climbed()
    lapses = NOW + timedelta(hours=1)
    taken = model.AlertAcknowledged(at=NOW + MINUTE, alert_id="a1", by="ada", via="web", lapses_at=lapses)
    facts: tuple[Fact, ...] = (taken, climb.RunHeld(at=NOW + MINUTE))
    rungs = ladder(_after(case, facts), [*entries, (NOW + MINUTE, facts)], (), roster=Roster())
    assert [(rung.kind, rung.tone) for rung in rungs] == [(Kind.PAST, Tone.RINGS), (Kind.PRESENT, Tone.ANSWERED)]
    assert rungs[1].countdown == lapses


def test_members_that_are_answered_together_make_one_rung() -> None:
    """Acknowledging thirty-seven alerts at once is one thing that happened."""
    case, entries = climbed()
    facts = tuple(
        model.AlertAcknowledged(at=NOW, alert_id="a1", by="ada", via="web", lapses_at=None) for _ in range(37)
    )
    rungs = ladder(_after(case, facts), [*entries, (NOW, facts)], (), roster=Roster())
    assert _tones(rungs).count(Tone.ANSWERED) == 1


def test_what_is_over_has_no_present() -> None:
    """Resolved: the ladder is a record."""
    case, entries = climbed()
    over = model.AlertResolved(at=NOW, alert_id="a1", why=Why.RESOLVED_BY_SOURCE, by="native", ended_at=NOW)
    facts: tuple[Fact, ...] = (over, climb.RunEnded(at=NOW))
    rungs = ladder(_after(case, facts), [*entries, (NOW, facts)], (), roster=Roster())
    assert [rung.kind for rung in rungs] == [Kind.PAST, Kind.PAST]
    assert _tones(rungs)[-1] is Tone.OVER


def _after(case: Case | None, facts: tuple[Fact, ...]) -> Case:
    for fact in facts:
        case = cases.evolve(case, fact)
    assert case is not None
    return case


def _page(**changes: Any) -> Page:
    return Page(**{name: getattr(PAGE, name) for name in PAGE.__dataclass_fields__} | changes)


def _with_page(case: Case, page: Page) -> Case:
    return Case(group=case.group, alerts=case.alerts, run=case.run, pages={page.id: page})


def _tones(rungs: tuple[Rung, ...]) -> list[Tone]:
    return [rung.tone for rung in rungs]


def _all(told: Told) -> list[Told]:
    """A text and the texts within it, each with the values that fill it."""
    found = [told]
    for value in told.values.values():
        for one in value if isinstance(value, tuple) else (value,):
            found += _all(one) if isinstance(one, Told) else []
    return found
