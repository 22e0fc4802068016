"""A start while the database is away: the node answers probes, takes nothing, says why, and goes on by itself.

Whoever starts it need not know in which order machines come up: an orchestrator that restarted it again and again would
only wait longer each time.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterator

import uvicorn

from tocsin.web.probes import NotYet

#: How often it is said again.
_EVERY_SECONDS = 30.0


class Waiting:
    """Answers on the node's address until the node does."""

    def __init__(self, listening: socket.socket, say: Callable[[str], None]) -> None:
        self._listening = listening
        self._say = say
        self._said = float("-inf")
        self._face = NotYet()
        self._server: Quiet | None = None
        self._serving: asyncio.Task[None] | None = None

    def __call__(self, trouble: str) -> None:
        """The database is not there yet."""
        self._face.trouble = trouble
        if self._server is None:
            self._server = Quiet(uvicorn.Config(self._face, log_config=None, access_log=False, lifespan="off"))
            # The server closes what it is given; the address stays taken by the socket that it was copied from.
            self._serving = asyncio.create_task(self._server.serve(sockets=[self._listening.dup()]))
        if time.monotonic() - self._said >= _EVERY_SECONDS:
            self._said = time.monotonic()
            self._say(f"Waiting for the database, and going on by itself once it is there: {trouble}.")

    async def end(self) -> None:
        """The node itself answers from here on, or nobody does."""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = self._server.force_exit = True
            with contextlib.suppress(asyncio.CancelledError):
                await self._serving


class Quiet(uvicorn.Server):
    """Leaves signals to us, so that a stopping node can finish its calls."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield
