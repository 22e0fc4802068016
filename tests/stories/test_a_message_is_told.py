"""A message is told once, by the first contact that takes it, and never when it is too late."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from messenger import DOWN, LOST, START, Messenger, reminder
from tocsin.ports.channels import Answer
from tocsin.ports.messages import ClaimedMessage
from tocsin.testing import MemoryStore


class Dying(MemoryStore):
    """The store of a node that is killed before it can say how a call went."""

    async def finish_message(self, claimed: ClaimedMessage, *, told: bool, tried: Sequence[Mapping[str, Any]]) -> None:
        """The end."""
        raise asyncio.CancelledError


async def test_a_reminder_is_told_by_mail_when_the_push_is_refused() -> None:
    """The next contact takes what the first one refuses, at once, and nothing is told a second time."""
    messenger = Messenger()
    messenger.providers.answers = lambda contact: Answer(status=403, text="no") if contact == "push" else None
    await messenger.put(reminder())
    await messenger.work()
    await messenger.let_pass(minutes=90)
    messenger.expect("mail")
    told = await messenger.record()
    assert (told.status, told.told_at) == ("told", START)
    assert [(one["contact"], one["outcome"]) for one in told.tried] == [("push", "refused"), ("mail", "reached")]
    assert told.tried[0]["answer"] == {"status": 403, "text": "no"}
    assert told.tried[1] == {
        "at": "2026-11-22T08:00:00Z",
        "contact": "mail",
        "channel": "email",
        "address": "ada@example.org",
        "outcome": "reached",
        "answer": {"status": 250},
    }


async def test_a_node_dies_after_the_call() -> None:
    """What may have been told is told again when the lease has ended, and says that it is a repeat."""
    messenger = Messenger()
    await messenger.put(reminder())
    [claimed] = await messenger.claim()
    with suppress(asyncio.CancelledError):
        await messenger.another(Dying(now=messenger.clock)).tell(claimed)
    await messenger.let_pass(minutes=4)
    messenger.expect("push")
    await messenger.let_pass(minutes=60)
    messenger.expect("push")
    assert [one.repeat for one in messenger.providers.said] == [False, True]
    assert (await messenger.record()).status == "told"


async def test_a_reminder_that_comes_too_late_is_not_told() -> None:
    """When the shift has begun nobody is reminded of it, also not after a night without a node."""
    messenger = Messenger()
    await messenger.put(reminder(until=START + timedelta(minutes=10)))
    messenger.clock.move(timedelta(minutes=10))
    await messenger.work()
    messenger.expect()
    assert messenger.providers.tried == []
    assert (await messenger.record()).status == "expired"


async def test_a_provider_that_comes_back_takes_it() -> None:
    """While every contact is down the message waits; it is told when one is back, and is no repeat."""
    messenger = Messenger()
    messenger.providers.answers = lambda _contact: DOWN
    await messenger.put(reminder())
    await messenger.work()
    await messenger.let_pass(minutes=10)
    messenger.expect()
    messenger.providers.answers = lambda _contact: None
    await messenger.let_pass(minutes=10)
    messenger.expect("push")
    assert [one.repeat for one in messenger.providers.said] == [False]


async def test_a_call_that_may_have_arrived_is_followed_by_a_repeat() -> None:
    """Where the outcome of a call cannot be known, the next contact is told that it is a repeat."""
    messenger = Messenger()
    messenger.providers.answers = lambda contact: LOST if contact == "push" else None
    await messenger.put(reminder())
    await messenger.work()
    messenger.expect("push", "mail")
    assert [one.repeat for one in messenger.providers.said] == [False, True]
    assert [one["outcome"] for one in (await messenger.record()).tried] == ["uncertain", "reached"]


async def test_a_withdrawn_reminder_is_not_told() -> None:
    """A shift that has moved away is not reminded of."""
    messenger = Messenger()
    await messenger.put(reminder(due_at=START + timedelta(minutes=5)))
    await messenger.store.withdraw_messages("reminder/")
    await messenger.let_pass(minutes=30)
    messenger.expect()
