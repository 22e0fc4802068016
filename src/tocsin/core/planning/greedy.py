"""A rota by hand, as it were: everybody in turn where it costs least, then moves and swaps while they make it better.

It needs nothing but time and proves nothing: what it finds is a rota, what it does not find may still exist. When no
move makes it better it shakes a few duties loose and begins again, keeping the best; the shaking is a sum, not chance,
so the same problem and seed always give the same rota.
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.core.planning.problem import Assignment, Problem
from tocsin.core.planning.weighing import NOTHING, Bits, Move, Scales, Worth, numbers

#: So many duties are shaken loose.
_SHAKEN = 3

#: Multiplier, increment and width of Knuth's MMIX, and the upper bits, which are the good ones.
_MULTIPLIER, _INCREMENT, _WIDTH, _UPPER = 6_364_136_223_846_793_005, 1_442_695_040_888_963_407, 1 << 64, 33


def greedy(problem: Problem, *, moves: int, seed: int = 1) -> Assignment | None:
    """A rota that keeps to everything that must be kept, after weighing so many moves; None: none was found.

    Thirty thousand moves take a second or three for a dozen people and half a year of weeks.
    """
    search = Search(problem, seed=seed)
    search.look(moves)
    return search.found()


class Search:
    """A search that goes on from where it stopped, for as many moves as it is given."""

    def __init__(self, problem: Problem, *, seed: int) -> None:
        self._scales = Scales(problem)
        self._state = seed
        #: Moves that may still be weighed.
        self._left = 0
        #: The duty that is looked at next, and how many before it in a row could not be bettered.
        self._next, self._idle = 0, 0
        self._bits: list[Bits] = [0] * len(problem.people)
        people = range(len(problem.people))
        #: Who may take each duty at all.
        self._takers = [
            [person for person in people if self._scales.may_take(person, duty)]
            for duty in range(len(self._scales.duties))
        ]
        #: Who has each duty. Where nobody may take one there is nothing to look for.
        self._holders: list[int] = []
        if all(self._takers):
            self._deal()
        self._worth = self._scales.all_of(self._bits)
        self._best, self._best_worth = list(self._holders), self._worth

    @property
    def has_moves(self) -> bool:
        """False when there is nothing to look for: nobody may take one of the duties."""
        return bool(self._holders)

    def look(self, moves: int) -> None:
        """Weigh so many more moves, if there are any."""
        self._left = moves if self.has_moves else 0
        while self._left > 0:
            is_down = self._descended()
            if self._worth < self._best_worth:
                self._best, self._best_worth = list(self._holders), self._worth
            if is_down:
                self._take(self._best)
                self._shake()

    def found(self) -> Assignment | None:
        """The best so far; None when it breaks what must be kept."""
        if self._best_worth.broken or not self._best:
            return None
        people = self._scales.problem.people
        return {duty.id: people[person].name for duty, person in zip(self._scales.duties, self._best, strict=True)}

    def _deal(self) -> None:
        """Give each duty to whom it costs least, those first that fewest people may take."""
        self._holders = [-1] * len(self._takers)
        for duty in sorted(range(len(self._takers)), key=lambda duty: (len(self._takers[duty]), duty)):
            options = [{person: self._bits[person] | 1 << duty} for person in self._takers[duty]]
            self._make(min(options, key=self._change))

    def _take(self, holders: list[int]) -> None:
        self._holders, self._bits = list(holders), [0] * len(self._bits)
        for duty, person in enumerate(holders):
            self._bits[person] |= 1 << duty

    def _descended(self) -> bool:
        """Make the best move for each duty in turn; True when none makes it better, False when the moves ran out."""
        while self._left > 0:
            self._left -= 1  # a look at a duty that cannot be moved is one as well
            self._idle = 0 if self._improved(self._next) else self._idle + 1
            self._next = (self._next + 1) % len(self._takers)
            if self._idle >= len(self._takers):
                self._idle = 0
                return True
        return False

    def _shake(self) -> None:
        """Give a few duties to somebody else, whatever it costs."""
        for _ in range(_SHAKEN):
            duty = self._drawn(len(self._takers))
            person = self._takers[duty][self._drawn(len(self._takers[duty]))]
            self._make(self._given(duty, person))
        self._worth = self._scales.all_of(self._bits)

    def _improved(self, duty: int) -> bool:
        best, worth = None, NOTHING
        for move in self._options(duty):
            self._left -= 1
            below = None if self._worth.broken else worth.cost
            change = self._scales.change(self._bits, move, below=below)
            if change is not None and change < worth:
                best, worth = move, change
        if best is None:
            return False
        self._make(best)
        self._worth = self._worth.plus(worth)
        return True

    def _change(self, move: Move) -> Worth:
        return self._scales.change(self._bits, move, below=None) or NOTHING

    def _options(self, duty: int) -> Iterator[Move]:
        """The duty to somebody else; and for each later duty of somebody else, the two exchanged."""
        mine = self._holders[duty]
        yield from (self._given(duty, person) for person in self._takers[duty] if person != mine)
        for other in range(duty + 1, len(self._holders)):
            theirs = self._holders[other]
            if theirs != mine and theirs in self._takers[duty] and mine in self._takers[other]:
                both = 1 << duty | 1 << other
                yield {mine: self._bits[mine] ^ both, theirs: self._bits[theirs] ^ both}

    def _given(self, duty: int, person: int) -> Move:
        mine, bit = self._holders[duty], 1 << duty
        return {mine: self._bits[mine] & ~bit, person: self._bits[person] | bit} if mine != person else {}

    def _make(self, move: Move) -> None:
        for person, bits in move.items():
            gained = bits & ~self._bits[person]
            self._bits[person] = bits
            for duty in numbers(gained):
                self._holders[duty] = person

    def _drawn(self, below: int) -> int:
        self._state = (self._state * _MULTIPLIER + _INCREMENT) % _WIDTH
        return (self._state >> _UPPER) % below
