"""Tells open pages that something has changed, so that they can look again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

#: A page that does not keep up is told once that everything may have changed.
_ROOM = 64


class Live:
    """One node's open pages, each with a queue of its own."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[str]] = set()
        self._closed = asyncio.Event()

    def close(self) -> None:
        """Let every open page go: this node stops, and the page finds another."""
        self._closed.set()
        self.changed("*")

    def changed(self, group_id: str) -> None:
        """A case has changed; "*" stands for any."""
        for queue in self._queues:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait("*")
            else:
                queue.put_nowait(group_id)

    async def changes(self, *, patience_seconds: float = 20.0) -> AsyncIterator[str | None]:
        """The ids of groups as they change; None when nothing has changed for so long."""
        queue: asyncio.Queue[str] = asyncio.Queue(_ROOM)
        self._queues.add(queue)
        try:
            while not self._closed.is_set():
                try:
                    changed = await asyncio.wait_for(queue.get(), patience_seconds)
                except TimeoutError:
                    yield None
                    continue
                if self._closed.is_set():
                    return
                yield changed
        finally:
            self._queues.discard(queue)
