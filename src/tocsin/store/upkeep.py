"""One-time links, retention, repair."""

from __future__ import annotations

from datetime import timedelta

from tocsin.core.arrivals import REMEMBERED
from tocsin.store.pool import Connection, OnPool, changed_rows, notify
from tocsin.store.queries import SQL


class KeepsUp(OnPool):
    """Upkeep on PostgreSQL."""

    async def use_once(self, nonce: str, *, lasts: timedelta) -> bool:
        """True the first time that a one-time link of this nonce is used."""
        return await self._pool.value("use_link", nonce, lasts) is not None

    async def forget_events(self, *, older_than: timedelta, limit: int) -> int:
        """Delete events by age, at most `limit` at a time; how many there were."""

        async def act(connection: Connection) -> int:
            await connection.execute(SQL["forget_links"])
            await connection.execute(SQL["forget_ended_early"], REMEMBERED)
            return changed_rows(await connection.execute(SQL["forget_events"], older_than, limit))

        return await self._pool.transaction(act)

    async def set_pace(self, pace: float) -> None:
        """Let the domain's time run so many times faster than real time, from now on. For demonstrations."""

        async def act(connection: Connection) -> None:
            [clocks] = await connection.fetch(SQL["both_clocks"])
            origin, began = (clock.isoformat() for clock in clocks.values())
            await connection.execute(SQL["replace_now"].format(origin=origin, began=began, pace=float(pace)))
            await connection.execute(SQL["replace_pace"].format(pace=float(pace)))
            await notify(connection, ["work", "outbox", "messages"])

        await self._pool.transaction(act)

    async def repair(self) -> int:
        """Make cases due that ring without a next instant; how many there were."""

        async def act(connection: Connection) -> int:
            repaired = changed_rows(await connection.execute(SQL["repair_cases"]))
            await notify(connection, ["work"] if repaired else [])
            return repaired

        return await self._pool.transaction(act)
