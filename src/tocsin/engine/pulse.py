"""A loop's pulse: how it sleeps and is woken, and whether it is alive."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import timedelta


class Pulse:
    """One loop's heartbeat."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._woken = asyncio.Event()
        self._last = _present()
        #: How much the loop has done, and how often something in it went wrong.
        self.done = 0
        self.stumbles = 0

    def wake(self) -> None:
        """There is something to do."""
        self._woken.set()

    async def rest(self, longest: timedelta) -> None:
        """Sleep until woken, or for so long."""
        self._last = _present()
        # Not `wait_for`, which up to Python 3.11 forgets a cancellation that comes in the moment of the waking.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(longest.total_seconds()):
                await self._woken.wait()
        self._woken.clear()
        self._last = _present()

    def beat(self, done: int) -> None:
        """A round is over."""
        self._last = _present()
        self.done += done

    def stumble(self) -> None:
        """Something in the round went wrong."""
        self.stumbles += 1

    @property
    def silence(self) -> timedelta:
        """For how long the loop has given no sign of life."""
        return timedelta(seconds=_present() - self._last)


def _present() -> float:
    """By the clock of the loop that runs, which in a simulation is a virtual one; the same clock where none runs."""
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:
        return time.monotonic()
