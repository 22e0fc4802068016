"""The checks can fail: parts with a fault in them are caught, each within a few seeds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tocsin.core.case import Case
from tocsin.core.flow import Telling
from tocsin.core.vocabulary import GroupId, Instant
from tocsin.engine.courier import Courier
from tocsin.engine.links import Links
from tocsin.engine.worker import Worker
from tocsin.ports.state import Claimed, Turn
from tocsin.ports.words import Catalogs
from tocsin.simulation.nodes import Parts
from tocsin.simulation.promises import KEPT, ONCE, RUNG, SHOWN
from tocsin.simulation.run import Outcome, simulate
from tocsin.simulation.shelf import Books
from tocsin.store.memory_readings import Kept

#: A fault that shows in one world of so many is found.
SEEDS = range(1, 41)


class ForgetsCommits(Books):
    """Now and then a case stays as it was before."""

    _commits = 0

    def _keep_case(self, case: Case, due_at: Instant | None) -> None:
        self._commits += 1
        if self._commits % 37:
            super()._keep_case(case, due_at)


class LosesEvents(Books):
    """Answers, and does not write every event down."""

    _events_seen = 0

    def _keep_event(self, *values: Any) -> None:
        self._events_seen += 1
        if self._events_seen % 11:
            super()._keep_event(*values)


class ForgetsTheNextStep(Books):
    """Now and then nobody knows when a case is due."""

    _dues = 0

    def _set_due(self, group_id: GroupId, at: Instant | None) -> None:
        self._dues += 1
        super()._set_due(group_id, at if self._dues % 29 else None)


class TakesAnyOutcome(Books):
    """A node that was taken for dead overwrites what others did since."""

    def _is_ours(self, claimed: Claimed) -> bool:
        return True


class MarksNoRepeat(Books):
    """What is claimed again is not marked."""

    def _claim(self, kept: Kept, now: Instant, lease: timedelta) -> Claimed | None:
        claim = super()._claim(kept, now, lease)
        return claim and replace(claim, delivery=replace(claim.delivery, repeat=False))


class IgnoresItsLease(Courier):
    """Calls however long ago it claimed."""

    async def _call(self, claimed: Claimed, asked: float) -> None:
        self._results.put_nowait(await self._called(claimed))


class DropsSteps(Worker):
    """Now and then decides, and lets nothing come of it."""

    _decisions = 0

    def decide(self, case: Case, now: Instant, turn: Turn) -> Telling:
        """Decide, and drop the calls of every seventeenth decision."""
        telling = super().decide(case, now, turn)
        self._decisions += 1
        if self._decisions % 17 == 0:
            telling.effects.clear()
        return telling


class TrustsItsClock(Links):
    """Holds a link of a node whose clock is ahead for too old."""

    def read_answer(self, token: str) -> Any:
        """Read with the patience of none."""
        self._answers_last = timedelta(0)
        return super().read_answer(token)


def found(parts: Parts, catalogs: Catalogs, *, days: float = 2.0) -> Outcome:
    """The first world in which the fault shows."""
    outcomes = (simulate(seed, days=days, catalogs=catalogs, parts=parts) for seed in SEEDS)
    return next(outcome for outcome in outcomes if outcome.broken is not None)


@pytest.mark.parametrize(
    ("parts", "promises"),
    [
        (Parts(books=ForgetsCommits), {SHOWN, KEPT}),
        (Parts(books=LosesEvents), {KEPT}),
        (Parts(books=ForgetsTheNextStep), {KEPT}),
        (Parts(books=TakesAnyOutcome), {SHOWN}),
        (Parts(books=MarksNoRepeat), {ONCE}),
        (Parts(courier=IgnoresItsLease), {ONCE}),
        (Parts(worker=DropsSteps), {RUNG}),
        (Parts(links=TrustsItsClock), {RUNG}),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_fault_is_caught(parts: Parts, promises: set[str], catalogs: Catalogs) -> None:
    """Each faulty part breaks the promise that it is about, within forty seeds."""
    outcome = found(parts, catalogs)
    assert outcome.broken is not None
    assert outcome.broken.promise in promises
