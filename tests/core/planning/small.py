"""Random problems so small that every assignment can be tried, for hypothesis."""

from __future__ import annotations

import os
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st

from core.planning.plans import PRIMARY, SECONDARY, at
from tocsin.core.planning import (
    Absence,
    Apart,
    Avoids,
    Candidate,
    During,
    Duty,
    DutyId,
    Gap,
    InARow,
    Limit,
    Load,
    Most,
    NotWith,
    Of,
    Per,
    Pin,
    Prefers,
    Problem,
    Rest,
    Wants,
    Which,
    Wish,
)
from tocsin.core.planning.limits import Rule
from tocsin.core.planning.wishes import Kind
from tocsin.core.vocabulary import PersonName, Span

#: The night in which the clocks go back in Europe, a weekend.
BEGINS = at("2026-10-23T00:00")
NAMES = tuple(map(PersonName, ("ada", "grace", "linus")))
ZONES = tuple(map(ZoneInfo, ("Europe/Berlin", "America/New_York", "Asia/Shanghai")))
DAYS = tuple(date(2026, 10, 22) + number * timedelta(days=1) for number in range(7))

#: How often each example is multiplied for a long run.
FACTOR = int(os.environ.get("TOCSIN_EXAMPLES", "1"))

_hours = st.integers(0, 90).map(lambda number: timedelta(hours=number))
_roles = st.sets(st.sampled_from([PRIMARY, SECONDARY])).map(frozenset)

_whiches = st.builds(
    Which,
    roles=_roles,
    weekdays=st.sets(st.integers(0, 6), max_size=2).map(frozenset),
    first=st.none() | st.sampled_from(DAYS[:4]),
    last=st.none() | st.sampled_from(DAYS[3:]),
    between=st.none() | st.just((time(17), time(22))) | st.just((time(22), time(4))),
    during=st.none() | st.sampled_from(During),
)


def tries(number: int) -> settings:
    """So many examples, times what a long run asks for."""
    return settings(max_examples=number * FACTOR, deadline=None, database=None)


def _kinds(others: tuple[PersonName, ...]) -> st.SearchStrategy[Kind]:
    by = _hours.map(lambda length: Apart(by=length))
    kinds = [st.builds(kind, which=_whiches) for kind in (Avoids, Prefers, Wants)]
    meeting = [st.builds(NotWith, other=st.sampled_from(others))] if others else []
    return st.one_of(*kinds, by, *meeting)


_rules: st.SearchStrategy[Rule] = st.one_of(
    st.builds(Gap, at_least=_hours),
    st.builds(
        Rest,
        at_least=st.integers(1, 40).map(lambda number: timedelta(hours=number)),
        in_every=st.sampled_from([timedelta(hours=24), timedelta(days=3)]),
    ),
    st.builds(Most, count=st.integers(0, 3), of=st.sampled_from([Of.DUTIES, Of.NIGHTS, Of.WEEKENDS, Of.HOLIDAYS])),
    st.builds(Most, count=st.integers(0, 40), of=st.just(Of.HOURS), per=st.sampled_from(Per)),
    st.builds(InARow, most=st.integers(1, 2)),
)


@st.composite
def _duties(draw: st.DrawFn) -> tuple[Duty, ...]:
    """Turns one after the other, some of them with a second role, some with a pause before them."""
    found: list[Duty] = []
    start = BEGINS
    for number in range(draw(st.integers(1, 4))):
        start += draw(st.sampled_from([timedelta(), timedelta(), timedelta(hours=5), timedelta(hours=13)]))
        length = timedelta(hours=draw(st.sampled_from([4, 8, 12, 15, 24])))
        for role in (PRIMARY, SECONDARY) if len(found) < 4 and draw(st.booleans()) else (PRIMARY,):
            duty_id = DutyId(f"{role} {number}")
            weight = draw(st.sampled_from([0, 50, 100]))
            span = Span(start, start + length)
            found.append(Duty(id=duty_id, role=role, span=span, length=length, weight=weight))
        start += length
    return tuple(found)


@st.composite
def _absences(draw: st.DrawFn) -> tuple[Absence, ...]:
    start = BEGINS + draw(_hours)
    length = timedelta(hours=draw(st.sampled_from([1, 10, 40])))
    return tuple(draw(st.lists(st.just(Absence(span=Span(start, start + length))), max_size=1)))


@st.composite
def _people(draw: st.DrawFn) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(
            name=name,
            time_zone=draw(st.sampled_from(ZONES)),
            share=draw(st.sampled_from([100, 100, 50, 80])),
            roles=draw(st.none() | st.none() | st.none() | _roles),
            absences=draw(_absences()),
            holidays=frozenset(draw(st.sets(st.sampled_from(DAYS), max_size=1))),
            past=Load(hours=draw(st.integers(0, 5_000)), night_hours=draw(st.integers(0, 2_000))),
        )
        for name in NAMES[: draw(st.sampled_from([1, 2, 2, 3, 3, 3]))]
    )


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """A handful of duties, up to three people, and a little of everything that may be said about them."""
    people, duties = draw(_people()), draw(_duties())
    wishes = []
    for number in range(draw(st.integers(0, 4))):
        who = draw(st.sampled_from(people)).name
        others = tuple(each.name for each in people if each.name != who)
        kind, hard = draw(_kinds(others)), draw(st.sampled_from([False, False, False, True]))
        wishes.append(Wish(person=who, name=f"wish {number}", kind=kind, weight=draw(st.integers(1, 10)), hard=hard))
    names = st.none() | st.sets(st.sampled_from([each.name for each in people])).map(frozenset)
    limits = [
        Limit(name=f"limit {number}", rule=draw(_rules), people=draw(names))
        for number in range(draw(st.integers(0, 2)))
    ]
    pins = [
        Pin(duty=draw(st.sampled_from(duties)).id, person=draw(st.sampled_from(people)).name, holds=draw(st.booleans()))
        for _ in range(draw(st.sampled_from([0, 0, 1, 2])))
    ]
    return Problem(duties=duties, people=people, wishes=tuple(wishes), limits=tuple(limits), pins=tuple(pins))
