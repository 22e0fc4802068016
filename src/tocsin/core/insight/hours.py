"""Hours that weigh on people, on their own clock: nights, weekends, public holidays; and the hours in which they work.

All are spans of instants, by the rule of local times that schedules have; so a night in which the clocks go back is an
hour longer, and a zone that skips a day has no such day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from tocsin.core.insight.stretches import within
from tocsin.core.schedules import Holidays, Region
from tocsin.core.schedules.intervals import subtract, union
from tocsin.core.schedules.wallclock import instant_of, local_of
from tocsin.core.vocabulary import Span

#: Local times between which people sleep; the end lies on the next day.
NIGHT = (time(22), time(8))
#: Local times between which people work, on working days.
WORK = (time(9), time(17))

_MIDNIGHT = time()
_DAY = timedelta(days=1)
_SATURDAY = 5


class LocalHours:
    """The hours of a window by zone and region, clipped to it. Each answer is worked out once."""

    def __init__(self, window: Span, holidays: Holidays) -> None:
        self.window = window
        self.nights = cache(self._nights)
        self.weekends = cache(self._weekends)
        self.holidays = cache(self._holidays)
        self.working = cache(self._working)
        self._names = holidays

    def _nights(self, zone: ZoneInfo) -> tuple[Span, ...]:
        """22:00 to 08:00."""
        return tuple(within(nights(zone, self.window), self.window))

    def _weekends(self, zone: ZoneInfo) -> tuple[Span, ...]:
        """Saturdays and Sundays, each weekend as one."""
        return tuple(within(weekends(zone, self.window), self.window))

    def _holidays(self, zone: ZoneInfo, region: Region | None) -> tuple[Span, ...]:
        """The public holidays of a region, whole days; None: there are none."""
        if region is None:
            return ()
        free = cache(lambda year: frozenset(self._names(region, year)))
        days = daily(zone, self.window, (_MIDNIGHT, _MIDNIGHT), lambda day: day in free(day.year))
        return tuple(within(union(days), self.window))

    def _working(self, zone: ZoneInfo, region: Region | None) -> tuple[Span, ...]:
        """Monday to Friday, 09:00 to 17:00, without public holidays."""
        days = daily(zone, self.window, WORK, lambda day: day.weekday() < _SATURDAY)
        free = self.holidays(zone, region)
        return tuple(part for span in within(days, self.window) for part in subtract(span, free))


def nights(zone: ZoneInfo, window: Span) -> Iterator[Span]:
    """Every night that touches the window, whole, in order."""
    return daily(zone, window, NIGHT, lambda day: True)


def weekends(zone: ZoneInfo, window: Span) -> Iterator[Span]:
    """Every Saturday and Sunday that touches the window, whole days, each weekend as one."""
    around = Span(window.start - 2 * _DAY, window.end + 2 * _DAY)
    days = daily(zone, around, (_MIDNIGHT, _MIDNIGHT), lambda day: day.weekday() >= _SATURDAY)
    return (weekend for weekend in union(days) if weekend.clipped(window) is not None)


def daily(zone: ZoneInfo, window: Span, between: tuple[time, time], is_meant: Callable[[date], bool]) -> Iterator[Span]:
    """From one local time to the other, on every day that is meant and whose span touches the window: whole, in order.

    An end that is not later than the beginning is on the next day.
    One day to spare on each side: yesterday's span may reach into today, and where the clock goes back over midnight
    tomorrow's first minutes come before today's last ones.
    """
    begins, ends = between
    first = local_of(window.start, zone).date() - _DAY
    days = (local_of(window.end, zone).date() - first).days + 1
    for day in (first + number * _DAY for number in range(days + 1)):
        if is_meant(day):
            start = instant_of(datetime.combine(day, begins), zone)
            end = instant_of(datetime.combine(day + _DAY if ends <= begins else day, ends), zone)
            if start < end and start < window.end and window.start < end:
                yield Span(start, end)
