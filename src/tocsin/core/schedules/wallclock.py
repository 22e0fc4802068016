"""What instant a local time is: the one place where a clock on the wall becomes a point in time.

The rule, for every zone and every clock change: a local time has come at the first instant at which the wall clock
shows it or anything later. Hence a time that is skipped comes with the first instant after the gap, and a time that is
shown twice comes with its first showing; and later local times never come earlier, so turns cannot overlap.

zoneinfo answers for times that do not exist without a word; the round trip below is how they are noticed. It is only
made near a change of the clock: on all other days one offset holds, and is remembered.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tocsin.core.errors import Refused
from tocsin.core.vocabulary import Instant, utc

#: The years in which schedules can be asked; beyond them the calendar arithmetic of the library ends.
EARLIEST = utc(1900, 1, 1)
LATEST = utc(3000, 1, 1)

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_NOTHING = timedelta()

#: No clock shows so much: what stands for an offset that was never looked up.
_UNKNOWN = timedelta.max

#: The day from which `date.toordinal` counts.
_DAY_ONE = datetime.combine(date.min, time())
_DAY_ONE_UTC = datetime.combine(date.min, time(), UTC)

#: The days, as `date.toordinal` counts them, for which offsets are remembered: with room around what can be asked.
_FIRST_DAY = date(EARLIEST.year - 100, 1, 1).toordinal()
_LAST_DAY = date(LATEST.year + 1000, 1, 1).toordinal()

#: Offsets are remembered by blocks of so many days, as a power of two; near a change of the clock, by days.
_BLOCK_BITS = 4

#: How much is remembered at most; what lies beyond is looked up again.
_ZONES_KEPT = 64
_BLOCKS_KEPT = 4096
_DAYS_KEPT = 1024


def instant_of(local: datetime, zone: ZoneInfo) -> Instant:
    """The first instant at which a wall clock in `zone` shows `local` (a naive time) or later."""
    day = local.toordinal()
    offset = _remembered(zone).blocks.get(day >> _BLOCK_BITS) or steady_offset(day, zone)
    if offset is not None:
        return datetime.combine(local.date(), local.time(), UTC) - offset
    return _looked_up(local, zone)


def instant_on(day: int, passed: timedelta, zone: ZoneInfo) -> Instant:
    """The same of a local day, counted as `date.toordinal` does, and the time of it as what has passed on the wall."""
    offset = _remembered(zone).blocks.get(day >> _BLOCK_BITS) or steady_offset(day, zone)
    local = _DAY * (day - 1) + passed
    return _DAY_ONE_UTC + (local - offset) if offset is not None else _looked_up(_DAY_ONE + local, zone)


def steady_offset(day: int, zone: ZoneInfo) -> timedelta | None:
    """What the zone's clock shows beyond UTC on a local day, where it changes neither on that day nor near it.

    None: a change is near, so each time has to be looked up. `day` is counted as `date.toordinal` does.
    """
    known = _remembered(zone)
    block = day >> _BLOCK_BITS
    offset = known.blocks.get(block, _UNKNOWN)
    if offset is _UNKNOWN:
        offset = _steady(block << _BLOCK_BITS, 1 << _BLOCK_BITS, zone)
        _keep(known.blocks, block, offset, most=_BLOCKS_KEPT)
    if offset is None:
        offset = known.days.get(day, _UNKNOWN)
        if offset is _UNKNOWN:
            offset = _steady(day, 1, zone)
            _keep(known.days, day, offset, most=_DAYS_KEPT)
    return offset


class _Offsets(NamedTuple):
    """The steady offsets of a zone that were asked for. Threads may only ever write the same into them."""

    blocks: dict[int, timedelta | None]
    days: dict[int, timedelta | None]


@lru_cache(maxsize=_ZONES_KEPT)
def _remembered(zone: ZoneInfo) -> _Offsets:
    return _Offsets({}, {})


def _keep(offsets: dict[int, timedelta | None], key: int, offset: timedelta | None, *, most: int) -> None:
    if len(offsets) >= most:
        offsets.clear()
    offsets[key] = offset


def _steady(first: int, days: int, zone: ZoneInfo) -> timedelta | None:
    """The offset that holds from two days before the first day to two days after the last one's beginning, in UTC.

    So far away is an instant that shows a time of these days: offsets are less than a day, and a clock that was put
    back shows a time again after less than another one. Between the looks, two days apart, no zone changes its clock
    and takes that back (the shortest such time in tzdata is four days). None: there is not one offset.
    """
    if not _FIRST_DAY <= first <= _LAST_DAY:
        return None
    looks = {_offset(day, zone) for day in range(first - 2, first + days + 3, 2)}
    return looks.pop() if len(looks) == 1 else None


def _offset(day: int, zone: ZoneInfo) -> timedelta | None:
    """The offset at the beginning of the day in UTC."""
    return datetime.combine(date.fromordinal(day), time(), UTC).astimezone(zone).utcoffset()


def _looked_up(local: datetime, zone: ZoneInfo) -> Instant:
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
