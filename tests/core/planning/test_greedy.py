"""The search by moves and swaps: what it finds keeps to everything, and is the same every time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.planning.plans import PRIMARY, SECONDARY, away, no_thursdays, person, pin, team, weekly, wish
from tocsin.core.planning import (
    Apart,
    Gap,
    InARow,
    Limit,
    Most,
    NotWith,
    Of,
    Problem,
    Rest,
    Turn,
    check,
    cost,
    greedy,
)
from tocsin.core.planning.greedy import Search
from tocsin.core.vocabulary import PersonName

HALF_A_YEAR = Problem(
    duties=weekly(26, PRIMARY, SECONDARY),
    people=(person("ada", away("2026-12-20", "2027-01-05")), person("grace", share=50), *team(6)),
    wishes=(
        no_thursdays("grace"),
        wish("p00", Apart(by=timedelta(weeks=2))),
        wish("p01", NotWith(other=PersonName("p02"))),
    ),
    limits=(Limit(name="gap", rule=Gap(at_least=timedelta(hours=11))),),
    pins=(pin("primary 2027-03-01", "ada"), pin("secondary 2026-12-21", "p00", holds=False)),
)


def test_even_weeks_are_found_even() -> None:
    """Twenty-four weeks among twelve people are two for each."""
    problem = Problem(duties=weekly(24), people=team(12))
    found = greedy(problem, moves=2_000)
    assert found is not None
    assert cost(problem, found).total == 0


def test_what_is_found_keeps_to_everything() -> None:
    """Half a year with absences, gaps, pins and wishes breaks nothing."""
    found = greedy(HALF_A_YEAR, moves=3_000)
    assert found is not None
    assert not check(HALF_A_YEAR, found)


def test_shifts_keep_their_rest() -> None:
    """Days and nights of twelve hours with legal rest, few nights a month and short runs break nothing."""
    limits = (
        Limit(name="rest", rule=Rest(at_least=timedelta(hours=11), in_every=timedelta(days=1))),
        Limit(name="nights", rule=Most(count=6, of=Of.NIGHTS)),
        Limit(name="runs", rule=InARow(most=3)),
    )
    half = Turn(length=timedelta(hours=12))
    problem = Problem(duties=weekly(4, turns=(half, half)), people=team(8), limits=limits)
    found = greedy(problem, moves=5_000)
    assert found is not None
    assert not check(problem, found)


def test_the_same_seed_finds_the_same() -> None:
    """Nothing in it is chance; another seed may look elsewhere, and finds a rota too."""
    assert greedy(HALF_A_YEAR, moves=4_000) == greedy(HALF_A_YEAR, moves=4_000)
    other = greedy(HALF_A_YEAR, moves=4_000, seed=2)
    assert other is not None
    assert not check(HALF_A_YEAR, other)


def test_more_moves_never_find_worse() -> None:
    """The search goes on from where it stopped and keeps its best."""
    search, costs = Search(HALF_A_YEAR, seed=1), []
    for moves in (1, 100, 1_000, 1_000, 1_000):
        search.look(moves)
        found = search.found()
        assert found is not None
        costs.append(cost(HALF_A_YEAR, found).total)
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < costs[0]


@pytest.mark.parametrize("moves", [1, 500])
def test_where_nobody_can_nothing_is_found(moves: int) -> None:
    """A week in which everybody is away, and two roles for one person, have no rota."""
    gone = Problem(duties=weekly(2), people=(person("ada", away("2026-12-29", "2026-12-30")),))
    assert greedy(gone, moves=moves) is None
    assert greedy(Problem(duties=weekly(1, PRIMARY, SECONDARY), people=team(1)), moves=moves) is None


def test_a_pin_against_cost_is_kept() -> None:
    """Pins count more than evenness."""
    duties = weekly(4)
    problem = Problem(duties=duties, people=team(2), pins=tuple(pin(each.id, "p00") for each in duties))
    found = greedy(problem, moves=500)
    assert found is not None
    assert set(found.values()) == {"p00"}
