"""A loop that ends is started again, whatever ended it; one that hangs as well; and all end when they are to."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tocsin.engine import minding
from tocsin.engine.minding import mind
from tocsin.engine.pulse import Pulse


class Loop:
    """A loop that counts how often it was started, and ends as it is told."""

    def __init__(self) -> None:
        self.started = 0
        self.begun = asyncio.Event()
        self.ended = 0
        self.pulse = Pulse("loop")
        self.trouble: BaseException | None = None

    async def run(self) -> None:
        """Rest for good, or end at once in a bad way."""
        self.started += 1
        self.begun.set()
        try:
            if self.trouble is not None:
                trouble, self.trouble = self.trouble, None
                raise trouble
            await asyncio.Event().wait()
        finally:
            self.ended += 1


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds are hundredths."""
    monkeypatch.setattr(minding, "AGAIN_AFTER", timedelta(seconds=0.01))
    monkeypatch.setattr(minding, "_LOOK_EVERY", timedelta(seconds=0.01))


async def until_started(loop: Loop, times: int) -> None:
    """Wait until it was started so often."""
    async with asyncio.timeout(5):
        while loop.started < times:
            loop.begun.clear()
            await loop.begun.wait()


@pytest.mark.parametrize("trouble", [ValueError("ours"), asyncio.CancelledError(), ExceptionGroup("two", [KeyError()])])
async def test_a_loop_that_ends_is_started_again(trouble: BaseException) -> None:
    """An error outside of a round, and a cancellation from nowhere, cost a moment and a stumble."""
    loop = Loop()
    loop.trouble = trouble
    minded = asyncio.create_task(mind("loop", loop.run, pulse=loop.pulse))
    await until_started(loop, 2)
    assert loop.pulse.stumbles == 1
    minded.cancel()
    await asyncio.gather(minded, return_exceptions=True)


async def test_a_loop_whose_task_is_cancelled_is_started_again() -> None:
    """The task itself may be ended by anybody: the loop runs on."""
    loop = Loop()
    minded = asyncio.create_task(mind("loop", loop.run, pulse=loop.pulse))
    await until_started(loop, 1)
    next(task for task in asyncio.all_tasks() if task.get_name() == "tocsin loop").cancel()
    await until_started(loop, 2)
    minded.cancel()
    await asyncio.gather(minded, return_exceptions=True)


async def test_a_loop_that_hangs_is_started_again() -> None:
    """One that gives no sign of life for too long is ended and begun anew, the one after the other."""
    loop = Loop()
    minded = asyncio.create_task(mind("loop", loop.run, pulse=loop.pulse, hangs_after=timedelta(seconds=0.1)))
    await until_started(loop, 2)
    assert loop.ended == 1
    minded.cancel()
    await asyncio.gather(minded, return_exceptions=True)


async def test_it_ends_with_its_minder() -> None:
    """When the node stops, the loop stops, and nothing is started again."""
    loop = Loop()
    minded = asyncio.create_task(mind("loop", loop.run))
    await until_started(loop, 1)
    minded.cancel()
    await asyncio.gather(minded, return_exceptions=True)
    await asyncio.sleep(0.05)
    assert (loop.started, loop.ended, minded.cancelled()) == (1, 1, True)
