"""Moments that are passed on: whoever has a turn is away just then, or on call elsewhere, and the next one covers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from tocsin.core.schedules.absences import Absences, stretches_of
from tocsin.core.schedules.clocks import Opened
from tocsin.core.schedules.intervals import Piece, ends_of, lies_in, next_in, parts
from tocsin.core.schedules.timeline import NobodyReason
from tocsin.core.vocabulary import Instant, PersonName

#: Who is on call in other schedules, in which the same person must not be on call at the same time.
Elsewhere: TypeAlias = list[Piece[frozenset[PersonName]]]

_NOBODY: frozenset[PersonName] = frozenset()


class Seat(NamedTuple):
    """Who has a stretch of time."""

    #: Those of a participant who serve just then.
    people: tuple[PersonName, ...]
    #: Why nobody can have it. None: somebody has it, or it is nobody's turn.
    reason: NobodyReason | None


class Covering:
    """Who covers for whom in one rotation."""

    def __init__(self, participants: Sequence[tuple[PersonName, ...]], absences: Absences) -> None:
        self._participants = participants
        self._away = {name: stretches_of(absences.of((name,))) for people in participants for name in people}
        self._cuts = {cut for stretches in self._away.values() for cut in ends_of(stretches)}
        self._seats = [Seat(people, None) for people in participants]

    def is_needed(self, start: Instant, end: Instant) -> bool:
        """True when anybody is away between two instants."""
        found = (next_in(stretches, start) for stretches in self._away.values())
        return any(first is not None and first < end for first in found)

    def seats(
        self, pieces: Iterable[Piece[int]], elsewhere: Elsewhere, opened: Opened | None = None
    ) -> Iterator[Piece[Seat]]:
        """Who has the stretches of participants in the end; `opened`: only while they serve."""
        begins = [start for start, _, _ in elsewhere]
        cuts = self._cuts.union(*(piece[:2] for piece in elsewhere), *map(ends_of, (opened or {}).values()))
        in_order = sorted(cuts)
        for start, end, participant in pieces:
            for begin, stop in parts(start, end, in_order):
                place = bisect_right(begins, begin) - 1
                busy = elsewhere[place][2] if place >= 0 and begin < elsewhere[place][1] else _NOBODY
                seat = self._seat(participant, begin, busy, opened)
                if seat is not None:
                    yield begin, stop, seat

    def _seat(self, participant: int, at: Instant, busy: frozenset[PersonName], opened: Opened | None) -> Seat | None:
        """Whoever can serve at a moment: the participant, or the next one in the order of the rotation.

        None: it is not the participant's time.
        """
        if not self._participants[participant]:
            return self._seats[participant]
        reason = NobodyReason.EVERYBODY_IS_AWAY
        for step in range(len(self._participants)):
            number = (participant + step) % len(self._participants)
            people = self._participants[number]
            if opened is not None:
                people = tuple(name for name in people if lies_in(opened[name], at))
            if not people and step == 0:
                return None
            if not people or any(lies_in(self._away[name], at) for name in people):
                continue
            if busy.isdisjoint(people):
                return self._seats[number] if opened is None else Seat(people, None)
            reason = NobodyReason.ON_CALL_ELSEWHERE
        return Seat((), reason)
