"""What cases want sent or stopped becomes deliveries and changes of deliveries. The caller holds the transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tocsin.core.paging.calm import Calm
from tocsin.core.paging.outbox import Delivery, Item, Placed, Way, place
from tocsin.core.vocabulary import DeliveryId, Instant, PersonName, Urgency
from tocsin.store.pool import Connection, columns
from tocsin.store.queries import SQL
from tocsin.store.saving import Saving


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who calls what is due at once; nobody: it waits to be claimed."""

    node: str | None = None
    lease: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guarded:
    """What the locks of a saving have found."""

    full_at: dict[PersonName, Instant] = field(default_factory=dict)
    gathering: dict[Way, DeliveryId] = field(default_factory=dict)
    ids: list[DeliveryId] = field(default_factory=list)


async def send_and_stop(
    connection: Connection, saving: Saving, calm: Calm, claim: Claim | None = None
) -> list[Delivery]:
    """Carry out what a saving wants of the outbox. The new deliveries, those that join others not among them."""
    if not saving.sends and not saving.stops:
        return []
    guarded = await _guard(connection, saving)
    if saving.stops:
        await connection.execute(SQL["stop_items"], saving.stops)
    placed = place(saving.sends, calm=calm, full_at=guarded.full_at, gathering=guarded.gathering, now=saving.now)
    await _write(connection, placed, saving.now, claim or Claim())
    if saving.stops and guarded.ids:
        await connection.execute(SQL["cancel_empty_deliveries"], guarded.ids)
    return placed.deliveries


async def _guard(connection: Connection, saving: Saving) -> _Guarded:
    people = sorted({send.person for send in saving.sends if send.person is not None})
    buckets = await connection.fetch(SQL["lock_buckets"], people) if people else []
    waiting = await connection.fetch(SQL["lock_waiting_deliveries"], people, saving.stops)
    return _Guarded(
        full_at={row["person"]: row["full_at"] for row in buckets if row["full_at"] is not None},
        gathering={
            (row["person"], row["channel"], row["address"], Urgency(row["urgency"])): row["id"]
            for row in waiting
            if row["gathers"]
        },
        ids=[row["id"] for row in waiting],
    )


async def _write(connection: Connection, placed: Placed, now: Instant, claim: Claim) -> None:
    if placed.full_at:
        await connection.execute(SQL["fill_buckets"], list(placed.full_at), list(placed.full_at.values()))
    if placed.deliveries:
        rows = [_delivery(one, claimed=claim.node is not None and one.due_at <= now) for one in placed.deliveries]
        services = [one.service or "" for one in placed.deliveries]
        await connection.execute(SQL["insert_deliveries"], *columns(rows), claim.node, now, claim.lease, services)
    items = [(one.id, item) for one in placed.deliveries for item in one.items] + placed.joined
    if placed.repeats:
        await connection.execute(SQL["mark_repeats"], list(placed.repeats))
    if items:
        await connection.execute(SQL["insert_items"], *columns([_item(*pair) for pair in items]))


def _delivery(delivery: Delivery, *, claimed: bool) -> tuple[object, ...]:
    return (
        delivery.id,
        delivery.person,
        delivery.contact,
        delivery.channel,
        delivery.address,
        delivery.urgency.value,
        delivery.due_at,
        delivery.gathers,
        delivery.repeat,
        claimed,
    )


def _item(delivery_id: DeliveryId, item: Item) -> tuple[object, ...]:
    alert_ids = array_text(item.alert_ids)
    return (delivery_id, item.page_id, item.attempt, item.group_id, item.rung, item.because, alert_ids)


def array_text(ids: Sequence[str]) -> str:
    """Ids as the text of an array: a statement for many rows takes no array of arrays of different lengths."""
    return f"{{{','.join(ids)}}}"
