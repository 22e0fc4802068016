"""Addresses that name several servers: each is asked, the right one first, and none uses up all of the patience."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest

from tocsin.core.errors import Unavailable
from tocsin.store.pool import Away, ReadOnly, speaking_plainly
from tocsin.store.postgres import PostgresStore
from tocsin.store.servers import Servers, hosts_of


@pytest.mark.parametrize(
    ("address", "hosts"),
    [
        ("postgresql://u:p@one/db", ()),
        ("postgresql://u@one:5433,two/db", (("one", 5433), ("two", 5432))),
        ("postgresql://u@[2001:db8::1]:7,two:8/db", (("2001:db8::1", 7), ("two", 8))),
        ("postgresql://u@/db?host=one,two&port=1,2", (("one", 1), ("two", 2))),
        ("postgresql://u@/db?host=/run/a,/run/b&port=7", (("/run/a", 7), ("/run/b", 7))),
        ("postgresql://u@/db?host=/run/a&port=7", ()),
    ],
)
def test_servers_of_an_address(address: str, hosts: tuple[tuple[str, int], ...]) -> None:
    """Servers are read from both places where an address can name them; a single one is left to the driver."""
    assert hosts_of(address) == hosts


def test_ports_that_fit_no_servers() -> None:
    """Two ports for three servers are a mistake in the address, and told as one."""
    with pytest.raises(ValueError, match="more ports than servers"):
        hosts_of("postgresql://u@/db?host=a,b,c&port=1,2")


@contextmanager
def silent_server() -> Iterator[int]:
    """A server that takes connections and says nothing; its port."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        yield mute.getsockname()[1]


def _as_second(database_url: str, first: str, port: int) -> str:
    """An address that names another server before the real one."""
    parts = urlsplit(database_url)
    real = parse_qs(parts.query)
    return f"postgresql://tocsin@{parts.path}?host={first},{real['host'][0]}&port={port},{real['port'][0]}"


@pytest.mark.postgres
async def test_a_server_that_is_silent_is_passed_over_and_asked_last_from_then_on(database_url: str) -> None:
    """The first of two servers says nothing: the second is found within the patience, and at once the next time."""
    with silent_server() as port:
        servers = Servers(_as_second(database_url, "127.0.0.1", port))
        begun = time.monotonic()
        await (await servers.connect(patience_seconds=4)).close()
        assert 1.5 < time.monotonic() - begun < 4
        begun = time.monotonic()
        await (await servers.connect(patience_seconds=4)).close()
        assert time.monotonic() - begun < 1.5


@pytest.mark.postgres
async def test_a_statement_without_an_answer_ends_its_connection(database_url: str) -> None:
    """When a server stops answering in the middle, the asker is told in time, and the next has a new one."""
    store = await PostgresStore.connect(database_url)
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        async with store._pool.reading() as connection:
            await connection.fetchval("SELECT pg_sleep(20)", timeout=0.5)
    assert time.monotonic() - begun < 3
    await store.now()
    await store.close()


async def test_nobody_is_there() -> None:
    """With all servers away the trouble is one that time may mend, and the last one's words are told."""
    with pytest.raises(Away, match="cannot be reached"):
        async with speaking_plainly():
            await Servers("postgresql://u@127.0.0.1:1,127.0.0.1:2/db").connect(patience_seconds=2)


@pytest.mark.postgres
async def test_who_is_not_let_in_does_not_wait(database_url: str) -> None:
    """A database that is not there is for somebody to make: waiting would not help."""
    with pytest.raises(Unavailable) as told:
        await PostgresStore.connect(database_url.replace("/test_", "/no_such_"))
    assert not isinstance(told.value, Away)


@pytest.mark.postgres
async def test_only_servers_that_take_writes_will_do(database_url: str) -> None:
    """A server that only reads is no server for us, and says so in plain words; an address may ask for one."""
    only = "&options=-c%20default_transaction_read_only%3Don"
    with pytest.raises(ReadOnly):
        async with speaking_plainly():
            await Servers(database_url + only).connect(patience_seconds=5)
    connection = await Servers(f"{database_url}{only}&target_session_attrs=any").connect(patience_seconds=5)
    await connection.close()
