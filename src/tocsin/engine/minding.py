"""Keeps a loop running: one that ends although nobody wanted it to is started again, and one that hangs, too.

The loops survive whatever goes wrong in one round. This is for what nobody has thought of: an error outside of a
round, a cancellation that was meant for something else, a wait without an end. It is seen in the log, as a stumble
of the loop in the metrics, and by the watchdog while the loop is silent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import structlog

from tocsin.engine.pulse import Pulse

log = structlog.get_logger()

#: Until a loop that has ended runs again.
AGAIN_AFTER = timedelta(seconds=1)
#: A loop that has been silent for so long hangs: longer than the slowest statement and the slowest call may take.
HANGS_AFTER = timedelta(minutes=2)
#: A round beside the pages may take longer, with hundreds of sources that answer slowly.
HANGS_AFTER_BESIDE = timedelta(minutes=20)
#: Whether a loop hangs is looked at so often.
_LOOK_EVERY = timedelta(seconds=5)


async def mind(
    name: str,
    run: Callable[[], Coroutine[Any, Any, None]],
    *,
    pulse: Pulse | None = None,
    hangs_after: timedelta = HANGS_AFTER,
) -> None:
    """Run a loop until cancelled, again and again. `pulse`: how it is seen that it lives; None: only that it runs."""
    if (own := asyncio.current_task()) is not None:
        own.set_name(f"tocsin minder of the {name}")
    while True:
        task = asyncio.create_task(run(), name=f"tocsin {name}")
        try:
            why = await _end(task, pulse, hangs_after)
        finally:
            await _ended(task)
        log.error("a loop has ended and is started again", loop=name, why=why)
        if pulse is not None:
            pulse.stumble()
        await asyncio.sleep(AGAIN_AFTER.total_seconds())


async def _end(task: asyncio.Task[None], pulse: Pulse | None, hangs_after: timedelta) -> str:
    """Wait for the end of a loop, and say why it came."""
    while True:
        await asyncio.wait([task], timeout=_LOOK_EVERY.total_seconds())
        if task.done():
            return _why(task)
        if pulse is not None and pulse.silence > hangs_after:
            return f"it has given no sign of life for {pulse.silence.total_seconds():.0f} s"


def _why(task: asyncio.Task[None]) -> str:
    if task.cancelled():
        return "it was cancelled"
    trouble = task.exception()
    return "it came to an end" if trouble is None else f"{type(trouble).__name__}: {trouble}"


async def _ended(task: asyncio.Task[None]) -> None:
    """End a loop that still runs, and wait until it has."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
