"""Fills the data of an installation while no node runs, through the store: in seconds what would come in in hours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg

from tocsin.app.directories import Directories
from tocsin.core.arrivals import Arrival, Decided, Known, take_in
from tocsin.core.case import Case
from tocsin.core.directory import Directory
from tocsin.core.events import Action, Event
from tocsin.core.flow import Telling, World
from tocsin.core.vocabulary import AlertId, EventId, GroupId, Instant, IntegrationName, Severity
from tocsin.engine.ids import new_id
from tocsin.ports.state import Incoming, Turn
from tocsin.store.embedded import EmbeddedPostgres
from tocsin.store.postgres import PostgresStore

DOOR = IntegrationName("door")
_MINUTE = timedelta(minutes=1)

#: Every row of a case, once more under other ids: the text of a row, with its ids replaced, is a row again.
_COPY = """
INSERT INTO {table} SELECT (copy).* FROM (
    SELECT replace(replace(replace(replace(replace(
        r.row, $1, c.group_id), $2, c.alert_id), $3, c.delivery_id), $4, c.page_id), $5, c.event_id)::{table} AS copy
    FROM copies c CROSS JOIN (SELECT t::text AS row FROM {table} t WHERE t.{column} = $6::text::uuid) r OFFSET 0
) AS made"""
_COPIES = """
CREATE TEMPORARY TABLE copies AS
SELECT {id} AS group_id, {id} AS alert_id, {id} AS delivery_id, {id} AS page_id, {id} AS event_id
FROM generate_series(1, {count}) AS n"""
#: Ids grow, as Tocsin's own do.
_ID = "lpad(to_hex(1e9::int + n), 8, '0') || substr(gen_random_uuid()::text, 9)"
_TABLES = ("alert_groups", "alerts", "journal", "deliveries", "delivery_items")


class Filler:
    """An installation's store, without a node."""

    def __init__(self, dsn: str, store: PostgresStore, directory: Directory) -> None:
        self._dsn = dsn
        self._store = store
        self._directory = directory

    async def take(self, count: int, *, services: int) -> None:
        """Take so many new alerts in, in one transaction, and let their climbs begin in another: at one instant."""
        incoming = [self._incoming(number, f"s{number % services}") for number in range(count)]
        calm = self._directory.habits.calm
        await self._store.take_in(incoming, self._decided, calm)
        await self._store.work(node="bench", limit=count, lease=_MINUTE, calm=calm, decide=self._settled)

    async def settle(self) -> None:
        """Say of what was paged that it reached its provider, and let the next step be far away."""
        await self._value("UPDATE deliveries SET status = 'sent', answer = '{\"status\": 200}', sent_at = claimed_at")
        await self._value("UPDATE alert_groups SET due_at = due_at + interval '1 day'")

    async def next_due(self) -> Instant:
        """The earliest instant at which something is due."""
        return await self._value("SELECT min(due_at) FROM alert_groups")

    async def bytes(self) -> int:
        """What the database takes on disk, its log left out."""
        return await self._value("SELECT pg_database_size(current_database())")

    async def rows(self, table: str) -> int:
        """How many rows a table has."""
        return await self._value(f"SELECT count(*) FROM {table}")

    async def _value(self, query: str) -> Any:
        connection = await asyncpg.connect(self._dsn)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    async def copy(self, count: int) -> None:
        """Copy a case that has been paged and waits so many times, with all that belongs to it."""
        connection = await asyncpg.connect(self._dsn, command_timeout=300)
        try:
            ids = await connection.fetchrow(
                "SELECT i.group_id::text, e.alert_id::text, i.delivery_id::text, i.page_id::text, e.id::text"
                " FROM delivery_items i JOIN events e ON e.alert_id = i.alert_ids[1] LIMIT 1"
            )
            group_id, _, delivery_id, *_ = ids
            await connection.execute(_COPIES.format(id=_ID, count=count))
            columns = ("id", "group_id", "group_id", "id", "group_id")
            of = (group_id, group_id, group_id, delivery_id, group_id)
            for table, column, one in zip(_TABLES, columns, of, strict=True):
                await connection.execute(_COPY.format(table=table, column=column), *ids, one)
            await connection.execute("ANALYZE")
        finally:
            await connection.close()

    def _incoming(self, number: int, service: str) -> Incoming:
        event_id = EventId(new_id())
        event = Event(
            action=Action.TRIGGER,
            dedup_key=event_id,
            summary=f"Orders pipeline has not finished: run {number}",
            severity=Severity.CRITICAL,
            service=service,
            labels={"dag": "orders", "team": "data", "run": str(number)},
        )
        arrival = Arrival(
            event_id=event_id,
            integration=DOOR,
            event=event,
            choice=self._directory.choice(event, DOOR),
            alert_id=AlertId(new_id()),
            group_id=GroupId(new_id()),
        )
        return Incoming(arrival=arrival, request_id=event_id, raw=None)

    def _decided(self, arrivals: list[Arrival], known: Known) -> Decided:
        return take_in(arrivals, known, self._directory)

    def _settled(self, case: Case, now: Instant, turn: Turn) -> Telling:
        telling = Telling(case, World(directory=self._directory, now=now, turn=turn))
        telling.settle()
        return telling


@asynccontextmanager
async def filling(data: Path) -> AsyncIterator[Filler]:
    """Open the data of an installation that is not running."""
    with EmbeddedPostgres(data) as dsn:
        store = await PostgresStore.connect(dsn)
        try:
            directories = Directories(store)
            await directories.refresh()
            yield Filler(dsn, store, directories.current())
        finally:
            await store.close()
