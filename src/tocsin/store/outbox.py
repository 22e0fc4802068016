"""Deliveries: each is called by one node at a time, under a lease, and its outcome is told to the cases it served."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import asyncpg

from tocsin.core.alerts.model import Alert
from tocsin.core.case import told_of
from tocsin.core.paging.calm import Calm
from tocsin.core.paging.order import room_for_lost
from tocsin.core.paging.outbox import Delivery, Item
from tocsin.core.vocabulary import AlertId, DeliveryId, GroupId, Instant, Urgency
from tocsin.ports.state import Claimed, Mention, Result, Worked
from tocsin.store import codec
from tocsin.store.cases import Loaded, lock_cases
from tocsin.store.circle import Circle
from tocsin.store.claiming import claim_of, mention
from tocsin.store.pool import Connection, OnPool, columns
from tocsin.store.queries import SQL
from tocsin.store.rounds import decide_round, idle_time, write_round
from tocsin.store.saving import Saving, decide_results
from tocsin.store.sending import array_text

#: What one delivery carries: its items, and of each whether it was stopped.
Carried = list[tuple[Item, bool]]


class Delivers(OnPool):
    """The outbox on PostgreSQL."""

    _deliveries_in_turn: Circle

    async def claim(self, *, node: str, limit: int, lease: timedelta) -> Worked:
        """Claim deliveries that are due, or whose lease has ended (those are marked as a repeat).

        One whose alerts no longer ring is cancelled instead.
        """

        async def act(connection: Connection) -> Worked:
            rows = await connection.fetch(SQL["claim_waiting_deliveries"], limit)
            lost = room_for_lost(limit, len(rows))
            if len(rows) >= limit:
                guarded = [row["name"] for row in rows]
                services = await self._deliveries_in_turn.next(connection)
                rows += await connection.fetch(SQL["claim_deliveries_of_services"], services, guarded)
            rows += await connection.fetch(SQL["claim_expired_deliveries"], lost)
            claimed = await _claim(connection, rows, node, lease) if rows else ()
            idle = timedelta(0) if len(rows) >= limit else await idle_time(connection, "real_time_until_delivery")
            return Worked(count=len(rows), idle=idle, claimed=claimed)

        return await self._pool.transaction(act)

    async def finish(self, results: Sequence[Result], calm: Calm) -> None:
        """Write outcomes and what they lead to, in one transaction. A claim that is no longer ours is left alone."""
        if not results:
            return

        async def act(connection: Connection) -> None:
            groups = {item.group_id for result in results for item in result.claimed.delivery.items}
            loaded = await lock_cases(connection, groups)
            ours = await _still_ours(connection, results)
            if not ours:
                return
            saving = await _decide_results(connection, loaded, ours)
            await _write_outcomes(connection, ours, saving.now)
            await write_round(connection, saving, calm)

        await self._pool.transaction(act)


async def items_of(connection: Connection, ids: Sequence[DeliveryId]) -> Mapping[DeliveryId, Carried]:
    """What these deliveries carry."""
    carried: defaultdict[DeliveryId, Carried] = defaultdict(list)
    for row in await connection.fetch(SQL["items_of_deliveries"], ids):
        item = Item(
            page_id=row["page_id"],
            attempt=row["attempt"],
            group_id=row["group_id"],
            alert_ids=tuple(row["alert_ids"]),
            rung=row["rung"],
            because=row["because"],
        )
        carried[row["delivery_id"]].append((item, row["stopped"]))
    return carried


def delivery_of(row: asyncpg.Record, items: Sequence[Item]) -> Delivery:
    """A delivery from its row."""
    return Delivery(
        id=row["name"],
        person=row["person"],
        contact=row["contact"],
        channel=row["channel"],
        address=row["address"],
        urgency=Urgency(row["urgency"]),
        due_at=row["due_at"],
        items=tuple(items),
        gathers=row["gathers"],
        repeat=row["repeat"],
        service=row["service"] or None,
    )


async def _claim(
    connection: Connection, rows: Sequence[asyncpg.Record], node: str, lease: timedelta
) -> tuple[Claimed, ...]:
    now: Instant = rows[0]["now"]
    carried = await items_of(connection, [row["name"] for row in rows])
    told = await _told(connection, carried)
    claimed: list[Claimed] = []
    cancelled: list[DeliveryId] = []
    for row in rows:
        delivery = delivery_of(row, [item for item, stopped in carried[row["name"]] if not stopped])
        claim = claim_of(delivery, told, claims=row["claim"], was_calling=row["status"] == "calling", now=now)
        if claim is None:
            cancelled.append(delivery.id)
        else:
            claimed.append(claim)
    if claimed:
        await connection.execute(SQL["mark_claimed"], [one.delivery.id for one in claimed], node, now, lease)
        await _widen(connection, claimed, carried)
    if cancelled:
        await connection.execute(SQL["mark_cancelled"], cancelled)
    return tuple(claimed)


async def _told(connection: Connection, carried: Mapping[DeliveryId, Carried]) -> Mapping[GroupId, Sequence[Mention]]:
    groups = {item.group_id for items in carried.values() for item, stopped in items if not stopped}
    members: defaultdict[GroupId, list[Alert]] = defaultdict(list)
    counts: dict[AlertId, int] = {}
    for row in await connection.fetch(SQL["open_alerts"], list(groups)):
        alert = codec.decode_alert(row["state"])
        members[row["group_id"]].append(alert)
        counts[alert.id] = row["count"]
    return {
        group_id: [mention(alert, counts[alert.id]) for alert in told_of(alerts)]
        for group_id, alerts in members.items()
    }


async def _widen(connection: Connection, claimed: Sequence[Claimed], carried: Mapping[DeliveryId, Carried]) -> None:
    known = {(delivery_id, item) for delivery_id, items in carried.items() for item, _ in items}
    wider = [
        (one.delivery.id, item.page_id, item.attempt, array_text(item.alert_ids))
        for one in claimed
        for item in one.delivery.items
        if (one.delivery.id, item) not in known
    ]
    if wider:
        await connection.execute(SQL["widen_items"], *columns(wider))


async def _still_ours(connection: Connection, results: Sequence[Result]) -> list[Result]:
    # Of two outcomes of one delivery the one under the newer claim counts: the other is nobody's any more.
    by_id = {one.claimed.delivery.id: one for one in sorted(results, key=lambda one: one.claimed.claim)}
    claims = [result.claimed.claim for result in by_id.values()]
    rows = await connection.fetch(SQL["lock_claimed_deliveries"], list(by_id), claims)
    return [by_id[row["id"]] for row in rows]


async def _decide_results(connection: Connection, loaded: Loaded, results: Sequence[Result]) -> Saving:
    now = loaded.now if loaded.now is not None else await connection.fetchval(SQL["now"])

    return await decide_round(connection, lambda turns: decide_results(results, loaded.cases, now, turns))


async def _write_outcomes(connection: Connection, results: Sequence[Result], now: Instant) -> None:
    rows: list[tuple[Any, ...]] = [
        (result.claimed.delivery.id, result.ended.value, codec.encode_json(result.answer)) for result in results
    ]
    await connection.execute(SQL["finish_deliveries"], *columns(rows), now)
