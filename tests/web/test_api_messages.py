"""What a person was told besides pages, over HTTP: own messages, others' for managers, and a message to try it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tocsin.core.messages import Message
from web.api_world import World

MESSAGE = {
    "id", "kind", "title", "text", "values", "urgency", "path", "status", "due_at", "until", "told_at", "tried",
}  # fmt: skip
VALUES = {
    "schedule": "data-primary",
    "start": "2026-11-23T08:00:00Z",
    "end": "2026-11-30T08:00:00Z",
    "source": "weekly",
}
TRIED = {
    "contact": "hook",
    "channel": "webhook",
    "address": "https://chat.example.org/secret/x",
    "outcome": "reached",
    "answer": {"status": 200, "text": "ok https://chat.example.org/secret/x"},
}


async def told(world: World, person: str) -> None:
    """A reminder that the person was told, and one that is still to come."""
    now = await world.store.now()
    reminder = Message(key=f"reminder/{person}", person=person, kind="reminder", values=VALUES, due_at=now)
    later = replace(reminder, key=f"later/{person}", due_at=now + timedelta(days=1))
    await world.store.put_messages([reminder, later])
    [claimed], _ = await world.store.claim_messages(node="test", limit=5, lease=timedelta(minutes=5))
    await world.store.finish_message(claimed, told=True, tried=[TRIED])


@pytest.mark.parametrize(
    ("by", "whose", "read", "tested"),
    [
        ("grace", "grace", 200, 202),
        ("grace", "ada", 403, 403),
        ("admin", "grace", 200, 202),
        ("stan", "stan", 200, 403),
        ("stan", "ada", 403, 403),
    ],
)
async def test_messages_are_a_persons_own(by: str, whose: str, read: int, tested: int) -> None:
    """Everybody reads their own, managers and administrators everybody's; whoever only looks on sends no test."""
    world = await World().open()
    assert (await world.get(f"/api/v1/people/{whose}/messages", by=by)).status == read
    assert (await world.post(f"/api/v1/people/{whose}/messages/test", by=by)).status == tested


async def test_a_manager_reads_for_their_team() -> None:
    """The role of a manager is enough, by session as well."""
    world = await World().open()
    cookie = world.cookie("linus", "manager")
    assert (await world.get("/api/v1/people/grace/messages", by=None, cookie=cookie)).status == 200


async def test_messages_are_listed_as_they_were_told() -> None:
    """In the person's own words and on their clock, the latest due first, with every try."""
    world = await World().open()
    await told(world, "grace")
    answer = (await world.get("/api/v1/people/grace/messages", by="grace")).json()
    later, reminder = answer["items"]
    assert answer["next_cursor"] is None
    assert reminder.keys() == MESSAGE
    assert reminder["title"] == "You are on call for data-primary from Mon 2026-11-23, 09:00"
    assert (reminder["status"], reminder["told_at"]) == ("told", "2026-11-22T03:11:00Z")
    assert reminder["tried"] == [TRIED]
    assert (later["status"], later["told_at"], later["tried"]) == ("waiting", None, [])
    assert len((await world.get("/api/v1/people/grace/messages?limit=1", by="grace")).json()["items"]) == 1


async def test_those_who_look_on_see_addresses_in_part() -> None:
    """A stakeholder reads their own messages, without whole addresses and without what providers said."""
    world = await World().open()
    await told(world, "stan")
    items = (await world.get("/api/v1/people/stan/messages", by="stan")).json()["items"]
    [tried] = items[1]["tried"]
    assert tried["address"] == "https://chat.example.org/…"
    assert "answer" not in tried


async def test_nobody_has_no_messages() -> None:
    """A person who does not exist is not found, to read and to write."""
    world = await World().open()
    assert (await world.get("/api/v1/people/nobody/messages")).status == 404
    assert (await world.post("/api/v1/people/nobody/messages/test")).status == 404


async def test_a_test_message_is_sent() -> None:
    """It is due at once, says who wanted it, and is of no use an hour later; each call sends another."""
    world = await World().open()
    for _ in range(2):
        answer = await world.post("/api/v1/people/grace/messages/test", by="grace")
        assert (answer.status, answer.json()) == (
            202,
            {"person": "grace", "kind": "test", "due_at": "2026-11-22T03:11:00Z"},
        )
    claimed, _ = await world.store.claim_messages(node="test", limit=5, lease=timedelta(minutes=5))
    assert [one.message.kind for one in claimed] == ["test", "test"]
    assert claimed[0].message.values == {"by": "grace"}
    assert claimed[0].message.until == world.clock() + timedelta(hours=1)


async def test_a_test_message_needs_a_contact() -> None:
    """Whoever cannot be reached is told what is missing, and nothing is kept."""
    world = await World().open()
    grace = replace(world.directory.people["grace"], contacts=())
    world.directory = replace(world.directory, people={**world.directory.people, "grace": grace})
    answer = await world.post("/api/v1/people/grace/messages/test")
    assert (answer.status, answer.json()["field"]) == (422, "name")
    assert await world.store.messages_to("grace", limit=5) == ()
