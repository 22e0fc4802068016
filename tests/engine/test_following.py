"""The follower of the configuration: open cases hear of every revision that this node reads, whatever fails between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tocsin.core.errors import Unavailable
from tocsin.engine.following import Following


class Installation:
    """A store whose answers a test chooses, and a copy of its configuration."""

    def __init__(self) -> None:
        self.revision = 1
        self._read = 1
        self.away = False
        self.woken = 0
        self.fresh = 0

    async def refresh(self) -> bool:
        """Read the newest revision."""
        is_new, self._read = self.revision != self._read, self.revision
        return is_new

    async def wake_all(self) -> None:
        """Make every open case due, or fail."""
        if self.away:
            raise Unavailable("the connection broke")
        self.woken += 1

    def look(self) -> None:
        """Another revision is in force here."""
        self.fresh += 1


@asynccontextmanager
async def following(installation: Installation) -> AsyncIterator[Following]:
    """A follower while it runs."""
    follower = Following(installation, installation, installation.look)
    task = asyncio.create_task(follower.run())
    await asyncio.sleep(0)
    try:
        yield follower
    finally:
        task.cancel()


async def test_open_cases_hear_of_a_revision_once() -> None:
    """A notice of a new revision wakes the cases; one of none does not."""
    installation = Installation()
    async with following(installation) as follower:
        installation.revision = 2
        for _ in range(2):
            follower.pulse.wake()
            await asyncio.sleep(0.01)
    assert (installation.woken, installation.fresh) == (1, 1)


async def test_cases_that_could_not_be_woken_are_woken_later() -> None:
    """The store goes away between the reading and the waking: the cases hear of it when it is back."""
    installation = Installation()
    async with following(installation) as follower:
        installation.revision, installation.away = 2, True
        follower.pulse.wake()
        await asyncio.sleep(0.01)
        assert installation.woken == 0
        installation.away = False
        follower.pulse.wake()
        await asyncio.sleep(0.01)
    assert (installation.woken, installation.fresh) == (1, 1)
