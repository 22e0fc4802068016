"""Several installations in one database, each in a schema of its own: how Tocsin grows past one server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from store.scene import Scene, trigger
from tocsin.core.vocabulary import Instant
from tocsin.ports.state import Document
from tocsin.store.postgres import PostgresStore

pytestmark = pytest.mark.postgres


async def in_schema(url: str, name: str) -> Scene:
    """A scene whose tables lie in a schema of their own."""
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE SCHEMA {name}")
    await connection.close()
    store = await PostgresStore.connect(f"{url}{'&' if '?' in url else '?'}search_path={name}")
    return Scene(store, _stay)


async def _stay(_: Instant) -> None:
    """Time passes by itself."""


@pytest.fixture
async def cells(database_url: str) -> AsyncIterator[tuple[Scene, Scene]]:
    """Two of them."""
    scenes = (await in_schema(database_url, "north"), await in_schema(database_url, "south"))
    yield scenes
    for scene in scenes:
        await scene.store.close()


async def test_each_has_what_is_its_own(cells: tuple[Scene, Scene]) -> None:
    """Configuration, alerts and work of the one are nothing to the other."""
    north, south = cells
    await north.store.change(put=[Document(kind="team", name="data", body={})], drop=[], by="ada", at_revision=0)
    assert (await south.store.documents()) == (0, ())
    await north.take(trigger("disk"))
    assert len((await north.store.health(allowed=north.calm.every)).open_alerts) == 1
    assert not (await south.store.health(allowed=south.calm.every)).open_alerts


async def test_a_chore_of_one_does_not_wait_for_the_other(cells: tuple[Scene, Scene]) -> None:
    """The same chore may be done in both at once, and by one node of each only."""
    north, south = cells
    async with north.store.alone("reminders") as mine, south.store.alone("reminders") as theirs:
        assert (mine, theirs) == (True, True)
        async with north.store.alone("reminders") as again:
            assert not again
