"""Hears the notices of all nodes on one connection of its own, and never misses one for good."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from tocsin.core.errors import TocsinError
from tocsin.store.pool import OnPool, speaking_plainly
from tocsin.store.servers import Servers, Session

_log = structlog.get_logger(__name__)

#: What may have been said while nobody listened.
CATCH_UP = (("configuration", ""), ("work", ""), ("outbox", ""), ("case", "*"), ("messages", ""))

_ASK_EVERY_SECONDS = 10.0
_FIRST_WAIT_SECONDS = 0.1
_LONGEST_WAIT_SECONDS = 2.0
_PATIENCE_SECONDS = 10.0

_SETTINGS = {"application_name": "tocsin-watch"}

On = Callable[[str, str], None]


class Watches(OnPool):
    """Listening on PostgreSQL."""

    _watchers: set[asyncio.Task[None]]

    def watch(self, on: On) -> None:
        """Call `on(topic, payload)` for each notice from any node.

        Topics: "work", "outbox", "configuration", "case", "messages". After each new connection everything is said
        once, for what was said while there was none.
        """
        self._watchers.add(asyncio.get_running_loop().create_task(_watch(self._pool.servers, on), name="tocsin-watch"))

    async def _stop_watching(self) -> None:
        for task in self._watchers:
            task.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)


async def _watch(servers: Servers, on: On) -> None:
    wait = _FIRST_WAIT_SECONDS
    while True:
        try:
            async with speaking_plainly():
                connection = await servers.connect(patience_seconds=_PATIENCE_SECONDS, settings=_SETTINGS)
                try:
                    await _listen(connection, on)
                    wait = _FIRST_WAIT_SECONDS
                    await _stay(connection)
                finally:
                    connection.terminate()
        except TocsinError as error:
            _log.warning("watch_lost", detail=str(error))
        await asyncio.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT_SECONDS)


async def _listen(connection: Session, on: On) -> None:
    def heard(_connection: object, _pid: object, _channel: object, notice: object) -> None:
        topic, _, payload = str(notice).partition(" ")
        on(topic, payload)

    await connection.add_listener("tocsin", heard)
    for topic, payload in CATCH_UP:
        on(topic, payload)


async def _stay(connection: Session) -> None:
    """Until the connection ends. A question now and then finds out when it ended without a word."""
    ended = asyncio.Event()
    connection.add_termination_listener(lambda _connection: ended.set())
    while not ended.is_set() and not connection.is_closed():
        with suppress(TimeoutError):
            async with asyncio.timeout(_ASK_EVERY_SECONDS):
                await ended.wait()
        if not ended.is_set():
            await connection.execute("SELECT 1", timeout=_ASK_EVERY_SECONDS)
