"""Looks at everything that the watch is about, and brings it home as one sighting.

What costs little is looked at every time; disks, queues and what runs beside the pages every half minute. Whatever
cannot be looked at is left out of the sighting: not to know is no trouble, and no reason to stop watching.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import structlog

from tocsin.core.errors import Unavailable
from tocsin.core.vocabulary import Instant, IntegrationName
from tocsin.core.watch import (
    Broken,
    Disk,
    FailingProvider,
    Lull,
    Presence,
    Promises,
    Queue,
    Sighting,
    Silence,
    gone,
    nobody_pages,
)
from tocsin.engine import clock
from tocsin.engine.hearing import Hearing
from tocsin.engine.pulse import Pulse
from tocsin.ports.state import Health, Readings
from tocsin.ports.watch import Depths, WatchBook

log = structlog.get_logger()

#: A step may be so late before it is called late.
ALLOWED = timedelta(seconds=15)
#: A database that takes longer to answer the watch is away.
PATIENCE_SECONDS = 5.0
#: Disks, queues and what runs beside are looked at so often, and so is what reads every open alert.
SLOWLY = timedelta(seconds=30)


class LookedAt(Readings, WatchBook, Protocol):
    """What the watch asks the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ward:
    """What is known of a node beyond its loops, and is to be looked at, too."""

    #: The node's name. Empty: a node by itself, of which nobody else need know; promises and loops are watched alone.
    node: str = ""
    #: all, web or worker.
    role: str = "all"
    version: str = ""
    hearing: Hearing | None = None
    #: Folders whose disks matter.
    folders: tuple[Path, ...] = ()
    #: How many events wait for their commit.
    intake: Callable[[], int] = field(default=lambda: 0)
    #: How many events have come from each integration since the start.
    heard: Callable[[], Mapping[IntegrationName, int]] = field(default=dict)
    providers: Callable[[], tuple[FailingProvider, ...]] = field(default=tuple)
    #: This machine's clock. None: it is not compared with the database's, which tells the time alone.
    clock: Callable[[], Instant] | None = clock.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenery:
    """What is looked at now and then."""

    depths: Depths = field(default_factory=Depths)
    disks: tuple[Disk, ...] = ()
    syncs: tuple[Broken, ...] = ()
    calendars: tuple[Broken, ...] = ()


class Lookout:
    """One node's eyes."""

    def __init__(self, store: LookedAt, pulses: tuple[Pulse, ...], beside: tuple[Pulse, ...], ward: Ward) -> None:
        self._store = store
        self._pulses = pulses
        self._beside = beside
        self._ward = ward
        self._looked_slowly: float | None = None
        self._at: Instant | None = None
        self._at_ticks = 0.0
        #: What was seen last. None: nothing yet, or the store could not be asked.
        self.health: Health | None = None
        self.scenery = Scenery()
        self.nodes: tuple[Presence, ...] = ()
        self.skew: timedelta | None = None

    async def look(self) -> Sighting:
        """One look. A store that does not answer is part of what is seen."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self._seen()
        except TimeoutError:
            why = f"no answer within {PATIENCE_SECONDS:.0f} seconds"
        except Unavailable as trouble:
            why = trouble.detail
        self.health = None
        return replace(self._here(self._now()), promises=None, away=why[:200])

    async def _seen(self) -> Sighting:
        if not self._ward.node:
            self.health = await self._store.health(allowed=ALLOWED)
            self._at, self._at_ticks = self.health.now, self._ticks()
            return replace(self._here(self.health.now), promises=_promises(self.health))
        slowly = self._is_time_to_look_slowly()
        health = await self._store.health(allowed=ALLOWED, counted=slowly)
        if not slowly and self.health is not None:
            health = replace(
                health,
                open_alerts=self.health.open_alerts,
                cases_without_next_step=self.health.cases_without_next_step,
            )
        now = await self._presences()
        await self._look_around(now, slowly=slowly)
        self.health = health
        missed = gone(self.nodes, now)
        return replace(
            self._here(now),
            promises=_promises(health),
            skew=self.skew,
            gone=tuple((one.node, one.seen_at) for one in missed),
            nobody_pages=nobody_pages(self.nodes, now),
        )

    async def _look_around(self, now: Instant, *, slowly: bool) -> None:
        """What is no promise: what goes wrong with it keeps nobody from watching the promises."""
        try:
            if slowly:
                self._looked_slowly = self._ticks()
                self.scenery = await self._look_slowly()
            if self._ward.hearing is not None:
                await self._ward.hearing.listen(self._ward.heard(), now)
        except Unavailable:
            raise
        except Exception:
            log.exception("the watchdog cannot look around")

    async def _presences(self) -> Instant:
        """Say that this node lives, see who else does, and compare the clocks."""
        before = self._ward.clock() if self._ward.clock is not None else None
        now, self.nodes = await self._store.be_present(
            self._ward.node, role=self._ward.role, version=self._ward.version
        )
        if self._ward.clock is not None and before is not None:
            after = self._ward.clock()
            self.skew = before + (after - before) / 2 - now
        self._at, self._at_ticks = now, self._ticks()
        return now

    def _here(self, now: Instant) -> Sighting:
        """What this node knows without asking anybody."""
        loops = [(pulse, True) for pulse in self._pulses] + [(pulse, False) for pulse in self._beside]
        hearing = self._ward.hearing
        lulls: tuple[Lull, ...] = () if hearing is None else hearing.lulls
        return Sighting(
            node=self._ward.node,
            at=now,
            promises=None,
            intake=Queue(waiting=self._ward.intake()),
            messages=self.scenery.depths.messages,
            silences=tuple(Silence(loop=one.name, lasts=one.silence, carries_pages=pages) for one, pages in loops),
            providers=self._ward.providers(),
            disks=self.scenery.disks,
            lulls=lulls,
            syncs=self.scenery.syncs,
            calendars=self.scenery.calendars,
        )

    async def _look_slowly(self) -> Scenery:
        depths = await self._store.depths()
        syncs, calendars = await self._store.broken_beside()
        folders = dict.fromkeys(
            [*self._ward.folders, *([Path(depths.database_folder)] if depths.database_folder else [])]
        )
        found = (disk_of(folder) for folder in folders)
        disks = tuple(disk for disk in found if disk is not None)
        return Scenery(depths=depths, disks=disks, syncs=syncs, calendars=calendars)

    def _is_time_to_look_slowly(self) -> bool:
        last = self._looked_slowly
        return last is None or self._ticks() - last >= SLOWLY.total_seconds()

    def _now(self) -> Instant:
        """The time while the store is away: as it told it last, and what has passed since."""
        if self._at is not None:
            return self._at + timedelta(seconds=self._ticks() - self._at_ticks)
        return (self._ward.clock or clock.now)()

    @staticmethod
    def _ticks() -> float:
        return asyncio.get_running_loop().time()


def disk_of(folder: Path) -> Disk | None:
    """The room below a folder; None: it cannot be asked."""
    try:
        room = os.statvfs(folder)
    except OSError:
        return None
    return Disk(folder=str(folder), free_bytes=room.f_bavail * room.f_frsize, total_bytes=room.f_blocks * room.f_frsize)


def _promises(health: Health) -> Promises:
    return Promises(
        late_cases=health.late_cases,
        lateness=health.lateness,
        without_next_step=health.cases_without_next_step,
        stuck_deliveries=health.stuck_deliveries,
    )
