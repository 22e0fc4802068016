"""Seed after seed: every promise holds in every world. `TOCSIN_SEEDS` says how many are tried."""

from __future__ import annotations

import os

import pytest

from tocsin.ports.words import Catalogs
from tocsin.simulation.run import Outcome, simulate

SEEDS = int(os.environ.get("TOCSIN_SEEDS", "30"))
DAYS = 2.0
#: So many seeds are one test, so that they are shared out among the workers.
PORTION = 10


def told(outcome: Outcome) -> str:
    """What a reader of a failed run needs."""
    broken = outcome.broken
    assert broken is not None
    return "\n".join(
        [
            f"seed {outcome.seed}: {broken.promise}: {broken.sentence}",
            f"shorter: tocsin simulate-faults --seed {outcome.seed} --days {DAYS:g}",
            *outcome.lines[-30:],
        ]
    )


@pytest.mark.parametrize("first", range(1, SEEDS + 1, PORTION))
def test_every_promise_holds(first: int, catalogs: Catalogs) -> None:
    """Whatever fails, whenever: nothing is lost, somebody is rung, nobody twice, and all can be shown."""
    for seed in range(first, min(first + PORTION, SEEDS + 1)):
        outcome = simulate(seed, days=DAYS, catalogs=catalogs)
        assert outcome.broken is None, told(outcome)
