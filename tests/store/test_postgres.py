"""What only a real database can show: nodes side by side, lost connections, notices, migrations, another pace."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import reduce
from pathlib import Path

import pytest

from plugins.postgres import administer
from store.conftest import on_postgres
from store.scene import GROUPED, Scene, resolve, trigger
from store.test_rebuild import settled
from tocsin.core import case as cases
from tocsin.core.errors import Refused, Unavailable
from tocsin.core.vocabulary import AlertId
from tocsin.ports.state import AlertQuery, Document, Incoming, Token
from tocsin.store.migrating import known_migrations
from tocsin.store.pool import refuse_old_server
from tocsin.store.postgres import PostgresStore
from tocsin.store.queries import SQL

pytestmark = pytest.mark.postgres


async def soon(happens: Callable[[], bool]) -> bool:
    """True as soon as it happens, False when it has not within ten seconds."""
    for _ in range(1000):
        if happens():
            return True
        await asyncio.sleep(0.01)
    return False


async def test_two_nodes_make_one_alert(nodes: tuple[Scene, Scene]) -> None:
    """The same new conditions at two nodes at once become one alert each, and every trigger is counted."""
    keys = [f"k{number}" for number in range(20)]
    batches = [[trigger(key) for key in random.Random(seed).sample(keys, 20)] for seed in range(8)]
    await asyncio.gather(*(node.take(*batch) for batch, node in zip(batches, nodes * 4, strict=True)))
    items = (await nodes[0].store.alerts(AlertQuery(limit=100))).items
    assert Counter(one.alert.dedup_key for one in items) == dict.fromkeys(keys, 1)
    assert {one.count for one in items} == {8}


async def test_two_nodes_gather_one_group(nodes: tuple[Scene, Scene]) -> None:
    """Different conditions of one grouping key at two nodes at once are gathered into one group."""
    events = [trigger(f"k{number}", labels={"team": "x"}) for number in range(10)]
    batches = zip(events, nodes * 5, strict=True)
    await asyncio.gather(*(node.take(event, integration=GROUPED) for event, node in batches))
    items = (await nodes[0].store.alerts(AlertQuery(limit=100))).items
    assert len(items) == 10
    assert len({one.group_id for one in items}) == 1


async def test_an_end_and_its_beginning_at_two_nodes(nodes: tuple[Scene, Scene]) -> None:
    """A resolve and the trigger that it overtakes, at two nodes at the same moment: the alert is over either way."""
    at = nodes[0].now
    for number in range(20):
        early, late = trigger(f"k{number}", at=at - timedelta(seconds=9)), resolve(f"k{number}", at=at)
        await asyncio.gather(nodes[0].take(early), nodes[1].take(late))
    items = (await nodes[0].store.alerts(AlertQuery(limit=100))).items
    assert [one.alert.is_open for one in items] == [False] * 20


async def _busy(node: Scene, dice: random.Random, rounds: int) -> None:
    """One node's share of a busy night."""
    for _ in range(rounds):
        labels = {"team": dice.choice("xyz")}
        expires_at = dice.choice([None, node.now + timedelta(minutes=dice.randint(-1, 5))])
        events = [trigger(dice.choice("abcdefgh"), labels=labels, expires_at=expires_at) for _ in range(4)]
        events.append(resolve(dice.choice("abcdefgh"), at=node.now))
        await node.take(*events, integration=GROUPED)
        claims = [*(await node.work(limit=5)).claimed, *(await node.claim(limit=5)).claimed]
        await node.finish(*claims)
        items = (await node.store.alerts(AlertQuery())).items
        await node.command(dice.choice(items).alert.id, dice.choice(["acknowledge", "resolve"]))


@pytest.mark.parametrize("seed", range(2))
async def test_a_busy_night_keeps_the_promises(nodes: tuple[Scene, Scene], seed: int) -> None:
    """Six writers at two nodes: nobody is refused, state is what the journal says, no call is made twice."""
    dice = [random.Random(seed * 10 + number) for number in range(6)]
    await asyncio.gather(*(_busy(node, one, 15) for one, node in zip(dice, nodes * 3, strict=True)))
    store = nodes[0].store
    items = (await store.alerts(AlertQuery(limit=1000))).items
    for group_id in {one.group_id for one in items}:
        stored = await store.case(group_id)
        assert stored is not None
        facts = [fact for entry in await store.story(group_id) for fact in entry.facts]
        folded = reduce(cases.evolve, facts, None)
        assert folded is not None
        assert settled(folded) == settled(stored)
    deliveries = [one for item in items for one in await store.deliveries_of(item.alert.id)]
    assert {one.delivery.repeat for one in deliveries} == {False}
    assert (await store.health(allowed=timedelta(days=1))).cases_without_next_step == 0


async def test_the_store_outlives_its_connections(nodes: tuple[Scene, Scene], database_url: str) -> None:
    """When the database drops every connection, the asker is told to try later, and later works."""
    name = database_url.split("/")[3].split("?", maxsplit=1)[0]
    scene = nodes[0]
    await scene.one(trigger())
    kill = (
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    )
    for _ in range(3):
        await administer(database_url, kill)
        for _ in range(12):
            with suppress(Unavailable):
                await scene.take(trigger())
                break
        else:
            pytest.fail("the pool does not recover")


async def test_an_absent_database_is_told_plainly(tmp_path: Path) -> None:
    """No server at the address: one of our own errors, with when to try again."""
    with pytest.raises(Unavailable, match="cannot be reached"):
        await PostgresStore.connect(f"postgresql://tocsin@/tocsin?host={tmp_path}")


async def test_an_old_server_is_told_plainly() -> None:
    """A server that lacks what the statements need is named, and so is the oldest that will do."""
    with pytest.raises(Unavailable, match="PostgreSQL 15 or newer"):
        refuse_old_server(14)


async def test_an_address_that_is_none_is_refused() -> None:
    """What is no address of a database is the asker's to mend."""
    with pytest.raises(Refused, match="address of the database"):
        await PostgresStore.connect("mysql://here")


async def test_a_read_only_database_is_told_plainly(database_url: str) -> None:
    """A database that takes no writes (a standby, a full disk) refuses events as passing trouble."""
    scene = await on_postgres(database_url)
    name = database_url.split("/")[3].split("?", maxsplit=1)[0]
    await administer(database_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await scene.store.close()
    with pytest.raises(Unavailable, match="read-only"):
        await PostgresStore.connect(database_url)


async def test_notices_reach_every_node(nodes: tuple[Scene, Scene]) -> None:
    """What one node does, the other hears; after a lost connection everything is said once again."""
    one, two = nodes
    heard: list[tuple[str, str]] = []
    two.store.watch(lambda topic, payload: heard.append((topic, payload)))
    assert await soon(lambda: ("case", "*") in heard)
    heard.clear()
    alert_id = await one.one(trigger())
    record = await one.store.alert(alert_id)
    assert record is not None
    await one.store.change(put=[Document(kind="k", name="n", body={})], drop=[], by="ada", at_revision=0)
    assert await soon(lambda: len(heard) >= 3)
    assert heard == [("work", ""), ("case", record.group_id), ("configuration", "1")]
    heard.clear()
    async with one.store._pool.reading() as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tocsin-watch'"
            " AND datname = current_database()"
        )
    assert await soon(lambda: ("work", "") in heard and ("configuration", "") in heard)


async def test_a_big_batch_is_one_notice(nodes: tuple[Scene, Scene]) -> None:
    """Live pages are told of many cases at once with one word."""
    heard: list[tuple[str, str]] = []
    nodes[1].store.watch(lambda topic, payload: heard.append((topic, payload)))
    assert await soon(lambda: bool(heard))
    heard.clear()
    await nodes[0].take(*(trigger(f"k{number}") for number in range(17)))
    assert await soon(lambda: len(heard) >= 2)
    assert heard == [("work", ""), ("case", "*")]


async def test_an_answer_given_twice_is_kept_once(nodes: tuple[Scene, Scene]) -> None:
    """The same events, given again after an answer that got lost, are refused and change nothing."""
    batch: list[Incoming] = nodes[0].incoming(trigger())
    await nodes[0].store.take_in(batch, nodes[0].decide_batch, nodes[0].calm)
    with pytest.raises(Unavailable):
        await nodes[0].store.take_in(batch, nodes[0].decide_batch, nodes[0].calm)
    [record] = (await nodes[0].store.alerts(AlertQuery())).items
    assert record.count == 1


async def test_time_may_run_faster(database_url: str) -> None:
    """At sixty times the pace a step in five minutes is due in five real seconds."""
    store = await PostgresStore.connect(database_url)
    await store.set_pace(60)
    scene = Scene(store, lambda _at: asyncio.sleep(0))
    before = await store.now()
    await scene.one(trigger())
    worked = await scene.work()
    assert worked.count == 1
    idle = (await scene.work()).idle
    assert idle is not None
    assert timedelta(seconds=3) < idle <= timedelta(seconds=5)
    assert await store.now() - before < timedelta(minutes=2)
    await store.close()


async def test_nodes_that_start_together_migrate_once(postgres_server: str) -> None:
    """Several nodes that start on an empty database at once all come up, on one schema."""
    await administer(postgres_server, "CREATE DATABASE together")
    url = postgres_server.replace("/tocsin?", "/together?")
    stores = await asyncio.gather(*(PostgresStore.connect(url) for _ in range(3)))
    for store in stores:
        assert await store.documents() == (0, ())
        await store.close()
    await administer(postgres_server, "DROP DATABASE together")


async def test_data_of_a_newer_version_are_left_alone(database_url: str) -> None:
    """A schema that this version does not know is refused in one sentence."""
    known = known_migrations()[-1].number
    await administer(database_url, "INSERT INTO migrations (number, name) VALUES (4711, 'future')")
    said = re.escape(f"the data were written by a newer Tocsin (schema 4711, this one knows {known})")
    with pytest.raises(Unavailable, match=said):
        await PostgresStore.connect(database_url)


async def test_hot_statements_use_indexes(database_url: str) -> None:
    """On empty tables, whose statistics say nothing, no statement of the hot path reads a whole table."""
    store = await PostgresStore.connect(database_url)
    hot = ("glance_by_key", "glance_by_id", "lock_cases", "alerts_of_cases", "claim_due_cases", "repeat_alerts",
           "services_with_cases", "claim_cases_of_services", "services_with_deliveries", "claim_deliveries_of_services",
           "update_cases", "update_alerts", "claim_waiting_deliveries", "items_of_deliveries", "real_time_until_work",
           "lock_waiting_deliveries", "stop_items", "events_of_alert", "list_alerts", "list_open_alerts")  # fmt: skip
    async with store._pool.reading() as connection, connection.transaction():
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        for name in hot:
            statement = await connection.prepare(SQL[name])
            nulls = ", ".join("NULL" for _ in statement.get_parameters())
            await connection.execute(f"PREPARE asked AS {SQL[name]}")
            rows = await connection.fetch(f"EXPLAIN EXECUTE asked({nulls})" if nulls else "EXPLAIN EXECUTE asked")
            await connection.execute("DEALLOCATE asked")
            plan = "\n".join(row[0] for row in rows)
            assert "Seq Scan" not in plan, f"{name}:\n{plan}"
    await store.close()


def test_every_query_is_told_and_used() -> None:
    """Each query has a line that says what it is for, and somebody who asks it."""
    folder = Path(__file__).parents[2] / "src" / "tocsin" / "store"
    text = (folder / "queries.sql").read_text()
    code = "".join(file.read_text() for file in folder.glob("*.py"))
    told = re.findall(r"^-- name: (\w+)\n-- .+\.$", text, re.MULTILINE)
    told += re.findall(r"^-- name: (\w+)\n-- .+\n", text, re.MULTILINE)
    assert set(told) == set(SQL)
    assert [name for name in SQL if f'"{name}"' not in code] == []


async def test_a_driver_error_never_leaves(database_url: str) -> None:
    """After the store is closed its methods still raise our own errors."""
    scene = await on_postgres(database_url)
    await scene.store.close()
    for asked in (scene.store.now(), scene.take(trigger()), scene.store.alert(AlertId(scene.new_id()))):
        with pytest.raises(Unavailable):
            await asked


async def test_a_statement_that_others_were_in_the_way_of_is_made_again(database_url: str) -> None:
    """Nodes that start at once put the same token: whoever meets another's hash in that moment tries once more."""
    store = await PostgresStore.connect(database_url)
    async with store._pool.reading() as connection:
        await connection.execute(
            """
            CREATE SEQUENCE tries;
            CREATE FUNCTION in_the_way() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF nextval('tries') < 3 THEN RAISE unique_violation; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER others BEFORE INSERT ON tokens FOR EACH ROW EXECUTE FUNCTION in_the_way();
            """
        )
    await store.put_token(Token(hash="h", name="n", role="admin"))
    assert [token.name for token in await store.tokens()] == ["n"]
    await store.close()
