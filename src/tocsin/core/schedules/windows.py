"""When restrictions let a layer serve: windows of local time, as spans of instants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.core.schedules.intervals import union
from tocsin.core.schedules.schedule import Restriction, Weekday
from tocsin.core.schedules.wallclock import instant_of, local_of
from tocsin.core.vocabulary import Span

_DAY = timedelta(days=1)


def windows(only: tuple[Restriction, ...], zone: ZoneInfo, *, within: Span) -> Iterator[Span]:
    """Where at least one restriction lets the layer serve: in order, joined, touching `within`, not clipped to it."""
    return union(*(windows_of(restriction, zone, within=within) for restriction in only))


def windows_of(restriction: Restriction, zone: ZoneInfo, *, within: Span) -> Iterator[Span]:
    """The windows of one restriction that touch `within`, in order. One that the clock skips altogether is left out."""
    days = _day_numbers(restriction)
    over_midnight = restriction.ends <= restriction.begins
    for day in _days_around(zone, within):
        if day.weekday() not in days:
            continue
        start = instant_of(datetime.combine(day, restriction.begins), zone)
        end = instant_of(datetime.combine(day + _DAY if over_midnight else day, restriction.ends), zone)
        if start < end and start < within.end and within.start < end:
            yield Span(start, end)


def _days_around(zone: ZoneInfo, within: Span) -> Iterator[date]:
    """The local days whose windows can touch `within`, with one to spare on each side.

    Before: yesterday's window may reach into today. After: where the clock goes back over midnight, tomorrow's first
    minutes come before today's last ones.
    """
    first, last = local_of(within.start, zone).date(), local_of(within.end, zone).date()
    for number in range(-1, (last - first).days + 2):
        yield first + number * _DAY


def _day_numbers(restriction: Restriction) -> frozenset[int]:
    """The weekdays as `date.weekday()` counts them: Monday is 0."""
    return frozenset(number for number, day in enumerate(Weekday) if not restriction.days or day in restriction.days)
