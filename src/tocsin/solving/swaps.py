"""The core's search by moves and swaps as a solver. It imports nothing that may be missing."""

from __future__ import annotations

from tocsin.core.planning import Answer, Effort, NoneFound, Problem, Proposal, cost, greedy

#: Moves that are weighed for each second of effort: what a slow machine does for a dozen people and half a year.
_MOVES_A_SECOND = 5_000


class Swaps:
    """Proposes good rotas, and proves nothing about them."""

    name = "a search by swaps"

    def solve(self, problem: Problem, effort: Effort) -> Answer:
        """The best rota that so many moves come to. The effort's seconds are counted in moves, whatever the clock says:
        so the answer is the same on every machine."""
        found = greedy(problem, moves=max(1, int(effort.seconds * _MOVES_A_SECOND)), seed=effort.seed)
        if found is None:
            return NoneFound()
        return Proposal(assignment=found, cost=cost(problem, found), bound=None)
