"""Nodes: each is the real taker, counter, worker, courier, watchdog and follower, on one life that can be taken.

A node has a clock of its own, which may be wrong: it goes into ids and links, and nothing else may come of it.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine, Mapping
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from tocsin.channels.webhook import CHANNEL as WEBHOOK
from tocsin.core.directory import Directory
from tocsin.core.errors import Unavailable
from tocsin.core.vocabulary import Instant
from tocsin.engine.commands import Counter
from tocsin.engine.courier import Courier
from tocsin.engine.following import Following
from tocsin.engine.links import Links
from tocsin.engine.notices import Notices
from tocsin.engine.taking import Taker
from tocsin.engine.watchdog import Ward, Watchdog
from tocsin.engine.worker import Worker
from tocsin.ports.channels import Answer, Call, Channel, NoAnswer
from tocsin.ports.words import Catalogs
from tocsin.simulation.chance import Chance
from tocsin.simulation.loop import LIFE, Life, SimulatedLoop
from tocsin.simulation.providers import Providers
from tocsin.simulation.script import instant
from tocsin.simulation.shelf import Asker, Books, Desk, Shelf
from tocsin.simulation.town import CHANNELS, Town

T = TypeVar("T")

LEASE = timedelta(seconds=30)

_CHANNELS: Mapping[str, Channel] = {name: replace(WEBHOOK, name=name) for name in (*CHANNELS, WEBHOOK.name)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is tried: the real parts, or, in tests of the checks, parts with a fault."""

    books: type[Books] = Books
    taker: type[Taker] = Taker
    worker: type[Worker] = Worker
    courier: type[Courier] = Courier
    links: type[Links] = Links


class Copy:
    """What one node knows of the configuration."""

    def __init__(self, desk: Any, town: Town) -> None:
        self._desk = desk
        self._town = town
        self._current = Directory()

    def current(self) -> Directory:
        """The directory as this node knows it now."""
        return self._current

    async def refresh(self) -> bool:
        """Read the newest revision; True when it is another than before."""
        revision, documents = await self._desk.documents()
        if revision == self._current.revision:
            return False
        (document,) = documents
        self._current = self._town.directory(revision, int(document.body["variant"]))
        return True


class Out:
    """One node's way to the providers."""

    def __init__(self, providers: Providers, node: str) -> None:
        self._providers = providers
        self._node = node

    async def call(self, channel: str, call: Call, **_: Any) -> Answer | NoAnswer:
        """Make one call."""
        return await self._providers.call(self._node, channel, call)


class Clock:
    """A node's idea of the time of day, and the ids that it makes by it."""

    def __init__(self, loop: SimulatedLoop, chance: Chance) -> None:
        self._loop = loop
        self._chance = chance
        self.off = 0.0

    def now(self) -> Instant:
        """The time of day as the node has it."""
        return instant(self._loop.world() + self.off)

    def new_id(self) -> str:
        """An id of version 7, as the real ones are."""
        made = int(self.now().timestamp() * 1000) << 80 | 7 << 76 | self._chance.bits(12) << 64 | 2 << 62
        return str(uuid.UUID(int=made | self._chance.bits(62)))


class Node:
    """One process."""

    def __init__(self, name: str, *, loop: SimulatedLoop, shelf: Shelf, chance: Chance, parts: Parts) -> None:
        self.name = name
        self._parts = parts
        self._loop = loop
        self._shelf = shelf
        context = copy_context()
        self.life = Life()
        context.run(LIFE.set, self.life)
        self.asker = Asker(name=name, life=self.life, context=context)
        self.clock = Clock(loop, chance)
        self.is_up = False

    def start(self, town: Town, providers: Providers, catalogs: Catalogs) -> None:
        """Wire it, and let it come up."""
        self.run(self._come_up(town, providers, catalogs))

    async def _come_up(self, town: Town, providers: Providers, catalogs: Catalogs) -> None:
        desk, out = Desk.of(self._shelf, self.asker), Out(providers, self.name)
        copy = self._copy = Copy(desk, town)
        current = copy.current
        self.links = self._parts.links(
            "k" * 40, public_url="http://tocsin.example", answers_last=timedelta(days=3), now=self.clock.now
        )
        self.counter = Counter(desk, current, new_id=self.clock.new_id)
        self.taker = self._parts.taker(desk, current, new_id=self.clock.new_id)
        courier = self._parts.courier(
            desk,
            current,
            out,
            Notices(current, self.links, catalogs),
            channels=_CHANNELS,
            settings={},
            node=self.name,
            lease=LEASE,
            elapsed=self._loop.world,
        )
        worker = self._parts.worker(desk, current, courier, node=self.name, lease=LEASE)
        following = Following(copy, desk, worker.pulse.wake)
        self.watchdog = Watchdog(
            desk, current, out, (worker.pulse, courier.pulse), ward=Ward(node=self.name, clock=self.clock.now)
        )
        woken = {"work": worker.pulse, "outbox": courier.pulse, "configuration": following.pulse}
        self.asker.on.append(lambda topic, _: woken[topic].wake() if topic in woken else None)
        await self._first_reading(copy)
        self._shelf.askers.append(self.asker)
        for running in (worker.run(), courier.run(), self.watchdog.run(), following.run()):
            self.run(running)
        self.is_up = True

    async def _first_reading(self, copy: Copy) -> None:
        """A node that cannot reach the store is started again and again."""
        while True:
            try:
                await copy.refresh()
            except Unavailable:
                await asyncio.sleep(1)
            else:
                return

    def run(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Let it do something, as a process of its own does."""
        return self._loop.create_task(work, context=self.asker.context)

    @property
    def directory(self) -> Directory:
        """The configuration as it knows it."""
        return self._copy.current()

    @property
    def answers(self) -> bool:
        """True when a request to it would be answered."""
        return self.is_up and not self.life.held

    def freeze(self) -> None:
        """Let it stand still."""
        self.life.held = True

    def thaw(self) -> None:
        """Let it go on, unless it is dead."""
        if not self.asker.dead:
            self._loop.let_go(self.life)

    def kill(self, *, leaves_orphans: bool) -> None:
        """Let it stand still for ever."""
        self.life.held, self.asker.dead, self.asker.orphans = True, True, leaves_orphans
        self.is_up = False
        if self.asker in self._shelf.askers:
            self._shelf.askers.remove(self.asker)
