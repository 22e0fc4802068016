"""What an assignment costs, told to a model as a sum to make small."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import assert_never

from ortools.sat.python import cp_model

from tocsin.core.planning import POINT, Apart, Avoids, Candidate, NotWith, Prefers, Wants, Wish
from tocsin.core.planning.scoring import Measure, measures
from tocsin.core.vocabulary import PersonName
from tocsin.solving.rules import matching, meeting
from tocsin.solving.variables import Variables

#: What a person's duties count in one kind of load, over their greatest common divisor.
_Steps = tuple[int, ...]


@dataclass(slots=True)
class _Square:
    """Costs `squared * n² + plain * n` of one person's number of steps `n`."""

    steps: _Steps
    squared: int = 0
    plain: int = 0


def aim(variables: Variables) -> None:
    """Let the model make the cost as small as it can; its objective is the cost itself."""
    terms, constant = _evenness(variables)
    for wish in variables.problem.wishes:
        if not wish.hard:
            terms += _wish(variables, variables.problem.person(wish.person), wish)
    variables.model.minimize(sum(terms) + constant)


def _evenness(variables: Variables) -> tuple[list[cp_model.LinearExprT], int]:
    """Squares of loads, and what is added to them whoever takes what.

    Kinds of load that are in proportion for a person, as hours and nights of whole weeks are, share one square, for
    `(past + step * n)²` is a multiple of `n²`, a multiple of `n` and a constant.
    """
    constant = 0
    squares: dict[tuple[PersonName, _Steps], _Square] = {}
    for measure in measures(variables.problem):
        constant -= measure.floor
        for name, factor in measure.factors.items():
            past = measure.past[name]
            constant += factor * past * past
            step, steps = _steps(variables, measure, name)
            if step:
                square = squares.setdefault((name, steps), _Square(steps=steps))
                square.squared += factor * step * step
                square.plain += 2 * factor * past * step
    return [_squared(variables, name, square) for (name, _), square in squares.items()], constant


def _steps(variables: Variables, measure: Measure, name: PersonName) -> tuple[int, _Steps]:
    """What the person's duties count, as their greatest common divisor and multiples of it."""
    burdens = [measure.burdens.get((name, duty.id), 0) for duty in variables.problem.duties]
    step = gcd(*burdens)
    return step, tuple(burden // step for burden in burdens) if step else ()


def _squared(variables: Variables, name: PersonName, square: _Square) -> cp_model.LinearExprT:
    """The cost of a person's steps.

    The solver draws the square's tangents by itself, and where it needs them, which is far better than all of them
    beforehand. What it does not see is that no cross term is negative, so that a square is at least the sum of the
    squares of its parts: of few large parts, as holidays are, this tells more than any tangent.
    """
    model = variables.model
    taken = [variables.takes[name, duty.id] for duty in variables.problem.duties]
    counted = [(steps, takes) for steps, takes in zip(square.steps, taken, strict=True) if steps]
    most = sum(steps for steps, _ in counted)
    count = model.new_int_var(0, most, f"{name} steps")
    model.add(count == sum(steps * takes for steps, takes in counted))
    power = model.new_int_var(0, most * most, f"{name} steps squared")
    model.add_multiplication_equality(power, [count, count])
    model.add(power >= sum(steps * steps * takes for steps, takes in counted))
    return square.squared * power + square.plain * count


def _wish(variables: Variables, person: Candidate, wish: Wish) -> list[cp_model.LinearExprT]:
    model, price = variables.model, wish.weight * POINT
    match wish.kind:
        case Avoids(which=which):
            missed = matching(variables, person, which)
        case Prefers(which=which):
            missed = matching(variables, person, which, instead=True)
        case Wants(which=which):
            missed = [model.new_bool_var(f"{person.name} gets none")]
            model.add_bool_or(*missed, *matching(variables, person, which))
        case Apart(by=by):
            pairs = variables.nearer(by)
            missed = [_both(model, *(variables.serves(person, span) for span in pair)) for pair in pairs]
        case NotWith(other=other):
            missed = [_both(model, *pair) for pair in meeting(variables, person, variables.problem.person(other))]
        case _:
            assert_never(wish.kind)
    return [price * each for each in missed]


def _both(model: cp_model.CpModel, one: cp_model.IntVar, other: cp_model.IntVar) -> cp_model.IntVar:
    """True when both are; where only one is, nothing is lost by saying no."""
    both = model.new_bool_var("both")
    model.add_bool_or(~one, ~other, both)
    return both
