"""Everything that is stored, out of a database as text: table by table by COPY, all of one instant.

Not by pg_dump: what a newer one writes an older server does not take in one transaction, an older one refuses a newer
server, and not every machine has one (docs/decisions/0016-backups.md). The schema itself is made by our own steps.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from tocsin.core.errors import Refused, Unavailable
from tocsin.core.vocabulary import Instant
from tocsin.store.migrating import known_migrations
from tocsin.store.pool import changed_rows, refuse_old_server, speaking_plainly
from tocsin.store.servers import Servers, Session

Write: TypeAlias = Callable[[bytes], Coroutine[Any, Any, None]]

_PATIENCE_SECONDS = 10.0

#: What the text of values depends on, and what must not end a long reading; whatever the server's own settings are.
_SETTINGS = """
SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '30s';
SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres';
SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL jit = off"""

_MADE = re.compile(r"^(CREATE|DROP) (?:OR REPLACE )?(TABLE|FUNCTION) (?:IF (?:NOT )?EXISTS )?(\w+)", re.MULTILINE)

_THERE = "SELECT to_regclass('migrations') IS NOT NULL"
_COLUMNS = """
SELECT attname::text AS name FROM pg_attribute
WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of the schema."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The data as they are at one instant, as long as it is open."""

    #: The newest step of the schema that was run.
    schema: int
    at: Instant
    #: Of the server, as in "18.6".
    server: str
    #: In the order in which they can be filled again.
    tables: tuple[Table, ...]
    _connection: Session

    async def write(self, table: Table, write: Write) -> int:
        """Hand over all rows of a table as the text of COPY, in pieces; how many rows there were."""
        async with speaking_plainly():
            answer = await self._connection.copy_from_table(table.name, columns=table.columns, output=write)
        return changed_rows(answer)


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Session]:
    """A connection of our own, which neither migrates nor ends a long statement.

    Raises:
        Refused: the address cannot be read.
        Unavailable: the database cannot be reached.
    """
    try:
        async with speaking_plainly():
            settings = {"application_name": "tocsin-backup"}
            connection = await Servers(address).connect(patience_seconds=_PATIENCE_SECONDS, settings=settings)
    except ValueError as trouble:
        # The driver lets these pass. The address is not repeated: it may hold a password.
        raise Refused(f"The address of the database cannot be read: {trouble}") from None
    try:
        refuse_old_server(connection.get_server_version().major)
        yield connection
    finally:
        connection.terminate()


@asynccontextmanager
async def snapshot(connection: Session) -> AsyncIterator[Snapshot]:
    """Look at the data of one instant; whoever writes meanwhile is not kept waiting.

    Raises:
        Refused: there is nothing of Tocsin in this database.
        Unavailable: a newer Tocsin has written it, or it cannot be read.
    """
    async with speaking_plainly():
        schema = await _schema(connection)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await set_up(connection)
            names = ", ".join(tables_of(schema))
            # Before the first look: from here on nobody changes the tables themselves.
            await connection.execute(f"LOCK TABLE {names} IN ACCESS SHARE MODE")
            yield Snapshot(
                schema=schema,
                at=await connection.fetchval("SELECT clock_timestamp()"),
                server=await connection.fetchval("SHOW server_version"),
                tables=await tables_in(connection, schema),
                _connection=connection,
            )


async def set_up(connection: Session) -> None:
    """Let the transaction that has begun read and write values as one text everywhere, and take its time."""
    await connection.execute(_SETTINGS)


async def tables_in(connection: Session, schema: int) -> tuple[Table, ...]:
    """The tables of this schema as the database has them."""
    found = []
    for name in tables_of(schema):
        columns = tuple(row["name"] for row in await connection.fetch(_COLUMNS, name))
        found.append(Table(name=name, columns=columns))
    return tuple(found)


def tables_of(schema: int) -> tuple[str, ...]:
    """The tables that there are after this step, in the order in which they were made."""
    return _standing("TABLE", schema)


def functions_of(schema: int) -> tuple[str, ...]:
    """The functions that there are after this step."""
    return _standing("FUNCTION", schema)


def _standing(kind: str, schema: int) -> tuple[str, ...]:
    standing: dict[str, None] = {}
    for migration in known_migrations():
        for verb, made, name in _MADE.findall(migration.sql) if migration.number <= schema else ():
            if made == kind and verb == "CREATE":
                standing[name] = None
            elif made == kind:
                standing.pop(name, None)
    return tuple(standing)


async def _schema(connection: Session) -> int:
    if not await connection.fetchval(_THERE):
        raise Refused("There is nothing of Tocsin in this database yet: nothing to back up.")
    schema: int = await connection.fetchval("SELECT coalesce(max(number), 0) FROM migrations")
    known = known_migrations()[-1].number
    if schema > known:
        text = f"A newer Tocsin has written this database (schema {schema}, this one knows {known})"
        raise Unavailable(f"{text}: back it up with that version.")
    return schema
