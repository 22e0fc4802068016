"""Brings a database to the schema that this version knows: numbered SQL files, each in a transaction of its own.

Each step that is run notes which nodes can work beside it. So a node of the version before, started again in the middle
of a rolling upgrade, finds a newer schema and goes on; an older one refuses.

See migrations/__init__.py for the names of the files, docs/decisions/0009-migrations.md for the reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import asyncpg
import structlog

from tocsin.core.errors import Unavailable

#: A node that knows the steps up to this one can work beside this version: the last step of the release before it.
OLDEST = 7

#: Of several nodes that start at once, one migrates and the others wait.
_LOCK = "SELECT pg_advisory_xact_lock(7263, 1)"

#: `oldest`: as above, of the version that ran the step. NULL: it did not say, and nobody older works beside it.
_HISTORY = """
CREATE TABLE IF NOT EXISTS migrations (
    number int PRIMARY KEY, name text NOT NULL, run_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE migrations ADD COLUMN IF NOT EXISTS oldest int"""

_NOTE = "INSERT INTO migrations (number, name, oldest) VALUES ($1, $2, $3)"

_log = structlog.get_logger(__name__)


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
        Unavailable: a newer version has written it, and this one cannot work beside that.
    """
    for migration in await _missing(connection):
        async with connection.transaction():
            await connection.execute(_LOCK)
            await _run(connection, migration)


async def lock_schema(connection: asyncpg.Connection[asyncpg.Record]) -> int:
    """Let nobody else migrate while the caller's transaction lasts; the newest step that was run, 0: none.

    Raises:
        Unavailable: the database has seen steps that this version does not know.
    """
    await connection.execute(_LOCK)
    await connection.execute(_HISTORY)
    newest = max(await _seen(connection), default=0)
    if newest > _known():
        raise _too_new(newest)
    return newest


async def migrate_to(connection: asyncpg.Connection[asyncpg.Record], number: int) -> None:
    """Run the steps up to this one that the database has not seen, all in the transaction of the caller."""
    for migration in known_migrations():
        if migration.number <= number:
            await _run(connection, migration)


async def _missing(connection: asyncpg.Connection[asyncpg.Record]) -> tuple[Migration, ...]:
    async with connection.transaction():
        await connection.execute(_LOCK)
        await connection.execute(_HISTORY)
        seen = await _seen(connection)
    newest = max(seen, default=0)
    if newest <= _known():
        return tuple(one for one in known_migrations() if one.number not in seen)
    oldest = seen[newest]
    if oldest is None or _known() < oldest:
        raise _too_new(newest)
    _log.info("a newer version has migrated the data; this one goes on beside it", schema=newest, known=_known())
    return ()


async def _run(connection: asyncpg.Connection[asyncpg.Record], migration: Migration) -> None:
    if migration.number in await _seen(connection):
        return
    await connection.execute(migration.sql)
    await connection.execute(_NOTE, migration.number, migration.name, OLDEST)


async def _seen(connection: asyncpg.Connection[asyncpg.Record]) -> dict[int, int | None]:
    """The steps that were run, and of each the oldest that can work beside it."""
    return {row["number"]: row["oldest"] for row in await connection.fetch("SELECT number, oldest FROM migrations")}


def _known() -> int:
    return known_migrations()[-1].number


def _too_new(newest: int) -> Unavailable:
    text = f"the data were written by a newer Tocsin (schema {newest}, this one knows {_known()})"
    return Unavailable(f"{text}, beside which this one cannot work: start that version")
