"""The store on PostgreSQL: every promise of ports/state.py over one pool of connections."""

from __future__ import annotations

import asyncio

from tocsin.store.alone import StandsAlone
from tocsin.store.documents import KeepsDocuments
from tocsin.store.duty import KeepsDuty
from tocsin.store.feeds import KeepsFeeds
from tocsin.store.intake import TakesIn
from tocsin.store.messages import KeepsMessages
from tocsin.store.notes import KeepsNotes
from tocsin.store.outbox import Delivers
from tocsin.store.pool import Pool
from tocsin.store.published import Publishes
from tocsin.store.readings import Reads
from tocsin.store.syncs import KeepsSyncs
from tocsin.store.upkeep import KeepsUp
from tocsin.store.watching import Watches
from tocsin.store.work import Works


class PostgresStore(
    TakesIn,
    Works,
    Delivers,
    Reads,
    KeepsDocuments,
    KeepsFeeds,
    KeepsUp,
    KeepsDuty,
    KeepsNotes,
    KeepsSyncs,
    KeepsMessages,
    Publishes,
    StandsAlone,
    Watches,
):
    """Everything that is kept.

        store = await PostgresStore.connect("postgresql://...")
        ...
        await store.close()

    Every method raises `Unavailable` while the database is away, and works again by itself once it is back.
    """

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self._watchers: set[asyncio.Task[None]] = set()

    @classmethod
    async def connect(cls, dsn: str, *, connections: int = 10, patience_seconds: float = 10.0) -> PostgresStore:
        """Connect and bring the schema up to date.

        Raises:
            Unavailable: the database cannot be reached, or its data were written by a newer Tocsin.
        """
        return cls(await Pool.open(dsn, connections=connections, patience_seconds=patience_seconds))

    async def close(self) -> None:
        """Stop listening and end all connections."""
        await self._stop_watching()
        await self._pool.close()
