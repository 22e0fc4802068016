"""The ladder: a climb as rungs, from the first to what happens when nobody answers.

What lies ahead is not guessed: the climb itself is asked what it does when time passes and nobody answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from tocsin.core.alerts import model
from tocsin.core.case import Case, Fact
from tocsin.core.escalation import run as climb
from tocsin.core.escalation.run import Run, Surroundings, TimePasses
from tocsin.core.escalation.steps import Asked, Roster
from tocsin.core.paging import attempt as paging
from tocsin.core.paging.attempt import Page
from tocsin.core.story.telling import Told, because, nobody, of_alert, of_page, step_name
from tocsin.core.vocabulary import Instant, PageId

#: So many steps are looked ahead before the climb counts as endless.
_AHEAD = 200


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


class _Climbed:
    """The rungs that lie behind, while the facts are read."""

    def __init__(self) -> None:
        self.rungs: list[Rung] = []
        self._by_hand: tuple[Told, ...] = ()
        self._pages: dict[PageId, Page] = {}

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
            case paging.PageOpened():
                self._pages[fact.page.id] = fact.page
            case paging.ContactPassed(passes=1) if fact.page_id in self._pages:
                page = self._pages[fact.page_id]
                self._note(page.recipient, of_page(fact, page))
            case model.AlertAcknowledged() | model.AlertSnoozed() | model.AlertSuppressed() | model.AlertResolved():
                self._answered(fact)
            case model.AlertRings() | model.AlertReopened():
                self._add(Rung(at=fact.at, tone=Tone.AGAIN, title=of_alert(fact)))
            case _:
                pass

    def _answered(self, fact: model.Fact) -> None:
        match fact:
            case model.AlertAcknowledged():
                lapses = (Told("ladder.lapses", {"until": fact.lapses_at}),) if fact.lapses_at is not None else ()
                self._add(Rung(at=fact.at, tone=Tone.ANSWERED, title=of_alert(fact), notes=lapses))
            case model.AlertResolved():
                self._add(Rung(at=fact.at, tone=Tone.OVER, title=of_alert(fact)))
            case _:
                self._add(Rung(at=fact.at, tone=Tone.QUIET, title=of_alert(fact)))

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
            return Rung(
                at=fact.at, tone=Tone.RINGS, title=step_name(fact), number=fact.rung, people=people, notes=notes
            )
        case climb.StepPassed(missing=()):
            return Rung(
                at=fact.at, tone=Tone.NOBODY, title=Told("story.step_passed.condition", {"step": step_name(fact)})
            )
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
