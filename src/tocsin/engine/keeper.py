"""Keeps the record of duty: writes down who is on call as it happens, under the rota that was in force.

After an edit the time up to it is written by the rota before, so that the edit changes nothing that was. All nodes run
this loop; one at a time is let in. What was missed while no node ran is written by the rota that is in force then.
Looking through a large rota takes a while, so it is done beside the loop that answers and pages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Protocol

import structlog

from tocsin.core.directory import Directory
from tocsin.core.errors import Unavailable
from tocsin.core.schedules import Rota
from tocsin.core.schedules.record import MOMENT, Served, entries
from tocsin.core.vocabulary import Instant, ScheduleName, Span
from tocsin.engine.pulse import Pulse
from tocsin.ports.alone import Alone
from tocsin.ports.duty import DutyBook
from tocsin.ports.state import Readings

log = structlog.get_logger()

#: The longest time between two rounds, also when no shift changes.
EVERY = timedelta(seconds=20)
#: Of a past that nobody has written, at most so much is written afterwards.
FURTHEST_BACK = timedelta(days=366)

#: Something else that is to be looked at in each round: what was in force before it, what is now, and the instant.
Chore = Callable[[Directory, Directory, Instant], Awaitable[None]]


class KeeperStore(Readings, DutyBook, Alone, Protocol):
    """What the keeper needs to have kept."""


class Keeper:
    """One node's keeper."""

    def __init__(self, store: KeeperStore, directory: Callable[[], Directory], *, chores: Sequence[Chore] = ()) -> None:
        self._store = store
        self._directory = directory
        self._chores = chores
        #: What was in force since the last round in which this node was let in, and when that was.
        self._before = directory()
        self._wrote_at: Instant | None = None
        self.pulse = Pulse("keeper of the rota")

    async def run(self) -> None:
        """Keep the record until cancelled."""
        while True:
            wait = EVERY
            try:
                wait = await self.round()
            except Unavailable as trouble:
                self.pulse.stumble()
                log.warning("the record of duty cannot be written", error=trouble.detail)
            except Exception:
                self.pulse.stumble()
                log.exception("the keeper of the rota stumbled")
            await self.pulse.rest(wait)

    async def round(self) -> timedelta:
        """Write what has happened since the round before; how long nothing will happen, at most `EVERY`."""
        async with self._store.alone("rota") as let_in:
            now = await self._store.now()
            directory = self._directory()
            if let_in:
                await self._record(directory, now)
                await self._do_chores(directory, now)
                self._before = directory
        self.pulse.beat(1)
        return await asyncio.to_thread(_quiet_for, directory, now)

    async def _record(self, directory: Directory, now: Instant) -> None:
        """Up to now by the rota that was in force, and what holds from now on by the one that is."""
        until, newest = await self._store.newest_duty()
        known = {entry.schedule: entry for entry in newest}
        rotas = (self._before.rota,) if until == self._wrote_at else (directory.rota, self._before.rota)
        written = await asyncio.to_thread(_happened, rotas, directory.rota, known, Span(until or now, now))
        await self._store.record_duty(written, until=now)
        self._wrote_at = now

    async def _do_chores(self, directory: Directory, now: Instant) -> None:
        """One after the other; what goes wrong in one does not keep the others from being done."""
        for chore in self._chores:
            try:
                await chore(self._before, directory, now)
            except Unavailable:
                raise
            except Exception:
                self.pulse.stumble()
                log.exception("a chore of the rota went wrong", chore=getattr(chore, "__qualname__", repr(chore)))


def _happened(
    before: Sequence[Rota], present: Rota, newest: Mapping[ScheduleName, Served], since: Span
) -> tuple[Served, ...]:
    """What is to be written of the time since the last round of any node, and of the instant at its end.

    `before`: what may have been in force. Where another node has written meanwhile, its word tells which of them was.
    """
    known = dict(newest)
    past: tuple[Served, ...] = ()
    if since.start < since.end:
        window = Span(max(since.start, since.end - FURTHEST_BACK), since.end)
        past = entries(_in_force(before, known, window.start), known, window)
        known.update({entry.schedule: entry for entry in past})
    return (*past, *entries(present, known, Span(since.end, since.end + MOMENT)))


def _in_force(rotas: Sequence[Rota], newest: Mapping[ScheduleName, Served], at: Instant) -> Rota:
    """The first that says of an instant what is written of it; else the first."""
    return next((rota for rota in rotas if not entries(rota, newest, Span(at, at + MOMENT))), rotas[0])


def _quiet_for(directory: Directory, now: Instant) -> timedelta:
    """How long nothing will happen, at most `EVERY`."""
    changes = (directory.rota.on_call(name, now).until for name in directory.schedules)
    return min([EVERY, *(at - now for at in changes if at is not None)])
