"""A real PostgreSQL for tests: one embedded server for each worker of the test run, a fresh database for each test.

`database_url` gives a migrated, empty database. Put "plugins.postgres" into `pytest_plugins` to use it.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg
import pytest

from tocsin.store.embedded import EmbeddedPostgres
from tocsin.store.migrating import migrate

_TEMPLATE = "tocsin_template"


def run_apart(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end on a loop of its own, wherever the caller stands."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


def address_of_database(server: str, name: str) -> str:
    """The address of another database of the same server."""
    return server.replace("/tocsin?", f"/{name}?")


async def administer(server: str, *statements: str) -> None:
    """Run statements on the server's own database, each in a transaction of its own."""
    connection = await asyncpg.connect(server)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _make_template(server: str) -> None:
    await administer(server, f"CREATE DATABASE {_TEMPLATE}")
    connection = await asyncpg.connect(address_of_database(server, _TEMPLATE))
    try:
        await migrate(connection)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of this worker's own, with a template that is migrated."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("server")) as address:
        run_apart(_make_template(address))
        yield address


@pytest.fixture
def database_url(postgres_server: str) -> Iterator[str]:
    """A fresh, migrated database, dropped afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    run_apart(administer(postgres_server, f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}"))
    yield address_of_database(postgres_server, name)
    run_apart(administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)"))
