"""The oracle's turns: written down one after the other from the first on, with who serves each and why."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from core.schedules.oracle_clock import Minute, comes, number, opened
from tocsin.core.schedules import Circumstances, Layer, Rotation, Unequal

HOURS_IN = {"hours": 1, "days": 24, "weeks": 168}


@dataclass(frozen=True)
class Turn:
    """One turn, and whose it is."""

    start: Minute
    end: Minute
    #: Whose it is by the order of the rotation: an index into its participants.
    place: int
    #: Who serves it, once absences and debts are counted.
    server: int


class Roster:
    """Whom the rotation of a layer has: turns, windows and absences, one layer alone."""

    def __init__(self, layer: Layer, zone: ZoneInfo, circumstances: Circumstances) -> None:
        self.layer = layer
        self.zone = layer.time_zone or zone
        self.circumstances = circumstances
        self.zones = {str(person): zone for person, zone in circumstances.zones.items()}
        self.start = None if layer.start is None else number(layer.start)
        self.end = None if layer.end is None else number(layer.end)
        self.absences = [
            (str(absence.person), number(absence.span.start), number(absence.span.end), absence.known_from)
            for absence in circumstances.absences
        ]

    def in_force(self, minute: Minute) -> bool:
        """1.2: between the start and the end of the layer."""
        return (self.start is None or self.start <= minute) and (self.end is None or minute < self.end)

    def open_for(self, person: str | None, *, start: Minute, end: Minute) -> frozenset[Minute]:
        """4.5: the minutes in which the windows let this person serve; None is nobody on purpose."""
        if not self.layer.only:
            return frozenset(range(start, end))
        whose = self.zone
        if self.layer.only_where == "participant" and person is not None:
            whose = self.zones.get(person, self.zone)
        return opened(self.layer.only, whose, self.circumstances.holidays, start=start, end=end)

    def served_by(self, person: str | None, turn: Turn) -> frozenset[Minute]:
        """5.1: what the person would serve of the turn."""
        minutes = self.open_for(person, start=turn.start, end=turn.end)
        return frozenset(minute for minute in minutes if self.in_force(minute))

    def is_served(self, participant: tuple[str, ...], turn: Turn) -> bool:
        """2.6: at least a moment of the turn lies in a window of somebody who would serve it."""
        return any(self.served_by(person, turn) for person in participant or (None,))

    def is_away(self, person: str, minute: Minute) -> bool:
        """True when the person is away at that moment, however late that became known."""
        return any(who == person and start <= minute < end for who, start, end, _ in self.absences)

    def misses(self, participant: tuple[str, ...], turn: Turn) -> bool:
        """5.1: somebody of them is away for a moment of what they would serve, and it was known when the turn began."""
        return any(self._misses(person, turn) for person in participant)

    def can_take(self, participant: tuple[str, ...], turn: Turn) -> bool:
        """5.2: there is something of it that they would serve, and they are there for all of that."""
        return bool(participant) and self.is_served(participant, turn) and not self.misses(participant, turn)

    def _misses(self, person: str, turn: Turn) -> bool:
        away = [
            range(max(start, turn.start), min(end, turn.end))
            for who, start, end, known in self.absences
            if who == person and (known is None or number(known) <= turn.start)
        ]
        return any(away) and not self.served_by(person, turn).isdisjoint(minute for span in away for minute in span)


def turns(rotation: Rotation, roster: Roster, *, before: Minute) -> Iterator[Turn]:
    """Every turn with a time from the first on that starts before the minute, with whoever serves it."""
    participants = rotation.participants
    debts: dict[tuple[str, ...], tuple[str, ...]] = {}
    place = 0
    for start, end in stretches(rotation, roster.zone):
        if start >= before:
            return
        turn = Turn(start, end, place, place)
        if start < end:
            yield replace(turn, server=serving(turn, participants, roster, debts))
        if rotation.counting == "calendar" or (start < end and roster.is_served(participants[place], turn)):
            place = (place + 1) % len(participants)


def serving(
    turn: Turn,
    participants: tuple[tuple[str, ...], ...],
    roster: Roster,
    debts: dict[tuple[str, ...], tuple[str, ...]],
) -> int:
    """5.1 to 5.3: who serves the turn as a whole. `debts` says who owes whom, the oldest first, and is kept."""
    whose = participants[turn.place]
    others = [(turn.place + step) % len(participants) for step in range(1, len(participants))]
    for debtor, creditor in debts.items():
        if creditor == whose and roster.can_take(debtor, turn):
            del debts[debtor]
            return next(other for other in others if participants[other] == debtor)
    if not roster.misses(whose, turn):
        return turn.place
    for other in others:
        if roster.can_take(participants[other], turn):
            debts.setdefault(whose, participants[other])
            return other
    return turn.place


def stretches(rotation: Rotation, zone: ZoneInfo) -> Iterator[tuple[Minute, Minute]]:
    """2.1 to 2.4: when the turns start and end, for ever."""
    every, first = rotation.every, rotation.anchor
    if isinstance(every, Unequal):
        starts = (comes(first + length, zone) for length in sums(every.lengths))
    elif every.unit == "months":
        starts = (comes(months_after(first, past * every.count), zone) for past in count())
    elif every.unit == "hours" and 24 % every.count:
        starts = (comes(first, zone) + past * every.count * 60 for past in count())
    else:
        hours = every.count * HOURS_IN[every.unit]
        starts = (comes(first + past * timedelta(hours=hours), zone) for past in count())
    start = next(starts)
    for end in starts:
        yield start, end
        start = end


def sums(lengths: tuple[timedelta, ...]) -> Iterator[timedelta]:
    """Nothing, the first length, the first two, and so on, again and again."""
    passed = timedelta()
    while True:
        for length in lengths:
            yield passed
            passed += length


def months_after(first: datetime, months: int) -> datetime:
    """2.4: so many months later, on the same day or on the last one of a month that is too short."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return first.replace(year=year, month=month + 1, day=min(first.day, calendar.monthrange(year, month + 1)[1]))
