"""Which solver there is: the exact one where OR-Tools is installed, else the search by swaps.

This is the only place that knows, and it looks for the library without importing it: a quarter of a second and a
hundred megabytes are nobody's who asks for no rota.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from tocsin.ports.planning import Solver
from tocsin.solving.swaps import Swaps

_LIBRARY, _EXACT = "ortools", "tocsin.solving.exact"


def has_exact() -> bool:
    """True when the library of the exact solver is installed."""
    return find_spec(_LIBRARY) is not None


def solver(*, exact: bool = True) -> Solver:
    """The best solver that there is; `exact=False`: the one that needs nothing installed."""
    if not exact or not has_exact():
        return Swaps()
    made: Solver = import_module(_EXACT).Exact()
    return made
