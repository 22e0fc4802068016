"""Who proposes a rota: something that searches, with or without a proof."""

from __future__ import annotations

from typing import Protocol

from tocsin.core.planning import Answer, Effort, Problem


class Solver(Protocol):
    """Proposes rotas."""

    @property
    def name(self) -> str:
        """How it is called where people read who proposed."""
        ...

    def solve(self, problem: Problem, effort: Effort) -> Answer:
        """A rota within the time that the effort allows, or why there is none. Blocks until then."""
        ...
