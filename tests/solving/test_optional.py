"""The solver is an extra: nothing imports its library unless a rota is asked for, and everything works without it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core.planning.plans import team, weekly
from tocsin.app.solvers import has_exact, solver
from tocsin.core.planning import Effort, Problem, Proposal
from tocsin.solving.swaps import Swaps

IMPORTS_ALL = """
import sys
import tocsin.app.cli, tocsin.app.node, tocsin.app.serving, tocsin.app.commands.rota
loaded = [name for name in sys.modules if name.split(".")[0] in ("ortools", "pandas", "numpy")]
assert not loaded, loaded
"""

PROBLEM = Problem(duties=weekly(4), people=team(2))


def test_nothing_imports_the_library() -> None:
    """The command line, the server and the command itself are loaded without it."""
    subprocess.run([sys.executable, "-c", IMPORTS_ALL], check=True, timeout=60)


def test_where_it_is_installed_it_is_taken() -> None:
    """The exact solver is the usual one; the other may be asked for."""
    assert has_exact()
    assert solver().name == "OR-Tools CP-SAT"
    assert isinstance(solver(exact=False), Swaps)


def test_without_it_a_rota_is_found_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library is missing the search by swaps proposes, and claims no proof."""
    monkeypatch.setitem(sys.modules, "ortools", None)
    assert not has_exact()
    chosen = solver()
    assert isinstance(chosen, Swaps)
    found = chosen.solve(PROBLEM, Effort(seconds=0.2))
    assert isinstance(found, Proposal)
    assert found.cost.total == 0
    assert not found.is_optimal
