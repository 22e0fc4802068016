"""The record of duty on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

import asyncpg

from tocsin.core.schedules import NobodyReason
from tocsin.core.schedules.record import Served
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span
from tocsin.ports.duty import Recorded
from tocsin.store.pool import Connection, OnPool, columns
from tocsin.store.queries import SQL


class KeepsDuty(OnPool):
    """Who was on call."""

    async def record_duty(self, entries: Sequence[Served], *, until: Instant) -> None:
        """Add entries, and say up to when the record is known now. An entry that is there already stays as it is."""
        rows = [(one.schedule, one.since, "\n".join(one.people), one.source, one.reason) for one in entries]

        async def act(connection: Connection) -> None:
            if rows:
                await connection.execute(SQL["add_duty"], *columns(rows))
            await connection.execute(SQL["move_duty_known"], until)

        await self._pool.transaction(act)

    async def newest_duty(self) -> tuple[Instant | None, tuple[Served, ...]]:
        """Up to when the record is known (None: there is none yet), and the newest entry of each schedule."""
        async with self._pool.snapshot() as connection:
            until: Instant | None = await connection.fetchval(SQL["duty_known"])
            rows = await connection.fetch(SQL["newest_duty"])
        return until, tuple(map(_served, rows))

    async def duty_in(self, schedules: Sequence[ScheduleName], window: Span) -> Recorded:
        """What is recorded of these schedules and matters in a window."""
        async with self._pool.snapshot() as connection:
            until: Instant | None = await connection.fetchval(SQL["duty_known"])
            rows = await connection.fetch(SQL["duty_in"], schedules, window.start, window.end)
        entries = {name: tuple(map(_served, of)) for name, of in groupby(rows, key=itemgetter("schedule"))}
        return Recorded(until=until, entries=entries)


def _served(row: asyncpg.Record) -> Served:
    return Served(
        schedule=ScheduleName(row["schedule"]),
        since=row["since"],
        people=tuple(map(PersonName, row["people"])),
        source=row["source"],
        reason=NobodyReason(row["reason"]) if row["reason"] is not None else None,
    )
