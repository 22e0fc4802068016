"""Chores of the keeper: reminders of shifts, news of shifts that move, and warnings of gaps to come.

Looking through a large rota takes a while, so it is done beside the loop that answers and pages, and not at each round.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tocsin.core.directory import Directory
from tocsin.core.reminding import PREFIX, reminders
from tocsin.core.rota_news import gaps_ahead, moved
from tocsin.core.vocabulary import Instant
from tocsin.ports.messages import Messages

#: Reminders are made again so often although nothing was edited; they are made for a day ahead.
REMIND_EVERY = timedelta(hours=1)
#: Gaps are looked for again so often although nothing was edited.
LOOK_EVERY = timedelta(hours=6)


class RotaNews:
    """Tells people what they have to know about the rota."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._reminded = _Last()
        self._looked = _Last()

    async def remind(self, before: Directory, directory: Directory, now: Instant) -> None:
        """Keep exactly those reminders waiting that the rota and people's choices want."""
        if not self._reminded.is_due(directory, now, REMIND_EVERY):
            return
        wanted = await asyncio.to_thread(reminders, directory, now)
        await self._messages.withdraw_messages(PREFIX, but=[message.key for message in wanted])
        await self._messages.put_messages(wanted)
        self._reminded.done(directory, now)

    async def tell_moves(self, before: Directory, directory: Directory, now: Instant) -> None:
        """Tell everybody whose shifts the edit between two rounds has moved."""
        if before is not directory and before.revision:
            await self._messages.put_messages(await asyncio.to_thread(moved, before, directory, now))

    async def warn(self, before: Directory, directory: Directory, now: Instant) -> None:
        """Warn of gaps that nobody has asked for."""
        if self._looked.is_due(directory, now, LOOK_EVERY):
            await self._messages.put_messages(await asyncio.to_thread(gaps_ahead, directory, now))
            self._looked.done(directory, now)


class _Last:
    """When something was done, and on which configuration."""

    def __init__(self) -> None:
        self._at: Instant | None = None
        self._directory: Directory | None = None

    def is_due(self, directory: Directory, now: Instant, every: timedelta) -> bool:
        return self._at is None or self._directory is not directory or now - self._at >= every

    def done(self, directory: Directory, now: Instant) -> None:
        self._at, self._directory = now, directory
