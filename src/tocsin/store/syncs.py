"""What is kept of syncs, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from tocsin.core.syncs import Entry, State, SyncName
from tocsin.core.vocabulary import Instant
from tocsin.store import codec
from tocsin.store.pool import Connection, OnPool, columns
from tocsin.store.queries import SQL

_states = msgspec.json.Decoder(State)
_entries = msgspec.json.Decoder(Entry)


class KeepsSyncs(OnPool):
    """What is known of syncs, what they did, and what the other side calls people."""

    async def sync_states(self) -> tuple[State, ...]:
        """What is known of every sync that was ever tried, by name."""
        return tuple(_states.decode(row["state"]) for row in await self._pool.rows("sync_states"))

    async def put_sync(self, state: State, entry: Entry | None, *, keep: int) -> None:
        """Write what is known, and a line of the log; of each sync's lines the newest `keep` stay."""

        async def act(connection: Connection) -> None:
            await connection.execute(SQL["put_sync"], state.name, codec.encode_json(state))
            if entry is not None:
                await connection.execute(SQL["add_sync_line"], entry.sync, codec.encode_json(entry))
                await connection.execute(SQL["trim_sync_log"], entry.sync, keep)

        await self._pool.transaction(act)

    async def sync_log(self, sync: SyncName, *, limit: int) -> tuple[Entry, ...]:
        """The newest lines of a sync's log, newest first."""
        return tuple(_entries.decode(row["entry"]) for row in await self._pool.rows("sync_log", sync, limit))

    async def sync_ids(self, kind: str, *, since: Instant) -> Mapping[str, str]:
        """What the other side calls people, by their address, as far as it was learned since then."""
        return {row["address"]: row["id"] for row in await self._pool.rows("sync_ids", kind, since)}

    async def learn_sync_ids(self, kind: str, learned: Sequence[tuple[str, str | None]]) -> None:
        """Remember what the other side calls people, by their address; None: forget it."""
        latest = dict(learned)
        found = [(address, known) for address, known in latest.items() if known is not None]

        async def act(connection: Connection) -> None:
            await connection.execute(SQL["forget_sync_ids"], kind, [one for one, known in latest.items() if not known])
            if found:
                await connection.execute(SQL["learn_sync_ids"], kind, *columns(found))

        await self._pool.transaction(act)
