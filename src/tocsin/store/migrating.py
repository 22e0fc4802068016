"""Brings a database to the schema that this version knows: numbered SQL files, each in a transaction of its own.

See migrations/__init__.py for the names of the files, docs/decisions/0009-migrations.md for the reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import asyncpg

from tocsin.core.errors import Unavailable

#: Of several nodes that start at once, one migrates and the others wait.
_LOCK = "SELECT pg_advisory_xact_lock(7263, 1)"

_HISTORY = """
CREATE TABLE IF NOT EXISTS migrations (
    number int PRIMARY KEY, name text NOT NULL, run_at timestamptz NOT NULL DEFAULT clock_timestamp()
)"""


@dataclass(frozen=True, slots=True, order=True)
class Migration:
    """One step of the schema's history."""

    number: int
    name: str
    sql: str


def known_migrations() -> tuple[Migration, ...]:
    """The steps that this version knows, in their order."""
    folder = resources.files(f"{__package__}.migrations")
    files = (file for file in folder.iterdir() if file.name.endswith(".sql"))
    return tuple(sorted(_read(file.name, file.read_text("utf-8")) for file in files))


def _read(filename: str, sql: str) -> Migration:
    number, _, name = filename.removesuffix(".sql").partition("_")
    return Migration(number=int(number), name=name, sql=sql)


async def migrate(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Run the steps that the database has not seen.

    Raises:
        Unavailable: the database has seen steps that this version does not know.
    """
    for migration in known_migrations():
        async with connection.transaction():
            await connection.execute(_LOCK)
            await connection.execute(_HISTORY)
            await _run(connection, migration)


async def _run(connection: asyncpg.Connection[asyncpg.Record], migration: Migration) -> None:
    seen = await connection.fetchval("SELECT coalesce(max(number), 0) FROM migrations")
    known = known_migrations()[-1].number
    if seen > known:
        raise Unavailable(f"the data were written by a newer Tocsin (schema {seen}, this one knows {known})")
    if seen >= migration.number:
        return
    await connection.execute(migration.sql)
    await connection.execute("INSERT INTO migrations (number, name) VALUES ($1, $2)", migration.number, migration.name)
