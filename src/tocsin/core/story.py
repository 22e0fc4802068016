"""What happened to a case, as people read it: the ladder of its climb, and a line for every fact.

Nothing here is in a language: a `Told` names a text and its values, and a face says it. Among the values a name
stands under `person` or `by`, an instant is an instant, and a `Told` inside a `Told` is said first. What lies
ahead is not guessed: the climb itself is asked what it does when nobody answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import assert_never

from tocsin.core.alerts import model
from tocsin.core.alerts.model import Reason, Why
from tocsin.core.case import Case, Fact, GroupOpened
from tocsin.core.escalation import run as climb
from tocsin.core.escalation.run import Run, Surroundings, TimePasses
from tocsin.core.escalation.steps import Asked, Nobody, Roster
from tocsin.core.paging import attempt as paging
from tocsin.core.paging.attempt import Page, Stopped
from tocsin.core.vocabulary import AlertId, Instant, PageId

#: So many steps are looked ahead before the climb counts as endless.
_AHEAD = 200

WHY: Mapping[Why, str] = {
    Why.ACKNOWLEDGED: "why.acknowledged",
    Why.SNOOZED: "why.snoozed",
    Why.SILENCED: "why.silenced",
    Why.IN_MAINTENANCE: "why.in_maintenance",
    Why.ROUTE_SUPPRESSES: "why.route_suppresses",
    Why.OVERTAKEN: "why.overtaken",
    Why.RESOLVED_BY_SOURCE: "why.resolved_by_source",
    Why.RESOLVED_BY_PERSON: "why.resolved_by_person",
    Why.RESOLVED_BY_AGE: "why.resolved_by_age",
    Why.EXPIRED: "why.expired",
}
STOPPED: Mapping[Stopped, str] = {
    Stopped.ANSWERED: "stopped.answered",
    Stopped.OVER: "stopped.over",
    Stopped.QUIET: "stopped.quiet",
    Stopped.SUPERSEDED: "stopped.superseded",
    Stopped.ELSEWHERE: "stopped.elsewhere",
}
NOBODY: Mapping[str, str] = {
    "schedule_is_gone": "nobody.schedule_is_gone",
    "nobody_on_call": "nobody.nobody_on_call",
    "team_is_gone": "nobody.team_is_gone",
    "team_is_empty": "nobody.team_is_empty",
    "cannot_be_reached": "nobody.cannot_be_reached",
    "no_last_resort": "nobody.no_last_resort",
}
#: By the beginning of the configuration's own words; the rest of them is the name.
BECAUSE: Mapping[str, str] = {
    "schedule ": "because.schedule",
    "team ": "because.team",
    "user ": "because.user",
    "webhook ": "because.webhook",
    "handed over by ": "because.handed_over",
    "added by ": "because.added",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A text by its id, and what fills its blanks."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that happened."""

    at: Instant
    told: Told
    #: The member it speaks of; None: the whole group.
    alert_id: AlertId | None = None
    #: True for what only explains the inner works.
    fine_print: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One call to one contact, with what came back.

    Status: waiting, calling, sent, failed, uncertain, cancelled as of a delivery; planned and again lie ahead.
    """

    at: Instant
    rung: int
    recipient: str
    contact: str
    channel: str
    status: str
    #: The provider's own words; empty: none.
    detail: str = ""
    #: True when an earlier call for the same may have arrived.
    repeat: bool = False


class Kind(StrEnum):
    """Where a rung lies in time."""

    PAST = "past"
    PRESENT = "present"
    FUTURE = "future"


class Tone(StrEnum):
    """What a rung is about."""

    RINGS = "rings"
    NOBODY = "nobody"
    AGAIN = "again"
    ANSWERED = "answered"
    QUIET = "quiet"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One who is asked on a rung, and why just this one."""

    recipient: str
    why: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One rung of the ladder."""

    at: Instant
    kind: Kind = Kind.PAST
    tone: Tone
    title: Told
    #: The rung's number within its case; 0: nobody is asked on it.
    number: int = 0
    people: tuple[Asking, ...] = ()
    tries: tuple[Try, ...] = ()
    notes: tuple[Told, ...] = ()
    #: When it gives way to the next one; None: it does not by itself, or has.
    countdown: Instant | None = None


def ladder(
    case: Case,
    entries: Iterable[tuple[Instant, Sequence[Fact]]],
    tries: Sequence[Try],
    *,
    roster: Roster,
) -> tuple[Rung, ...]:
    """The climb from its first rung to what happens when nobody answers."""
    climbed = _Climbed()
    for _, facts in entries:
        for fact in facts:
            climbed.take(fact)
    calls = (*tries, *_planned(case.pages.values()))
    rungs = [replace(rung, tries=_of_rung(calls, rung.number)) for rung in climbed.rungs]
    _mark_present(rungs, case)
    if case.run is not None and case.run.climbs and case.ringing:
        rungs += _ahead(case.run, Surroundings(roster=roster, severity=case.severity))
    return tuple(rungs)


def story(entries: Iterable[tuple[Instant, Sequence[Fact]]]) -> tuple[Line, ...]:
    """Every fact as a line, oldest first."""
    pages: dict[PageId, Page] = {}
    lines: list[Line] = []
    for _, facts in entries:
        for fact in facts:
            if isinstance(fact, paging.PageOpened):
                pages[fact.page.id] = fact.page
            lines.append(line(fact, pages))
    return tuple(lines)


def line(fact: Fact, pages: Mapping[PageId, Page]) -> Line:
    """What one fact reads like; `pages` are those that were opened before it."""
    if isinstance(fact, GroupOpened):
        return Line(at=fact.at, told=Told("story.group_opened"), fine_print=True)
    if isinstance(fact, model.Fact):
        alert_id = fact.alert.id if isinstance(fact, model.AlertTriggered) else fact.alert_id
        return Line(
            at=fact.at,
            told=_of_alert(fact),
            alert_id=alert_id,
            fine_print=isinstance(fact, model.AlertKeptAlive),
        )
    if isinstance(fact, climb.Fact):
        return Line(at=fact.at, told=_of_run(fact), fine_print=isinstance(fact, climb.RunHeld | climb.RunEnded))
    page = fact.page if isinstance(fact, paging.PageOpened) else pages[fact.page_id]
    important = isinstance(fact, paging.AttemptFailed | paging.NobodyReached)
    return Line(at=fact.at, told=_of_page(fact, page), fine_print=not important)


def why_quiet(reason: Reason) -> Told:
    """Why an alert pages nobody."""
    return Told(WHY[reason.why], {"subject": reason.subject or "", "by": reason.subject or ""})


def nobody(missing: Nobody) -> Told:
    """Why a target came to nobody."""
    return Told(NOBODY[missing.reason], {"subject": missing.subject, "person": missing.subject})


def because(words: str) -> Told:
    """Why just this one is asked, out of the words of the configuration."""
    for beginning, text in BECAUSE.items():
        if words.startswith(beginning):
            name = words.removeprefix(beginning)
            return Told(text, {"name": name, "by": name})
    return Told("because.other", {"name": words})


# Lines.


def _of_alert(fact: model.Fact) -> Told:
    match fact:
        case model.AlertTriggered():
            values = {"summary": fact.alert.summary, "source": fact.alert.source or fact.alert.integration}
            return Told("story.triggered", values)
        case model.AlertReopened():
            return Told("story.reopened", {"summary": fact.summary})
        case model.AlertWorsened():
            return Told("story.worsened", {"severity": fact.severity})
        case model.AlertKeptAlive(expires_at=None):
            return Told("story.kept_alive.open")
        case model.AlertKeptAlive():
            return Told("story.kept_alive", {"until": fact.expires_at})
        case model.AlertAcknowledged():
            return Told("story.acknowledged", {"by": fact.by, "via": fact.via})
        case model.AlertSnoozed():
            return Told("story.snoozed", {"by": fact.by, "until": fact.until})
        case model.AlertSuppressed():
            return Told("story.suppressed", {"reason": why_quiet(fact.reason)})
        case model.AlertRings(by=None):
            return Told("story.rings", {"reason": why_quiet(fact.after)})
        case model.AlertRings():
            return Told("story.given_back", {"by": fact.by})
        case model.AlertResolved():
            return Told("story.resolved", {"reason": why_quiet(Reason(why=fact.why, subject=fact.by))})
        case model.NoteAdded():
            return Told("story.note", {"by": fact.by, "note": fact.text})
        case _:
            assert_never(fact)


def _of_run(fact: climb.Fact) -> Told:
    match fact:
        case climb.RunStarted():
            return Told("story.run_started", {"policy": fact.policy.name})
        case climb.StepBegan():
            people = tuple(climb.recipient_of(one) for one in fact.asked)
            return Told("story.step_began", {"step": _step(fact), "people": people})
        case climb.StepPassed(missing=()):
            return Told("story.step_passed.condition", {"step": _step(fact)})
        case climb.StepPassed():
            return Told("story.step_passed", {"step": _step(fact), "reasons": tuple(map(nobody, fact.missing))})
        case climb.EscalatedByHand():
            return Told("story.escalated", {"by": fact.by})
        case climb.PersonAdded():
            return Told("story.person_added", {"by": fact.by, "person": climb.recipient_of(fact.asked)})
        case climb.Reassigned():
            return Told("story.reassigned", {"by": fact.by, "person": climb.recipient_of(fact.asked)})
        case climb.OutOfReach():
            return Told("story.out_of_reach", {"person": fact.recipient})
        case climb.RunHeld():
            return Told("story.run_held")
        case climb.RunEnded():
            return Told("story.run_ended")
        case _:
            assert_never(fact)


def _of_page(fact: paging.Fact, page: Page) -> Told:
    person: dict[str, object] = {"person": page.recipient}
    match fact:
        case paging.PageOpened():
            return Told("story.page_opened", {**person, "because": because(page.because)})
        case paging.AttemptMade():
            text = "story.attempt_made" if fact.tries == 1 else "story.attempt_again"
            return Told(text, {**person, "contact": page.plan[fact.line].contact, "tries": fact.tries})
        case paging.AttemptSucceeded():
            return Told("story.attempt_succeeded", person)
        case paging.AttemptFailed():
            return Told("story.attempt_failed", {**person, "why": fact.why})
        case paging.NobodyReached():
            return Told("story.nobody_reached", person)
        case paging.PageStopped():
            return Told("story.page_stopped", {**person, "reason": Told(STOPPED[fact.why])})
        case _:
            assert_never(fact)


def _step(fact: climb.StepBegan | climb.StepPassed) -> Told:
    if fact.step is None:
        return Told("ladder.last_resort")
    if fact.round:
        return Told("ladder.step_again", {"step": fact.step + 1, "round": fact.round + 1})
    return Told("ladder.step", {"step": fact.step + 1})


# Rungs.


class _Climbed:
    """The rungs that lie behind, while the facts are read."""

    def __init__(self) -> None:
        self.rungs: list[Rung] = []
        self._by_hand: tuple[Told, ...] = ()

    def take(self, fact: Fact) -> None:
        match fact:
            case climb.EscalatedByHand():
                self._by_hand = (Told("story.escalated", {"by": fact.by}),)
            case climb.OutOfReach():
                self._note(fact.recipient, Told("story.out_of_reach", {"person": fact.recipient}))
            case climb.StepBegan() | climb.StepPassed() | climb.PersonAdded() | climb.Reassigned():
                rung = _begun(fact)
                self.rungs.append(replace(rung, notes=(*self._by_hand, *rung.notes)))
                self._by_hand = ()
            case model.AlertAcknowledged() | model.AlertSnoozed() | model.AlertSuppressed() | model.AlertResolved():
                self._answered(fact)
            case model.AlertRings() | model.AlertReopened():
                self._add(Rung(at=fact.at, tone=Tone.AGAIN, title=_of_alert(fact)))
            case _:
                pass

    def _answered(self, fact: model.Fact) -> None:
        match fact:
            case model.AlertAcknowledged():
                lapses = (Told("ladder.lapses", {"until": fact.lapses_at}),) if fact.lapses_at is not None else ()
                self._add(Rung(at=fact.at, tone=Tone.ANSWERED, title=_of_alert(fact), notes=lapses))
            case model.AlertResolved():
                self._add(Rung(at=fact.at, tone=Tone.OVER, title=_of_alert(fact)))
            case _:
                self._add(Rung(at=fact.at, tone=Tone.QUIET, title=_of_alert(fact)))

    def _add(self, rung: Rung) -> None:
        """Members of a group that are answered together make one rung."""
        if not self.rungs or self.rungs[-1].title != rung.title:
            self.rungs.append(rung)

    def _note(self, recipient: str, note: Told) -> None:
        for place, rung in reversed(list(enumerate(self.rungs))):
            if any(asking.recipient == recipient for asking in rung.people):
                self.rungs[place] = replace(rung, notes=(*rung.notes, note))
                return


def _begun(fact: climb.StepBegan | climb.StepPassed | climb.PersonAdded | climb.Reassigned) -> Rung:
    match fact:
        case climb.StepBegan():
            notes = tuple(map(nobody, fact.missing))
            notes = (*notes, Told("ladder.in_turn")) if fact.round_robin else notes
            people = tuple(map(_asking, fact.asked))
            return Rung(at=fact.at, tone=Tone.RINGS, title=_step(fact), number=fact.rung, people=people, notes=notes)
        case climb.StepPassed(missing=()):
            return Rung(at=fact.at, tone=Tone.NOBODY, title=Told("story.step_passed.condition", {"step": _step(fact)}))
        case climb.StepPassed():
            first, *others = map(nobody, fact.missing)
            then = Told("ladder.went_on") if fact.step is not None else Told("ladder.tries_again")
            return Rung(at=fact.at, tone=Tone.NOBODY, title=first, notes=(*others, then))
        case climb.PersonAdded() | climb.Reassigned():
            people = (_asking(fact.asked),)
            return Rung(at=fact.at, tone=Tone.RINGS, title=Told("ladder.by_hand"), number=fact.rung, people=people)
        case _:
            assert_never(fact)


def _asking(asked: Asked) -> Asking:
    return Asking(recipient=climb.recipient_of(asked), why=because(asked.because))


def _planned(pages: Iterable[Page]) -> Iterator[Try]:
    """Calls that lie ahead on pages that are under way."""
    for page in pages:
        if page.is_live and page.next_at is not None and page.next_line < len(page.plan):
            yield _try(page, page.next_line, page.next_at, "planned")
        for attempt in page.attempts.values():
            if page.is_live and attempt.retry_at is not None:
                yield _try(page, attempt.line, attempt.retry_at, "again")


def _try(page: Page, number: int, at: Instant, status: str) -> Try:
    planned = page.plan[number]
    return Try(
        at=at,
        rung=page.rung,
        recipient=page.recipient,
        contact=planned.contact,
        channel=planned.channel,
        status=status,
    )


def _of_rung(tries: Iterable[Try], number: int) -> tuple[Try, ...]:
    return tuple(sorted((one for one in tries if number and one.rung == number), key=lambda one: one.at))


def _mark_present(rungs: list[Rung], case: Case) -> None:
    """One rung at most is the present one: that which rings, or that which keeps an open case quiet."""
    if not rungs or not case.is_open:
        return
    rings = bool(case.ringing)
    fitting = (Tone.RINGS, Tone.NOBODY) if rings else (Tone.ANSWERED, Tone.QUIET)
    place = next((at for at in range(len(rungs) - 1, -1, -1) if rungs[at].tone in fitting), None)
    if place is None:
        return
    until = case.run.next_at if rings and case.run is not None else _quiet_until(case)
    rungs[place] = replace(rungs[place], kind=Kind.PRESENT, countdown=until)


def _quiet_until(case: Case) -> Instant | None:
    return min((alert.quiet_until for alert in case.alerts.values() if alert.quiet_until is not None), default=None)


def _ahead(run: Run, surroundings: Surroundings) -> Iterator[Rung]:
    """What happens when nobody answers: the rest of this round, the rounds after it as one, the last resort."""
    this_round, rounds_told = run.round, False
    for _ in range(_AHEAD):
        if run.next_at is None:
            return
        for fact in climb.decide(run, TimePasses(now=run.next_at), surroundings):
            run = climb.evolve(run, fact)
            if not isinstance(fact, climb.StepBegan | climb.StepPassed):
                continue
            if fact.step is None:
                yield _endless(fact, run)
                return
            if fact.round == this_round:
                yield replace(_begun(fact), kind=Kind.FUTURE, number=0)
            elif not rounds_told:
                rounds_told = True
                again = Told("ladder.again", {"count": run.policy.repeat - this_round})
                yield Rung(at=fact.at, kind=Kind.FUTURE, tone=Tone.AGAIN, title=again)


def _endless(fact: climb.StepBegan | climb.StepPassed, run: Run) -> Rung:
    note = Told("ladder.every", {"every": run.policy.last_resort_every})
    rung = _begun(fact)
    return replace(rung, kind=Kind.FUTURE, number=0, notes=(*rung.notes, note))
