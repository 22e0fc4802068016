"""An event loop on virtual time: nothing is waited for, and what happens at one instant happens in the order of asking.

It keeps two clocks. `time()` is what loops and timeouts go by. `world()` is the time of day; it is the same, plus the
stretches that were passed over because nothing could happen in them. Both move in ticks that floats hold exactly, so
that an hour of rests adds up to the same instant however it is gone through.

Whatever runs under a `Life` stops when that is held: nothing of it runs until it is let go. That is a frozen process;
one that is never let go is a killed one, of which not even a `finally` runs.
"""

from __future__ import annotations

import asyncio
import heapq
import math
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar
from itertools import count
from typing import Any, TypeVar

T = TypeVar("T")

#: Ticks in a second: a power of two, so that floats hold every instant.
TICKS = 1024

_Run = tuple["Life | None", asyncio.Handle]


class Life:
    """What is stopped and goes on as one: a process."""

    def __init__(self) -> None:
        self.held = False
        self.kept: list[asyncio.Handle] = []


#: Whose the running code is; None: the world's.
LIFE: ContextVar[Life | None] = ContextVar("LIFE", default=None)


class SimulatedLoop(asyncio.BaseEventLoop):
    """Runs callbacks in the order of their instants."""

    def __init__(self) -> None:
        self._runs = False
        super().__init__()
        self._now = 0.0
        self._passed = 0.0
        self._next_runs: deque[_Run] = deque()
        self._timers: list[tuple[float, int, Life | None, asyncio.TimerHandle]] = []
        self._happenings: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._tasks: set[asyncio.Task[Any]] = set()
        self.ended = False
        #: What went wrong outside of any task's care.
        self.troubles: list[str] = []

    # The two clocks.

    def time(self) -> float:
        """Seconds by which timers go."""
        return self._now

    def world(self) -> float:
        """Seconds since the beginning, those passed over among them."""
        return self._now + self._passed

    def pass_over(self, seconds: float) -> None:
        """Let the world be later, and everything that rests rest on."""
        self._passed += seconds

    # What is to run.

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Run it at this instant, after what was asked for before."""
        handle = asyncio.Handle(callback, args, self, context)
        self._next_runs.append((_life_of(context), handle))
        return handle

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run it at an instant of `time()`, or at the first tick after it."""
        when = max(self._now, math.ceil(when * TICKS) / TICKS)
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._numbers), _life_of(context), handle))
        return handle

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run it after so many seconds of `time()`."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def at(self, world: float, act: Callable[[], None]) -> None:
        """Let something happen at an instant of `world()`; nothing is ever passed over that is asked for here."""
        heapq.heappush(self._happenings, (math.ceil(world * TICKS) / TICKS, next(self._numbers), act))

    def next_happening(self) -> float:
        """When the world does something next; infinite: never."""
        return self._happenings[0][0] if self._happenings else math.inf

    async def until(self, world: float) -> None:
        """Wait for an instant of `world()`."""
        reached = self.create_future()
        self.at(world, lambda: None if reached.done() else reached.set_result(None))
        await reached

    def let_go(self, life: Life) -> None:
        """Let what was held run on."""
        life.held = False
        self._next_runs.extend((life, handle) for handle in life.kept)
        life.kept.clear()

    # Running.

    def run(self, until: float, before_moving: Callable[[], None]) -> None:
        """Run everything up to an instant of `world()`, or until `ended`. `before_moving`: an instant is done."""
        with self._running():
            while True:
                self._run_ready()
                if self.ended:
                    return
                before_moving()
                if not self._move(until):
                    return

    def end(self, lives: Iterable[Life]) -> None:
        """Cancel everything, and run it to its end without letting time pass."""
        self.ended = False
        with self._running():
            for life in tuple(lives):
                self.let_go(life)
            while self._tasks:
                for task in tuple(self._tasks):
                    task.cancel()
                self._run_ready()
        self.close()

    @contextmanager
    def _running(self) -> Iterator[None]:
        asyncio._set_running_loop(self)
        self._runs = True
        try:
            yield
        finally:
            self._runs = False
            asyncio._set_running_loop(None)

    def _run_ready(self) -> None:
        while self._next_runs and not self.ended:
            life, handle = self._next_runs.popleft()
            if handle.cancelled():
                continue
            if life is not None and life.held:
                life.kept.append(handle)
                continue
            handle._run()

    def _move(self, until: float) -> bool:
        """Move on to the next instant at which something is to run; False: that lies beyond the end."""
        while self._timers and self._timers[0][3].cancelled():
            heapq.heappop(self._timers)
        timer = self._timers[0][0] if self._timers else math.inf
        happening = self.next_happening() - self._passed
        following = min(timer, happening)
        if following + self._passed > until:
            self._now = max(self._now, until - self._passed)
            return False
        self._now = max(self._now, following)
        if happening <= timer:
            _, _, act = heapq.heappop(self._happenings)
            self._next_runs.append((None, asyncio.Handle(act, (), self, Context())))
        else:
            _, _, life, handle = heapq.heappop(self._timers)
            self._next_runs.append((life, handle))
        return True

    # What tasks and futures ask of their loop.

    def create_future(self) -> asyncio.Future[Any]:
        """A future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override]
        self, coro: Coroutine[Any, Any, T], *, name: str | None = None, context: Context | None = None
    ) -> asyncio.Task[T]:
        """A task of this loop, under the life of whoever makes it."""
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Done at once: what another thread would do takes no time here."""
        future: asyncio.Future[T] = self.create_future()
        future.set_result(func(*args))
        return future

    def is_running(self) -> bool:
        """True while something of it is being run."""
        return self._runs

    def get_debug(self) -> bool:
        """No slow checks."""
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Keep what nobody caught."""
        self.troubles.append(f"{context.get('message')}: {context.get('exception')!r}")

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is passed by when its instant comes."""


def _life_of(context: Context | None) -> Life | None:
    return LIFE.get() if context is None else context.get(LIFE)
