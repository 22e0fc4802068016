"""A zone as calendars carry it: VTIMEZONE, with every clock change of the years that a calendar covers.

The library's own `Timezone.from_tzinfo` (icalendar 7.3) is not used: it gives the onset of summer time on the new clock
where RFC 5545, 3.6.5 wants it on the old one, so that readers change the clocks an hour late in spring.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

from tocsin.core.schedules.wallclock import instant_of, local_of
from tocsin.core.vocabulary import Instant, Span

_DAY, _SECOND, _NOTHING = timedelta(days=1), timedelta(seconds=1), timedelta()


def vtimezone(zone: ZoneInfo, covered: Span) -> Timezone:
    """What the clocks of a zone show in all years that a stretch of time touches."""
    begin = _new_year(local_of(covered.start, zone).year, zone)
    end = _new_year(local_of(covered.end, zone).year + 1, zone)
    found = Timezone()
    found.add("TZID", zone.key)
    found.add_component(_onset(zone, begin, before=begin))
    for change in changes(zone, Span(begin, end)):
        found.add_component(_onset(zone, change, before=change - _SECOND))
    return found


def changes(zone: ZoneInfo, span: Span) -> Iterator[Instant]:
    """The instants within a span at which the offset of a zone is another than just before, in order."""
    earlier = span.start.replace(microsecond=0)
    while earlier < span.end:
        later = earlier + _DAY
        if _offset(zone, earlier) != _offset(zone, later):
            change = _change_between(zone, earlier, later)
            if change < span.end:
                yield change
        earlier = later


def _change_between(zone: ZoneInfo, low: Instant, high: Instant) -> Instant:
    """The whole second at which the offset changes; `low` is before it, `high` is not."""
    before = _offset(zone, low)
    while high - low > _SECOND:
        middle = low + (high - low) // (2 * _SECOND) * _SECOND
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


def _new_year(year: int, zone: ZoneInfo) -> Instant:
    return instant_of(datetime.combine(date(year, 1, 1), time()), zone)


def _onset(zone: ZoneInfo, at: Instant, *, before: Instant) -> TimezoneDaylight | TimezoneStandard:
    """The rule that holds from an instant on. It begins at what the clocks showed by the rule before."""
    shown = at.astimezone(zone)
    part = TimezoneDaylight() if shown.dst() else TimezoneStandard()
    old = _offset(zone, before)
    part.add("DTSTART", at.replace(tzinfo=None) + old)
    part.add("TZOFFSETFROM", old)
    part.add("TZOFFSETTO", _offset(zone, at))
    part.add("TZNAME", shown.tzname() or zone.key)
    return part


def _offset(zone: ZoneInfo, at: Instant) -> timedelta:
    return at.astimezone(zone).utcoffset() or _NOTHING
