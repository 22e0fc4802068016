"""Opens the store: the embedded PostgreSQL, or the one that an address names."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from tocsin.app.settings import Settings
from tocsin.core.errors import Unavailable
from tocsin.store.embedded import EmbeddedPostgres
from tocsin.store.postgres import PostgresStore

log = structlog.get_logger()

#: How often it is looked whether the embedded server still runs.
_EVERY_SECONDS = 0.5


@asynccontextmanager
async def open_store(settings: Settings, *, attach: bool) -> AsyncIterator[PostgresStore]:
    """The store, migrated and ready. Call it in the main thread: an embedded server ends with its thread.

    `attach`: use the embedded server that a running `tocsin serve` owns, if there is one.

    Raises:
        Unavailable: there is no database to be had; says why, in one sentence.
    """
    if settings.database_url is not None:
        async with _connected(settings.database_url) as store:
            yield store
        return
    with contextlib.closing(_Embedded(settings, attach=attach)) as embedded:
        async with _connected(embedded.address) as store:
            guard = asyncio.create_task(embedded.keep_alive())
            try:
                yield store
            finally:
                guard.cancel()


@asynccontextmanager
async def _connected(address: str) -> AsyncIterator[PostgresStore]:
    store = await PostgresStore.connect(address)
    try:
        yield store
    finally:
        await store.close()


class _Embedded:
    """The embedded server while it is open."""

    def __init__(self, settings: Settings, *, attach: bool) -> None:
        self._server = EmbeddedPostgres(settings.data, attach=attach)
        self.address = self._server.start()
        self._owned = self._server.lives()

    async def keep_alive(self) -> None:
        """Start the server again whenever it has ended without being asked to."""
        while self._owned:
            await asyncio.sleep(_EVERY_SECONDS)
            if not self._server.lives():
                log.error("the embedded database has ended; starting it again")
                with contextlib.suppress(Unavailable):
                    self._server.start()

    def close(self) -> None:
        """End the server, if it is ours."""
        self._server.stop()
