"""Rotas proposed for a dozen people and half a year: time to the proof, and what is left open after ten seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from importlib import import_module
from zoneinfo import ZoneInfo

from _ground import machine, table

from tocsin.app.solvers import has_exact, solver
from tocsin.core.planning import (
    POINT,
    Absence,
    Apart,
    Avoids,
    Cadence,
    Candidate,
    Effort,
    Gap,
    InARow,
    Limit,
    Load,
    Most,
    NotWith,
    Of,
    Post,
    Problem,
    Proposal,
    Rest,
    Role,
    Turn,
    Wants,
    Which,
    Wish,
    check,
    duties,
)
from tocsin.core.schedules.wallclock import instant_of
from tocsin.core.vocabulary import PersonName, Span, utc
from tocsin.ports.planning import Solver

PEOPLE, WEEKS, SECONDS = 12, 26, 10.0
BEGINS = datetime.fromisoformat("2026-12-21T09:00")
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = (BERLIN, BERLIN, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Asia/Shanghai"))
HOLIDAYS = frozenset(map(date.fromisoformat, ("2026-12-25", "2026-12-26", "2027-01-01", "2027-03-26", "2027-03-29")))
PRIMARY, SECONDARY = Post(role=Role("primary")), Post(role=Role("secondary"), weight=50)
WEEK = (timedelta(weeks=1),)
SPLIT = (timedelta(days=4, hours=8), timedelta(days=2, hours=16))
HALVES = (timedelta(hours=12),)
SHIFTS = (
    Limit(name="11 h rest", rule=Rest(at_least=timedelta(hours=11), in_every=timedelta(days=1))),
    Limit(name="8 nights a month", rule=Most(count=8, of=Of.NIGHTS)),
    Limit(name="4 in a row", rule=InARow(most=4)),
)


class Numbers:
    """Numbers that look like chance and are the same every time."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, most: int) -> int:
        """The next one, from 0 on."""
        self.state = (self.state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % (1 << 64)
        return (self.state >> 33) % most


def main() -> None:
    """Each plan by the solver, by the usual portfolio of its library, and by swaps."""
    portfolio = import_module("_portfolio") if has_exact() else None
    rows = [("12 people", "duties", "solver", "after s", "usual portfolio", "swaps cost more", "after s")]
    for name, problem in plans():
        found, seconds = timed(solver(), problem)
        swapped, swapping = timed(solver(exact=False), problem)
        usual = portfolio.told(problem, seconds=SECONDS) if portfolio is not None else "not installed"
        more = "none found"
        if swapped is not None and found is not None:
            more = f"{(swapped.cost.total / max(1, found.cost.total) - 1):.1%}"
        rows.append((name, str(len(problem.duties)), told(found), f"{seconds:.1f}", usual, more, f"{swapping:.1f}"))
    print(machine())
    print(f"at most {SECONDS:.0f} s; a gap is the part of the cost that another rota might save\n")
    print(table(rows))


def plans() -> Iterator[tuple[str, Problem]]:
    """What teams ask for, from the plainest on."""
    yield "26 weeks, primary, all alike", plan(WEEK, WEEKS, (PRIMARY,), seed=0)
    yield "26 weeks, primary and secondary, all alike", plan(WEEK, WEEKS, (PRIMARY, SECONDARY), seed=0)
    for seed in (1, 2, 3, 4):
        yield f"the same as people are ({seed})", plan(WEEK, WEEKS, (PRIMARY, SECONDARY), seed=seed)
    yield "weekdays and weekends apart, as people are", plan(SPLIT, WEEKS, (PRIMARY, SECONDARY), seed=1)
    yield "8 weeks of days and nights, as people are", plan(HALVES, 8, (PRIMARY, SECONDARY), seed=1, limits=SHIFTS)


def plan(
    lengths: tuple[timedelta, ...], weeks: int, posts: tuple[Post, ...], *, seed: int, limits: tuple[Limit, ...] = ()
) -> Problem:
    """A problem; with seed 0 all people are alike and wish for nothing."""
    turns = tuple(Turn(length=length) for length in lengths)
    cadence = Cadence(begins=BEGINS, time_zone=BERLIN, turns=turns, lasts=timedelta(weeks=weeks))
    numbers = Numbers(seed)
    names = [PersonName(f"p{number:02}") for number in range(PEOPLE)]
    people = [person(name, number, numbers, weeks) if seed else alike(name) for number, name in enumerate(names)]
    wishes = [wish for number in range(PEOPLE) if seed for wish in wishes_of(names, number, numbers, weeks)]
    gap = Limit(name="11 h between duties", rule=Gap(at_least=timedelta(hours=11)))
    return Problem(
        duties=duties(cadence, posts, instant_of),
        people=tuple(people),
        wishes=tuple(wishes),
        limits=limits or ((gap,) if seed else ()),
    )


def alike(name: PersonName) -> Candidate:
    """Somebody like everybody else."""
    return Candidate(name=name, time_zone=BERLIN)


def person(name: PersonName, number: int, numbers: Numbers, weeks: int) -> Candidate:
    """Somebody away once or twice, perhaps in part time, elsewhere, or tired from before."""
    absences = []
    for _ in range(1 + numbers.below(2)):
        start = utc(2026, 12, 21) + timedelta(days=numbers.below(7 * weeks))
        absences.append(Absence(span=Span(start, start + timedelta(days=(5, 7, 14)[numbers.below(3)]))))
    before = numbers.below(3)
    return Candidate(
        name=name,
        time_zone=ZONES[number % len(ZONES)],
        share=(100, 100, 100, 80, 50)[numbers.below(5)],
        absences=tuple(absences),
        holidays=HOLIDAYS if ZONES[number % len(ZONES)] is BERLIN else frozenset(),
        past=Load(shifts=before, hours=16_800 * before, night_hours=7_000 * before, weekend_hours=4_800 * before),
    )


def wishes_of(names: list[PersonName], number: int, numbers: Numbers, weeks: int) -> Iterator[Wish]:
    """Not two weeks running; not in two weeks, rather in a third; some: no Thursdays, or not with the next one."""
    who = names[number]
    yield Wish(person=who, name="not two running", kind=Apart(by=timedelta(days=7)))
    for kind, weight in ((Avoids, 3), (Avoids, 10), (Wants, 5)):
        first = BEGINS.date() + timedelta(weeks=numbers.below(weeks))
        which = Which(first=first, last=first + timedelta(days=6))
        yield Wish(person=who, name=f"{kind.__name__} {first}", kind=kind(which=which), weight=weight)
    if number % 4 == 0:
        yield Wish(person=who, name="not with", kind=NotWith(other=names[(number + 1) % PEOPLE]), weight=4)
    if number % 4 == 1:
        yield Wish(person=who, name="no Thursdays", kind=Avoids(which=Which(weekdays=frozenset({3}))), weight=2)


def timed(chosen: Solver, problem: Problem) -> tuple[Proposal | None, float]:
    """What a solver proposes, checked, and how long it took."""
    begun = time.perf_counter()
    found = chosen.solve(problem, Effort(seconds=SECONDS))
    seconds = time.perf_counter() - begun
    if not isinstance(found, Proposal):
        return None, seconds
    assert not check(problem, found.assignment)
    return found, seconds


def told(found: Proposal | None) -> str:
    """How good it is."""
    if found is None:
        return "none found"
    if found.is_optimal:
        return "optimal"
    if found.gap is None:
        return f"{found.cost.total / POINT:,.0f} points, nothing proven"
    return f"gap {found.gap / found.cost.total:.1%} of {found.cost.total / POINT:,.0f}"


if __name__ == "__main__":
    main()
