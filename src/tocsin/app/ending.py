"""How a program of ours ends when it is asked to: whatever is under way is unwound, and nothing is left behind.

On the loop a signal cancels the program. What blocks the loop, as the start of a database does, hears of it at once
within `heard_at_once`. A node that answers requests has handlers of its own, and stops in order.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Ended(asyncio.CancelledError):
    """Somebody sent us a signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def ending_signals() -> list[signal.Signals]:
    """The signals that end us. What our parent has us ignore stays ignored: `nohup` means it."""
    wanted = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    return [number for number in wanted if signal.getsignal(number) is not signal.SIG_IGN]


async def until_ended(main: Coroutine[Any, Any, None]) -> int | None:
    """Run the program; the signal that ended it early, or None."""
    loop, task, asked = asyncio.get_running_loop(), asyncio.current_task(), list[int]()

    def ask(number: int) -> None:
        asked.append(number)
        if task is not None:
            task.cancel()

    for number in ending_signals():
        loop.add_signal_handler(number, ask, number)
    try:
        await main
    except Ended as end:
        return end.number
    except asyncio.CancelledError:
        if not asked:
            raise
        return asked[0]
    return None


@contextmanager
def heard_at_once() -> Iterator[None]:
    """While the main thread blocks in here, a signal unwinds it."""
    before = {number: signal.signal(number, _unwind) for number in ending_signals()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _unwind(number: int, _frame: FrameType | None) -> None:
    raise Ended(number)
