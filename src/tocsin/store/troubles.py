"""The watch over a running installation, on PostgreSQL: troubles, nodes, and the habits of integrations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import asyncpg
import msgspec

from tocsin.core.vocabulary import Instant, IntegrationName
from tocsin.core.watch import Book, Broken, Hour, Judged, Presence, Queue
from tocsin.core.watch.inbound import REMEMBERED
from tocsin.ports.watch import NODE_FORGOTTEN, Depths
from tocsin.store import codec
from tocsin.store.pool import Connection, OnPool, columns
from tocsin.store.queries import SQL

_books = msgspec.json.Decoder(Book)


class KeepsTroubles(OnPool):
    """What watchdogs share."""

    async def judge_troubles(self, judge: Callable[[Book], Judged]) -> Judged:
        """Judge by the book of all nodes and write what it is afterwards; one node at a time."""

        async def act(connection: Connection) -> Judged:
            book = read_book(await connection.fetchval(SQL["lock_watch_book"]))
            judged = judge(book)
            if judged.book != book:
                await connection.execute(SQL["write_watch_book"], codec.encode_json(judged.book))
            return judged

        book = await self.watch_book()
        judged = judge(book)
        if judged.book == book and judged.telling is None:  # as a rule: then nothing is locked and nothing written
            return judged
        return await self._pool.transaction(act)

    async def watch_book(self) -> Book:
        """The book as it stands."""
        return read_book(await self._pool.value("watch_book"))

    async def be_present(self, node: str, *, role: str, version: str) -> tuple[Instant, tuple[Presence, ...]]:
        """Say that this node lives. The database's own clock, and every node that is known."""
        await self._pool.value("be_present", node, role, version)
        return await self.presences()

    async def presences(self) -> tuple[Instant, tuple[Presence, ...]]:
        """The database's own clock, and every node that is known."""
        rows = await self._pool.rows("presences", NODE_FORGOTTEN)
        nodes = tuple(_presence(row) for row in rows if row["node"] is not None)
        return rows[0]["now"], nodes

    async def say_goodbye(self, node: str) -> None:
        """This node ends in order: nobody need miss it."""
        await self._pool.value("say_goodbye", node)

    async def depths(self) -> Depths:
        """How full the store is, and what waits in it."""
        [row] = await self._pool.rows("depths")
        return Depths(
            outbox=Queue(waiting=row["deliveries"], overdue=timedelta(seconds=row["deliveries_overdue"])),
            messages=Queue(waiting=row["messages"], overdue=timedelta(seconds=row["messages_overdue"])),
            database_bytes=row["database_bytes"],
            database_folder=row["database_folder"],
        )

    async def broken_beside(self) -> tuple[tuple[Broken, ...], tuple[Broken, ...]]:
        """The syncs that fail, and the calendars that cannot be read, by name."""
        found: dict[str, list[Broken]] = {"sync": [], "calendar": []}
        for row in await self._pool.rows("broken_beside"):
            since = datetime.fromisoformat(row["since"])
            found[row["kind"]].append(Broken(name=row["name"], since=since, why=row["why"]))
        return tuple(found["sync"]), tuple(found["calendar"])

    async def add_inbound(self, heard: Mapping[IntegrationName, Hour]) -> None:
        """Add what came since the last time; hours that are long over are forgotten."""
        added = [
            (name, hour.starts_at, hour.first_at, hour.last_at, hour.count, hour.longest_gap)
            for name, hour in sorted(heard.items())
        ]

        async def act(connection: Connection) -> None:
            if added:
                await connection.execute(SQL["add_inbound"], *columns(added))
            await connection.execute(SQL["forget_inbound"], REMEMBERED)

        await self._pool.transaction(act)

    async def inbound_hours(self, *, since: Instant) -> Mapping[IntegrationName, tuple[Hour, ...]]:
        """What came from each integration, hour by hour."""
        found: defaultdict[IntegrationName, list[Hour]] = defaultdict(list)
        for row in await self._pool.rows("inbound_hours", since):
            found[IntegrationName(row["integration"])].append(_hour(row))
        return {name: tuple(hours) for name, hours in found.items()}


def read_book(text: str | None) -> Book:
    """A book as it was written; one of a version that knows other troubles is begun anew rather than not watched."""
    try:
        return Book() if text is None else _books.decode(text)
    except msgspec.ValidationError:
        return Book()


def _presence(row: asyncpg.Record) -> Presence:
    return Presence(
        node=row["node"],
        role=row["role"],
        version=row["version"],
        started_at=row["started_at"],
        seen_at=row["seen_at"],
    )


def _hour(row: asyncpg.Record) -> Hour:
    return Hour(
        starts_at=row["starts_at"],
        first_at=row["first_at"],
        last_at=row["last_at"],
        count=row["count"],
        longest_gap=row["longest_gap"],
    )
