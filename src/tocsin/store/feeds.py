"""Copies of calendars that are kept elsewhere, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tocsin.core.schedules import CalendarName
from tocsin.ports.feeds import Feed
from tocsin.store import codec
from tocsin.store.pool import Connection, OnPool, changed_rows, notify
from tocsin.store.queries import SQL

_feeds = msgspec.json.Decoder(Feed)


class KeepsFeeds(OnPool):
    """Calendars that are kept elsewhere."""

    async def feeds(self) -> tuple[Feed, ...]:
        """All of them, by name."""
        return tuple(_feeds.decode(row["state"]) for row in await self._pool.rows("feeds"))

    async def put_feed(self, feed: Feed) -> None:
        """Keep what is known of one now. All nodes are told when its appointments are others than before."""

        async def act(connection: Connection) -> None:
            before: str | None = await connection.fetchval(SQL["feed"], feed.calendar)
            known = _feeds.decode(before).appointments if before is not None else ()
            await connection.execute(SQL["put_feed"], feed.calendar, codec.encode_json(feed))
            if known != feed.appointments:
                await _changed(connection)

        await self._pool.transaction(act)

    async def drop_feeds(self, calendars: Sequence[CalendarName]) -> None:
        """Forget calendars that are not configured any more."""

        async def act(connection: Connection) -> None:
            if changed_rows(await connection.execute(SQL["drop_feeds"], calendars)):
                await _changed(connection)

        await self._pool.transaction(act)

    async def feeds_version(self) -> int:
        """Grows whenever what a calendar says has changed."""
        return int(await self._pool.value("feeds_version"))


async def _changed(connection: Connection) -> None:
    await connection.execute(SQL["feeds_changed"])
    await notify(connection, ["configuration"])
