"""Asks all the time whether the promises are kept: is any step late, does any ringing alert lack a next step?

It repairs what it can, says so loudly, and calls an outside address while all is well: when these calls
stop, somebody outside knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import structlog

from tocsin.core.directory import Directory
from tocsin.core.errors import Unavailable
from tocsin.engine.pulse import Pulse
from tocsin.engine.transport import Transport
from tocsin.ports.channels import Answer, HttpCall
from tocsin.ports.messages import Messages
from tocsin.ports.state import Health, Readings, Upkeep

log = structlog.get_logger()

EVERY = timedelta(seconds=10)
#: A step may be so late before it is called late.
ALLOWED = timedelta(seconds=15)
#: A loop that gives no sign of life for so long is called dead.
SILENT = timedelta(seconds=30)
#: Raw events are deleted by age in such portions, a few every round.
PORTION = 2_000
#: Messages that are over are kept for so long.
KEEP_MESSAGES = timedelta(days=90)


class WatchedStore(Readings, Upkeep, Messages, Protocol):
    """What the watchdog needs to have kept."""


class Watchdog:
    """One node's watch."""

    def __init__(
        self,
        store: WatchedStore,
        directory: Callable[[], Directory],
        transport: Transport,
        pulses: tuple[Pulse, ...],
        *,
        beside: tuple[Pulse, ...] = (),
    ) -> None:
        """`pulses`: the loops that pages depend on; `beside`: the others, for which nobody outside is called."""
        self._store = store
        self._directory = directory
        self._transport = transport
        self._pulses = pulses
        self._beside = beside
        #: What was seen last; None: nothing yet, or the store could not be asked.
        self.health: Health | None = None
        self.repaired = 0

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                await self.look()
            except Unavailable as trouble:
                self.health = None
                log.warning("the watchdog cannot ask the store", error=trouble.detail)
            except Exception:
                self.health = None
                log.exception("the watchdog stumbled")
            await asyncio.sleep(EVERY.total_seconds())

    async def look(self) -> Health:
        """One look: ask, repair, tidy, and tell the outside that all is well, if it is."""
        health = await self._store.health(allowed=ALLOWED)
        self.health = health
        if health.cases_without_next_step:
            repaired = await self._store.repair()
            self.repaired += repaired
            log.error("alerts without a next step were made due", count=repaired)
        dangers = self._dangers()
        for trouble in dangers:
            log.error("a promise is in danger", trouble=trouble)
        for trouble in _silent(self._beside):
            log.error("something beside the pages stands still", trouble=trouble)
        await self._store.forget_events(older_than=self._directory().habits.keep_events, limit=PORTION)
        if not dangers:
            await self._all_is_well()
        await self._forget_messages()
        return health

    def troubles(self) -> tuple[str, ...]:
        """What is wrong, one plain sentence each; nothing when all is well."""
        return (*self._dangers(), *_silent(self._beside))

    def _dangers(self) -> tuple[str, ...]:
        """What may cost a page."""
        found = _silent(self._pulses)
        health = self.health
        if health is None:
            return (*found, "the database does not answer")
        if health.late_cases:
            late = f"{health.lateness.total_seconds():.0f} s"
            found.append(f"{health.late_cases} steps are late, the latest by {late}")
        if health.stuck_deliveries:
            found.append(f"{health.stuck_deliveries} deliveries are stuck")
        return tuple(found)

    async def _forget_messages(self) -> None:
        """Tidy up beside the watch: what goes wrong here says nothing about the pages."""
        try:
            await self._store.forget_messages(older_than=KEEP_MESSAGES, limit=PORTION)
        except Unavailable as trouble:
            log.warning("old messages cannot be deleted", error=trouble.detail)
        except Exception:
            log.exception("old messages cannot be deleted")

    async def _all_is_well(self) -> None:
        url = self._directory().habits.dead_man_url
        if url is None:
            return
        answer = await self._transport.call("webhook", HttpCall(method="GET", url=url, headers=(), body=b""))
        if not isinstance(answer, Answer) or answer.status >= 400:
            log.warning("the dead-man address does not answer", url=url)


def _silent(pulses: tuple[Pulse, ...]) -> list[str]:
    """The loops that give no sign of life, one plain sentence each."""
    return [
        f"the {pulse.name} has given no sign of life for {pulse.silence.total_seconds():.0f} s"
        for pulse in pulses
        if pulse.silence > SILENT
    ]
