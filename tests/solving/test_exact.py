"""The exact solver on plans of the size that teams have."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.planning.plans import (
    NEW_YORK,
    PRIMARY,
    SECONDARY,
    away,
    no_thursdays,
    person,
    pin,
    said,
    team,
    weekly,
    wish,
)
from tocsin.core.planning import (
    Apart,
    Clash,
    Effort,
    Gap,
    InARow,
    Limit,
    Load,
    Most,
    NoneFound,
    NotWith,
    Of,
    Problem,
    Proposal,
    Rest,
    Turn,
    check,
    cost,
    greedy,
)
from tocsin.core.vocabulary import PersonName
from tocsin.solving.exact import Exact

PATIENT = Effort(seconds=60.0)
ALIKE = Problem(duties=weekly(26, PRIMARY, SECONDARY), people=team(12))
HALF = Turn(length=timedelta(hours=12))

#: A dozen people as they are: away, part time, elsewhere, tired, with wishes.
USUAL = replace(
    ALIKE,
    people=(
        person("ada", away("2026-12-20", "2027-01-05"), away("2027-05-10", "2027-05-20")),
        person("grace", zone=NEW_YORK, share=50),
        person("linus", past=Load(shifts=3, hours=33_600, night_hours=14_000, weekend_hours=9_600)),
        person("mary", roles=frozenset({SECONDARY})),
        *team(8),
    ),
    wishes=(
        no_thursdays("grace"),
        wish("ada", NotWith(other=PersonName("p03")), weight=5),
        *(wish(f"p{number:02}", Apart(by=timedelta(weeks=1))) for number in range(8)),
    ),
    pins=(pin("primary 2027-03-01", "ada"), pin("secondary 2026-12-21", "p00", holds=False)),
)


def proposed(problem: Problem, effort: Effort = PATIENT) -> Proposal:
    """A rota that keeps to everything and says what it costs."""
    found = Exact().solve(problem, effort)
    assert isinstance(found, Proposal)
    assert not check(problem, found.assignment)
    assert found.cost == cost(problem, found.assignment)
    return found


@pytest.mark.parametrize("problem", [ALIKE, USUAL], ids=["alike", "usual"])
def test_half_a_year_of_a_dozen_is_proven(problem: Problem) -> None:
    """Primary and secondary of twenty-six weeks are proven optimal, and cost no more than the search by swaps finds."""
    found = proposed(problem)
    assert found.is_optimal
    swapped = greedy(problem, moves=3_000)
    assert swapped is not None
    assert found.cost.total <= cost(problem, swapped).total


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_proven_is_the_same_every_time(workers: int) -> None:
    """The same problem and seed give the same rota, with one worker and with two."""
    first, second = (proposed(USUAL, replace(PATIENT, workers=workers)) for _ in range(2))
    assert first.is_optimal
    assert said(first.assignment) == said(second.assignment)


def test_pins_are_solved_around() -> None:
    """A pinned duty is that person's, at a cost that is no smaller than without."""
    free = proposed(ALIKE)
    pinned = proposed(replace(ALIKE, pins=tuple(pin(f"primary {day}", "p00") for day in ("2026-12-21", "2026-12-28"))))
    assert pinned.assignment["primary 2026-12-21"] == pinned.assignment["primary 2026-12-28"] == "p00"
    assert pinned.cost.total >= free.cost.total


def test_shifts_with_legal_rest() -> None:
    """Days and nights of twelve hours, with rest, few nights a month and short runs, break nothing."""
    limits = (
        Limit(name="rest", rule=Rest(at_least=timedelta(hours=11), in_every=timedelta(days=1))),
        Limit(name="nights", rule=Most(count=6, of=Of.NIGHTS)),
        Limit(name="weekends", rule=Most(count=2, of=Of.WEEKENDS)),
        Limit(name="runs", rule=InARow(most=3)),
    )
    problem = Problem(duties=weekly(4, turns=(HALF, HALF)), people=team(8), limits=limits)
    found = proposed(problem, Effort(seconds=5.0))
    assert found.bound is not None
    assert found.bound <= found.cost.total


def test_when_the_time_runs_out_the_best_so_far_has_its_bound() -> None:
    """A plan that is too large for a proof in half a second is proposed all the same, with what it might cost less."""
    limits = (Limit(name="gap", rule=Gap(at_least=timedelta(hours=11))),)
    large = Problem(duties=weekly(13, PRIMARY, SECONDARY, turns=(HALF, HALF)), people=USUAL.people, limits=limits)
    found = proposed(large, Effort(seconds=0.5))
    assert not found.is_optimal
    assert found.bound is not None
    assert found.gap == found.cost.total - found.bound > 0


def test_without_time_nothing_is_claimed() -> None:
    """Where there is no rota none is proposed, however short the time: it is proven, or said that none was found."""
    limit = Limit(name="nights", rule=Most(count=5, of=Of.NIGHTS))
    tight = Problem(duties=weekly(8, turns=(HALF, HALF)), people=team(5), limits=(limit,))
    assert isinstance(Exact().solve(tight, Effort(seconds=0.01)), NoneFound | Clash)
