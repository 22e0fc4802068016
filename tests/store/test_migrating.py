"""Schemas of neighbouring versions: who may work beside whom, and who migrates."""

from __future__ import annotations

import asyncpg
import pytest

from plugins.postgres import administer
from tocsin.core.errors import Unavailable
from tocsin.store.migrating import OLDEST, known_migrations, migrate
from tocsin.store.postgres import PostgresStore

KNOWN = known_migrations()[-1].number


@pytest.mark.postgres
async def test_the_version_before_goes_on_beside_a_newer_schema(database_url: str) -> None:
    """A step of the next version that says it can live with this one changes nothing for a node of ours."""
    note = f"INSERT INTO migrations (number, name, oldest) VALUES ({KNOWN + 1}, 'tomorrow.pre', {KNOWN})"
    await administer(database_url, note)
    store = await PostgresStore.connect(database_url)
    assert await store.documents() == (0, ())
    await store.close()


@pytest.mark.postgres
@pytest.mark.parametrize("oldest", [KNOWN + 1, "NULL"])
async def test_an_older_version_refuses_a_schema_that_has_left_it_behind(database_url: str, oldest: object) -> None:
    """A step that this version cannot live with, or that does not say, is refused with what to do."""
    note = f"INSERT INTO migrations (number, name, oldest) VALUES ({KNOWN + 2}, 'later', {oldest})"
    await administer(database_url, note)
    with pytest.raises(Unavailable, match=rf"newer Tocsin \(schema {KNOWN + 2}.* start that version"):
        await PostgresStore.connect(database_url)


@pytest.mark.postgres
async def test_each_step_says_who_may_work_beside_it(database_url: str) -> None:
    """Every step that this version has run names the oldest step that a node beside it must know."""
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch("SELECT number, oldest FROM migrations ORDER BY number")
    await connection.close()
    assert [row["number"] for row in rows] == [one.number for one in known_migrations()]
    assert {row["oldest"] for row in rows} == {OLDEST}


@pytest.mark.postgres
async def test_a_step_that_was_missed_is_run(database_url: str) -> None:
    """A database that has seen a later step and not an earlier one gets the earlier one."""
    await administer(database_url, "DROP TABLE nodes", "DELETE FROM migrations WHERE name = 'nodes'")
    connection = await asyncpg.connect(database_url)
    await migrate(connection)
    assert await connection.fetchval("SELECT count(*) FROM nodes") == 0
    await connection.close()


def test_what_is_taken_away_was_given_up_a_version_before() -> None:
    """A post step may only be there when the version before knew its pre step and lives without what it removes."""
    numbers = {one.name: one.number for one in known_migrations()}
    for name, number in numbers.items():
        if name.endswith(".post"):
            assert numbers[name.removesuffix(".post") + ".pre"] <= OLDEST, number
    assert OLDEST <= KNOWN
