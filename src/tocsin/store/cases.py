"""Cases in the database: guarded and read as a whole, written with their journal. The caller holds the transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import asyncpg

from tocsin.core.alerts.model import Alert
from tocsin.core.arrivals import Repeat
from tocsin.core.case import Case
from tocsin.core.vocabulary import AlertId, GroupId, Instant
from tocsin.store import codec
from tocsin.store.pool import Connection, changed_rows, columns, insert_many
from tocsin.store.queries import SQL
from tocsin.store.saving import Change, Conflict, Saving, expiry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Cases as they stand."""

    cases: dict[GroupId, Case]
    #: How many triggers each alert has had.
    counts: dict[AlertId, int]
    #: The instant after all of them were guarded; None: there are none.
    now: Instant | None


async def lock_cases(connection: Connection, group_ids: Collection[GroupId]) -> Loaded:
    """Guard these cases until the end of the transaction, and read them."""
    rows = await connection.fetch(SQL["lock_cases"], list(group_ids))
    return await with_alerts(connection, rows)


async def with_alerts(connection: Connection, rows: Sequence[asyncpg.Record]) -> Loaded:
    """Put cases together with their members. Asked after the locks, so that nothing newer exists."""
    if not rows:
        return Loaded(cases={}, counts={}, now=None)
    alerts: defaultdict[GroupId, dict[AlertId, Alert]] = defaultdict(dict)
    members = await connection.fetch(SQL["alerts_of_cases"], [row["id"] for row in rows])
    for member in members:
        alert = alert_of(member)
        alerts[member["group_id"]][alert.id] = alert
    cases = {
        row["id"]: codec.decode_state(row["state"], alerts=alerts[row["id"]], version=row["version"]) for row in rows
    }
    counts = {AlertId(member["id"]): member["count"] for member in members}
    return Loaded(cases=cases, counts=counts, now=members[0]["now"] if members else None)


def alert_of(row: asyncpg.Record) -> Alert:
    """An alert, with the expiry that plain repeats have moved since its last fact."""
    alert = codec.decode_alert(row["state"])
    return alert if alert.expires_at == row["expires_at"] else replace(alert, expires_at=row["expires_at"])


async def save_cases(
    connection: Connection,
    saving: Saving,
    *,
    repeats: Mapping[AlertId, Repeat],
    replaced: Collection[AlertId],
) -> None:
    """Write facts, state, members and due times.

    Raises:
        Conflict: a case or a member is not what it was when it was read.
    """
    changes = list(saving.changes.values())
    if changes:
        await _write_cases(connection, changes, saving.now)
        await _write_alerts(connection, changes, saving.now, repeats, replaced)
        await insert_many(connection, "journal", _ENTRY, [_entry(one, saving.now) for one in changes])
    if saving.due:
        await connection.execute(SQL["postpone_cases"], list(saving.due), list(saving.due.values()))
    if saving.turns:
        turns = [(policy, step, taken) for (policy, step), taken in saving.turns.items()]
        await connection.execute(SQL["take_turns"], *columns(turns))


async def _write_cases(connection: Connection, changes: Sequence[Change], now: Instant) -> None:
    new = [_new_case(one, now) for one in changes if one.before is None]
    old = [_case(one) for one in changes if one.before is not None]
    if new:
        await insert_many(connection, "alert_groups", _CASE, new)
    if old:
        tag = await connection.execute(SQL["update_cases"], *columns(old), now)
        if changed_rows(tag) != len(old):
            raise Conflict


_ENTRY = ("group_id", "version", "at", "facts")


def _entry(change: Change, now: Instant) -> tuple[object, ...]:
    return (change.after.group.id, change.after.version, now, codec.encode_facts(change.facts))


_CASE = ("id", "key", "gathers_until", "is_open", "due_at", "version", "state", "updated_at", "service")


def _new_case(change: Change, now: Instant) -> tuple[object, ...]:
    group = change.after.group
    return (
        group.id,
        group.key,
        group.gathers_until,
        change.after.is_open,
        change.due_at,
        change.after.version,
        codec.encode_state(change.after),
        now,
        group.service or "",
    )


def _case(change: Change) -> tuple[object, ...]:
    case = change.after
    return (case.group.id, case.is_open, change.due_at, case.version, codec.encode_state(case))


async def _write_alerts(
    connection: Connection,
    changes: Sequence[Change],
    now: Instant,
    repeats: Mapping[AlertId, Repeat],
    replaced: Collection[AlertId],
) -> None:
    new = [(alert, one.after.group.id) for one in changes for alert in one.created]
    new.sort(key=lambda pair: (pair[0].integration, pair[0].dedup_key))
    if new:
        await insert_many(connection, "alerts", _ALERT, [_new_alert(*pair, repeats, replaced) for pair in new])
    old = sorted((pair for one in changes for pair in one.changed), key=lambda pair: pair[0].id)
    if old:
        *rest, states = columns([_alert(*pair, repeats.get(pair[0].id)) for pair in old])
        tag = await connection.execute(SQL["update_alerts"], *rest, now, states)
        if changed_rows(tag) != len(old):
            raise Conflict


_ALERT = ("id", "group_id", "integration", "dedup_key", "is_newest", "status", "severity", "service", "summary",
          "source_group", "created_at", "updated_at", "last_seen_at", "count", "expires_at", "state")  # fmt: skip


def _new_alert(
    alert: Alert, group_id: GroupId, repeats: Mapping[AlertId, Repeat], replaced: Collection[AlertId]
) -> tuple[object, ...]:
    repeat = repeats.get(alert.id)
    return (
        alert.id,
        group_id,
        alert.integration,
        alert.dedup_key,
        alert.id not in replaced,
        alert.status.value,
        alert.severity.value,
        alert.service,
        alert.summary,
        alert.source_group,
        alert.created_at,
        alert.updated_at,
        alert.created_at,
        1 if repeat is None else 1 + repeat.count,
        alert.expires_at if repeat is None else expiry_after(alert, repeat.expires_at),
        codec.encode_alert(alert),
    )


def _alert(before: Alert, after: Alert, repeat: Repeat | None) -> tuple[object, ...]:
    return (
        after.id,
        after.status.value,
        after.severity.value,
        after.service,
        after.summary,
        after.updated_at,
        0 if repeat is None else repeat.count,
        after.expires_at if repeat is None else expiry_after(after, repeat.expires_at),
        before.expires_at,
        codec.encode_alert(after),
    )
