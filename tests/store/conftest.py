"""The same scene on both stores: every test of the contract runs on memory and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from store.scene import START, Scene
from tocsin.core.vocabulary import Instant
from tocsin.store.memory import MemoryStore
from tocsin.store.postgres import PostgresStore
from tocsin.testing import FixedClock


async def stop_clock(store: PostgresStore, at: Instant) -> None:
    """Let the domain's clock stand at an instant."""
    async with store._pool.reading() as connection:
        await connection.execute(
            "CREATE OR REPLACE FUNCTION tocsin_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS"
            f" $$ SELECT timestamptz '{at.isoformat()}' $$"
        )


async def on_postgres(url: str) -> Scene:
    """A scene on PostgreSQL; close its store afterwards."""
    store = await PostgresStore.connect(url)
    await stop_clock(store, START)
    return Scene(store, lambda at: stop_clock(store, at))


def in_memory() -> Scene:
    """A scene in memory."""
    clock = FixedClock(START)

    async def move(at: Instant) -> None:
        clock.move_to(at)

    return Scene(MemoryStore(now=clock), move)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """The scene, once on each store."""
    if request.param == "memory":
        yield in_memory()
        return
    scene: Any = await on_postgres(request.getfixturevalue("database_url"))
    yield scene
    await scene.store.close()


@pytest.fixture
async def nodes(database_url: str) -> AsyncIterator[tuple[Scene, Scene]]:
    """Two nodes on one database."""
    one = await on_postgres(database_url)
    two = await on_postgres(database_url)
    two._ids = 1 << 64
    yield one, two
    await one.store.close()
    await two.store.close()
