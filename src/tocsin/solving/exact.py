"""The exact solver: OR-Tools' CP-SAT, which proves that a rota is the best, or that there is none."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

from ortools.sat.python import cp_model

from tocsin.core.errors import Broken
from tocsin.core.planning import Answer, Assignment, Effort, NoneFound, Problem, Proposal, cost
from tocsin.core.planning.greedy import Search
from tocsin.solving.aims import aim
from tocsin.solving.clashes import clash
from tocsin.solving.rules import rule
from tocsin.solving.variables import Variables

#: Moves by which a first rota is found, from which the solver starts: a fraction of a second.
_FIRST_MOVES = 3_000

#: Moves between two looks whether the solver is done.
_MOVES_AT_ONCE = 300

#: The bound is a float near a whole number.
_ROUNDING = 1e-3

#: Whatever the main search took, a clash is looked into for at least so long.
_CLASH_SECONDS = 2.0


class Exact:
    """Proposes rotas and proves what it says of them.

    One worker is the solver; a second one goes on with the search by swaps meanwhile, which is better where a plan is
    too large for proofs. What is proven is the solver's alone, so that it is the same rota every time.
    """

    name = "OR-Tools CP-SAT"

    def solve(self, problem: Problem, effort: Effort) -> Answer:
        """The best rota within the time, the proof that there is none, or nothing."""
        search = Search(problem, seed=effort.seed)
        search.look(_FIRST_MOVES)
        variables = _model(problem, search.found())
        solver = _solver(effort)
        status = _solved(variables, solver, beside=search if effort.workers > 1 else None)
        if status == cp_model.INFEASIBLE:
            return clash(problem, seconds=max(_CLASH_SECONDS, effort.seconds - solver.wall_time), seed=effort.seed)
        if status == cp_model.OPTIMAL:
            return _proposal(problem, _assignment(variables, solver), bound=_bound(solver))
        found = [] if status == cp_model.UNKNOWN else [_assignment(variables, solver)]
        swapped = search.found()
        proposals = [_proposal(problem, each, bound=_bound(solver)) for each in (*found, swapped) if each is not None]
        return min(proposals, key=lambda proposal: proposal.cost.total, default=NoneFound())


def _model(problem: Problem, first: Assignment | None) -> Variables:
    variables = Variables(problem, switched=False)
    rule(variables)
    aim(variables)
    if first is not None:
        for (name, duty), takes in variables.takes.items():
            variables.model.add_hint(takes, first[duty] == name)
    return variables


def _solver(effort: Effort) -> cp_model.CpSolver:
    """One worker that follows the costs of a relaxation, which is nearly tight here: it proves sooner than the usual
    portfolio of many (`tocsin bench rota`), and finds the same rota every time."""
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.max_time_in_seconds = effort.seconds
    parameters.random_seed = effort.seed
    parameters.num_workers = 1
    parameters.linearization_level = 2
    parameters.cp_model_probing_level = 0  # finds nothing here that the relaxation does not know already
    parameters.subsolvers.append("pseudo_costs")
    return solver


def _solved(variables: Variables, solver: cp_model.CpSolver, *, beside: Search | None) -> cp_model.CpSolverStatus:
    with ThreadPoolExecutor(max_workers=1) as pool:
        solving = pool.submit(solver.solve, variables.model)
        try:
            while beside is not None and beside.has_moves and not solving.done():
                beside.look(_MOVES_AT_ONCE)
            status = solving.result()
        finally:
            solver.stop_search()
    if status == cp_model.MODEL_INVALID:
        raise Broken(f"the model of the rota is not valid: {variables.model.validate()}")
    return status


def _assignment(variables: Variables, solver: cp_model.CpSolver) -> Assignment:
    return {duty: name for (name, duty), takes in variables.takes.items() if solver.boolean_value(takes)}


def _bound(solver: cp_model.CpSolver) -> int:
    """The solver's bound as a whole number; no cost is below zero, where it has none yet."""
    bound = solver.best_objective_bound
    return max(0, math.ceil(bound - _ROUNDING)) if math.isfinite(bound) else 0


def _proposal(problem: Problem, assignment: Assignment, *, bound: int | None) -> Proposal:
    return Proposal(assignment=assignment, cost=cost(problem, assignment), bound=bound)
