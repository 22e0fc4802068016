"""Who of a rotation serves when: turn after turn, from any instant on, at a cost independent of the rotation's age."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tocsin.core.schedules.schedule import Rotation, Turn, Unit
from tocsin.core.schedules.wallclock import instant_of, local_of
from tocsin.core.vocabulary import Instant, Span

#: The instant at which the turn of this index (0 is the first) starts.
_Boundary = Callable[[int], Instant]


class Served(NamedTuple):
    """One turn of a rotation, clipped to what was asked for."""

    start: Instant
    end: Instant
    #: Which participant serves, as an index into the rotation's participants.
    participant: int


def turns(rotation: Rotation, zone: ZoneInfo, *, within: Span) -> Iterator[Served]:
    """The turns that touch `within`, clipped to it, in order. A turn that the clock skips altogether is left out."""
    if not rotation.participants or rotation.every.count < 1:
        return  # `check` refuses such a rotation; here it has nobody, which is an answer and not an error
    start = max(within.start, instant_of(rotation.anchor, zone))
    if start >= within.end:
        return
    if len(rotation.participants) == 1:
        yield Served(start, within.end, 0)
        return
    boundary, index = _steps(rotation, zone, at=start)
    while start < within.end:
        end = min(boundary(index + 1), within.end)
        if start < end:
            yield Served(start, end, index % len(rotation.participants))
        start, index = end, index + 1


def length_of(every: Turn) -> timedelta:
    """How long one turn is: on the wall clock, or elapsed where `follows_wall_clock` says no."""
    match every.unit:
        case Unit.HOURS:
            return timedelta(hours=every.count)
        case Unit.DAYS:
            return timedelta(days=every.count)
        case Unit.WEEKS:
            return timedelta(weeks=every.count)


def follows_wall_clock(every: Turn) -> bool:
    """True when a turn changes at the same times of day whatever the clocks do."""
    return every.unit is not Unit.HOURS or 24 % every.count == 0


def _steps(rotation: Rotation, zone: ZoneInfo, *, at: Instant) -> tuple[_Boundary, int]:
    """Where turns start, and the index of the turn that is on at `at` (at or after the anchor)."""
    length, anchor = length_of(rotation.every), rotation.anchor
    if not follows_wall_clock(rotation.every):
        first = instant_of(anchor, zone)
        return (lambda index: first + index * length), (at - first) // length

    def boundary(index: int) -> Instant:
        return instant_of(anchor + index * length, zone)

    index = (local_of(at, zone) - anchor) // length
    while boundary(index + 1) <= at:  # while a time is shown again, the clock lags behind the turns
        index += 1
    return boundary, index
