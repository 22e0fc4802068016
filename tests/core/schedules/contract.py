"""How the tests of the contract ask: product and oracle are both asked, and both have to say what the test says."""

from __future__ import annotations

from core.schedules.oracle import Oracle, Who
from core.schedules.rotas import rota, said, span
from tocsin.core.schedules import Circumstances, Schedule
from tocsin.core.vocabulary import Instant


def told(asked: Schedule, start: str, end: str, *others: Schedule, around: Circumstances | None = None) -> list[str]:
    """Lines like `01-05 08:00 > 01-05 21:00 ada weekly`, in UTC; nobody with a reason that is not `no_layer`."""
    window = span(start, end)
    together = rota(asked, *others, around=around)
    oracle = Oracle(together.schedules, together.circumstances, window)
    expected = [_line(*line) for line in oracle.lines(asked.name)]
    assert said(together.shifts(asked.name, window)) == expected, "the oracle says otherwise"
    return expected


def _line(start: Instant, end: Instant, who: Who, why: str) -> str:
    what = f"{'+'.join(who)} {why}" if who else "nobody" if why == "no_layer" else f"nobody: {why}"
    return f"{start:%m-%d %H:%M} > {end:%m-%d %H:%M} {what}"
