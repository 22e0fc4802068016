"""Listens how much comes from each integration, and keeps it hour by hour: that is what habits are made of.

Nothing is done where events are taken in: what is counted there anyway is looked at every few seconds, and what has
changed since the last look has come since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from tocsin.core.directory import Directory
from tocsin.core.vocabulary import Instant, IntegrationName
from tocsin.core.watch import Hour, Lull, lulls
from tocsin.core.watch.inbound import REMEMBERED, joined
from tocsin.ports.watch import WatchBook

#: What was heard is kept so often.
KEPT_EVERY = timedelta(minutes=1)
#: Silence is looked for so often.
LOOKED_EVERY = timedelta(minutes=5)
#: A node that was just started has heard nothing yet, and that is not the source's silence.
PATIENCE = timedelta(minutes=35)


class Hearing:
    """One node's ear."""

    def __init__(self, store: WatchBook, directory: Callable[[], Directory]) -> None:
        self._store = store
        self._directory = directory
        self._counts: dict[IntegrationName, int] = {}
        self._heard: dict[IntegrationName, Hour] = {}
        self._last_at: dict[IntegrationName, Instant] = {}
        self._started_at: Instant | None = None
        self._kept_at: Instant | None = None
        self._looked_at: Instant | None = None
        #: The integrations whose silence was strange when it was looked for last.
        self.lulls: tuple[Lull, ...] = ()

    async def listen(self, counts: Mapping[IntegrationName, int], now: Instant) -> None:
        """Take in how many events have come from each integration since this node was started."""
        self._started_at = self._started_at or now
        await self._keep_what_is_over(now)
        for name, count in counts.items():
            if count > self._counts.get(name, 0):
                self._hear(name, count - self._counts.get(name, 0), now)
            self._counts[name] = count
        if _is_due(self._kept_at, KEPT_EVERY, now):
            await self._keep(now)
        if now - self._started_at >= PATIENCE and _is_due(self._looked_at, LOOKED_EVERY, now):
            await self._look(now)

    def _hear(self, name: IntegrationName, count: int, now: Instant) -> None:
        """So many have come since the last look: they count as one moment of it."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        last_at = self._last_at.get(name)
        gap = now - last_at if last_at is not None and last_at >= hour else timedelta(0)
        new = Hour(starts_at=hour, first_at=now, last_at=now, count=count, longest_gap=gap)
        known = self._heard.get(name)
        self._heard[name] = new if known is None else joined(known, new)
        self._last_at[name] = now
        self.lulls = tuple(lull for lull in self.lulls if lull.integration != name)

    async def _keep_what_is_over(self, now: Instant) -> None:
        """An hour ends: what was heard of it is kept apart from the next one."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if any(heard.starts_at != hour for heard in self._heard.values()):
            await self._keep(now)

    async def _keep(self, now: Instant) -> None:
        await self._store.add_inbound(self._heard)
        self._heard, self._kept_at = {}, now

    async def _look(self, now: Instant) -> None:
        known = self._directory().integrations.values()
        watched = [one.name for one in known if not one.may_fall_silent]
        hours = await self._store.inbound_hours(since=now - REMEMBERED)
        self.lulls, self._looked_at = lulls(hours, watched, now), now


def _is_due(last: Instant | None, every: timedelta, now: Instant) -> bool:
    return last is None or now - last >= every or now < last
