"""Where the clocks change: instants around them, for hypothesis, over all zones and from 2000 to 2040."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tocsin.core.vocabulary import Instant, utc

#: Zones with the oddest clocks, drawn as often as all others together.
ODD = (
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Africa/Cairo",
    "America/St_Johns",
    "America/Havana",
    "America/Caracas",
    "Asia/Gaza",
    "Asia/Pyongyang",
    "Antarctica/Casey",
    "Antarctica/Troll",
    "Europe/Dublin",
    "Europe/Berlin",
    "America/New_York",
)
#: Not among them: the machine's own zone, and the one that says that no zone was set.
ALL = tuple(sorted(zoneinfo.available_timezones() - {"localtime", "Factory"}))
YEARS = range(2000, 2041)
MINUTE = timedelta(minutes=1)

#: No zone changes its clock and takes that back within fewer days.
_STRIDE = timedelta(days=5)


@cache
def changes(zone: ZoneInfo, year: int) -> tuple[Instant, ...]:
    """The minutes of a year at which the zone's clock jumps, found by looking every few days."""
    found = []
    before = utc(year, 1, 1)
    while before.year == year:
        after = min(before + _STRIDE, utc(year + 1, 1, 1))
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            found.append(_jump(zone, before, after))
        before = after
    return tuple(found)


def all_changes(zone: ZoneInfo) -> tuple[Instant, ...]:
    """Every change of the zone's clock, or, where it never changes, the middle of each year."""
    found = tuple(change for year in YEARS for change in changes(zone, year))
    return found or tuple(utc(year, 6, 15) for year in YEARS)


def _jump(zone: ZoneInfo, low: Instant, high: Instant) -> Instant:
    offset = high.astimezone(zone).utcoffset()
    while high - low > MINUTE:
        middle = low + (high - low) // MINUTE // 2 * MINUTE
        if middle.astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high


@st.composite
def around_a_clock_change(draw: st.DrawFn, *, hours: int) -> tuple[ZoneInfo, datetime]:
    """A zone, and a minute at most so many hours from a change of its clock (or any, where it never changes)."""
    zone = ZoneInfo(draw(st.sampled_from(ODD) | st.sampled_from(ALL)))
    year = draw(st.sampled_from(YEARS))
    jumps = changes(zone, year) or (utc(year, 6, 1),)
    return zone, draw(st.sampled_from(jumps)) + MINUTE * draw(st.integers(-60 * hours, 60 * hours))
