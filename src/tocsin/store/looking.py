"""What is known of the conditions that a batch speaks of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import blake2b

import asyncpg

from tocsin.core.alerts.model import Status
from tocsin.core.arrivals import REMEMBERED, Arrival, Glance, Key, Known
from tocsin.core.vocabulary import Severity
from tocsin.store.pool import Connection, columns, is_id
from tocsin.store.queries import SQL


async def glance_at_keys(connection: Connection, arrivals: Sequence[Arrival]) -> Known:
    """The newest alert of each condition, and the ends that came in before their beginnings."""
    keys = list({arrival.key for arrival in arrivals})
    rows = await connection.fetch(SQL["glance_by_key"], *columns(keys), REMEMBERED)
    known = Known(now=rows[0]["now"])
    known.by_key = {(row["integration"], row["dedup_key"]): _glance(row) for row in rows if row["id"] is not None}
    known.ended_early = {
        (row["integration"], row["dedup_key"]): row["ended_at"] for row in rows if row["ended_at"] is not None
    }
    return known


async def look(connection: Connection, arrivals: Sequence[Arrival]) -> Known:
    """Keep other batches away from these conditions until the end of the transaction, and see what is known of them."""
    grouping_keys = {key for arrival in arrivals if (key := arrival.grouping_key) is not None}
    await connection.execute(SQL["lock_conditions"], locks_of({arrival.key for arrival in arrivals}, grouping_keys))
    known = await glance_at_keys(connection, arrivals)
    await _look_by_id(connection, arrivals, known)
    await _look_by_source_group(connection, arrivals, known)
    if grouping_keys:
        rows = await connection.fetch(SQL["gathering_cases"], list(grouping_keys))
        known.gathering = {row["key"]: row["id"] for row in rows}
    return known


def locks_of(keys: Iterable[Key], grouping_keys: Iterable[str] = ()) -> list[int]:
    """The names of the locks of conditions and grouping keys, in the one order that everybody keeps."""
    texts = [f"{integration}\x1f{key}" for integration, key in keys]
    texts += [f"\x1e{key}" for key in grouping_keys]
    digests = (blake2b(text.encode(errors="replace"), digest_size=8).digest() for text in texts)
    return sorted({int.from_bytes(digest, "big", signed=True) for digest in digests})


def _glance(row: asyncpg.Record) -> Glance:
    return Glance(
        alert_id=row["id"],
        group_id=row["group_id"],
        integration=row["integration"],
        status=Status(row["status"]),
        severity=Severity(row["severity"]),
        expires_at=row["expires_at"],
    )


async def _look_by_id(connection: Connection, arrivals: Sequence[Arrival], known: Known) -> None:
    ids = {arrival.event.alert_id for arrival in arrivals if is_id(arrival.event.alert_id or "")}
    if ids:
        rows = await connection.fetch(SQL["glance_by_id"], list(ids))
        known.by_id = {row["id"]: _glance(row) for row in rows}


async def _look_by_source_group(connection: Connection, arrivals: Sequence[Arrival], known: Known) -> None:
    wanted = {
        (arrival.integration, arrival.event.source_group or "") for arrival in arrivals if arrival.event.whole_group
    }
    if not wanted:
        return
    found: defaultdict[tuple[str, str], list[Glance]] = defaultdict(list)
    for row in await connection.fetch(SQL["glance_by_source_group"], *columns(list(wanted))):
        found[row["integration"], row["source_group"]].append(_glance(row))
    known.in_source_group = {key: tuple(found[key]) for key in wanted if key in found}
