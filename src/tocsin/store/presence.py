"""Which nodes are there, so that what a dead one was calling is taken over within seconds, not when its lease ends.

Each node holds a lock of PostgreSQL on its name, with a session of its own: the lock ends with the process, however
that ends. Every half second each node looks at the locks of the others. One whose lock has been free for more than a
second is struck off, and its leases end: the next courier that looks takes its deliveries over, marked as a repeat,
since their calls may have gone out. A node that is only frozen keeps its lock, and its leases end by themselves.

The lock of a living node is free for a moment when its connection was cut, and all locks are after a failover. As a
rule it is held again within that second. If it is not, calls may be made twice, with the mark; the outcomes of the
first ones are refused like those of any old claim. The further claims of a node that was struck off end with their
leases alone, until it is back.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from tocsin.core.errors import TocsinError
from tocsin.store.pool import Connection, OnPool, changed_rows, notify, speaking_plainly
from tocsin.store.queries import SQL
from tocsin.store.servers import Servers, Session

_log = structlog.get_logger(__name__)

#: How often a node looks after the others.
EVERY = timedelta(seconds=0.5)
#: So long may a node be missed before it counts as dead: longer than it takes to connect again.
GRACE = timedelta(seconds=1.5)

_PATIENCE_SECONDS = 3.0
_AGAIN_SECONDS = 0.25
_SETTINGS = {"application_name": "tocsin-presence", "idle_in_transaction_session_timeout": "10s"}


class Attends(OnPool):
    """The presence of nodes on PostgreSQL."""

    _watchers: set[asyncio.Task[None]]

    def attend(self, name: str) -> None:
        """Be there under a name that no other node bears, and look after the others, until the store is closed."""
        attending = _Attending(self._pool.servers, name)
        self._watchers.add(asyncio.get_running_loop().create_task(attending.run(), name="tocsin-presence"))

    async def leave(self, name: str) -> None:
        """Be there no more: what this node was still calling is free to be taken over. Close the store after it."""

        async def act(connection: Connection) -> None:
            await _strike(connection, [name])

        await self._pool.transaction(act)


class _Attending:
    """One node's presence, through however many connections it takes."""

    def __init__(self, servers: Servers, name: str) -> None:
        self._servers = servers
        self._name = name
        #: What was last said about trouble: it is said once, not four times a second.
        self._said: str | None = None

    async def run(self) -> None:
        """Be there until cancelled. Whatever goes wrong, paging goes on: then leases end by themselves."""
        while True:
            try:
                async with speaking_plainly():
                    await self._connected()
            except TocsinError as error:
                self._say(str(error))
            except Exception as error:
                _log.exception("the presence of this node stumbled")
                self._said = str(error)
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _connected(self) -> None:
        connection = await self._servers.connect(
            patience_seconds=_PATIENCE_SECONDS, settings=_SETTINGS, command_timeout=_PATIENCE_SECONDS
        )
        try:
            is_there = False
            while True:
                is_there = is_there or await self._enter(connection)
                await _look(connection, self._name)
                await asyncio.sleep(EVERY.total_seconds())
        finally:
            connection.terminate()

    async def _enter(self, connection: Session) -> bool:
        """False: the server has not noticed yet that our session before this one has ended. Nobody misses us then."""
        if not await connection.fetchval(SQL["hold_name"], self._name):
            return False
        await connection.execute(SQL["enter_node"], self._name)
        self._said = None
        return True

    def _say(self, trouble: str) -> None:
        if trouble != self._said:
            _log.warning("this node cannot show that it is there", error=trouble)
            self._said = trouble


async def _look(connection: Session, name: str) -> None:
    """Look after the others, once. While nobody comes or goes this writes nothing."""
    others = await connection.fetch(SQL["look_for_nodes"], name, GRACE)
    if any(other["free"] != other["missed"] for other in others):
        await connection.execute(SQL["miss_nodes"], name)
    if any(other["free"] and other["gone"] for other in others):
        async with connection.transaction():
            names = [row["name"] for row in await connection.fetch(SQL["missed_nodes"], GRACE, name)]
            calls = await _strike(connection, names) if names else 0
        if names:
            _log.warning("nodes are gone; what they were calling is taken over", nodes=names, calls=calls)


async def _strike(connection: Connection, names: list[str]) -> int:
    """Strike nodes off and end their leases; how many of their deliveries are free now."""
    await connection.execute(SQL["strike_nodes"], names)
    calls = changed_rows(await connection.execute(SQL["end_leases"], names))
    await connection.execute(SQL["end_message_leases"], names)
    await notify(connection, ["outbox", "messages"])
    return calls
