"""One node at a time, by a lock of PostgreSQL that a session holds: it ends with the connection, however that ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import structlog

from tocsin.core.errors import TocsinError
from tocsin.store.pool import OnPool, speaking_plainly
from tocsin.store.queries import SQL

_log = structlog.get_logger(__name__)

_PATIENCE_SECONDS = 10.0

#: A machine that dies without a word says nothing for two hours by the rules of TCP. The server asks sooner, so that
#: another node may come in within half a minute.
_SETTINGS = {
    "application_name": "tocsin-alone",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}


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
            connection = await asyncpg.connect(self._pool.dsn, timeout=_PATIENCE_SECONDS, server_settings=_SETTINGS)
        let_in = False
        try:
            async with speaking_plainly():
                let_in = bool(await connection.fetchval(SQL["try_alone"], chore, timeout=_PATIENCE_SECONDS))
            yield let_in
        finally:
            await _leave(connection, chore, unlock=let_in)


async def _leave(connection: asyncpg.Connection[asyncpg.Record], chore: str, *, unlock: bool) -> None:
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
