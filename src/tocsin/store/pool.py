"""Connections, transactions, and what a database says in the words of core/errors.

A transaction that was decided on what somebody else has changed meanwhile is made again, a few times. Trouble with the
connection is `Unavailable`; the pool opens new connections by itself once the database is back, to whichever of its
servers takes writes then. A server that has become a replica is left at once.
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
from tocsin.store.servers import Servers, Session

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
Result = TypeVar("Result")

#: How often a transaction is made again when others were in its way, and how long is waited before, growing.
TRIES = 8
_WAIT_SECONDS = 0.005
#: How long is waited for a connection when all are busy.
_ACQUIRE_SECONDS = 10.0

#: How long is waited for the answer to a statement; longer than another session may hold up what it wants.
_ANSWER_SECONDS = 20.0

#: What a node that hangs or has vanished may hold up: its locks end with its session. Our transactions never rest, and
#: our statements take milliseconds. Long ones (backup, migration) go over connections of their own.
_ENDING = {"idle_in_transaction_session_timeout": "10s", "statement_timeout": "60s"}

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
} | _ENDING

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
#: Of these, what does not end by waiting: somebody must be let in, or make the database.
_FOR_PEOPLE = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)
#: The values are wrong: a text that cannot be kept, a figure or a key that is too large.
_WRONG = (asyncpg.DataError, asyncpg.exceptions.ProgramLimitExceededError)


class Away(Unavailable):
    """The database is not there now; it may come back by itself."""


class ReadOnly(Away):
    """The database can be read and takes no writes: it has become a replica, or its disk is full."""

    def __init__(self) -> None:
        super().__init__("the database is read-only", retry_seconds=5.0)


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
        case asyncpg.ReadOnlySQLTransactionError() | asyncpg.TargetServerAttributeNotMatched():
            return ReadOnly()
        case _ if isinstance(error, (*_WRONG, ValueError)):
            return Refused(f"this cannot be stored: {error}")
        case _ if isinstance(error, _AGAIN):
            return Conflict()
        case _ if isinstance(error, _AWAY):
            kind = Unavailable if isinstance(error, _FOR_PEOPLE) else Away
            return kind(f"the database cannot be reached: {str(error) or type(error).__name__}")
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

    def __init__(self, servers: Servers, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self.servers = servers
        self._pool = pool

    @classmethod
    async def open(cls, dsn: str, *, connections: int, patience_seconds: float) -> Pool:
        """Connect, bring the schema up to date, and keep up to `connections`.

        Raises:
            Unavailable: the database cannot be reached, or was written by a newer Tocsin.
        """
        servers = Servers(dsn)

        async def connect(*_: Any, **options: Any) -> Session:
            return await servers.connect(patience_seconds=patience_seconds, settings=_SETTINGS, **options)

        async with speaking_plainly():
            first = await servers.connect(patience_seconds=patience_seconds)
            try:
                refuse_old_server(first.get_server_version().major)
                await migrate(first)
            finally:
                await first.close(timeout=patience_seconds)
            pool = await asyncpg.create_pool(
                dsn,
                min_size=0,
                max_size=connections,
                connect=connect,
                reset=_leave_as_it_is,
                command_timeout=_ANSWER_SECONDS,
            )
        return cls(servers, pool)

    async def close(self) -> None:
        """End all connections; what runs has a moment to finish."""
        try:
            async with asyncio.timeout(5):
                await self._pool.close()
        except (TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            self._pool.terminate()

    async def rows(self, query: str, *values: object) -> list[asyncpg.Record]:
        """The rows of one reading."""

        async def act() -> list[asyncpg.Record]:
            async with self.reading() as connection:
                return await connection.fetch(SQL[query], *values)

        return await _again(act)

    async def value(self, query: str, *values: object) -> Any:
        """The first value of one statement that is a transaction of its own; again when others were in its way."""

        async def act() -> Any:
            async with self.reading() as connection:
                return await connection.fetchval(SQL[query], *values)

        return await _again(act)

    @asynccontextmanager
    async def reading(self, patience_seconds: float = _ACQUIRE_SECONDS) -> AsyncIterator[Connection]:
        """A connection without a transaction."""
        async with speaking_plainly(), self._pool.acquire(timeout=patience_seconds) as connection:
            try:
                yield connection
            except TimeoutError:
                _give_up(connection)
                raise
            except asyncpg.ReadOnlySQLTransactionError:
                await self.leave_server()
                raise

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """A connection on which several readings see one and the same state."""
        async with self.reading() as connection, _transaction(connection, isolation="repeatable_read", readonly=True):
            yield connection

    async def leave_server(self) -> None:
        """Use none of the present connections again: the server that they lead to takes no writes any more."""
        await self._pool.expire_connections()

    async def transaction(self, act: Callable[[Connection], Awaitable[Result]]) -> Result:
        """Do all of `act` or nothing; again from the start when others were in its way.

        Raises:
            Unavailable: it cannot be done now. When the connection broke at the very end, it may have been done.
        """

        async def whole() -> Result:
            async with self.reading() as connection, _transaction(connection):
                return await act(connection)

        return await _again(whole)


async def _again(act: Callable[[], Awaitable[Result]]) -> Result:
    """What others were in the way of is made once more, a few times; nothing of it was done."""
    for tried in range(TRIES):
        try:
            return await act()
        except Conflict:
            if tried == TRIES - 1:
                raise
            await asyncio.sleep(_WAIT_SECONDS * 2**tried)
    raise Conflict


@asynccontextmanager
async def _transaction(connection: Connection, **kind: Any) -> AsyncIterator[None]:
    """All or nothing. A server that does not answer is not asked to undo anything: it does when its session ends."""
    transaction = connection.transaction(**kind)
    await transaction.start()
    try:
        yield
    except BaseException as error:
        if isinstance(error, TimeoutError):
            _give_up(connection)
        if not _is_over(connection):
            await transaction.rollback()
        raise
    await transaction.commit()


def _give_up(connection: Connection) -> None:
    """End a connection whose server has not answered; the driver would ask it to stop, and wait for that answer."""
    if not _is_over(connection):
        connection.terminate()


def _is_over(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # It has ended and left the pool already.
        return True


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
