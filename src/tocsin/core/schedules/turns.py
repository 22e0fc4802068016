"""Where turns start: turn after turn, from any instant on, at a cost independent of the rotation's age."""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple, Protocol, TypeAlias, assert_never
from zoneinfo import ZoneInfo

from tocsin.core.schedules.schedule import Every, Rotation, Turn, Unequal, Unit
from tocsin.core.schedules.wallclock import EARLIEST, LATEST, instant_of, local_of, steady_offset
from tocsin.core.vocabulary import Instant

#: Longer turns are a slip of the finger, and soon leave the calendar.
LONGEST_TURN = timedelta(days=36525)

#: Shorter ones nobody can serve; a year of them would be a day's work to lay out.
SHORTEST_TURN = timedelta(minutes=1)

_MONTHS_IN_LONGEST_TURN = 1200
_LENGTHS = {Unit.HOURS: timedelta(hours=1), Unit.DAYS: timedelta(days=1), Unit.WEEKS: timedelta(weeks=1)}


class Cycle(NamedTuple):
    """After what turns repeat themselves on the wall clock."""

    turns: int
    length: timedelta


class Steps(Protocol):
    """The starts of a rotation's turns. The first turn is number 0."""

    @property
    def cycle(self) -> Cycle | None:
        """None: they do not follow the wall clock, or never repeat."""

    def start_of(self, number: int) -> Instant:
        """When a turn starts, and the one before it ends. Turns that the clock skips start where the next one does."""

    def number_at(self, instant: Instant) -> int:
        """The turn that is on at an instant, which is not before the first one."""

    def is_steady(self, number: int, days: int) -> bool:
        """True when the clock is known not to change from a turn's start on for so many days."""


def steps(rotation: Rotation, zone: ZoneInfo) -> Steps | None:
    """The turns of a rotation; None: it has none that can be meant. `check` tells what is wrong with it."""
    every, anchor = rotation.every, rotation.anchor.replace(tzinfo=None)
    if not rotation.participants or not is_meant(every) or not EARLIEST.year < anchor.year < LATEST.year:
        return None
    if isinstance(every, Turn) and not follows_wall_clock(every):
        return _Elapsed(instant_of(anchor, zone), length_of(every))
    if isinstance(every, Turn) and every.unit is Unit.MONTHS:
        return _OnTheWall(zone, _months(anchor, every.count), None)
    lengths = every.lengths if isinstance(every, Unequal) else (length_of(every),)
    return _OnTheWall(zone, _lengths(anchor, lengths), Cycle(len(lengths), sum(lengths, timedelta())))


def length_of(every: Turn) -> timedelta:
    """How long one turn of hours, days or weeks is: on the wall clock, or elapsed where `follows_wall_clock` says no.

    Raises:
        KeyError: months have no one length.
    """
    return every.count * _LENGTHS[every.unit]


def follows_wall_clock(every: Every) -> bool:
    """True when a turn changes at the same times of day whatever the clocks do."""
    return not isinstance(every, Turn) or every.unit is not Unit.HOURS or 24 % every.count == 0


def is_meant(every: Every) -> bool:
    """True when turns have a length, and one that people live to see the end of."""
    match every:
        case Unequal():
            shortest, whole = min(every.lengths, default=timedelta()), sum(every.lengths, timedelta())
            return shortest >= SHORTEST_TURN and whole <= LONGEST_TURN
        case Turn():
            return 1 <= every.count <= longest(every.unit)
    assert_never(every)


def longest(unit: Unit) -> int:
    """How many of a unit a turn has at most."""
    return _MONTHS_IN_LONGEST_TURN if unit is Unit.MONTHS else LONGEST_TURN // _LENGTHS[unit]


#: The local time at which a turn starts, and the turn whose time has come at a local time.
_Local: TypeAlias = tuple[Callable[[int], datetime], Callable[[datetime], int]]


class _Elapsed:
    """Turns of one length, whatever the clocks show."""

    cycle = None

    def __init__(self, first: Instant, length: timedelta) -> None:
        self._first = first
        self._length = length

    def start_of(self, number: int) -> Instant:
        return self._first + number * self._length

    def number_at(self, instant: Instant) -> int:
        return (instant - self._first) // self._length

    def is_steady(self, number: int, days: int) -> bool:
        return False


class _OnTheWall:
    """Turns that start at local times."""

    def __init__(self, zone: ZoneInfo, local: _Local, cycle: Cycle | None) -> None:
        self.cycle = cycle
        self._zone = zone
        self._local, self._number = local

    def start_of(self, number: int) -> Instant:
        return instant_of(self._local(number), self._zone)

    def number_at(self, instant: Instant) -> int:
        number = self._number(local_of(instant, self._zone))
        while self.start_of(number + 1) <= instant:  # while a time is shown again, the clock lags behind the turns
            number += 1
        return number

    def is_steady(self, number: int, days: int) -> bool:
        first = self._local(number).toordinal()
        return all(steady_offset(day, self._zone) is not None for day in range(first, first + days + 1))


def _lengths(anchor: datetime, lengths: tuple[timedelta, ...]) -> _Local:
    starts = list(accumulate(lengths, initial=timedelta()))
    cycle = starts.pop()

    def local(number: int) -> datetime:
        cycles, turn = divmod(number, len(starts))
        return anchor + cycles * cycle + starts[turn]

    def number(local: datetime) -> int:
        cycles, passed = divmod(local - anchor, cycle)
        return cycles * len(starts) + bisect_right(starts, passed) - 1

    return local, number


def _months(anchor: datetime, count: int) -> _Local:
    """Always counted from the anchor: a day that is cut to the end of a short month is itself again after it."""

    def local(number: int) -> datetime:
        years, month = divmod(anchor.month - 1 + number * count, 12)
        year = anchor.year + years
        day = min(anchor.day, monthrange(year, month + 1)[1])
        return anchor.replace(year=year, month=month + 1, day=day)

    def number(now: datetime) -> int:
        months = (now.year - anchor.year) * 12 + now.month - anchor.month
        turn = months // count
        return turn if local(turn) <= now else turn - 1

    return local, number
