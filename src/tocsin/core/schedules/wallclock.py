"""What instant a local time is: the one place where a clock on the wall becomes a point in time.

The rule, for every zone and every clock change: a local time has come at the first instant at which the wall clock
shows it or anything later. Hence a time that is skipped comes with the first instant after the gap, and a time that is
shown twice comes with its first showing; and later local times never come earlier, so turns cannot overlap.

zoneinfo answers for times that do not exist without a word; the round trip below is how they are noticed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.core.errors import Refused
from tocsin.core.vocabulary import Instant, utc

#: The years in which schedules can be asked; beyond them the calendar arithmetic of the library ends.
EARLIEST = utc(1900, 1, 1)
LATEST = utc(3000, 1, 1)

_SECOND = timedelta(seconds=1)
_NOTHING = timedelta()


def instant_of(local: datetime, zone: ZoneInfo) -> Instant:
    """The first instant at which a wall clock in `zone` shows `local` (a naive time) or later."""
    if local.fold:
        local += _NOTHING  # arithmetic forgets the fold: which of two showings is meant is our rule, not the caller's
    wall = datetime.combine(local.date(), local.time(), zone)
    instant = wall.astimezone(UTC)
    shown = instant.astimezone(zone)
    if shown == wall:  # two times of one zone are compared by what the clock shows
        return instant
    return _end_of_gap(before=instant - (shown - wall), after=instant, zone=zone)


def local_of(instant: Instant, zone: ZoneInfo) -> datetime:
    """What a wall clock in `zone` shows at `instant`, as a naive time."""
    shown = instant.astimezone(zone)
    return datetime.combine(shown.date(), shown.time())


def within_calendar(instant: Instant, *, field: str) -> Instant:
    """The instant in UTC, refused when it lies outside the years that schedules know."""
    if not EARLIEST <= instant <= LATEST:
        raise Refused(
            "the instant lies outside the calendar", field=field, hint=f"a time from {EARLIEST.year} to {LATEST.year}"
        )
    return instant.astimezone(UTC)


def _end_of_gap(*, before: Instant, after: Instant, zone: ZoneInfo) -> Instant:
    """The instant at which the clock jumps, found by halving; `before` is earlier than the jump, `after` is not."""
    offset = after.astimezone(zone).utcoffset()
    low, high = _whole_second(before), _whole_second(after)
    while high - low > _SECOND:
        middle = _whole_second(low + (high - low) / 2)
        if middle.astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high


def _whole_second(instant: Instant) -> Instant:
    """The beginning of the second; every clock change of tzdata falls on one."""
    return instant.replace(microsecond=0)
