"""What faces show: single statements, each a snapshot of its own."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from tocsin.core.alerts.model import Status
from tocsin.core.arrivals import Outcome
from tocsin.core.case import Case
from tocsin.core.errors import Refused
from tocsin.core.paging.outbox import Item
from tocsin.core.vocabulary import AlertId, DeliveryId, EventId, GroupId, Instant
from tocsin.ports.doors import Earlier, Taken
from tocsin.ports.state import AlertQuery, AlertRecord, AlertSlice, DeliveryRecord, Entry, EventRecord, Health
from tocsin.store import codec
from tocsin.store.cases import alert_of, with_alerts
from tocsin.store.outbox import delivery_of, items_of
from tocsin.store.pool import OnPool, is_id
from tocsin.store.queries import SQL


class Reads(OnPool):
    """Readings on PostgreSQL."""

    async def now(self) -> Instant:
        """The store's clock, by which all is decided."""
        now: Instant = await self._pool.value("now")
        return now

    async def alerts(self, query: AlertQuery) -> AlertSlice:
        """A part of the list, newest first."""
        is_open = bool(query.statuses) and Status.RESOLVED not in query.statuses
        at, alert_id = (None, None) if query.cursor is None else read_cursor(query.cursor)
        rows = await self._pool.rows(
            "list_open_alerts" if is_open else "list_alerts",
            [status.value for status in query.statuses] or None,
            None if query.services is None else list(query.services),
            query.text.replace("\0", ""),
            at,
            alert_id,
            query.limit + 1,
        )
        return slice_of([_record(row) for row in rows], query.limit)

    async def alert(self, alert_id: AlertId) -> AlertRecord | None:
        """One alert; None: there is none of this id."""
        records = await self.alerts_of([alert_id])
        return records[0] if records else None

    async def alerts_of(self, alert_ids: Sequence[AlertId]) -> tuple[AlertRecord, ...]:
        """These alerts, in the order of the ids; an id that no alert has is passed over."""
        wanted = [alert_id for alert_id in alert_ids if is_id(alert_id)]
        rows = await self._pool.rows("read_alerts", wanted) if wanted else []
        found = {record.alert.id: record for record in map(_record, rows)}
        return tuple(found[alert_id] for alert_id in wanted if alert_id in found)

    async def case(self, group_id: GroupId) -> Case | None:
        """One case; None: there is none of this id."""
        if not is_id(group_id):
            return None
        async with self._pool.snapshot() as connection:
            rows = await connection.fetch(SQL["read_case"], group_id)
            loaded = await with_alerts(connection, rows)
        return loaded.cases.get(group_id)

    async def story(self, group_id: GroupId) -> tuple[Entry, ...]:
        """Everything that happened to a group, oldest first."""
        rows = await self._rows_of("read_story", group_id)
        return tuple(
            Entry(version=row["version"], at=row["at"], facts=codec.decode_facts(row["facts"])) for row in rows
        )

    async def events_of(self, alert_id: AlertId, limit: int) -> tuple[EventRecord, ...]:
        """The newest events of an alert."""
        rows = await self._rows_of("events_of_alert", alert_id, limit)
        return tuple(_event(row) for row in rows)

    async def deliveries_of(self, alert_id: AlertId) -> tuple[DeliveryRecord, ...]:
        """Every delivery that covered an alert, oldest first."""
        return await self._deliveries("deliveries_of_alert", alert_id) if is_id(alert_id) else ()

    async def delivery(self, delivery_id: DeliveryId) -> DeliveryRecord | None:
        """One delivery; None: there is none of this id."""
        found = await self._deliveries("read_delivery", delivery_id) if is_id(delivery_id) else ()
        return found[0] if found else None

    async def shown_to(self, person: str, limit: int) -> tuple[DeliveryRecord, ...]:
        """The newest deliveries to a person on channels of any kind, newest first."""
        return await self._deliveries("deliveries_to_person", person, limit)

    async def _rows_of(self, query: str, name: str, *values: object) -> list[asyncpg.Record]:
        return await self._pool.rows(query, name, *values) if is_id(name) else []

    async def _deliveries(self, query: str, *values: object) -> tuple[DeliveryRecord, ...]:
        async with self._pool.reading() as connection:
            rows = await connection.fetch(SQL[query], *values)
            carried = await items_of(connection, [row["name"] for row in rows]) if rows else {}
        return tuple(_delivery(row, [item for item, _ in carried.get(row["name"], ())]) for row in rows)

    async def earlier(self, request_id: EventId) -> Earlier | None:
        """What became of an earlier request; None: there was none of this id."""
        rows = await self._rows_of("read_event", request_id)
        return _earlier(rows[0]) if rows else None

    async def health(self, *, allowed: timedelta, counted: bool = True) -> Health:
        """Whether the promises are being kept; `counted`: with what takes a while where many alerts are open."""
        [row] = await self._pool.rows("health", allowed, counted)
        amounts = await self._pool.rows("count_open_alerts") if counted else []
        return Health(
            now=row["now"],
            late_cases=row["late"],
            cases_without_next_step=row["without"],
            stuck_deliveries=row["stuck"],
            lateness=timedelta(seconds=row["lateness"] or 0.0),
            open_alerts={one["status"]: one["amount"] for one in amounts},
        )


def slice_of(records: Sequence[AlertRecord], limit: int) -> AlertSlice:
    """A part of the list from records of which one more than the limit was asked for."""
    items = tuple(records[:limit])
    more = len(records) > limit and items
    return AlertSlice(items=items, next_cursor=write_cursor(items[-1]) if more else None)


def write_cursor(record: AlertRecord) -> str:
    """Where a part of the list ends; opaque to those who carry it."""
    text = f"{record.alert.created_at.isoformat()} {record.alert.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[Instant, AlertId]:
    """The instant and the id after which the list goes on.

    Raises:
        Refused: it is not one of ours.
    """
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, _, alert_id = text.partition(" ")
        return datetime.fromisoformat(at).astimezone(UTC), AlertId(str(UUID(alert_id)))
    except (ValueError, OverflowError, binascii.Error):
        raise Refused("this cursor was not given out by Tocsin", field="cursor") from None


def _record(row: asyncpg.Record) -> AlertRecord:
    return AlertRecord(
        alert=alert_of(row), group_id=row["group_id"], count=row["count"], last_seen_at=row["last_seen_at"]
    )


def _event(row: asyncpg.Record) -> EventRecord:
    return EventRecord(
        id=row["id"],
        request_id=row["request_id"],
        integration=row["integration"],
        received_at=row["received_at"],
        action=row["action"],
        dedup_key=row["dedup_key"],
        outcome=row["outcome"],
        alert_id=row["alert_id"],
        event=codec.decode_json(row["event"]),
        raw=None if row["raw"] is None else codec.decode_raw(row["raw"], row["raw_body"]),
    )


def _delivery(row: asyncpg.Record, items: Sequence[Item]) -> DeliveryRecord:
    return DeliveryRecord(
        delivery=delivery_of(row, items),
        status=row["status"],
        claimed_at=row["claimed_at"],
        sent_at=row["sent_at"],
        answer=None if row["answer"] is None else codec.decode_json(row["answer"]),
    )


def _earlier(row: asyncpg.Record) -> Earlier:
    return Earlier(
        taken=Taken(
            event_id=row["id"],
            dedup_key=row["dedup_key"],
            outcome=Outcome(row["outcome"]),
            alert_id=row["alert_id"],
            status=None if row["status"] is None else Status(row["status"]),
        ),
        action=row["action"],
        integration=row["integration"],
        processed_at=row["received_at"],
    )
