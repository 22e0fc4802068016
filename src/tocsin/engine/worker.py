"""The loop over due cases: claim, decide in the core, commit; then sleep until the next one is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog

from tocsin.core.case import Case
from tocsin.core.directory import Directory
from tocsin.core.errors import Unavailable
from tocsin.core.flow import Telling
from tocsin.core.vocabulary import Instant
from tocsin.engine.courier import Courier
from tocsin.engine.pulse import Pulse
from tocsin.ports.state import Turn, Work, Worked

log = structlog.get_logger()

#: Cases in one round, where so many are due. Turns to the store are what a busy node waits for: few rounds, large ones.
BATCH = 256
#: The longest sleep: what a lost notice costs at most.
LONGEST_SLEEP = timedelta(seconds=5)
#: How long it is waited for room among the calls under way: what is decided now is called now.
A_MOMENT = timedelta(milliseconds=10)
#: A case that cannot be decided is tried again after this, so that it does not keep the others from theirs.
POSTPONED = timedelta(seconds=30)


class Worker:
    """One node's share of the due work. Any number of them may run against one store."""

    def __init__(
        self, store: Work, directory: Callable[[], Directory], courier: Courier, *, node: str, lease: timedelta
    ) -> None:
        self._store = store
        self._directory = directory
        self._courier = courier
        self._node = node
        self._lease = lease
        self.pulse = Pulse("worker")

    async def run(self) -> None:
        """Work until cancelled. Whatever goes wrong with one round, the next one comes."""
        while True:
            try:
                worked = await self._courier.unbroken(self._round())
            except Unavailable as trouble:
                log.warning("work waits for the store", error=trouble.detail)
                await self.pulse.rest(timedelta(seconds=trouble.retry_seconds))
                continue
            except Exception:
                log.exception("a round of work failed")
                await self.pulse.rest(timedelta(seconds=1))
                continue
            if worked.count < BATCH:
                await self.pulse.rest(_sleep(worked.idle))
            while self._courier.is_full:
                await self.pulse.rest(A_MOMENT)

    async def _round(self) -> Worked:
        asked = self._courier.elapsed()
        worked = await self._store.work(
            node=self._node,
            limit=BATCH,
            lease=self._lease,
            calm=self._directory().habits.calm,
            decide=self.decide,
        )
        self.pulse.beat(worked.count)
        for claimed in worked.claimed:
            self._courier.take(claimed, asked=asked)
        return worked

    def decide(self, case: Case, now: Instant, turn: Turn) -> Telling:
        """Let time do its work on one case. One that cannot be decided is put off, and loudly so."""
        telling = Telling(case, self._courier.world(now, turn))
        try:
            telling.settle()
        except Exception:
            log.exception("a case cannot be decided", group=case.group.id)
            self.pulse.stumble()
            return Telling.put_off(case, telling.world, until=now + POSTPONED)
        return telling


def _sleep(idle: timedelta | None) -> timedelta:
    return LONGEST_SLEEP if idle is None else min(max(idle, timedelta(0)), LONGEST_SLEEP)
