"""The watchdog: what it calls a danger, what it only mentions, and that tidying up never ends the watch."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from messenger import ADA, Messenger, reminder
from tocsin.core.directory import Habits
from tocsin.core.errors import Unavailable
from tocsin.engine.pulse import Pulse
from tocsin.engine.watchdog import KEEP_MESSAGES, SILENT, Watchdog
from tocsin.ports.channels import Answer, Call
from tocsin.testing import MemoryStore

OUTSIDE = "https://outside.example/ping"


class Outside:
    """Whoever is called while all is well."""

    def __init__(self) -> None:
        self.pings = 0

    async def call(self, channel: str, call: Call) -> Answer:
        """Take the call."""
        self.pings += 1
        return Answer(status=200)


def watch(messenger: Messenger, store: MemoryStore | None = None) -> tuple[Watchdog, Outside, Pulse, Pulse]:
    """A watchdog over one loop that pages depend on and one beside it."""
    outside, courier, teller = Outside(), Pulse("courier"), Pulse("teller")
    directory = replace(messenger.directory, habits=Habits(dead_man_url=OUTSIDE))
    transport: Any = outside
    watchdog = Watchdog(store or messenger.store, lambda: directory, transport, (courier,), beside=(teller,))
    return watchdog, outside, courier, teller


def fall_silent(pulse: Pulse) -> None:
    """Let a loop give no sign of life for longer than any may."""
    pulse._last -= SILENT.total_seconds() + 1


async def test_a_stuck_teller_calls_nobody_from_outside() -> None:
    """It is a trouble that people see, and no danger for pages: the outside goes on hearing that all is well."""
    watchdog, outside, _, teller = watch(Messenger())
    await watchdog.look()
    assert (watchdog.troubles(), outside.pings) == ((), 1)
    fall_silent(teller)
    await watchdog.look()
    assert (len(watchdog.troubles()), outside.pings) == (1, 2)
    assert watchdog.troubles()[0].startswith("the teller has given no sign of life")


async def test_a_stuck_courier_is_a_danger() -> None:
    """When a loop that pages depend on stands still, the outside hears nothing any more."""
    watchdog, outside, courier, _ = watch(Messenger())
    fall_silent(courier)
    await watchdog.look()
    assert (len(watchdog.troubles()), outside.pings) == (1, 0)


async def test_old_messages_are_tidied_away() -> None:
    """What was told longer ago than messages are kept is deleted, in passing."""
    messenger = Messenger()
    watchdog, *_ = watch(messenger)
    await messenger.put(reminder())
    await messenger.work()
    messenger.clock.move(KEEP_MESSAGES)
    await watchdog.look()
    assert len(await messenger.store.messages_to(ADA, limit=5)) == 1
    messenger.clock.move(timedelta(seconds=1))
    await watchdog.look()
    assert await messenger.store.messages_to(ADA, limit=5) == ()


@pytest.mark.parametrize("trouble", [Unavailable("away"), ValueError("ours")])
async def test_trouble_with_messages_does_not_end_the_watch(trouble: Exception) -> None:
    """When messages cannot be tidied away the watch goes on, and the outside hears that the pages are well."""

    class Untidy(MemoryStore):
        async def forget_messages(self, *, older_than: timedelta, limit: int) -> int:
            raise trouble

    messenger = Messenger()
    watchdog, outside, *_ = watch(messenger, Untidy(now=messenger.clock))
    health = await watchdog.look()
    assert (watchdog.health, watchdog.troubles(), outside.pings) == (health, (), 1)
