"""Random installations around a clock change, for hypothesis: schedules that refer to each other, and circumstances."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st

from core.schedules.clock_changes import ALL, MINUTE, ODD, around_a_clock_change
from core.schedules.oracle import Line
from core.schedules.rotas import REGION, people
from tocsin.core.schedules import (
    Absence,
    Booking,
    CalendarName,
    Change,
    Circumstances,
    Combine,
    Counting,
    Follow,
    Imported,
    Layer,
    Override,
    Region,
    Rendered,
    Restriction,
    Rota,
    Rotation,
    Schedule,
    Turn,
    Unequal,
    Unit,
    Weekday,
    Where,
)
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span

#: How often each example of this folder is multiplied for a long run.
FACTOR = int(os.environ.get("TOCSIN_EXAMPLES", "1"))

#: Times of day at which clocks change, or people do; half of all that are drawn.
USUAL = [time(0), time(0, 1), time(1, 30), time(2), time(2, 15), time(2, 30), time(3), time(9), time(22), time(23, 59)]
TIMES = st.sampled_from(USUAL) | st.builds(time, st.integers(0, 23), st.integers(0, 59))
ZONES = (st.sampled_from(ODD) | st.sampled_from(ALL)).map(ZoneInfo)
NAMES = ("ada", "grace", "linus")
PERSONS = st.sampled_from(NAMES).map(PersonName)
SOMEBODY = [people("ada"), people("grace"), people("linus"), people("ada", "grace")]
PARTICIPANTS = st.sampled_from([*SOMEBODY, *SOMEBODY, ()])
CALENDAR = CalendarName("feed")
LENGTHS = st.integers(1, 4500).map(lambda minutes: timedelta(minutes=minutes))
EVERY = st.one_of(
    st.builds(Turn, count=st.sampled_from([1, 2, 3, 5, 7, 8, 12, 24, 30, 36]), unit=st.just(Unit.HOURS)),
    st.builds(Turn, count=st.integers(1, 3), unit=st.just(Unit.DAYS)),
    st.builds(Turn, count=st.just(1), unit=st.sampled_from([Unit.WEEKS, Unit.MONTHS])),
    st.builds(Unequal, lengths=st.lists(LENGTHS, min_size=1, max_size=4).map(tuple)),
)


T = TypeVar("T")


class World(NamedTuple):
    """Schedules of which the last may refer to those before it, and the stretch of time that is asked about."""

    schedules: dict[ScheduleName, Schedule]
    around: Circumstances
    window: Span

    @property
    def asked(self) -> ScheduleName:
        """The schedule that is asked about: the one that refers to the others."""
        return list(self.schedules)[-1]

    @property
    def rota(self) -> Rota:
        """A new rota, which has not been asked anything."""
        return Rota(self.schedules, self.around)


def tries(number: int) -> settings:
    """So many examples, times what a long run asks for."""
    return settings(max_examples=number * FACTOR, deadline=None, database=None)


def lines(rendered: Rendered) -> list[Line]:
    """Shifts and vacancies in the oracle's form."""
    served: list[Line] = [(shift.span.start, shift.span.end, shift.people, shift.source) for shift in rendered.shifts]
    vacant: list[Line] = [(gap.span.start, gap.span.end, (), str(gap.reason)) for gap in rendered.vacancies]
    return sorted([*served, *vacant])


def rarely(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    """One time in five; else None."""
    return st.sampled_from(range(5)).flatmap(lambda chance: strategy if chance == 4 else st.none())


@st.composite
def worlds(draw: st.DrawFn, *, most: int = 3) -> World:
    """One to three schedules with everything that a schedule may have, and a window around a clock change."""
    zone, middle = draw(around_a_clock_change(hours=6))
    middle = middle.replace(second=0)
    schedules: dict[ScheduleName, Schedule] = {}
    for name in ("primary", "secondary", "tertiary")[: draw(st.integers(1, most))]:
        schedules[ScheduleName(name)] = draw(_schedules(name, tuple(schedules), zone, middle))
    start = middle - MINUTE * draw(st.integers(0, 1500))
    window = Span(start, start + MINUTE * (draw(rarely(st.integers(1, 100))) or draw(st.integers(800, 2500))))
    return World(schedules, draw(_circumstances(middle)), window)


@st.composite
def _schedules(
    draw: st.DrawFn, name: str, others: tuple[ScheduleName, ...], zone: ZoneInfo, middle: Instant
) -> Schedule:
    stacks = _stacks(zone, middle, least=0 if others else 1, most=2 if others else 3)
    follows = st.none() | _follows(others) if others else st.none()
    rules = st.fixed_dictionaries({"layers": stacks, "combine": st.sampled_from(Combine), "follows": follows})
    changes = st.tuples(_near(middle, 1500), rules).map(lambda drawn: Change(at=drawn[0], **drawn[1]))
    return Schedule(
        name=ScheduleName(name),
        time_zone=zone,
        apart_from=tuple(draw(st.lists(st.sampled_from(others), max_size=2, unique=True))) if others else (),
        changes=tuple(filter(None, [draw(rarely(changes))])),
        overrides=tuple(draw(st.lists(_overrides(middle), max_size=3))),
        **draw(rules),
    )


def _follows(others: tuple[ScheduleName, ...]) -> st.SearchStrategy[Follow]:
    return st.builds(Follow, schedule=st.sampled_from(others), behind=st.integers(-2, 2), may_repeat=st.booleans())


def _near(middle: Instant, minutes: int) -> st.SearchStrategy[Instant]:
    return st.integers(-minutes, minutes).map(lambda distance: middle + distance * MINUTE)


def _stacks(zone: ZoneInfo, middle: Instant, *, least: int, most: int) -> st.SearchStrategy[tuple[Layer, ...]]:
    """A few layers, each with a name of its own."""
    return st.integers(least, most).flatmap(
        lambda count: st.tuples(*(_layers(name, zone, middle) for name in ("bottom", "middle", "top")[:count]))
    )


@st.composite
def _layers(draw: st.DrawFn, name: str, zone: ZoneInfo, middle: Instant) -> Layer:
    own = draw(rarely(ZONES))
    day = middle.astimezone(own or zone).date()
    return Layer(
        name=name,
        rotation=draw(rarely(st.just(Imported(calendar=CALENDAR)))) or draw(_rotations(day)),
        only=tuple(draw(st.lists(restrictions(day), max_size=2))),
        only_where=draw(st.sampled_from(Where)),
        time_zone=own,
        start=draw(rarely(_near(middle, 3000))),
        end=draw(rarely(_near(middle, 3000))),
    )


@st.composite
def _rotations(draw: st.DrawFn, day: date) -> Rotation:
    every = draw(EVERY)
    earliest = -70 if isinstance(every, Turn) and every.unit is Unit.MONTHS else -10
    return Rotation(
        every=every,
        anchor=datetime.combine(day + timedelta(days=draw(st.integers(earliest, 0))), draw(TIMES)),
        participants=tuple(draw(st.lists(PARTICIPANTS, min_size=1, max_size=4))),
        counting=draw(st.sampled_from(Counting)),
    )


def restrictions(day: date) -> st.SearchStrategy[Restriction]:
    """Windows of some weekdays, and now and then of dates near a day or of holidays."""
    return st.builds(
        Restriction,
        days=st.just(frozenset()) | st.frozensets(st.sampled_from(Weekday), min_size=1, max_size=5),
        begins=TIMES,
        ends=TIMES,
        until=rarely(st.sampled_from(Weekday)),
        first=rarely(st.integers(-5, 1).map(lambda distance: day + timedelta(days=distance))),
        last=rarely(st.integers(-1, 5).map(lambda distance: day + timedelta(days=distance))),
        on_holidays=rarely(st.just(REGION)),
        except_holidays=rarely(st.just(REGION)),
    )


@st.composite
def _overrides(draw: st.DrawFn, middle: Instant) -> Override:
    start = draw(_near(middle, 2000))
    return Override(
        people=draw(PARTICIPANTS),
        span=Span(start, start + MINUTE * draw(st.integers(1, 1500))),
        made=draw(st.integers(0, 2)),
        instead_of=draw(st.none() | PERSONS),
    )


@st.composite
def _circumstances(draw: st.DrawFn, middle: Instant) -> Circumstances:
    day = middle.date()
    free = frozenset(day + timedelta(days=distance) for distance in draw(st.sets(st.integers(-2, 2), max_size=3)))
    bookings = draw(st.lists(_bookings(middle), max_size=3))

    def holidays(region: Region, year: int) -> Mapping[date, str]:
        return {day: "a holiday" for day in free if day.year == year and region == REGION}

    return Circumstances(
        zones=draw(st.dictionaries(PERSONS, ZONES, max_size=3)),
        absences=tuple(draw(st.lists(absences(middle), max_size=4))),
        holidays=holidays,
        calendars={CALENDAR: tuple(sorted(bookings, key=lambda booking: booking.span))},
    )


@st.composite
def absences(draw: st.DrawFn, middle: Instant, *, before: int = 8000) -> Absence:
    """Somebody is away for a moment or some days, as is known always, in time, or too late."""
    start = middle - MINUTE * draw(st.integers(-2500, before))
    known = draw(st.none() | st.integers(-3000, 1500))
    return Absence(
        person=draw(PERSONS),
        span=Span(start, start + MINUTE * draw(st.integers(1, 600) | st.integers(600, 6000))),
        known_from=None if known is None else start + known * MINUTE,
    )


@st.composite
def _bookings(draw: st.DrawFn, middle: Instant) -> Booking:
    start = draw(_near(middle, 2000))
    somebody = draw(st.sampled_from(SOMEBODY))
    return Booking(people=somebody, span=Span(start, start + MINUTE * draw(st.integers(1, 1500))))
