"""What an assignment costs: how unevenly it loads people, and the wishes that it does not fulfil.

Evenness is the sum over everybody of the square of their load, past load included, divided by their entitlement: their
share of full time times how much of the plan they are there for. Squares, because the second duty too many hurts more
than the first; and because where a total is given, that sum is smallest exactly when loads are in proportion to
entitlements, while whoever is spared a holiday makes it smaller for all. Subtracted is what nobody could do better.

Loads are compared in twenty-fourths of the heaviest duty, after nights are rounded to halves and days of weekends and
holidays to quarters: so every cost is a whole number, the same everywhere, and the hour that a clock change takes or
gives is not worth anybody's wish.

One sum, and not one goal after the other, for strictly after the other the last hour of evenness would beat every
wish. The weights say instead what is worth what. A point is a wish of weight 1. One duty more for somebody who already
has their part, taken from somebody who has theirs, costs 200 points for its hours alone: as much as twenty of the
heaviest wishes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias, assert_never

from tocsin.core.planning.checking import duties_of, meetings, unfulfilled
from tocsin.core.planning.duty import Candidate, Duty, DutyId, Load, load_of
from tocsin.core.planning.problem import Assignment, Problem
from tocsin.core.planning.wishes import NotWith, Wish
from tocsin.core.vocabulary import PersonName

#: The heaviest duty has so many parts.
PARTS = 24

#: So much cost is a point, which is what missing a wish of weight 1 once costs.
POINT = PARTS * PARTS


class Kind(StrEnum):
    """What is to be even."""

    HOURS = "hours"
    NIGHT = "night_hours"
    WEEKEND = "weekend_hours"
    HOLIDAY = "holiday_hours"


#: Points for the square of one heaviest duty. Whoever has even hours has nearly even nights where all duties are alike;
#: where they are not, nights, weekends and holidays together weigh about as much as all hours.
POINTS: Mapping[Kind, int] = {Kind.HOURS: 100, Kind.NIGHT: 30, Kind.WEEKEND: 30, Kind.HOLIDAY: 30}

#: What each kind is rounded to, in hundredths of an hour.
_GRAINS: Mapping[Kind, int] = {Kind.HOURS: 1, Kind.NIGHT: 500, Kind.WEEKEND: 600, Kind.HOLIDAY: 600}

Key: TypeAlias = tuple[PersonName, DutyId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One kind of load, ready to be summed: cost is `sum(factor * (past + burdens) ** 2) - floor`."""

    kind: Kind
    #: What each duty would put on each person, in parts; what is nothing is left out.
    burdens: Mapping[Key, int]
    past: Mapping[PersonName, int]
    #: Larger for whoever is entitled to less; whoever is never there has none.
    factors: Mapping[PersonName, int]
    #: What no assignment can fall below.
    floor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A wish that is not fulfilled."""

    wish: Wish
    #: The duties by which it is missed, each time; empty ones where it is a duty that they did not get.
    times: tuple[tuple[DutyId, ...], ...]

    @property
    def cost(self) -> int:
        """What it adds to the whole."""
        return len(self.times) * self.wish.weight * POINT


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What an assignment costs, part by part."""

    #: How far from even, by kind; kinds of which there is nothing are left out.
    uneven: Mapping[Kind, int]
    missed: tuple[Missed, ...]

    @property
    def wishes(self) -> int:
        """What the wishes that are not fulfilled cost together."""
        return sum(each.cost for each in self.missed)

    @property
    def total(self) -> int:
        """The whole, which solvers make as small as they can."""
        return sum(self.uneven.values()) + self.wishes


def cost(problem: Problem, assignment: Assignment) -> Cost:
    """What the assignment costs; hard wishes cost nothing, since no rota is without them."""
    served = duties_of(problem, assignment)
    uneven = {}
    for measure in measures(problem):
        squares = 0
        for name, factor in measure.factors.items():
            load = measure.past[name] + sum(measure.burdens.get((name, duty.id), 0) for duty in served[name])
            squares += factor * load * load
        uneven[measure.kind] = squares - measure.floor
    found = (_missed(wish, problem, served) for wish in problem.wishes if not wish.hard)
    return Cost(uneven=uneven, missed=tuple(each for each in found if each.times))


def loads(problem: Problem, assignment: Assignment) -> dict[PersonName, Load]:
    """What the assignment puts on everybody, without their past."""
    served = duties_of(problem, assignment)
    return {
        person.name: sum((load_of(duty, person) for duty in served[person.name]), Load()) for person in problem.people
    }


def entitlements(problem: Problem) -> dict[PersonName, int]:
    """How much of everything is theirs, of any common whole: share of full time, times the time they are there for."""
    return {
        person.name: person.share * sum(_minutes(duty) for duty in problem.duties if not _is_away(person, duty))
        for person in problem.people
    }


def measures(problem: Problem) -> tuple[Measure, ...]:
    """Every kind of load of which there is any."""
    theirs = entitlements(problem)
    there = [person for person in problem.people if theirs[person.name]]
    burdens = {(person.name, duty.id): load_of(duty, person) for person in there for duty in problem.duties}
    found = (_measure(kind, problem, there, burdens, theirs) for kind in Kind)
    return tuple(measure for measure in found if measure is not None)


def _measure(
    kind: Kind,
    problem: Problem,
    there: list[Candidate],
    burdens: Mapping[Key, Load],
    theirs: Mapping[PersonName, int],
) -> Measure | None:
    weights = {duty.id: duty.weight for duty in problem.duties}
    amounts = {key: _grains(load, kind, weight=weights[key[1]]) for key, load in burdens.items()}
    heaviest = max(amounts.values(), default=0)
    if not heaviest:
        return None
    parts = {key: _parts(amount, heaviest) for key, amount in amounts.items()}
    past = {person.name: _parts(_grains(person.past, kind, weight=100), heaviest) for person in there}
    mean = Fraction(sum(theirs.values()), len(there))
    factors = {person.name: max(1, round(POINTS[kind] * mean / theirs[person.name])) for person in there}
    least = sum(min(parts[person.name, duty.id] for person in there) for duty in problem.duties)
    return Measure(
        kind=kind,
        burdens={key: amount for key, amount in parts.items() if amount},
        past=past,
        factors=factors,
        floor=_floor(least + sum(past.values()), factors),
    )


def _floor(least: int, factors: Mapping[PersonName, int]) -> int:
    """The smallest sum of weighted squares of loads that come to `least` together, after Cauchy and Schwarz."""
    return int(least * least / sum((Fraction(1, factor) for factor in factors.values()), Fraction(0)))


def _grains(load: Load, kind: Kind, *, weight: int) -> int:
    """How many grains a load has at full weight, times its weight: half a night at half weight is still half of one."""
    grain = _GRAINS[kind] * weight
    return (200 * _amount(load, kind) + grain) // (2 * grain) * weight if grain else 0


def _amount(load: Load, kind: Kind) -> int:
    match kind:
        case Kind.HOURS:
            return load.hours
        case Kind.NIGHT:
            return load.night_hours
        case Kind.WEEKEND:
            return load.weekend_hours
        case Kind.HOLIDAY:
            return load.holiday_hours
        case _:
            assert_never(kind)


def _parts(amount: int, heaviest: int) -> int:
    """To the nearest part, half a part upwards."""
    return (2 * PARTS * amount + heaviest) // (2 * heaviest)


def _missed(wish: Wish, problem: Problem, served: Mapping[PersonName, list[Duty]]) -> Missed:
    if isinstance(wish.kind, NotWith):
        found = meetings(served[wish.person], served[wish.kind.other])
    else:
        found = unfulfilled(wish.kind, problem.person(wish.person), served[wish.person])
    return Missed(wish=wish, times=tuple(tuple(duty.id for duty in duties) for duties in found))


def _is_away(person: Candidate, duty: Duty) -> bool:
    return any(duty.span.clipped(absence.span) is not None for absence in person.absences)


def _minutes(duty: Duty) -> int:
    return duty.length // timedelta(minutes=1)
