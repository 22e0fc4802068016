"""What sets of duties are worth to people, weighed once and remembered: the scales of a search by moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from tocsin.core.planning.checking import of_person, unfulfilled
from tocsin.core.planning.duty import Candidate, Duty
from tocsin.core.planning.problem import Problem
from tocsin.core.planning.scoring import POINT, measures
from tocsin.core.planning.wishes import Apart, Avoids, NotWith, Prefers, Wants, Wish

#: So much is remembered of one kind; then it begins anew.
_MOST_REMEMBERED = 200_000

#: Which duties a person has: the n-th bit is the n-th duty of the problem, in order of time.
Bits: TypeAlias = int

#: The duties of some people after a move, by their number in the problem.
Move: TypeAlias = Mapping[int, Bits]


class Worth(NamedTuple):
    """What duties are worth: the smaller the better, and rules that are broken come before any cost."""

    broken: int
    cost: int

    def plus(self, other: Worth) -> Worth:
        """Both together."""
        return Worth(self.broken + other.broken, self.cost + other.cost)


NOTHING = Worth(0, 0)


class Scales:
    """Weighs what people have, person by person and pair by pair."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.duties = tuple(sorted(problem.duties, key=lambda duty: (duty.span, duty.id)))
        self._measures = measures(problem)
        self._burdens = [
            [
                tuple(measure.burdens.get((person.name, duty.id), 0) for measure in self._measures)
                for duty in self.duties
            ]
            for person in problem.people
        ]
        self._alike = [self._prices(person) for person in problem.people]
        self._others = [_soft(problem, person, Wants, Apart) for person in problem.people]
        number = {person.name: each for each, person in enumerate(problem.people)}
        self._pairs = [
            (number[wish.person], number[wish.kind.other], Worth(1, 0) if wish.hard else Worth(0, wish.weight * POINT))
            for wish in problem.wishes
            if isinstance(wish.kind, NotWith)
        ]
        #: Which duties overlap each one, itself among them.
        self._meets = [
            sum(1 << number for number, other in enumerate(self.duties) if duty.span.clipped(other.span) is not None)
            for duty in self.duties
        ]
        self._cost: dict[tuple[int, Bits], int] = {}
        self._broken: dict[tuple[int, Bits], int] = {}

    def may_take(self, person: int, duty: int) -> bool:
        """False when this duty can never be this person's, whatever else they have."""
        return self.broken(person, 1 << duty) <= self.broken(person, 0)

    def all_of(self, bits: list[Bits]) -> Worth:
        """What everybody's duties are worth."""
        nobody = [0] * len(bits)
        worth = self.change(nobody, dict(enumerate(bits)), below=None)
        assert worth is not None
        return worth.plus(Worth(sum(self.broken(person, 0) for person in range(len(bits))), 0))

    def change(self, bits: list[Bits], move: Move, *, below: int | None) -> Worth | None:
        """By how much a move makes it worse; None when it costs no less than `below`.

        Costs are soon known and rules are not: where no rule is broken, a move that costs more need not be looked at.
        """
        cost = 0
        for person, theirs in move.items():
            cost += self.cost(person, theirs) - self.cost(person, bits[person])
        meetings = self._change_of_meetings(bits, move)
        if below is not None and cost + meetings.cost >= below:
            return None
        broken = 0
        for person, theirs in move.items():
            broken += self.broken(person, theirs) - self.broken(person, bits[person])
        return meetings.plus(Worth(broken, cost))

    def cost(self, person: int, bits: Bits) -> int:
        """What these duties cost by one person's load and wishes."""
        key = (person, bits)
        known = self._cost.get(key)
        if known is None:
            if len(self._cost) >= _MOST_REMEMBERED:
                self._cost.clear()
            known = self._cost[key] = self._costing(person, bits)
        return known

    def broken(self, person: int, bits: Bits) -> int:
        """How often these duties break what must be kept of one person's."""
        key = (person, bits)
        known = self._broken.get(key)
        if known is None:
            if len(self._broken) >= _MOST_REMEMBERED:
                self._broken.clear()
            found = of_person(self.problem, self.problem.people[person], self.served(bits))
            known = self._broken[key] = sum(1 for _ in found)
        return known

    def served(self, bits: Bits) -> list[Duty]:
        """The duties in order of time."""
        return [self.duties[number] for number in numbers(bits)]

    def _prices(self, person: Candidate) -> list[int]:
        """What each duty costs by wishes that look at one duty alone."""
        soft = _soft(self.problem, person, Avoids, Prefers)
        return [
            sum(wish.weight * POINT for wish in soft if any(unfulfilled(wish.kind, person, [duty])))
            for duty in self.duties
        ]

    def _costing(self, number: int, bits: Bits) -> int:
        person, burdens, prices = self.problem.people[number], self._burdens[number], self._alike[number]
        cost, loads = 0, [0] * len(self._measures)
        for duty in numbers(bits):
            cost += prices[duty]
            for each, burden in enumerate(burdens[duty]):
                loads[each] += burden
        for measure, load in zip(self._measures, loads, strict=True):
            if person.name in measure.factors:
                cost += measure.factors[person.name] * (measure.past[person.name] + load) ** 2
        for wish in self._others[number]:
            cost += wish.weight * POINT * sum(1 for _ in unfulfilled(wish.kind, person, self.served(bits)))
        return cost

    def _change_of_meetings(self, bits: list[Bits], move: Move) -> Worth:
        worth = NOTHING
        for one, other, each in self._pairs:
            if one in move or other in move:
                times = self._met(move.get(one, bits[one]), move.get(other, bits[other]))
                times -= self._met(bits[one], bits[other])
                worth = worth.plus(Worth(times * each.broken, times * each.cost))
        return worth

    def _met(self, one: Bits, other: Bits) -> int:
        """How often two people are on duty together."""
        return sum((self._meets[duty] & other).bit_count() for duty in numbers(one)) if other else 0


def numbers(bits: Bits) -> Iterator[int]:
    """Which bits are set, from the lowest on."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _soft(problem: Problem, person: Candidate, *kinds: type) -> list[Wish]:
    """A person's wishes of some kinds that are not hard."""
    return [
        wish for wish in problem.wishes if wish.person == person.name and not wish.hard and isinstance(wish.kind, kinds)
    ]
