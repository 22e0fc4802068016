"""Deciding what is due: claim cases, decide each in the core, write what follows; all in one transaction a round."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import asyncpg

from tocsin.core.case import Case
from tocsin.core.paging.calm import Calm
from tocsin.core.paging.order import EACH
from tocsin.core.vocabulary import AlertId
from tocsin.ports.state import Claimed, Worked
from tocsin.store.cases import Loaded, lock_cases, with_alerts
from tocsin.store.circle import Circle
from tocsin.store.claiming import claimed_now
from tocsin.store.pool import Connection, OnPool, is_id, notify
from tocsin.store.queries import SQL
from tocsin.store.rounds import decide_round, idle_time, write_round
from tocsin.store.saving import Decide, Saving, decide_cases
from tocsin.store.sending import Claim


class Works(OnPool):
    """Work on PostgreSQL."""

    _cases_in_turn: Circle

    async def work(self, *, node: str, limit: int, lease: timedelta, calm: Calm, decide: Decide) -> Worked:
        """Claim due cases, decide each, and write facts, state, next instants and deliveries in one transaction."""

        async def act(connection: Connection) -> Worked:
            rows = await self._claim_cases(connection, limit)
            loaded = await with_alerts(connection, rows)
            saving = await _decide_all(connection, loaded, decide)
            claimed: tuple[Claimed, ...] = ()
            if saving is not None:
                deliveries = await write_round(connection, saving, calm, Claim(node=node, lease=lease))
                cases = {group_id: change.after for group_id, change in saving.changes.items()}
                claimed = claimed_now(deliveries, cases, loaded.counts, saving.now)
            idle = timedelta(0) if len(rows) >= limit else await idle_time(connection, "real_time_until_work")
            return Worked(count=len(rows), idle=idle, claimed=claimed)

        return await self._pool.transaction(act)

    async def _claim_cases(self, connection: Connection, limit: int) -> list[asyncpg.Record]:
        """What has been due the longest; where that is more than the limit, beside it the first few of each service."""
        rows = await connection.fetch(SQL["claim_due_cases"], limit)
        if len(rows) < limit:
            return rows
        guarded = [row["id"] for row in rows]
        services = await self._cases_in_turn.next(connection)
        return rows + await connection.fetch(SQL["claim_cases_of_services"], services, EACH, guarded)

    async def command(self, alert_ids: Sequence[AlertId], decide: Decide, calm: Calm) -> tuple[Case, ...]:
        """Decide about the cases of these alerts, each case once, in one transaction.

        The cases are as they are afterwards, in the order of their ids; an id that no alert has is passed over.
        """
        known = [alert_id for alert_id in alert_ids if is_id(alert_id)]

        async def act(connection: Connection) -> tuple[Case, ...]:
            rows = await connection.fetch(SQL["cases_of_alerts"], known)
            loaded = await lock_cases(connection, [row["group_id"] for row in rows])
            saving = await _decide_all(connection, loaded, decide)
            if saving is None:
                return ()
            await write_round(connection, saving, calm)
            changes = saving.changes
            return tuple(
                changes[group_id].after if group_id in changes else loaded.cases[group_id]
                for group_id in sorted(loaded.cases)
            )

        return await self._pool.transaction(act) if known else ()

    async def wake_all(self) -> None:
        """Make every open case due now: the configuration has changed in a way that may matter to it."""

        async def act(connection: Connection) -> None:
            await connection.execute(SQL["wake_all"])
            await notify(connection, ["work"])

        await self._pool.transaction(act)


async def _decide_all(connection: Connection, loaded: Loaded, decide: Decide) -> Saving | None:
    """Give each case its decision; None: there is none."""
    now = loaded.now
    if now is None:
        return None

    return await decide_round(connection, lambda turns: decide_cases(loaded.cases.values(), now, turns, decide))
