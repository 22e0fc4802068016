"""What calendars were told of shifts, and what they are to be told now.

Programs know an event by its UID and believe the highest sequence number. So a shift that moves or changes hands keeps
its UID and takes the next number, and one that is gone stays for a while as cancelled.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from itertools import count
from typing import TypeAlias

from tocsin.core.schedules.timeline import Shift
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span

#: So long an event that is gone is still told to be cancelled.
KEPT = timedelta(days=60)
#: How far a calendar to subscribe to looks back and ahead.
BACK, AHEAD = timedelta(days=30), timedelta(days=180)

#: Shifts up to this length are told whole, also where they reach out of what is seen.
_LONGEST = timedelta(days=35)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A shift as calendars know it."""

    uid: str
    schedule: ScheduleName
    span: Span
    people: tuple[PersonName, ...]
    source: str
    #: Grows by one with each change.
    sequence: int = 0
    #: When it was made or changed last.
    changed_at: Instant
    #: None: it takes place.
    cancelled_at: Instant | None = None


#: A shift, with the schedule that it is of.
Planned: TypeAlias = tuple[ScheduleName, Shift]
_Key: TypeAlias = Callable[[Published | Shift], Hashable]

#: By what a shift of a schedule is known again, the surest first.
_KEYS: tuple[_Key, ...] = (
    # Nothing has changed.
    lambda one: (one.span, one.people, one.source),
    # It has become longer or shorter, or has moved by some hours.
    lambda one: (one.span.start, one.people, one.source),
    lambda one: (one.span.end, one.people, one.source),
    lambda one: (one.span.start.astimezone(UTC).date(), one.people, one.source),
    # It has changed hands.
    lambda one: one.span,
)


def seen(now: Instant) -> Span:
    """What a calendar tells of at `now`: a shift that lies in it at least in part."""
    return Span(now - BACK, now + AHEAD)


def rendered_for(sight: Span) -> Span:
    """The wider window that is rendered for it.

    It begins and ends with a month: a shift so long that it is cut all the same is not cut elsewhere each time.
    """
    begin, end = sight.start - _LONGEST, sight.end + _LONGEST
    return Span(_month(begin), _month(end.replace(day=1) + _LONGEST))


def in_sight(shifts: Iterable[Planned], sight: Span) -> tuple[Planned, ...]:
    """Those of the shifts that are told."""
    return tuple(one for one in shifts if one[1].span.clipped(sight) is not None)


def published(before: Iterable[Published], shifts: Iterable[Planned], now: Instant) -> tuple[Published, ...]:
    """What is to be told after `before`, in order of time: the shifts as they are now, and what was cancelled.

    `shifts` are all that there are to tell. A shift that was told and is over is simply told no longer when it is not
    among them: the window has moved on.
    """
    told = [one for one in before if one.cancelled_at is None or one.cancelled_at > now - KEPT]
    live, wanted = [one for one in told if one.cancelled_at is None], list(shifts)
    kept: list[Published] = []
    for key in _KEYS:
        pairs, live, wanted = _paired(live, wanted, key)
        kept += (_updated(one, planned, now) for one, planned in pairs)
    cancelled = [one for one in told if one.cancelled_at is not None]
    pairs, cancelled, wanted = _paired(cancelled, wanted, _KEYS[0])
    kept += (replace(one, sequence=one.sequence + 1, changed_at=now, cancelled_at=None) for one, _ in pairs)
    cancelled += (_cancelled(one, now) for one in live if one.span.end > now)
    fresh = _made(wanted, {one.uid for one in told}, now)
    return tuple(sorted((*kept, *cancelled, *fresh), key=lambda one: (one.span, one.schedule, one.uid)))


def _paired(
    live: Sequence[Published], wanted: Sequence[Planned], key: _Key
) -> tuple[list[tuple[Published, Planned]], list[Published], list[Planned]]:
    """Events with the shift that each is now, then the events and the shifts that have no other."""
    waiting: defaultdict[Hashable, list[Published]] = defaultdict(list)
    for one in live:
        waiting[one.schedule, key(one)].append(one)
    pairs, rest = [], []
    for planned in wanted:
        schedule, shift = planned
        same = waiting[schedule, key(shift)]
        if same:
            pairs.append((same.pop(0), planned))
        else:
            rest.append(planned)
    return pairs, [one for ones in waiting.values() for one in ones], rest


def _updated(one: Published, planned: Planned, now: Instant) -> Published:
    _, shift = planned
    if (one.span, one.people, one.source) == (shift.span, shift.people, shift.source):
        return one
    return replace(
        one, span=shift.span, people=shift.people, source=shift.source, sequence=one.sequence + 1, changed_at=now
    )


def _cancelled(one: Published, now: Instant) -> Published:
    return replace(one, sequence=one.sequence + 1, changed_at=now, cancelled_at=now)


def _made(wanted: Iterable[Planned], taken: set[str], now: Instant) -> Iterator[Published]:
    """New events. A UID is made from its shift, so that it is the same one wherever it is made first."""
    for schedule, shift in wanted:
        start = shift.span.start.astimezone(UTC).isoformat()
        said = "\x1f".join((schedule, shift.source, start, *shift.people))
        uids = (_uid(said if turn == 0 else f"{said}\x1f{turn}") for turn in count())
        uid = next(uid for uid in uids if uid not in taken)
        taken.add(uid)
        yield Published(
            uid=uid, schedule=schedule, span=shift.span, people=shift.people, source=shift.source, changed_at=now
        )


def _uid(said: str) -> str:
    return f"{hashlib.sha256(said.encode()).hexdigest()[:32]}@tocsin"


def _month(at: Instant) -> Instant:
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
