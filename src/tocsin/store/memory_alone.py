"""One at a time, in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tocsin.core.vocabulary import Instant
from tocsin.store.memory_readings import Remembers


class RemembersChores(Remembers):
    """Which chores are being done."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        super().__init__(now)
        self._chores: set[str] = set()

    @asynccontextmanager
    async def alone(self, chore: str) -> AsyncIterator[bool]:
        """Enter to do a chore: True when nobody else is at it."""
        if chore in self._chores:
            yield False
            return
        self._chores.add(chore)
        try:
            yield True
        finally:
            self._chores.discard(chore)
