"""Both solvers against every assignment there is of a small problem: nothing is broken, missed or claimed wrongly."""

from __future__ import annotations

from itertools import combinations

from hypothesis import event, given

from core.planning.plans import has_rota, least
from core.planning.small import problems, tries
from tocsin.core.planning import Clash, Effort, NoneFound, Problem, Proposal, check, cost
from tocsin.solving.exact import Exact
from tocsin.solving.swaps import Swaps

EFFORT = Effort(seconds=20.0)
#: As many moves as a problem of a few duties can use.
SHORT = Effort(seconds=0.5)


@tries(150)
@given(problems())
def test_the_exact_solver_is_right(problem: Problem) -> None:
    """It proposes a rota that breaks nothing at the smallest cost there is, or proves that there is none."""
    smallest = least(problem)
    found = Exact().solve(problem, EFFORT)
    event(type(found).__name__)
    if smallest is None:
        assert isinstance(found, Clash)
        return
    assert isinstance(found, Proposal)
    assert not check(problem, found.assignment)
    assert found.cost == cost(problem, found.assignment)
    assert found.cost.total == smallest
    assert found.is_optimal
    assert found.gap == 0


@tries(150)
@given(problems())
def test_the_search_by_swaps_breaks_nothing(problem: Problem) -> None:
    """What it proposes breaks nothing and costs what it says; where there is no rota it finds none."""
    smallest = least(problem)
    found = Swaps().solve(problem, SHORT)
    event(f"{type(found).__name__}{'' if smallest is None else ' of some'}")
    if smallest is None:
        assert isinstance(found, NoneFound)
    elif isinstance(found, Proposal):
        assert not check(problem, found.assignment)
        assert found.cost == cost(problem, found.assignment)
        assert found.cost.total >= smallest
        assert found.bound is None
        assert not found.is_optimal


@tries(100)
@given(problems().filter(lambda problem: not has_rota(problem)))
def test_a_clash_is_one_and_has_nothing_idle(problem: Problem) -> None:
    """Its reasons clash, without any one of them they do not, and no smaller set of reasons clashes."""
    found = Exact().solve(problem, EFFORT)
    assert isinstance(found, Clash)
    assert found.smallest
    event(f"{len(found.reasons)} reasons")
    assert not has_rota(problem.keeping(found.reasons))
    for reason in found.reasons:
        assert has_rota(problem.keeping([each for each in found.reasons if each != reason]))
    if found.reasons:
        for fewer in combinations(problem.reasons, len(found.reasons) - 1):
            assert has_rota(problem.keeping(fewer))
