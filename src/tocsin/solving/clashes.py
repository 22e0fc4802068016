"""Why there is no rota: the smallest set of reasons that clash, and the duties that they leave nobody for.

The solver names some reasons of which not all can hold. One after the other is given up where the rest still clash:
then nothing is idle. That no smaller set clashes is shown from the other side: every rota that gives something up
shows a set of reasons of which each clash must hold at least one; the fewest reasons that meet all such sets either
clash themselves, and are the smallest clash, or show one more rota.
"""

from __future__ import annotations

from typing import TypeAlias

from ortools.sat.python import cp_model

from tocsin.core.planning import Clash, Problem
from tocsin.solving.rules import rule
from tocsin.solving.variables import Demand, Variables

#: A question gets at least so long, so that one that is answered at once is answered though the time is over.
_LEAST_SECONDS = 0.05

#: Whatever the reasons took, it is looked for so long which duties they leave nobody for.
_DUTIES_SECONDS = 1.0

_Demands: TypeAlias = tuple[Demand, ...]


def clash(problem: Problem, *, seconds: float, seed: int) -> Clash:
    """Why a problem of which it is proven that it has no rota has none; within about so many seconds."""
    search = _Search(problem, seconds=seconds, seed=seed)
    found = search.irreducible(search.reasons, search.needs)
    smallest = search.smallest(found)
    is_smallest = search.left > 0
    search.left = max(search.left, _DUTIES_SECONDS)
    duties = search.irreducible(search.needs, smallest)
    return Clash(
        reasons=tuple(reason for reason in problem.reasons if reason in smallest),
        duties=tuple(duty.id for duty in problem.duties if duty.id in duties),
        smallest=is_smallest,
    )


class _Search:
    """Asks the solver which demands can hold together, while there is time."""

    def __init__(self, problem: Problem, *, seconds: float, seed: int) -> None:
        self.left = seconds
        self._seed = seed
        self._variables = Variables(problem, switched=True)
        rule(self._variables)
        self._switches = self._variables.switches
        #: In the order in which people look for them; what has no switch stands in nobody's way.
        self.reasons: _Demands = tuple(reason for reason in problem.reasons if reason in self._switches)
        self.needs: _Demands = tuple(duty.id for duty in problem.duties)

    def irreducible(self, candidates: _Demands, others: _Demands) -> _Demands:
        """Those of the candidates that clash together with all the others, as few that each of them is needed.

        When the time runs out, those that it could not be shown of are still among them.
        """
        core = self._core((*candidates, *others))
        needed = candidates if core is None else tuple(each for each in candidates if each in core)
        for candidate in needed:
            if candidate not in needed:
                continue
            without = tuple(each for each in needed if each != candidate)
            core = self._core((*without, *others))
            if core is not None:
                needed = tuple(each for each in without if each in core)
        return needed

    def smallest(self, found: _Demands) -> _Demands:
        """The fewest reasons that clash; `found` clashes, and is the answer when there are no fewer."""
        given_up: list[frozenset[Demand]] = []
        while True:
            chosen = self._fewest_meeting(given_up)
            if len(chosen) >= len(found):
                return found
            rest = self._rest(chosen)
            if self.left <= 0:
                return found
            if rest is None:
                return chosen
            given_up.append(rest)

    def _core(self, demands: _Demands) -> frozenset[Demand] | None:
        """Demands among these that clash; None when all of them can hold, or nobody knows in time."""
        self._variables.model.clear_objective()  # type: ignore[no-untyped-call]
        solver, status = self._asked(demands)
        if status != cp_model.INFEASIBLE:
            return None
        indices = set(solver.sufficient_assumptions_for_infeasibility())
        return frozenset(demand for demand in demands if self._switches[demand].index in indices)

    def _rest(self, chosen: _Demands) -> frozenset[Demand] | None:
        """The reasons that are given up, as few as it can be, when the chosen ones hold; None when these clash."""
        self._variables.model.maximize(sum(self._switches[reason] for reason in self.reasons))
        solver, status = self._asked((*chosen, *self.needs))
        if status == cp_model.INFEASIBLE:
            return None
        if status == cp_model.UNKNOWN:
            self.left = 0.0
            return frozenset()
        return frozenset(reason for reason in self.reasons if not solver.boolean_value(self._switches[reason]))

    def _fewest_meeting(self, given_up: list[frozenset[Demand]]) -> _Demands:
        """As few reasons as can be of which each set holds at least one."""
        model = cp_model.CpModel()
        chosen = {reason: model.new_bool_var("chosen") for reason in self.reasons}
        for each in given_up:
            model.add_bool_or(chosen[reason] for reason in self.reasons if reason in each)
        model.minimize(sum(chosen.values()))
        solver, status = self._solved(model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return self.reasons
        return tuple(reason for reason in self.reasons if solver.boolean_value(chosen[reason]))

    def _asked(self, demands: _Demands) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
        model = self._variables.model
        model.clear_assumptions()
        model.add_assumptions(self._switches[demand] for demand in demands)
        return self._solved(model)

    def _solved(self, model: cp_model.CpModel) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = max(self.left, _LEAST_SECONDS)
        solver.parameters.random_seed = self._seed
        solver.parameters.num_workers = 1  # only then it names reasons, and always the same ones
        status = solver.solve(model)
        self.left -= solver.wall_time
        return solver, status
