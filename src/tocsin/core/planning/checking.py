"""Whether an assignment keeps to everything that must be kept, told rule by rule; it knows nothing of how it was found.

This is what the rules mean. Whatever proposes a rota is held to it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeAlias, assert_never

from tocsin.core.planning.duty import Candidate, Duty, DutyId, holidays_taken, taken
from tocsin.core.planning.limits import IN_A_ROW, Gap, InARow, Most, Of, Per, Rest, Rule
from tocsin.core.planning.problem import Assignment, Away, Problem, Reason, Takes
from tocsin.core.planning.wishes import Apart, Avoids, Kind, NotWith, Prefers, Wants
from tocsin.core.vocabulary import PersonName, Span

#: One person's duties in order of time.
Duties: TypeAlias = Sequence[Duty]

#: The duties that a rule is broken by; several sets when it is broken several times.
Broken: TypeAlias = Iterator[Duties]


class Always(StrEnum):
    """Rules that no rota can be without."""

    FILLED = "every duty is somebody's"
    ONE_AT_A_TIME = "nobody has two duties at one time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One rule broken once."""

    rule: Always | Reason
    duties: tuple[DutyId, ...]


def check(problem: Problem, assignment: Assignment) -> tuple[Violation, ...]:
    """Everything that the assignment breaks; empty when it is a rota."""
    known = {person.name for person in problem.people}
    empty = [(duty,) for duty in problem.duties if assignment.get(duty.id) not in known]
    found = [_violation(Always.FILLED, duties) for duties in empty]
    served = duties_of(problem, assignment)
    for person in problem.people:
        found += of_person(problem, person, served[person.name])
    for wish in problem.wishes:
        if wish.hard and isinstance(wish.kind, NotWith):
            found += (_violation(wish, duties) for duties in meetings(served[wish.person], served[wish.kind.other]))
    return tuple(found)


def duties_of(problem: Problem, assignment: Assignment) -> dict[PersonName, list[Duty]]:
    """Everybody's duties in order of time."""
    served: dict[PersonName, list[Duty]] = {person.name: [] for person in problem.people}
    for duty in sorted(problem.duties, key=lambda duty: (duty.span, duty.id)):
        name = assignment.get(duty.id)
        if name in served:
            served[name].append(duty)
    return served


def of_person(problem: Problem, person: Candidate, duties: Duties) -> Iterator[Violation]:
    """What one person's duties break by themselves, whatever the others do; `duties` in order of time."""
    for absence in person.absences:
        reason = Away(person=person.name, absence=absence)
        yield from (_violation(reason, [duty]) for duty in duties if duty.span.clipped(absence.span) is not None)
    if person.roles is not None:
        takes = Takes(person=person.name, roles=person.roles)
        yield from (_violation(takes, [duty]) for duty in duties if duty.role not in takes.roles)
    yield from (_violation(Always.ONE_AT_A_TIME, pair) for pair in nearer(duties, timedelta()))
    for limit in problem.limits:
        if limit.holds_for(person.name):
            yield from (_violation(limit, broken) for broken in _beyond(limit.rule, person, duties))
    for wish in problem.wishes:
        if wish.hard and wish.person == person.name:
            yield from (_violation(wish, missed) for missed in unfulfilled(wish.kind, person, duties))
    held = {duty.id for duty in duties}
    for pin in problem.pins:
        if pin.person == person.name and (pin.duty in held) is not pin.holds:
            yield Violation(rule=pin, duties=(pin.duty,))


def unfulfilled(kind: Kind, person: Candidate, duties: Duties) -> Broken:
    """Each time that a person's duties miss a wish: the duties by which they do. `meetings` says it of NotWith."""
    match kind:
        case Avoids(which=which):
            yield from ([duty] for duty in duties if which.matches(duty, person))
        case Prefers(which=which):
            yield from ([duty] for duty in duties if not which.matches(duty, person))
        case Wants(which=which):
            if not any(which.matches(duty, person) for duty in duties):
                yield []
        case Apart(by=by):
            yield from nearer(duties, by)
        case NotWith():
            return
        case _:
            assert_never(kind)


def meetings(one: Duties, other: Duties) -> Broken:
    """Each time that two people are on duty together."""
    for mine in one:
        yield from ([mine, theirs] for theirs in other if mine.span.clipped(theirs.span) is not None)


def nearer(duties: Duties, by: timedelta) -> Broken:
    """Each two duties with less than so much time between them; with none at all: those that overlap."""
    for number, duty in enumerate(duties):
        for later in duties[number + 1 :]:
            if later.span.start >= duty.span.end + by:
                break
            yield [duty, later]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Something of which a limit allows so many; two duties may take part in one, as in a weekend."""

    #: The week or month of the person that it counts in.
    period: Hashable
    #: What it is: a duty, a night, a weekend, a holiday.
    item: Hashable
    amount: int = 1


def counted(duty: Duty, person: Candidate, rule: Most) -> Iterator[Counted]:
    """What of that which a limit counts a duty takes from a person."""
    calendar = taken(duty.span, person.time_zone)
    begins = duty.span.start.astimezone(person.time_zone).date()
    match rule.of:
        case Of.DUTIES:
            yield Counted(period=_period(begins, rule.per), item=duty.id)
        case Of.HOURS:
            hours = math.ceil(duty.length / timedelta(hours=1))
            yield Counted(period=_period(begins, rule.per), item=duty.id, amount=hours)
        case Of.NIGHTS:
            yield from (Counted(period=_period(day, rule.per), item=day) for day in sorted(calendar.nights))
        case Of.WEEKENDS:
            yield from (Counted(period=_period(day, rule.per), item=day) for day in sorted(calendar.weekends))
        case Of.HOLIDAYS:
            days = sorted(holidays_taken(duty, person))
            yield from (Counted(period=_period(day, rule.per), item=day) for day in days)
        case _:
            assert_never(rule.of)


def _beyond(rule: Rule, person: Candidate, duties: Duties) -> Broken:
    match rule:
        case Gap(at_least=at_least):
            yield from nearer(duties, at_least)
        case Rest():
            yield from _restless(rule, duties)
        case Most():
            yield from _too_many(rule, person, duties)
        case InARow(most=most):
            yield from (run for run in _runs(duties) if len(run) > most)
        case _:
            assert_never(rule)


def _restless(rule: Rest, duties: Duties) -> Broken:
    for number, duty in enumerate(duties):
        until = duty.span.start + rule.in_every
        near = [each for each in duties[number:] if each.span.start < until]
        begins = (each.span.end for each in near)
        free = (Span(begin, begin + rule.at_least) for begin in begins if begin + rule.at_least <= until)
        if not any(all(each.span.clipped(stretch) is None for each in near) for stretch in free):
            yield near


def _too_many(rule: Most, person: Candidate, duties: Duties) -> Broken:
    found: defaultdict[Hashable, dict[Hashable, int]] = defaultdict(dict)
    within: defaultdict[Hashable, dict[DutyId, Duty]] = defaultdict(dict)
    for duty in duties:
        for each in counted(duty, person, rule):
            found[each.period][each.item] = each.amount
            within[each.period][duty.id] = duty
    for period, items in found.items():
        if sum(items.values()) > rule.count:
            yield list(within[period].values())


def _runs(duties: Duties) -> Broken:
    run: list[Duty] = []
    for duty in duties:
        if run and duty.span.start - run[-1].span.end >= IN_A_ROW:
            yield run
            run = []
        run = [*run, duty]
    yield run


def _period(day: date, per: Per) -> Hashable:
    match per:
        case Per.WEEK:
            return day.isocalendar()[:2]
        case Per.MONTH:
            return day.year, day.month
        case Per.PLAN:
            return ()
        case _:
            assert_never(per)


def _violation(rule: Always | Reason, duties: Iterable[Duty]) -> Violation:
    return Violation(rule=rule, duties=tuple(duty.id for duty in duties))
