"""Which nodes are there: what a dead one was calling is free within seconds, what a living one is calling is not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from plugins.postgres import administer
from store.scene import Scene, trigger
from store.test_messages import claim, message
from tocsin.ports.state import Claimed
from tocsin.store.pool import ReadOnly

pytestmark = pytest.mark.postgres

#: So long nobody of the living may be missed.
A_WHILE = 4.0


async def soon(asks: Callable[[], Awaitable[bool]], seconds: float = 10) -> float:
    """For how long it took to happen."""
    begun = time.monotonic()
    while not await asks():
        assert time.monotonic() - begun < seconds, "it does not happen"
        await asyncio.sleep(0.02)
    return time.monotonic() - begun


async def present(scene: Scene) -> dict[str, bool]:
    """Who is there, and whether it is missed."""
    async with scene.store._pool.reading() as connection:
        rows = await connection.fetch("SELECT name, missed_at IS NOT NULL AS missed FROM nodes")
    return {row["name"]: row["missed"] for row in rows}


async def claimed_by(scene: Scene, name: str) -> Claimed:
    """A delivery that a node of this name is calling."""
    await scene.one(trigger())
    worked = await scene.work(node=name)
    [claimed] = worked.claimed
    return claimed


async def test_nodes_are_there_until_they_leave(nodes: tuple[Scene, Scene]) -> None:
    """Each node that attends is there, and missed by nobody; one that leaves is not."""
    nodes[0].store.attend("one")
    nodes[1].store.attend("two")

    async def both() -> bool:
        return len(await present(nodes[0])) == 2

    await soon(both)
    assert await present(nodes[0]) == {"one": False, "two": False}
    await nodes[0].store.leave("one")
    assert set(await present(nodes[1])) == {"two"}


async def test_what_a_dead_node_was_calling_is_taken_over_at_once_and_marked(nodes: tuple[Scene, Scene]) -> None:
    """The session of a node ends: its delivery leaves from another within seconds, as a repeat."""
    dead, other = nodes
    dead.store.attend("dead")
    other.store.attend("other")

    async def both() -> bool:
        return len(await present(other)) == 2

    await soon(both)
    claimed = await claimed_by(dead, "dead")
    assert (await other.claim()).claimed == ()
    await dead.store._stop_watching()

    async def free() -> bool:
        found.extend((await other.claim()).claimed)
        return bool(found)

    found: list[Claimed] = []
    assert await soon(free) < 5
    [again] = found
    assert (again.delivery.id, again.delivery.repeat, claimed.delivery.repeat) == (claimed.delivery.id, True, False)
    assert set(await present(other)) == {"other"}


async def test_a_cut_connection_is_no_death(nodes: tuple[Scene, Scene], database_url: str) -> None:
    """A living node whose session is ended by the server comes back, and nothing of it is taken over."""
    living, other = nodes
    living.store.attend("living")
    other.store.attend("other")

    async def both() -> bool:
        return len(await present(other)) == 2

    await soon(both)
    await claimed_by(living, "living")
    await administer(
        database_url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'tocsin-presence'",
    )
    await asyncio.sleep(A_WHILE)
    assert await present(other) == {"living": False, "other": False}
    assert (await other.claim()).claimed == ()


async def test_nodes_that_do_not_attend_keep_their_leases(nodes: tuple[Scene, Scene]) -> None:
    """A node of an earlier version holds no lock and has no row: its calls are its own until the lease ends."""
    await claimed_by(nodes[0], "of the version before")
    nodes[1].store.attend("other")
    await asyncio.sleep(A_WHILE)
    assert (await nodes[1].claim()).claimed == ()


async def test_a_leaving_node_frees_what_it_was_calling(nodes: tuple[Scene, Scene]) -> None:
    """What is still under way when a node ends in order is another's at once, as a repeat."""
    nodes[0].store.attend("leaving")

    async def there() -> bool:
        return bool(await present(nodes[0]))

    await soon(there)
    claimed = await claimed_by(nodes[0], "leaving")
    await nodes[0].store.leave("leaving")
    [again] = (await nodes[1].claim()).claimed
    assert (again.delivery.id, again.delivery.repeat) == (claimed.delivery.id, True)


async def test_messages_of_a_node_that_leaves_are_free_too(nodes: tuple[Scene, Scene]) -> None:
    """What a node was telling is told by another at once, as a repeat, long before its lease of an hour ends."""
    await nodes[0].store.put_messages([message()])
    [told] = await claim(nodes[0])
    assert await claim(nodes[1]) == ()
    await nodes[0].store.leave("one")
    [again] = await claim(nodes[1])
    assert (again.id, again.repeat, told.repeat) == (told.id, True, False)


async def test_locks_of_a_session_that_stands_still_end_soon(nodes: tuple[Scene, Scene]) -> None:
    """The server ends what rests in the middle of a transaction, runs too long, or is no longer heard of."""
    wanted = {
        "idle_in_transaction_session_timeout": "10s",
        "statement_timeout": "1min",
    }
    async with nodes[0].store._pool.reading() as connection:
        found = {name: await connection.fetchval(f"SHOW {name}") for name in wanted}
    assert found == wanted


async def test_looking_after_others_writes_nothing_while_all_is_well(nodes: tuple[Scene, Scene]) -> None:
    """While nobody comes or goes, the rows of the nodes are not touched."""
    for scene, name in zip(nodes, ("one", "two"), strict=True):
        scene.store.attend(name)

    async def both() -> bool:
        return len(await present(nodes[0])) == 2

    await soon(both)

    async def touched() -> list[str]:
        async with nodes[0].store._pool.reading() as connection:
            return [row["xmin"] for row in await connection.fetch("SELECT xmin::text FROM nodes ORDER BY name")]

    before = await touched()
    await asyncio.sleep(2)
    assert await touched() == before


async def test_a_read_only_database_is_not_ready_and_ready_again_later(
    nodes: tuple[Scene, Scene], database_url: str, postgres_server: str
) -> None:
    """While the server refuses writes the store says so and keeps no connection; afterwards all works by itself."""
    scene, name = nodes[0], database_url.split("/")[3].split("?", maxsplit=1)[0]
    await scene.store.ready()
    await administer(postgres_server, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await scene.store._pool.leave_server()
    for _ in range(2):
        with pytest.raises(ReadOnly, match="the database is read-only"):
            await scene.store.ready()
    with pytest.raises(ReadOnly):
        await scene.one(trigger())
    await administer(postgres_server, f"ALTER DATABASE {name} SET default_transaction_read_only = off")
    await scene.store.ready()
    await scene.one(trigger())
