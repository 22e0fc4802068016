"""The teller: whom it tries in which order, when it gives up, and that no trouble ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from messenger import ADA, DOWN, LOST, START, Messenger, ada, reminder
from tocsin.channels import webhook
from tocsin.core.directory import Directory
from tocsin.core.errors import Refused, Unavailable
from tocsin.core.messages.kinds import PRIVATE
from tocsin.core.vocabulary import Urgency
from tocsin.engine import teller as telling
from tocsin.engine.teller import Teller
from tocsin.ports.channels import Answer, Call, HttpCall, Memo, NoAnswer, Settings
from tocsin.ports.messages import ClaimedMessage
from tocsin.store.postgres import PostgresStore
from tocsin.testing import MemoryStore

GONE = Answer(status=410, text="gone")
BUSY = Answer(status=429, text="slowly", headers={"retry-after": "1800"})


async def test_contacts_are_tried_in_the_order_of_the_rules() -> None:
    """By urgency, each contact once however often the rules name it, and without their waits."""
    messenger = Messenger(ada("hook", "push", "mail"))
    messenger.providers.answers = lambda contact: None if contact == "mail" else DOWN
    await messenger.put(reminder())
    await messenger.work()
    assert messenger.providers.tried == ["hook", "push", "mail"]
    await messenger.put(reminder("b", urgency=Urgency.HIGH))
    await messenger.work()
    assert messenger.providers.tried[3:] == ["mail"]


@pytest.mark.parametrize("kind", sorted(PRIVATE))
async def test_a_link_that_signs_in_goes_to_the_persons_own_mail_alone(kind: str) -> None:
    """Whatever their rules say, and to nobody where no address is known; the link is made as it leaves, never kept."""
    known = replace(ada("hook", "push", "mail"), email="ada@own.example")
    messenger = Messenger(known)
    private = replace(reminder(f"{kind}/ada/nonce.state"), kind=kind, values={"by": "Linus"})
    await messenger.put(private)
    await messenger.work()
    told = await messenger.record(private.key)
    assert [(one["channel"], one["address"], one["outcome"]) for one in told.tried] == [
        ("email", "ada@own.example", "reached")
    ]
    assert "/password/" not in str(told)
    messenger.directory = Directory(people={ADA: replace(known, email=None)})
    await messenger.put(replace(private, key=f"{kind}/ada/other.state"))
    await messenger.work()
    assert [one.status for one in await messenger.store.messages_to(ADA, limit=9)].count("failed") == 1


async def test_a_channel_that_tells_nothing_is_passed_over() -> None:
    """A contact on a channel that there is not, or that has no messages, leaves it to the next."""
    messenger = Messenger(ada("pigeon", "mail"))
    await messenger.put(reminder())
    await messenger.work()
    messenger.expect("mail")
    assert [one["outcome"] for one in (await messenger.record()).tried] == ["refused", "reached"]


async def test_a_program_is_told_pages_alone() -> None:
    """Unless a setting says so, a program is not sent messages: it was made for pages. The next contact is told."""
    messenger = Messenger(ada("hook", "mail"))
    messenger.settings = {}
    messenger.teller = messenger.another()
    await messenger.put(reminder())
    await messenger.work()
    messenger.expect("mail")


@pytest.mark.parametrize(
    ("people", "why"), [({}, "there is no such person any more"), ({ADA: ada()}, "the person has no contact")]
)
async def test_nobody_to_tell(people: dict[Any, Any], why: str) -> None:
    """A message to somebody who is gone, or whom nothing reaches, has failed and says why."""
    messenger = Messenger()
    messenger.directory = Directory(people=people)
    await messenger.put(reminder())
    await messenger.work()
    failed = await messenger.record()
    assert (failed.status, failed.told_at) == ("failed", None)
    assert failed.tried == ({"at": "2026-11-22T08:00:00Z", "why": why},)


async def test_what_everybody_refuses_has_failed() -> None:
    """When no contact will ever take it, it is not tried again."""
    messenger = Messenger()
    messenger.providers.answers = lambda contact: Answer(status=550) if contact == "mail" else Answer(status=403)
    await messenger.put(reminder())
    await messenger.work()
    await messenger.let_pass(minutes=90)
    assert messenger.providers.tried == ["push", "mail"]
    assert (await messenger.record()).status == "failed"
    assert messenger.teller.counts == {"failed": 1}


async def _times(messenger: Messenger, minutes: int) -> list[int]:
    """After how many minutes the push was tried."""
    times: list[int] = []
    for minute in range(minutes):
        before = len(messenger.providers.tried)
        await messenger.work()
        times += [minute] * messenger.providers.tried[before:].count("push")
        messenger.clock.move(timedelta(minutes=1))
    return times


async def test_the_waits_grow_until_a_day_is_over() -> None:
    """A minute, two, four, at most an hour; after a day it has failed, with everything that was tried."""
    messenger = Messenger()
    messenger.providers.answers = lambda _contact: DOWN
    await messenger.put(reminder())
    times = await _times(messenger, 30 * 60)
    assert times[:8] == [0, 1, 3, 7, 15, 31, 63, 123]
    assert {late - early for early, late in pairwise(times[6:])} == {60}
    assert 22 * 60 < times[-1] < 24 * 60
    failed = await messenger.record()
    assert failed.status == "failed"
    assert len(failed.tried) == 2 * len(times)


async def test_nothing_is_put_off_beyond_its_use() -> None:
    """A message that would be too late the next time has failed; it is not tried once more at the last minute."""
    messenger = Messenger()
    messenger.providers.answers = lambda _contact: DOWN
    await messenger.put(reminder(until=START + timedelta(minutes=6)))
    assert await _times(messenger, 60) == [0, 1, 3]
    assert (await messenger.record()).status == "failed"


async def test_a_provider_that_asks_for_time_gets_it() -> None:
    """What a provider wishes is longer than our own wait, so it is kept to."""
    messenger = Messenger()
    messenger.providers.answers = lambda contact: BUSY if contact == "push" else DOWN
    await messenger.put(reminder())
    assert await _times(messenger, 59) == [0, 30]


async def test_a_lost_round_makes_the_next_one_a_repeat() -> None:
    """When a call may have arrived, the round after it says so, also to contacts that were not reached."""
    messenger = Messenger()
    messenger.providers.answers = lambda contact: LOST if contact == "mail" else DOWN
    await messenger.put(reminder())
    await messenger.work()
    messenger.providers.answers = lambda _contact: None
    await messenger.let_pass(minutes=5)
    messenger.expect("mail", "push")
    assert [one.repeat for one in messenger.providers.said] == [False, True]


async def test_nodes_that_die_of_a_message_do_not_die_of_it_for_ever() -> None:
    """What is claimed again and again without a word is given up after a day, and not called any more."""
    messenger = Messenger()
    await messenger.put(reminder())
    for _ in range(telling.TRIED_AT_LEAST):
        assert len(await messenger.claim()) == 1
        messenger.clock.move(timedelta(hours=4))
    await messenger.work()
    messenger.expect()
    assert (await messenger.record()).status == "failed"


async def test_what_is_late_because_nobody_was_there_is_told() -> None:
    """After two days without a node a message is told, and has its time when its first try fails."""
    messenger = Messenger()
    await messenger.put(reminder())
    messenger.clock.move(timedelta(hours=48))
    messenger.providers.answers = lambda _contact: DOWN
    await messenger.work()
    messenger.providers.answers = lambda _contact: None
    await messenger.let_pass(minutes=2)
    messenger.expect("push")


def _broken(memo: Memo, settings: Settings) -> HttpCall:
    raise KeyError(memo.kind)


async def test_a_channel_that_breaks_is_passed_over() -> None:
    """A call that cannot be composed is noted, and the next contact is tried."""
    messenger = Messenger(ada("hook", "mail"))
    messenger.channels["webhook"] = replace(webhook.CHANNEL, tell=_broken)
    await messenger.put(reminder())
    await messenger.work()
    messenger.expect("mail")
    broken = (await messenger.record()).tried[0]
    assert (broken["outcome"], broken["answer"]["why"]) == ("refused", "it could not be composed: 'reminder'")


class Troubled(MemoryStore):
    """Raises what it is told to, as often as it is told to, when something is claimed or finished."""

    def __init__(self, now: Callable[[], Any]) -> None:
        super().__init__(now)
        self.claiming: list[Exception] = []
        self.finishing: list[Exception] = []

    async def claim_messages(self, **asked: Any) -> Any:
        """Claim, or raise."""
        if self.claiming:
            raise self.claiming.pop()
        return await super().claim_messages(**asked)

    async def finish_message(self, claimed: ClaimedMessage, *, told: bool, tried: Sequence[Mapping[str, Any]]) -> None:
        """Finish, or raise."""
        if self.finishing:
            raise self.finishing.pop()
        await super().finish_message(claimed, told=told, tried=tried)


async def _told(store: MemoryStore | PostgresStore, key: str) -> None:
    """Until a message is told."""
    for _ in range(1000):
        if {one.message.key: one.status for one in await store.messages_to(ADA, limit=50)}[key] == "told":
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"{key} is not told")


async def _running(teller: Teller, store: MemoryStore | PostgresStore) -> asyncio.Task[None]:
    store.watch(lambda topic, _payload: teller.pulse.wake() if topic == "messages" else None)
    return asyncio.create_task(teller.run())


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_the_loop_survives_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is away, and a fault of ours, cost a moment: what is put afterwards is told."""
    monkeypatch.setattr(telling, "A_MOMENT", timedelta(milliseconds=10))
    messenger = Messenger()
    store = Troubled(messenger.clock)
    store.claiming = [ValueError("ours"), Unavailable("away", retry_seconds=0.01)]
    store.finishing = [Refused("this cannot be stored"), Unavailable("away", retry_seconds=0.01)]
    messenger.store = store
    teller = messenger.another(store)
    await messenger.put(reminder())
    task = await _running(teller, store)
    await _told(store, "reminder/a")
    await messenger.put(reminder("b"))
    await _told(store, "b")
    await _end(task)
    messenger.expect("push", "push")
    assert (await messenger.record()).tried == ({"why": "what was tried cannot be kept"},)
    assert len((await messenger.record("b")).tried) == 1
    assert teller.counts == {"told": 2}
    assert teller.pulse.stumbles == 1


async def test_many_are_told_a_few_at_a_time() -> None:
    """However much there is to tell, few calls are under way at once: the way out belongs to the pages."""
    messenger = Messenger()
    under_way, most = 0, 0
    calls = messenger.providers.call

    async def slow(channel: str, call: Call) -> Answer | NoAnswer:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return await calls(channel, call)

    messenger.providers.call = slow  # type: ignore[method-assign]
    await messenger.put(*(reminder(f"k{number}") for number in range(30)))
    task = await _running(messenger.teller, messenger.store)
    for number in range(30):
        await _told(messenger.store, f"k{number}")
    await _end(task)
    assert 1 < most <= telling.AT_A_TIME
    assert messenger.teller.pulse.done == 30


async def test_what_is_under_way_is_ended_before_the_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stopping node lets its calls end and writes them; one that takes too long is left to its lease."""
    messenger = Messenger()
    calls, begun = messenger.providers.call, asyncio.Event()

    async def slow(channel: str, call: Call) -> Answer | NoAnswer:
        begun.set()
        await asyncio.sleep(0.05)
        return await calls(channel, call)

    messenger.providers.call = slow  # type: ignore[method-assign]
    for key, seconds, status in (("a", 5, "told"), ("b", 0, "telling")):
        begun.clear()
        await messenger.put(reminder(key))
        task = await _running(messenger.teller, messenger.store)
        await begun.wait()
        await _end(task)
        await messenger.teller.drain(seconds=seconds)
        assert (await messenger.record(key)).status == status


def test_a_round_is_shorter_than_its_lease() -> None:
    """Nobody takes a message over that is still being told: not if every contact takes as long as a mail may."""
    assert telling.CONTACTS_AT_MOST * 2 * timedelta(seconds=10) < telling.LEASE


@pytest.mark.postgres
async def test_two_nodes_tell_each_message_once(database_url: str) -> None:
    """On one database two nodes share what there is to tell; what is put at one is heard at the other."""
    stores = [await PostgresStore.connect(database_url) for _ in range(2)]
    messenger = Messenger()
    tellers = [messenger.another(store) for store in stores]
    tasks = [await _running(*pair) for pair in zip(tellers, stores, strict=True)]
    now = await stores[0].now()
    await stores[0].put_messages([reminder(f"k{number}", due_at=now) for number in range(40)])
    for number in range(40):
        await _told(stores[1], f"k{number}")
    for task in tasks:
        await _end(task)
    assert len(messenger.providers.said) == 40
    assert not any(one.repeat for one in messenger.providers.said)
    assert sum(teller.counts["told"] for teller in tellers) == 40
    for store in stores:
        await store.close()
