"""Whose turn it is by the rotation alone, before anybody is away.

With `turns: calendar` that is plain arithmetic. With `turns: active` turns have to be counted from the first one on,
since what was not served moves nobody on; marks on the way let every later question begin near its answer. Weeks in
which the clock does not change are all alike, so that the count leaps over them.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from tocsin.core.schedules.intervals import Stretch
from tocsin.core.schedules.schedule import Counting, Rotation
from tocsin.core.schedules.turns import Cycle, Steps
from tocsin.core.schedules.windows import Cursor, Windows
from tocsin.core.vocabulary import Instant

S = TypeVar("S")

#: How many turns are counted one by one at a time; marks are at least so far apart.
_STRIDE = 64

#: How many marks are kept before every second one is let go.
_MARKS_KEPT = 4096

#: Over more days at once the clock changes too often.
_LONGEST_LEAP = 60

_WEEK = timedelta(weeks=1)
_MOMENT = datetime.resolution


class Held(NamedTuple):
    """A turn as a whole, also where it reaches beyond what was asked for, and who has it."""

    start: Instant
    end: Instant
    #: An index into the rotation's participants.
    participant: int
    #: The first turn is number 0.
    number: int


class Marks(Generic[S]):
    """How far a count had come at some turns: it may be continued from there.

    What is kept is replaced and never changed, so threads may share it; at worst one of them counts again.
    """

    def __init__(self, first: int, state: S) -> None:
        self._numbers: tuple[int, ...] = (first,)
        self._states: dict[int, S] = {first: state}

    def before(self, number: int) -> tuple[int, S] | None:
        """The last mark that is not after a turn; None: the count begins later."""
        numbers, states = self._numbers, self._states
        index = bisect_right(numbers, number) - 1
        return (numbers[index], states[numbers[index]]) if index >= 0 else None

    def keep(self, found: dict[int, S]) -> None:
        """Remember what was found on the way."""
        states = {**self._states, **found}
        numbers = sorted(states)
        if len(numbers) > _MARKS_KEPT:
            numbers = numbers[::2]
        self._states = {number: states[number] for number in numbers}
        self._numbers = tuple(numbers)


class Order:
    """The order in which the participants of a rotation serve."""

    def __init__(
        self, rotation: Rotation, steps: Steps, *, force: Stretch, windows: Sequence[tuple[Windows, ...]]
    ) -> None:
        """`force`: from when to when the layer counts; `windows`: those of each participant."""
        self.force = force
        self.steps = steps
        self._size = len(rotation.participants)
        self._windows = windows
        self._leap = _leap(steps, windows)
        self._served_in_leap: int | None = None
        self._marks: Marks[int] | None = None
        if rotation.counting is Counting.ACTIVE and force[0] < force[1]:
            self._marks = Marks(steps.number_at(force[0]), 0)

    def turns(self, start: Instant, end: Instant) -> Iterator[Held]:
        """The turns that have some time between two instants and in force, whole, in order.

        A rotation of one participant is one turn.
        """
        start, end = max(start, self.force[0]), min(end, self.force[1])
        if start >= end:
            return iter(())
        if self._size == 1:
            return iter((Held(*self.force, 0, 0),))
        if self._marks is None:
            return self._by_calendar(start, end)
        number = self.steps.number_at(start)
        return (turn for turn, _ in self._walk(number, self._counted(self._marks, number), end))

    def _by_calendar(self, start: Instant, end: Instant) -> Iterator[Held]:
        number = self.steps.number_at(start)
        begins = self.steps.start_of(number)
        while begins < end:
            ends = self.steps.start_of(number + 1)
            if begins < ends:
                yield Held(begins, ends, number % self._size, number)
            number, begins = number + 1, ends

    def _counted(self, marks: Marks[int], number: int) -> int:
        """Whose turn this number is, by all the turns before it that were served."""
        mark = marks.before(number)
        if mark is None:
            return 0
        at, participant = mark
        last, found = at, {}
        while at < number:
            turns, served = self._passed(at, participant, number)
            at, participant = at + turns, (participant + served) % self._size
            if at >= last + _STRIDE:
                last, found[at] = at, participant
        if found:
            marks.keep(found)
        return participant

    def _passed(self, number: int, participant: int, limit: int) -> tuple[int, int]:
        """Some turns from a number on, below a limit, and how many of them were served."""
        leap = self._leap
        if leap is not None and number + leap.turns <= limit and self._may_leap(number, leap):
            if self._served_in_leap is None:
                self._served_in_leap = self._served(number, participant, leap.turns)
            return leap.turns, self._served_in_leap
        turns = min(_STRIDE if leap is None else leap.turns, _STRIDE, limit - number)
        return turns, self._served(number, participant, turns)

    def _may_leap(self, number: int, leap: Cycle) -> bool:
        return self.steps.start_of(number) >= self.force[0] and self.steps.is_steady(number, leap.length.days)

    def _served(self, number: int, participant: int, turns: int) -> int:
        end = self.steps.start_of(number + turns)
        return sum(is_served for _, is_served in self._walk(number, participant, end))

    def _walk(self, number: int, participant: int, end: Instant) -> Iterator[tuple[Held, bool]]:
        """The turns from a number on that start before `end`, and of each whether it is served by then."""
        begins = self.steps.start_of(number)
        cursors = {id(each): Cursor(each.starting(begins, end)) for windows in self._windows for each in windows}
        own = [[cursors[id(each)] for each in windows] for windows in self._windows]
        while begins < end:
            ends = self.steps.start_of(number + 1)
            if begins < ends:
                start, stop = max(begins, self.force[0]), min(ends, self.force[1])
                is_served = start < stop and any(cursor.touches(start, stop) for cursor in own[participant])
                yield Held(begins, ends, participant, number), is_served
                participant = (participant + is_served) % self._size
            number, begins = number + 1, ends


def _leap(steps: Steps, windows: Sequence[tuple[Windows, ...]]) -> Cycle | None:
    """After what everybody's turns and windows repeat themselves, while the clock does not change.

    None: the windows are not one for all or not the same every week, or it would take too long.
    """
    (first, *_), cycle = windows[0], steps.cycle
    if cycle is None or not first.are_weekly or any(each is not first for own in windows for each in own):
        return None
    length = math.lcm(cycle.length // _MOMENT, _WEEK // _MOMENT) * _MOMENT
    return Cycle(cycle.turns * (length // cycle.length), length) if length.days <= _LONGEST_LEAP else None
