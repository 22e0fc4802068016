"""The store on PostgreSQL: every promise of ports/state.py over one pool of connections."""

from __future__ import annotations

import asyncio

from tocsin.store.alone import StandsAlone
from tocsin.store.audit import KeepsRecords
from tocsin.store.circle import Circle
from tocsin.store.documents import KeepsDocuments
from tocsin.store.duty import KeepsDuty
from tocsin.store.feeds import KeepsFeeds
from tocsin.store.intake import TakesIn
from tocsin.store.messages import KeepsMessages
from tocsin.store.notes import KeepsNotes
from tocsin.store.outbox import Delivers
from tocsin.store.pool import Pool, ReadOnly
from tocsin.store.presence import Attends
from tocsin.store.published import Publishes
from tocsin.store.queries import SQL
from tocsin.store.readings import Reads
from tocsin.store.signing_in import KeepsSessions
from tocsin.store.syncs import KeepsSyncs
from tocsin.store.tokens import KeepsTokens
from tocsin.store.troubles import KeepsTroubles
from tocsin.store.upkeep import KeepsUp
from tocsin.store.watching import Watches
from tocsin.store.work import Works

#: How long a database that is ready may take to give a connection, and to answer on it.
_READY_SECONDS = 2.0


class PostgresStore(
    TakesIn,
    Works,
    Delivers,
    Reads,
    KeepsDocuments,
    KeepsFeeds,
    KeepsUp,
    KeepsTokens,
    KeepsSessions,
    KeepsRecords,
    KeepsDuty,
    KeepsNotes,
    KeepsSyncs,
    KeepsMessages,
    KeepsTroubles,
    Publishes,
    StandsAlone,
    Attends,
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
        self._cases_in_turn = Circle("services_with_cases")
        self._deliveries_in_turn = Circle("services_with_deliveries")

    @classmethod
    async def connect(cls, dsn: str, *, connections: int = 10, patience_seconds: float = 10.0) -> PostgresStore:
        """Connect and bring the schema up to date.

        Raises:
            Unavailable: the database cannot be reached, or its data were written by a newer Tocsin.
        """
        return cls(await Pool.open(dsn, connections=connections, patience_seconds=patience_seconds))

    async def ready(self) -> None:
        """Whether events can be taken now; says so within a few seconds.

        Raises:
            Unavailable: the database does not answer, or takes no writes.
        """
        async with self._pool.reading(_READY_SECONDS) as connection:
            takes_writes = await connection.fetchval(SQL["takes_writes"], timeout=_READY_SECONDS)
        if not takes_writes:
            await self._pool.leave_server()
            raise ReadOnly

    async def close(self) -> None:
        """Stop listening and end all connections."""
        await self._stop_watching()
        await self._pool.close()
