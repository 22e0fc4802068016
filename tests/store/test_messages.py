"""What is promised in ports/messages.py, on memory and on PostgreSQL alike; and what only a real database can show."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from store.conftest import on_postgres
from store.scene import START, Scene
from store.test_postgres import soon
from tocsin.core.messages import Message
from tocsin.core.vocabulary import PersonName, Urgency
from tocsin.ports.messages import ClaimedMessage, MessageRecord
from tocsin.store.queries import SQL

ADA = PersonName("ada")
LEASE = timedelta(hours=1)
HOUR = timedelta(hours=1)
REFUSED = {"contact": "push", "outcome": "refused", "answer": {"status": 403, "text": "no\0"}}


def message(key: str = "reminder/a", **more: object) -> Message:
    """A message to Ada, due at once."""
    values = {"person": ADA, "kind": "reminder", "values": {"schedule": "a", "nul": "a\0b"}, "due_at": START, **more}
    return Message(key=key, **values)


async def claim(scene: Scene, *, limit: int = 10, lease: timedelta = LEASE) -> tuple[ClaimedMessage, ...]:
    """Claim what is due."""
    claimed, _ = await scene.store.claim_messages(node="one", limit=limit, lease=lease)
    return claimed


async def record(scene: Scene, key: str = "reminder/a") -> MessageRecord:
    """A message as it stands."""
    [found] = [one for one in await scene.store.messages_to(ADA, limit=50) if one.message.key == key]
    return found


async def test_a_message_is_told_once(scene: Scene) -> None:
    """A message is put, claimed by one, finished, and never claimed again; what was tried is kept."""
    assert await scene.store.put_messages([message(until=START + HOUR, urgency=Urgency.HIGH, path="/x")]) == 1
    [claimed] = await claim(scene)
    assert (claimed.claim, claimed.repeat, claimed.claimed_at) == (1, False, START)
    assert claimed.message == message(
        until=START + HOUR, urgency=Urgency.HIGH, path="/x", values={"schedule": "a", "nul": "a\ufffdb"}
    )
    assert (await record(scene)).status == "telling"
    assert await claim(scene) == ()
    await scene.let_pass(seconds=3)
    await scene.store.finish_message(claimed, told=True, tried=[REFUSED, {"contact": "mail", "outcome": "reached"}])
    told = await record(scene)
    assert (told.id, told.status, told.told_at) == (claimed.id, "told", scene.now)
    assert [one["contact"] for one in told.tried] == ["push", "mail"]
    assert told.tried[0]["answer"]["text"] == "no\ufffd"
    await scene.let_pass(days=1)
    assert await claim(scene) == ()


async def test_two_with_one_key_are_one(scene: Scene) -> None:
    """A key that is there already is not put again: not in a batch, not later, and not after it was told."""
    first, second = message(values={"n": "1"}), message(values={"n": "2"})
    assert await scene.store.put_messages([first, second, message("reminder/b")]) == 2
    assert await scene.store.put_messages([second]) == 0
    assert await scene.store.put_messages([]) == 0
    assert (await record(scene)).message.values == {"n": "1"}
    for claimed in await claim(scene):
        await scene.store.finish_message(claimed, told=True, tried=[])
    assert await scene.store.put_messages([second]) == 0
    assert await claim(scene) == ()


async def test_what_waits_is_withdrawn(scene: Scene) -> None:
    """What begins with the prefix and waits is taken back, except what is named; what was told stays told."""
    await scene.store.put_messages([message("reminder/told")])
    [claimed] = await claim(scene)
    await scene.store.finish_message(claimed, told=True, tried=[])
    later = START + HOUR
    keys = ("reminder/a", "reminder/b", "reminder/\U0001f514", "reminder", "reminders/c", "swap/reminder/")
    await scene.store.put_messages([message(key, due_at=later) for key in keys])
    assert await scene.store.withdraw_messages("reminder/", but=["reminder/b"]) == 2
    assert await scene.store.withdraw_messages("reminder/", but=["reminder/b"]) == 0
    statuses = {one.message.key: one.status for one in await scene.store.messages_to(ADA, limit=50)}
    assert statuses == {
        "reminder/told": "told",
        "reminder/a": "withdrawn",
        "reminder/\U0001f514": "withdrawn",
        **dict.fromkeys(("reminder/b", "reminder", "reminders/c", "swap/reminder/"), "waiting"),
    }
    await scene.let_pass(hours=2)
    assert {one.message.key for one in await claim(scene)} == {
        "reminder/b",
        "reminder",
        "reminders/c",
        "swap/reminder/",
    }


async def test_what_was_withdrawn_may_be_put_again(scene: Scene) -> None:
    """A shift that moves away and back again has its reminder."""
    await scene.store.put_messages([message(due_at=START + HOUR)])
    assert await scene.store.withdraw_messages("reminder/") == 1
    assert await scene.store.put_messages([message(values={"n": "2"})]) == 1
    [claimed] = await claim(scene)
    assert claimed.message.values == {"n": "2"}
    assert await scene.store.withdraw_messages("reminder/") == 0


async def test_nothing_is_told_before_its_time(scene: Scene) -> None:
    """A message waits until it is due, and the claim says how long that is."""
    assert await scene.store.claim_messages(node="one", limit=5, lease=LEASE) == ((), None)
    await scene.store.put_messages([message("a", due_at=START + HOUR), message("b", due_at=START + 2 * HOUR)])
    assert await scene.store.claim_messages(node="one", limit=5, lease=LEASE) == ((), HOUR)
    await scene.let_pass(hours=1)
    claimed, idle = await scene.store.claim_messages(node="one", limit=5, lease=timedelta(days=1))
    assert [one.message.key for one in claimed] == ["a"]
    assert idle == HOUR


async def test_there_may_be_more(scene: Scene) -> None:
    """A full claim says that there is no time to rest; the oldest come first."""
    await scene.store.put_messages([message(f"k{n}", due_at=START - n * HOUR) for n in range(3)])
    claimed, idle = await scene.store.claim_messages(node="one", limit=2, lease=LEASE)
    assert [one.message.key for one in claimed] == ["k2", "k1"]
    assert idle == timedelta(0)


async def test_what_is_too_late_expires(scene: Scene) -> None:
    """At its end a message is of no use: it is never told, not by the first who comes nor after a lost claim."""
    await scene.store.put_messages([message("a", until=START + HOUR), message("b", until=START + 2 * HOUR)])
    await scene.let_pass(hours=1)
    [lost] = await claim(scene, lease=timedelta(0))
    assert lost.message.key == "b"
    await scene.let_pass(hours=1)
    assert await claim(scene) == ()
    assert {(await record(scene, key)).status for key in "ab"} == {"expired"}
    await scene.store.finish_message(lost, told=True, tried=[])
    assert (await record(scene, "b")).status == "expired"


async def test_a_lost_claim_is_a_repeat(scene: Scene) -> None:
    """When a lease ends without a word the next claim is marked, and the old one is void."""
    await scene.store.put_messages([message()])
    [lost] = await claim(scene, lease=timedelta(0))
    [again] = await claim(scene)
    assert (again.id, again.repeat, again.claim) == (lost.id, True, 2)
    await scene.store.finish_message(lost, told=False, tried=[REFUSED])
    await scene.store.put_off_message(lost, wait=HOUR, uncertain=True, tried=[REFUSED])
    assert (await record(scene)).status == "telling"
    await scene.store.finish_message(again, told=True, tried=[])
    assert ((await record(scene)).status, (await record(scene)).tried) == ("told", ())


async def test_one_is_put_off(scene: Scene) -> None:
    """What could not be told waits, is no repeat unless it may have arrived, and keeps all that was tried."""
    await scene.store.put_messages([message()])
    for number, uncertain in enumerate([False, True, False], start=1):
        [claimed] = await claim(scene)
        assert (claimed.claim, claimed.repeat) == (number, number == 3)
        await scene.store.put_off_message(claimed, wait=HOUR, uncertain=uncertain, tried=[{**REFUSED, "n": number}])
        assert await scene.store.claim_messages(node="one", limit=5, lease=LEASE) == ((), HOUR)
        assert (await record(scene)).status == "waiting"
        await scene.let_pass(hours=1)
    [claimed] = await claim(scene)
    assert (claimed.repeat, claimed.message.due_at) == (True, START)
    await scene.store.finish_message(claimed, told=False, tried=[{"why": "given up"}])
    failed = await record(scene)
    assert (failed.status, failed.told_at, len(failed.tried)) == ("failed", None, 4)
    assert [one.get("n") for one in failed.tried] == [1, 2, 3, None]


async def test_a_persons_messages(scene: Scene) -> None:
    """The latest due comes first, nobody else's is among them, and no more than asked for."""
    await scene.store.put_messages([message(f"k{n}", due_at=START + n * HOUR) for n in (1, 3, 2)])
    await scene.store.put_messages([message("other", person=PersonName("linus"))])
    found = await scene.store.messages_to(ADA, limit=2)
    assert [one.message.key for one in found] == ["k3", "k2"]
    assert await scene.store.messages_to(PersonName("nobody"), limit=2) == ()


async def test_old_messages_are_forgotten(scene: Scene) -> None:
    """What is over goes by age, in portions; what waits stays however old it is."""
    await scene.store.put_messages([message(f"told/{n}") for n in range(3)])
    for claimed in await claim(scene):
        await scene.store.finish_message(claimed, told=True, tried=[])
    await scene.store.put_messages([message("late", until=START), message("waits", due_at=START + 1000 * HOUR)])
    assert await claim(scene) == ()
    await scene.let_pass(days=5)
    age = timedelta(days=4)
    assert [await scene.store.forget_messages(older_than=age, limit=3) for _ in range(3)] == [3, 1, 0]
    assert [one.message.key for one in await scene.store.messages_to(ADA, limit=50)] == ["waits"]
    assert await scene.store.put_messages([message("told/0")]) == 1


async def test_tellers_share_the_work(scene: Scene) -> None:
    """Two who claim at once never claim the same."""
    await scene.store.put_messages([message(f"k{n:02}") for n in range(20)])
    claims = await asyncio.gather(*(claim(scene, limit=3) for _ in range(8)))
    claims.append(await claim(scene, limit=20))
    keys = [one.message.key for claimed in claims for one in claimed]
    assert sorted(keys) == [f"k{n:02}" for n in range(20)]


async def test_one_at_a_time_is_let_in(scene: Scene) -> None:
    """While one is at a chore nobody else is let in to it; other chores go on, and afterwards the next may come."""
    async with scene.store.alone("rota") as first, scene.store.alone("rota") as second:
        assert (first, second) == (True, False)
        async with scene.store.alone("feeds") as other:
            assert other
        async with scene.store.alone("rota") as third:
            assert not third
    with suppress(ValueError):
        async with scene.store.alone("rota") as again:
            assert again
            raise ValueError("the chore went wrong")
    async with scene.store.alone("rota") as afterwards:
        assert afterwards


@pytest.mark.postgres
async def test_a_chore_is_free_when_its_connection_breaks(database_url: str) -> None:
    """A node that is gone holds no chore; the one whose connection broke ends its own without an error."""
    one, two = await on_postgres(database_url), await on_postgres(database_url)
    async with one.store.alone("rota") as first:
        assert first
        async with two.store._pool.reading() as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE application_name = 'tocsin-alone' AND datname = current_database()"
            )
        async with two.store.alone("rota") as second:
            assert second
    await one.store.close()
    await two.store.close()


@pytest.mark.postgres
async def test_new_messages_are_heard_everywhere(database_url: str) -> None:
    """Other nodes hear that there is something to tell, once a batch, and not of what was there already."""
    one, two = await on_postgres(database_url), await on_postgres(database_url)
    heard: list[str] = []
    two.store.watch(lambda topic, _payload: heard.append(topic))
    assert await soon(lambda: "messages" in heard)
    heard.clear()
    await one.store.put_messages([message("a"), message("b")])
    await one.store.put_messages([message("a")])
    await one.store.wake_all()
    assert await soon(lambda: "work" in heard)
    assert heard == ["messages", "work"]
    await one.store.close()
    await two.store.close()


@pytest.mark.postgres
async def test_statements_of_messages_use_indexes(database_url: str) -> None:
    """On empty tables, whose statistics say nothing, no statement about messages reads the whole table."""
    scene = await on_postgres(database_url)
    asked = ("claim_waiting_messages", "claim_lost_messages", "withdraw_messages", "mark_messages_claimed",
             "expire_messages", "finish_message", "put_off_message", "messages_to_person", "forget_messages",
             "real_time_until_message")  # fmt: skip
    async with scene.store._pool.reading() as connection, connection.transaction():
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        for name in asked:
            statement = await connection.prepare(SQL[name])
            nulls = ", ".join("NULL" for _ in statement.get_parameters())
            await connection.execute(f"PREPARE asked AS {SQL[name]}")
            rows = await connection.fetch(f"EXPLAIN EXECUTE asked({nulls})" if nulls else "EXPLAIN EXECUTE asked")
            await connection.execute("DEALLOCATE asked")
            plan = "\n".join(row[0] for row in rows)
            assert "Seq Scan" not in plan, f"{name}:\n{plan}"
            assert "Index" in plan, f"{name}:\n{plan}"
    await scene.store.close()
