"""When restrictions let a layer serve: windows of local time in one zone, as stretches of instants.

A window belongs to the day on which it starts, and so does all that a restriction says of days. Windows of one
restriction may overlap each other (those that last for several days), and so may those of several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from heapq import merge
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tocsin.core.schedules.circumstances import Holidays, no_holidays
from tocsin.core.schedules.intervals import Stretch, united
from tocsin.core.schedules.schedule import Region, Restriction, Weekday
from tocsin.core.schedules.wallclock import instant_on, local_of
from tocsin.core.vocabulary import Instant, Span

_WEEK = 7

#: As `date.weekday` counts them.
_NUMBERS = {day: number for number, day in enumerate(Weekday)}

#: How many years of public holidays are remembered at most.
_YEARS_KEPT = 4096


class PublicHolidays:
    """The public holidays of all regions, asked for once a year and region."""

    def __init__(self, holidays: Holidays) -> None:
        self._holidays = holidays
        self._years: dict[tuple[Region, int], frozenset[int]] = {}

    def has(self, region: Region, day: int) -> bool:
        """True when the day, counted as `date.toordinal` does, is a holiday of the region."""
        year = date.fromordinal(day).year
        days = self._years.get((region, year))
        if days is None:
            if len(self._years) >= _YEARS_KEPT:
                self._years.clear()
            days = frozenset(day.toordinal() for day in self._holidays(region, year))
            self._years[region, year] = days
        return day in days


class Windows:
    """The windows of a layer's restrictions on the clock of one zone; without restrictions, always."""

    def __init__(self, only: tuple[Restriction, ...], zone: ZoneInfo, holidays: PublicHolidays) -> None:
        self._zone = zone
        self._rules = tuple(_rule(restriction, holidays) for restriction in only)

    @property
    def always(self) -> bool:
        """True when nothing is restricted."""
        return not self._rules

    @property
    def are_weekly(self) -> bool:
        """True when every week is like every other, as far as local times go."""
        return all(rule.first is None and rule.last is None and rule.fits is None for rule in self._rules)

    def between(self, start: Instant, end: Instant) -> list[Stretch]:
        """The windows that touch a stretch of time, in order, joined where they meet, not clipped."""
        return united(self.starting(start, end)) if self._rules else [(start, end)]

    def starting(self, start: Instant, end: Instant) -> Iterator[Stretch]:
        """The windows that touch a stretch of time, in order of their starts, as they are asked for."""
        if not self._rules:
            return iter(((start, end),))
        tracks = [_opened(rule, self._zone, start, end) for rule in self._rules]
        return merge(*tracks) if len(tracks) > 1 else tracks[0]

    def touch(self, start: Instant, end: Instant) -> bool:
        """True when at least a moment of the stretch lies in a window."""
        return next(self.starting(start, end), None) is not None if self._rules else start < end


def windows_of(
    restriction: Restriction, zone: ZoneInfo, *, within: Span, holidays: Holidays = no_holidays
) -> Iterator[Span]:
    """The windows of one restriction that touch `within`, in order of their starts; some may overlap.

    One that the clock skips altogether is left out.
    """
    rule = _rule(restriction, PublicHolidays(holidays))
    return (Span(start, end) for start, end in _opened(rule, zone, within.start, within.end))


class Cursor:
    """Windows gone through in order of time, by questions that never go back."""

    def __init__(self, windows: Iterator[Stretch]) -> None:
        self._rest = windows
        self._next = next(windows, None)

    def touches(self, start: Instant, end: Instant) -> bool:
        """True when at least a moment of the stretch lies in a window; `start` is not before that of the last call."""
        while self._next is not None and self._next[1] <= start:
            self._next = next(self._rest, None)
        return self._next is not None and self._next[0] < end


class _Rule(NamedTuple):
    """A restriction, made ready for the calendar."""

    #: True for the weekdays on which windows start, Monday first.
    weekdays: tuple[bool, ...]
    #: As what has passed of the day on the wall.
    begins: timedelta
    ends: timedelta
    #: How many days after its start a window ends, by weekday.
    lasts: tuple[int, ...]
    #: As `date.toordinal` counts days. None: no first, no last.
    first: int | None
    last: int | None
    #: What else a day must be. None: nothing.
    fits: Callable[[int], bool] | None


def _rule(restriction: Restriction, holidays: PublicHolidays) -> _Rule:
    return _Rule(
        weekdays=tuple(not restriction.days or day in restriction.days for day in Weekday),
        begins=_passed(restriction.begins),
        ends=_passed(restriction.ends),
        lasts=tuple(_lasts(restriction, weekday) for weekday in range(_WEEK)),
        first=restriction.first.toordinal() if restriction.first is not None else None,
        last=restriction.last.toordinal() if restriction.last is not None else None,
        fits=_of_holidays(restriction.on_holidays, restriction.except_holidays, holidays),
    )


def _passed(at: time) -> timedelta:
    """What has passed of a day on the wall by a time of it."""
    return datetime.combine(date.min, at) - datetime.combine(date.min, time())


def _lasts(restriction: Restriction, weekday: int) -> int:
    """The days from a window's start on this weekday to its end."""
    over_midnight = restriction.ends <= restriction.begins
    if restriction.until is None:
        return int(over_midnight)
    days = (_NUMBERS[restriction.until] - weekday) % _WEEK
    return _WEEK if days == 0 and over_midnight else days


def _of_holidays(on: Region | None, off: Region | None, holidays: PublicHolidays) -> Callable[[int], bool] | None:
    if on is None and off is None:
        return None
    return lambda day: (on is None or holidays.has(on, day)) and (off is None or not holidays.has(off, day))


def _opened(rule: _Rule, zone: ZoneInfo, start: Instant, end: Instant) -> Iterator[Stretch]:
    """The windows of a rule that touch a stretch of time."""
    for day in _days_around(rule, zone, start, end):
        weekday = (day - 1) % _WEEK
        if not rule.weekdays[weekday] or (rule.fits is not None and not rule.fits(day)):
            continue
        opens = instant_on(day, rule.begins, zone)
        closes = instant_on(day + rule.lasts[weekday], rule.ends, zone)
        if opens < closes and opens < end and start < closes:
            yield opens, closes


def _days_around(rule: _Rule, zone: ZoneInfo, start: Instant, end: Instant) -> range:
    """The local days whose windows can touch the stretch, with one to spare on each side.

    Before: a window may reach into the next days. After: where the clock goes back over midnight, tomorrow's first
    minutes come before today's last ones.
    """
    first = local_of(start, zone).toordinal() - max(rule.lasts)
    last = local_of(end, zone).toordinal() + 1
    if rule.first is not None:
        first = max(first, rule.first)
    if rule.last is not None:
        last = min(last, rule.last)
    return range(first, last + 1)
