"""Histories: the same seed is the same history, passing over changes none, and the shortest one still breaks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulation.test_checks import ForgetsTheNextStep, found
from tocsin.ports.words import Catalogs
from tocsin.simulation.nodes import Parts
from tocsin.simulation.run import Outcome, simulate
from tocsin.simulation.script import Script
from tocsin.simulation.shrinking import shortest


def test_a_seed_is_a_history(catalogs: Catalogs) -> None:
    """A seed run twice is the same to the last line, and another seed is another history."""
    first, again = (simulate(7, days=2, catalogs=catalogs) for _ in range(2))
    assert (first.fingerprint, first.lines) == (again.fingerprint, again.lines)
    assert simulate(8, days=2, catalogs=catalogs).fingerprint != first.fingerprint


@pytest.mark.parametrize("seed", [3, 11, 24])
def test_what_is_passed_over_is_nothing(seed: int, catalogs: Catalogs) -> None:
    """Gone through second by second, a world has the same history as with its quiet stretches passed over."""
    short = simulate(seed, days=0.2, catalogs=catalogs)
    whole = simulate(seed, days=0.2, catalogs=catalogs, passes_over=False)
    assert whole.lines == short.lines
    assert whole.fingerprint == short.fingerprint


def test_a_history_is_shortened(catalogs: Catalogs) -> None:
    """What is left of a script breaks the same promise, and without any one of its lines nothing is broken."""
    parts = Parts(books=ForgetsTheNextStep)
    first = found(parts, catalogs)

    def replay(script: Script) -> Outcome:
        return simulate(first.seed, days=2, catalogs=catalogs, script=script, parts=parts)

    best = shortest(first, replay)
    assert len(best.script) < len(first.script)
    for at in range(len(best.script) + 1):
        outcome = replay(best.script[:at] + best.script[at + 1 :])
        same = (
            outcome.broken is not None and first.broken is not None and outcome.broken.promise == first.broken.promise
        )
        assert same == (at == len(best.script))


def test_a_line_reads_as_a_sentence(catalogs: Catalogs) -> None:
    """Every line of a script says when it happens and what it is."""
    outcome = simulate(5, days=2, catalogs=catalogs)
    assert all(line.text.split()[2] == type(line).__name__ for line in outcome.script)
    moved = replace(outcome.script[0], at=0.0)
    assert moved.text.startswith("01-05 00:00:00")
