"""The watch over a running installation, in memory: troubles, nodes, and the habits of integrations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from tocsin.core.vocabulary import Instant, IntegrationName
from tocsin.core.watch import Book, Broken, Hour, Judged, Presence, Queue
from tocsin.core.watch.inbound import REMEMBERED, joined
from tocsin.ports.watch import NODE_FORGOTTEN, Depths
from tocsin.store import codec
from tocsin.store.memory_feeds import RemembersFeeds
from tocsin.store.memory_messages import RemembersMessages
from tocsin.store.memory_syncs import RemembersSyncs
from tocsin.store.troubles import read_book


class RemembersTroubles(RemembersSyncs, RemembersMessages, RemembersFeeds):
    """What watchdogs share, until the process ends."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        super().__init__(now)
        self._watch_book = codec.encode_json(Book())
        self._present: dict[str, Presence] = {}
        self._inbound: dict[tuple[IntegrationName, Instant], Hour] = {}

    async def judge_troubles(self, judge: Callable[[Book], Judged]) -> Judged:
        """Judge by the book of all nodes and write what it is afterwards."""
        judged = judge(read_book(self._watch_book))
        self._watch_book = codec.encode_json(judged.book)
        return judged

    async def watch_book(self) -> Book:
        """The book as it stands."""
        return read_book(self._watch_book)

    async def be_present(self, node: str, *, role: str, version: str) -> tuple[Instant, tuple[Presence, ...]]:
        """Say that this node lives. The store's clock, and every node that is known."""
        now = self._now()
        new = Presence(node=node, role=role, version=version, started_at=now, seen_at=now)
        self._present[node] = replace(self._present.get(node, new), role=role, version=version, seen_at=now)
        return await self.presences()

    async def presences(self) -> tuple[Instant, tuple[Presence, ...]]:
        """The store's clock, and every node that is known."""
        now = self._now()
        known = (one for _, one in sorted(self._present.items()))
        return now, tuple(one for one in known if now - one.seen_at < NODE_FORGOTTEN)

    async def say_goodbye(self, node: str) -> None:
        """This node ends in order: nobody need miss it."""
        self._present.pop(node, None)

    async def depths(self) -> Depths:
        """What waits."""
        now = self._now()
        deliveries = [one.delivery.due_at for one in self._deliveries.values() if one.status == "waiting"]
        messages = [one.try_at for one in self._messages.values() if one.status == "waiting"]
        return Depths(outbox=_queue(deliveries, now), messages=_queue(messages, now))

    async def broken_beside(self) -> tuple[tuple[Broken, ...], tuple[Broken, ...]]:
        """The syncs that fail, and the calendars that cannot be read, by name."""
        syncs = [
            Broken(name=name, since=known.failing_since, why=known.text)
            for name, known in sorted(self._sync_states.items())
            if known.failing_since is not None
        ]
        calendars = [
            Broken(name=name, since=known.failing_since, why=known.error or "")
            for name, known in sorted(self._copies.items())
            if known.failing_since is not None
        ]
        return tuple(syncs), tuple(calendars)

    async def add_inbound(self, heard: Mapping[IntegrationName, Hour]) -> None:
        """Add what came since the last time; hours that are long over are forgotten."""
        for name, hour in heard.items():
            known = self._inbound.get((name, hour.starts_at))
            self._inbound[name, hour.starts_at] = hour if known is None else joined(known, hour)
        end = self._now() - REMEMBERED
        self._inbound = {key: hour for key, hour in self._inbound.items() if hour.starts_at >= end}

    async def inbound_hours(self, *, since: Instant) -> Mapping[IntegrationName, tuple[Hour, ...]]:
        """What came from each integration, hour by hour."""
        found: defaultdict[IntegrationName, list[Hour]] = defaultdict(list)
        for (name, starts_at), hour in sorted(self._inbound.items()):
            if starts_at >= since:
                found[name].append(hour)
        return {name: tuple(hours) for name, hours in found.items()}


def _queue(waits: list[Instant], now: Instant) -> Queue:
    due = [at for at in waits if at <= now]
    return Queue(waiting=len(due), overdue=now - min(due) if due else timedelta(0))
