"""Prebuilt answers: everything that can be asked about a chunk of time, to be found by bisection."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TypeAlias

from tocsin.core.schedules.timeline import SEARCH, Assigned, OnCall, Track
from tocsin.core.schedules.wallclock import EARLIEST, LATEST
from tocsin.core.vocabulary import Instant, utc

#: A chunk is so many days long, as a power of two.
_CHUNK_BITS = 4
_CHUNK = timedelta(days=1 << _CHUNK_BITS)

#: How far is looked for the end of a chunk's last shift at first.
_GLANCE = timedelta(days=2)

_FIRST_DAY = utc(1, 1, 1)
_MOMENT = datetime.resolution

#: What is in force between two instants; the pieces cover the time exactly, and neighbours differ.
Laid: TypeAlias = Callable[[Instant, Instant], Track]


def chunk_of(at: Instant) -> int:
    """The number of the chunk in which an instant lies; it must be in UTC."""
    return at.toordinal() >> _CHUNK_BITS


class Answers:
    """What is answered at every instant of one chunk."""

    __slots__ = ("_starts", "_told")

    def __init__(self, chunk: int, laid: Laid) -> None:
        start = max(_FIRST_DAY + timedelta(days=(chunk << _CHUNK_BITS) - 1), EARLIEST)
        end = min(start + _CHUNK, LATEST + _MOMENT)
        told = [each for piece in _told(laid, start, end) for each in piece]
        self._starts = [*(since for since, _ in told), end]
        #: One more than starts: outside the calendar there is no answer.
        self._told = [None, *(answer for _, answer in told), None]

    def __len__(self) -> int:
        return len(self._told)

    def at(self, instant: Instant) -> OnCall | None:
        """The answer for an instant of the chunk; None: it lies outside the calendar."""
        return self._told[bisect_right(self._starts, instant)]


def _told(laid: Laid, start: Instant, end: Instant) -> list[list[tuple[Instant, OnCall]]]:
    """The answers of each piece, and since when each of them is given."""
    track = laid(start, end)
    change, coming = _after(laid, end, track[-1][2])
    found = []
    for begins, ends, given in reversed(track):
        if given.people:
            until, coming = change, begins
        else:
            until = coming
        found.append(list(_said(begins, ends, given, until)))
        change = begins
    return found[::-1]


def _after(laid: Laid, end: Instant, last: Assigned) -> tuple[Instant | None, Instant | None]:
    """When what is in force at the end of a chunk changes, and when somebody comes; None: nobody needs to know."""
    change: Instant | None = None
    for start, given in _further(laid, end):
        if change is None and given != last:
            change = start
        if change is not None and (last.people or given.people):
            return change, start
    return change, None


def _further(laid: Laid, start: Instant) -> Iterator[tuple[Instant, Assigned]]:
    """What comes later, as far as answers look, in growing steps: most of the time the first one is enough."""
    limit, step = start + SEARCH, _GLANCE
    while start < limit:
        stop = min(start + step, limit)
        yield from ((begins, given) for begins, _, given in laid(start, stop))
        start, step = stop, step * 2


def _said(start: Instant, end: Instant, given: Assigned, until: Instant | None) -> Iterator[tuple[Instant, OnCall]]:
    """The answer of a piece: its end is only told to whoever asks at most `SEARCH` before it."""
    seen = end if until is None else until - SEARCH + _MOMENT
    if start < seen:
        yield start, OnCall(people=given.people, source=given.source, until=None, reason=given.reason)
    if seen < end:
        yield max(start, seen), OnCall(people=given.people, source=given.source, until=until, reason=given.reason)
