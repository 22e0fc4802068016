"""Opens the store: the embedded PostgreSQL, or the one that an address names."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import itertools
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from tocsin.app.ending import heard_at_once
from tocsin.app.settings import Settings
from tocsin.core.errors import Refused, Unavailable
from tocsin.store.embedded import EmbeddedPostgres
from tocsin.store.pool import Away
from tocsin.store.postgres import PostgresStore

log = structlog.get_logger()

#: How often it is looked whether the embedded server still runs.
_EVERY_SECONDS = 0.5
_LOOKS_A_DAY = 172_800
#: How long a database may take to answer at all.
_REACH_SECONDS = 6.0
#: How often one that is waited for is asked again.
_AGAIN_SECONDS = 1.0
#: How long another owner of the data folder has to leave it, and how often that is looked at.
_OWNER_SECONDS = 3.0
_GLANCE_SECONDS = 0.1


@asynccontextmanager
async def open_store(
    settings: Settings, *, attach: bool, waiting: Callable[[str], None] | None = None
) -> AsyncIterator[PostgresStore]:
    """The store, migrated and ready. Call it in the main thread: an embedded server ends with its thread.

    `attach`: use the embedded server that a running `tocsin serve` owns, if there is one.
    `waiting`: a database that an address names and that is away is waited for, and this is told why, each time that it
    was tried in vain. None: it is told at once.

    Raises:
        Unavailable: there is no database to be had; says why, in one sentence.
    """
    if settings.database_url is not None:
        async with _connected(settings.database_url, waiting) as store:
            yield store
        return
    if not attach:
        await _await_owner(settings.data)
    with contextlib.closing(_Embedded(settings, attach=attach)) as embedded:
        async with _connected(embedded.address) as store:
            guard = asyncio.create_task(embedded.keep_alive())
            try:
                yield store
            finally:
                guard.cancel()


@asynccontextmanager
async def _connected(address: str, waiting: Callable[[str], None] | None = None) -> AsyncIterator[PostgresStore]:
    try:
        store = await _reached(address, waiting)
    except ValueError as trouble:
        # The driver lets these pass. The address is not repeated: it may hold a password.
        raise Refused(f"The address in TOCSIN_DATABASE_URL cannot be read: {trouble}") from None
    try:
        yield store
    finally:
        await store.close()


async def _reached(address: str, waiting: Callable[[str], None] | None) -> PostgresStore:
    while True:
        try:
            return await PostgresStore.connect(address, patience_seconds=_REACH_SECONDS)
        except Away as trouble:
            if waiting is None:
                raise
            waiting(trouble.detail)
        await asyncio.sleep(_AGAIN_SECONDS)


async def _await_owner(data: Path) -> None:
    """Give another Tocsin a moment to leave the data folder; whoever was killed has left it already.

    The lock on the folder is the one of store/embedded.py. It is looked at and given back: what the embedded server
    waits for after this may take as long as it needs.

    Raises:
        Unavailable: the other stays.
    """
    until = time.monotonic() + _OWNER_SECONDS
    while _is_owned(data):
        if time.monotonic() > until:
            way_out = "end that one first, or name another folder with --data"
            raise Unavailable(f"Another Tocsin runs on the data folder {data}: {way_out}.")
        await asyncio.sleep(_GLANCE_SECONDS)


def _is_owned(data: Path) -> bool:
    try:
        folder = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(folder)
    return False


class _Embedded:
    """The embedded server while it is open."""

    def __init__(self, settings: Settings, *, attach: bool) -> None:
        self._server = EmbeddedPostgres(settings.data, attach=attach)
        with heard_at_once():
            self.address = self._server.start()
        self._owned = self._server.lives()

    async def keep_alive(self) -> None:
        """Start the server again whenever it has ended without being asked to, and keep its log short."""
        for look in itertools.count(1):
            await asyncio.sleep(_EVERY_SECONDS)
            if not self._owned:
                return
            if look % _LOOKS_A_DAY == 0:
                with contextlib.suppress(OSError):
                    self._server.trim_log()
            if not self._server.lives():
                log.error("the embedded database has ended; starting it again")
                with contextlib.suppress(Unavailable):
                    self._server.start()

    def close(self) -> None:
        """End the server, if it is ours."""
        self._server.stop()
