"""The same model by the exact solver's library as it comes: what a rota is compared with where it is installed."""

from __future__ import annotations

from ortools.sat.python import cp_model

from tocsin.core.planning import Problem
from tocsin.solving.aims import aim
from tocsin.solving.rules import rule
from tocsin.solving.variables import Variables


def told(problem: Problem, *, seconds: float) -> str:
    """How far its usual portfolio of two workers comes."""
    variables = Variables(problem, switched=False)
    rule(variables)
    aim(variables)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    status = solver.solve(variables.model)
    if status == cp_model.OPTIMAL:
        return f"optimal, {solver.wall_time:.1f} s"
    if status != cp_model.FEASIBLE:
        return "none found"
    return f"gap {1 - max(0.0, solver.best_objective_bound) / solver.objective_value:.1%}"
