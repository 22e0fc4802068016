"""One node at a time, by a lock of PostgreSQL that a session holds: it ends with the connection, however that ends.

When the node's machine has vanished without a word, the server finds out within half a minute (servers.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from tocsin.core.errors import TocsinError
from tocsin.store.pool import OnPool, speaking_plainly
from tocsin.store.queries import SQL
from tocsin.store.servers import Session

_log = structlog.get_logger(__name__)

_PATIENCE_SECONDS = 10.0

_SETTINGS = {"application_name": "tocsin-alone"}


class StandsAlone(OnPool):
    """Lets one node in, on PostgreSQL."""

    @asynccontextmanager
    async def alone(self, chore: str) -> AsyncIterator[bool]:
        """Enter to do a chore: True when no other node is in, and none comes in until this one leaves or dies.

        It never waits: False means that another node is at it. Each entry has a connection of its own.

        Raises:
            Unavailable: the store cannot be asked.
        """
        async with speaking_plainly():
            connection = await self._pool.servers.connect(patience_seconds=_PATIENCE_SECONDS, settings=_SETTINGS)
        let_in = False
        try:
            async with speaking_plainly():
                let_in = bool(await connection.fetchval(SQL["try_alone"], chore, timeout=_PATIENCE_SECONDS))
            yield let_in
        finally:
            await _leave(connection, chore, unlock=let_in)


async def _leave(connection: Session, chore: str, *, unlock: bool) -> None:
    """Unlock, so that the next one need not wait until the server has seen the connection end; then end it."""
    try:
        async with speaking_plainly():
            if unlock:
                await connection.execute(SQL["leave_alone"], chore, timeout=_PATIENCE_SECONDS)
            await connection.close(timeout=_PATIENCE_SECONDS)
    except TocsinError as error:
        _log.warning("a chore's connection has ended before the chore", chore=chore, detail=str(error))
    finally:
        connection.terminate()
