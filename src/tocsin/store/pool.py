"""Connections, transactions, and what a database says in the words of core/errors.

A transaction that was decided on what somebody else has changed meanwhile is made again, a few times. Trouble with the
connection is `Unavailable`; the pool opens new connections by itself once the database is back.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from tocsin.core.errors import Broken, Refused, Unavailable
from tocsin.store.migrating import migrate
from tocsin.store.queries import SQL
from tocsin.store.saving import Conflict

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
Result = TypeVar("Result")

#: How often a transaction is made again when others were in its way, and how long is waited before, growing.
TRIES = 8
_WAIT_SECONDS = 0.005
#: How long is waited for a connection when all are busy.
_ACQUIRE_SECONDS = 10.0

#: Every statement finds its rows by an index. Statistics of a table that was empty a minute ago must not talk the
#: planner into reading the whole of it when a storm has filled it; plans are kept for as long as a connection lives.
_SETTINGS = {
    "application_name": "tocsin",
    "timezone": "UTC",
    "jit": "off",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "default_transaction_isolation": "read committed",
}

_OLDEST_SERVER = 15

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_AGAIN = (
    Conflict,
    asyncpg.UniqueViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.InvalidCachedStatementError,
)
#: Of the server: it is starting, stopping, full, read-only, or has ended us. Of the client: the connection is gone.
_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.LockNotAvailableError,
    asyncpg.PostgresSystemError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
#: The values are wrong: a text that cannot be kept, a figure or a key that is too large.
_WRONG = (asyncpg.DataError, asyncpg.exceptions.ProgramLimitExceededError)


def refuse_old_server(major: int) -> None:
    """Raises Unavailable for a server that lacks what the statements need."""
    if major < _OLDEST_SERVER:
        raise Unavailable(f"PostgreSQL {_OLDEST_SERVER} or newer is needed, and this server is PostgreSQL {major}")


def judged(error: Exception) -> Exception:
    """What a driver's error means to the asker."""
    match error:
        case Unavailable():
            return error
        case asyncpg.ClientConfigurationError():
            return Refused(f"the address of the database cannot be read: {error}")
        case asyncpg.ReadOnlySQLTransactionError():
            return Unavailable("the database is read-only", retry_seconds=5.0)
        case _ if isinstance(error, (*_WRONG, ValueError)):
            return Refused(f"this cannot be stored: {error}")
        case _ if isinstance(error, _AGAIN):
            return Conflict()
        case _ if isinstance(error, _AWAY):
            return Unavailable(f"the database cannot be reached: {str(error) or type(error).__name__}")
        case _:
            return Broken(f"the database refused a statement: {error}")


@asynccontextmanager
async def speaking_plainly() -> AsyncIterator[None]:
    """Whatever the driver raises leaves as one of our own errors."""
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError) as error:
        raise judged(error) from error


async def _leave_as_it_is(_connection: Connection) -> None:
    """Nothing to undo: sessions keep no state of ours, and a round trip after every transaction would be felt."""


class Pool:
    """The connections of one node."""

    def __init__(self, dsn: str, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self.dsn = dsn
        self._pool = pool

    @classmethod
    async def open(cls, dsn: str, *, connections: int, patience_seconds: float) -> Pool:
        """Connect, bring the schema up to date, and keep up to `connections`.

        Raises:
            Unavailable: the database cannot be reached, or was written by a newer Tocsin.
        """
        async with speaking_plainly():
            first = await asyncpg.connect(dsn, timeout=patience_seconds)
            try:
                refuse_old_server(first.get_server_version().major)
                await migrate(first)
            finally:
                await first.close(timeout=patience_seconds)
            pool = await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=connections,
                reset=_leave_as_it_is,
                timeout=patience_seconds,
                command_timeout=30.0,
                server_settings=_SETTINGS,
            )
        return cls(dsn, pool)

    async def close(self) -> None:
        """End all connections; what runs has a moment to finish."""
        try:
            async with asyncio.timeout(5):
                await self._pool.close()
        except (TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            self._pool.terminate()

    async def rows(self, query: str, *values: object) -> list[asyncpg.Record]:
        """The rows of one reading."""
        async with self.reading() as connection:
            return await connection.fetch(SQL[query], *values)

    async def value(self, query: str, *values: object) -> Any:
        """The first value of one statement that is a transaction of its own."""
        async with self.reading() as connection:
            return await connection.fetchval(SQL[query], *values)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A connection without a transaction."""
        async with speaking_plainly(), self._pool.acquire(timeout=_ACQUIRE_SECONDS) as connection:
            yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """A connection on which several readings see one and the same state."""
        async with self.reading() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection

    async def transaction(self, act: Callable[[Connection], Awaitable[Result]]) -> Result:
        """Do all of `act` or nothing; again from the start when others were in its way.

        Raises:
            Unavailable: it cannot be done now. When the connection broke at the very end, it may have been done.
        """
        for tried in range(TRIES):
            try:
                async with (
                    speaking_plainly(),
                    self._pool.acquire(timeout=_ACQUIRE_SECONDS) as connection,
                    connection.transaction(),
                ):
                    return await act(connection)
            except Conflict:
                if tried == TRIES - 1:
                    raise
                await asyncio.sleep(_WAIT_SECONDS * 2**tried)
        raise Conflict


class OnPool:
    """A part of the store: it keeps its promises over one pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool


def is_id(text: str) -> bool:
    """True for what can be the id of something; what cannot be is the id of nothing, and not an error."""
    return _ID.fullmatch(text) is not None


async def insert_many(
    connection: Connection, table: str, names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """New rows in their order, by COPY: twice as fast as arrays when there are many, and as strict."""
    await connection.copy_records_to_table(table, columns=names, records=rows)


def columns(rows: Sequence[tuple[object, ...]]) -> Iterable[Sequence[object]]:
    """Rows turned into the arrays of a statement that takes many at once. There must be a row."""
    return zip(*rows, strict=True)


def changed_rows(tag: str) -> int:
    """How many rows a statement has changed, from its tag: "UPDATE 3"."""
    return int(tag.rpartition(" ")[2])


async def notify(connection: Connection, notices: Sequence[str]) -> None:
    """Tell every node with the commit; a notice is "topic" or "topic payload"."""
    if notices:
        await connection.execute(SQL["notify"], notices)
