"""Everything that was stored, into a database again: the schema of then, the rows, the newer steps; all or nothing.

What was waiting on the machine that is gone is due at once, and what may have arrived from there is marked as a repeat.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from tocsin.core.errors import Broken, Refused
from tocsin.store.dumping import Table, functions_of, set_up, tables_in, tables_of
from tocsin.store.migrating import known_migrations, lock_schema, migrate_to
from tocsin.store.pool import changed_rows, speaking_plainly
from tocsin.store.queries import SQL
from tocsin.store.servers import Session

#: Whoever starts Tocsin once has rows in other tables; these hold what people and monitoring have said.
_SAID = ("revisions", "events", "alert_groups")

#: What makes the data those of this machine.
_AFTERWARDS = (
    "restored_cases",
    "restored_deliveries",
    "restored_waiting",
    "restored_messages",
    "restored_calm",
    "restored_nodes",
)

_NODES = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'tocsin%' AND pid <> pg_backend_pid()"""

_IDENTITIES = """
SELECT attrelid::regclass::text AS name, attname::text AS column FROM pg_attribute
WHERE attrelid = ANY (SELECT to_regclass(name) FROM unnest($1::text[]) AS t (name)) AND attidentity <> ''"""


class Rows(Protocol):
    """The rows of one table, as the text of COPY."""

    @property
    def table(self) -> Table:
        """Whose they are."""
        ...

    @property
    def count(self) -> int:
        """How many there must be."""
        ...

    def pieces(self) -> AsyncIterator[bytes]:
        """The text, in pieces."""
        ...


async def refill(connection: Session, schema: int, content: Sequence[Rows], *, replace: bool) -> None:
    """Make the database hold exactly this content, which was written under `schema`; in one transaction.

    Raises:
        Refused: nodes are at work on it, or it holds data and is not to be replaced.
        Unavailable: a newer Tocsin has written what it holds.
        Broken: the rows are not those that were promised.
    """
    async with speaking_plainly(), connection.transaction():
        await set_up(connection)
        if await connection.fetchval(_NODES):
            raise Refused("Tocsin is at work on this database: stop every node, then restore.")
        there = await lock_schema(connection)
        if not replace:
            await _refuse_data(connection, there)
        await _clear(connection, there)
        await migrate_to(connection, schema)
        await _fill(connection, schema, content)
        await migrate_to(connection, known_migrations()[-1].number)
        for query in _AFTERWARDS:
            await connection.execute(SQL[query])
    async with speaking_plainly():
        await connection.execute("ANALYZE")


# The names in these statements are those of our own schema, which no parameter can stand for.


async def mark_waiting(connection: Session) -> tuple[int, int]:
    """Mark what waits to leave as a repeat: it may have left the machine that is gone.

    How many alerts are open, and how many deliveries wait.
    """
    await connection.execute(SQL["restored_deliveries"])
    counts = await connection.fetchrow(SQL["restored_counts"])
    return (counts["open"], counts["waiting"]) if counts is not None else (0, 0)


async def _refuse_data(connection: Session, there: int) -> None:
    for name in set(_SAID) & set(tables_of(there)):
        if await connection.fetchval(f"SELECT EXISTS (SELECT FROM {name})"):  # noqa: S608
            text = "This database is not empty: it holds configuration, events or alerts."
            raise Refused(text, hint="Give an empty one, or --replace to delete what it holds.")


async def _clear(connection: Session, there: int) -> None:
    for name in reversed(tables_of(there)):
        await connection.execute(f"DROP TABLE {name}")
    for name in functions_of(there):
        await connection.execute(f"DROP FUNCTION {name}")
    await connection.execute("DELETE FROM migrations")


async def _fill(connection: Session, schema: int, content: Sequence[Rows]) -> None:
    tables = await tables_in(connection, schema)
    if {rows.table for rows in content} != set(tables):
        raise Broken(f"the tables of the backup are not those of schema {schema}")
    names = [table.name for table in tables]
    # Some steps of the schema put rows of their own.
    await connection.execute(f"TRUNCATE {', '.join(names)}")
    for rows in sorted(content, key=lambda one: names.index(one.table.name)):
        await _copy(connection, rows)
    for row in await connection.fetch(_IDENTITIES, names):
        newest = await connection.fetchval(f"SELECT max({row['column']}) FROM {row['name']}")  # noqa: S608
        await connection.fetchval(
            "SELECT setval(pg_get_serial_sequence($1, $2), $3)", row["name"], row["column"], newest
        )


async def _copy(connection: Session, rows: Rows) -> None:
    name, columns = rows.table.name, rows.table.columns
    answer = await connection.copy_to_table(name, columns=columns, source=rows.pieces())
    if changed_rows(answer) != rows.count:
        raise Broken(f"{rows.count} rows of {name} were promised, and there are {changed_rows(answer)}")
