"""Turns that are passed on as a whole, because somebody is away, and what is owed for it.

Who owes whom follows from all the turns since the first absence, so it is counted from there; without debts the count
leaps from one absence to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from tocsin.core.schedules.absences import Absences, stretches_of
from tocsin.core.schedules.circumstances import Absence
from tocsin.core.schedules.clocks import Clocks
from tocsin.core.schedules.counting import Held, Marks, Order
from tocsin.core.schedules.intervals import next_in
from tocsin.core.vocabulary import Instant, PersonName

Participant: TypeAlias = tuple[PersonName, ...]

#: Who owes a turn, and whom; the oldest debt first. Nobody owes more than one.
_Debts: TypeAlias = tuple[tuple[Participant, Participant], ...]

#: How many turns lie between two marks.
_APART = 64


class Passing:
    """Who has the turns of a rotation when participants are away."""

    def __init__(
        self,
        order: Order,
        participants: Sequence[Participant],
        absences: Absences,
        clocks: Clocks,
    ) -> None:
        self._order = order
        self._participants = participants
        self._clocks = clocks
        self._absences = tuple(absences.of(people) for people in participants)
        self._away = stretches_of(absences.of(name for people in participants for name in people))
        self._marks: Marks[_Debts] | None = None
        first = next_in(self._away, order.force[0])
        if len(participants) > 1 and first is not None and first < order.force[1]:
            self._marks = Marks(order.steps.number_at(first), ())

    def turns(self, start: Instant, end: Instant) -> Iterator[Held]:
        """The turns that have some time between two instants, whole, in order, each with whoever has it in the end."""
        turns = self._order.turns(start, end)
        return turns if self._marks is None else self._passed_on(turns, self._marks)

    def _passed_on(self, turns: Iterator[Held], marks: Marks[_Debts]) -> Iterator[Held]:
        debts: _Debts | None = None
        for turn in turns:
            if debts is None:
                debts = self._owed_before(turn, marks)
            holder, debts = self._decided(turn, debts)
            yield turn if holder == turn.participant else turn._replace(participant=holder)

    def _owed_before(self, turn: Held, marks: Marks[_Debts]) -> _Debts:
        """The debts with which a turn begins."""
        mark = marks.before(turn.number)
        if mark is None:
            return ()
        last, debts = mark
        found: dict[int, _Debts] = {}
        at: Instant | None = self._order.steps.start_of(last)
        while at is not None and at < turn.start:
            for each in self._order.turns(at, turn.start):
                _, debts = self._decided(each, debts)
                at = each.end
                if each.number >= last + _APART:
                    last = each.number + 1
                    found[last] = debts
                if not debts:
                    break
            if not debts:
                at = next_in(self._away, at)
        if found:
            marks.keep(found)
        return debts

    def _decided(self, turn: Held, debts: _Debts) -> tuple[int, _Debts]:
        """Who has a turn, and the debts after it."""
        own = self._participants[turn.participant]
        for debt in debts:
            debtor, creditor = debt
            if creditor != own:
                continue
            place = self._next(turn.participant, debtor)
            if self._can_take(place, turn):
                return place, tuple(other for other in debts if other is not debt)
        if not own or not self._is_away(turn.participant, turn):
            return turn.participant, debts
        for step in range(1, len(self._participants)):
            place = (turn.participant + step) % len(self._participants)
            if self._can_take(place, turn):
                owes_already = any(debtor == own for debtor, _ in debts)
                return place, debts if owes_already else (*debts, (own, self._participants[place]))
        return turn.participant, debts

    def _can_take(self, participant: int, turn: Held) -> bool:
        """True when a participant can serve a turn, and in full; whose windows do not touch it would leave a gap."""
        people = self._participants[participant]
        return bool(people) and self._would_serve(people, turn) and not self._is_away(participant, turn)

    def _is_away(self, participant: int, turn: Held) -> bool:
        """True when a participant is away for any moment of what they would serve of a turn, as known by then."""
        for absence in self._absences[participant]:
            if absence.span.start >= turn.end:
                return False
            is_known = absence.known_from is None or absence.known_from <= turn.start
            if is_known and self._would_serve((absence.person,), turn, absence):
                return True
        return False

    def _would_serve(self, people: Participant, turn: Held, absence: Absence | None = None) -> bool:
        """True when any of these people would serve a moment of a turn, or of an absence within it."""
        start, end = max(turn.start, self._order.force[0]), min(turn.end, self._order.force[1])
        if absence is not None:
            start, end = max(start, absence.span.start), min(end, absence.span.end)
        return start < end and any(windows.touch(start, end) for windows in self._clocks.windows_of(people))

    def _next(self, participant: int, wanted: Participant) -> int:
        """The place in the rotation, from a participant on, of another one."""
        places = ((participant + step) % len(self._participants) for step in range(1, len(self._participants)))
        return next(place for place in places if self._participants[place] == wanted)
