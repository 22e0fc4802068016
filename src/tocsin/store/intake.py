"""Taking events in: many requests, one transaction, a handful of statements, however many events there are.

A plain batch needs two (plain.py); this is the way of all others, and of those that somebody came between.

What may run beside it: other batches (advisory locks on conditions keep two that speak of the same apart), workers and
answers (the locks of cases; a plain repeat takes none, and is written only while its alert is as it was seen).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tocsin.core.arrivals import Arrival, Decided, Glance, Known, Repeat, Verdict, groups_to_load
from tocsin.core.case import Case
from tocsin.core.paging.calm import Calm
from tocsin.core.vocabulary import AlertId, GroupId, Instant
from tocsin.ports.state import Incoming
from tocsin.store import codec
from tocsin.store.cases import lock_cases, save_cases
from tocsin.store.looking import look
from tocsin.store.plain import take_plainly
from tocsin.store.pool import Connection, OnPool, changed_rows, columns, insert_many, notify
from tocsin.store.queries import SQL
from tocsin.store.rounds import notices_of
from tocsin.store.saving import Conflict, Saving, saving_of
from tocsin.store.sending import send_and_stop

Decide = Callable[[list[Arrival], Known], Decided]


class TakesIn(OnPool):
    """Intake on PostgreSQL."""

    async def take_in(self, incoming: Sequence[Incoming], decide: Decide, calm: Calm) -> list[Verdict]:
        """Store and decide a batch in one transaction; the verdicts are in its order.

        Raises:
            Refused: a member holds what cannot be stored; nothing is stored.
            Unavailable: the store cannot take it now; nothing is stored.
        """
        if not incoming:
            return []
        events = [codec.encode_event(one.arrival.event) for one in incoming]
        try:
            async with self._pool.reading() as connection:
                verdicts = await take_plainly(connection, incoming, events, decide)
        except Conflict:
            verdicts = None
        if verdicts is not None:
            return verdicts

        async def act(connection: Connection) -> list[Verdict]:
            return await _take_in(connection, incoming, events, decide, calm)

        return await self._pool.transaction(act)


async def _take_in(
    connection: Connection, incoming: Sequence[Incoming], events: Sequence[str], decide: Decide, calm: Calm
) -> list[Verdict]:
    arrivals = [one.arrival for one in incoming]
    known = await look(connection, arrivals)
    await _load_cases(connection, arrivals, known)
    cases, seen, now = known.cases, _seen(known), known.now
    decided = decide(arrivals, known)
    saving = saving_of(decided, cases, now)
    if decided.replaced:
        await connection.execute(SQL["replace_alerts"], decided.replaced)
    await save_cases(connection, saving, repeats=decided.repeats, replaced=decided.replaced)
    await _count_repeats(connection, decided, saving, seen)
    await send_and_stop(connection, saving, calm)
    await _note_ended_early(connection, decided, now)
    await _keep_events(connection, incoming, events, decided.verdicts, now)
    await notify(connection, notices_of(saving, outbox=bool(saving.sends), work=saving.is_due_sooner))
    return decided.verdicts


# Looking at what is known.


async def _load_cases(connection: Connection, arrivals: list[Arrival], known: Known) -> None:
    """Guard and read what a glance is not enough for; then every glance is as the guarded cases say."""
    wanted = groups_to_load(arrivals, known)
    if not wanted:
        return
    loaded = await lock_cases(connection, wanted)
    known.cases, known.now = loaded.cases, loaded.now or known.now
    known.by_key = {key: _again(glance, loaded.cases) for key, glance in known.by_key.items()}
    known.by_id = {alert_id: _again(glance, loaded.cases) for alert_id, glance in known.by_id.items()}
    known.in_source_group = {
        key: tuple(_again(glance, loaded.cases) for glance in glances) for key, glances in known.in_source_group.items()
    }


def _again(glance: Glance, cases: Mapping[GroupId, Case]) -> Glance:
    case = cases.get(glance.group_id)
    return glance if case is None else Glance.at(case.alerts[glance.alert_id], glance.group_id)


def _seen(known: Known) -> dict[AlertId, Glance]:
    glances = [*known.by_key.values(), *known.by_id.values()]
    return {glance.alert_id: glance for glance in glances}


# Writing what became of it.


async def _count_repeats(
    connection: Connection, decided: Decided, saving: Saving, seen: Mapping[AlertId, Glance]
) -> None:
    """Count the repeats of alerts that no case has written; those that a case has written are counted with it."""
    written = {alert.id for change in saving.changes.values() for alert in change.created}
    written |= {after.id for change in saving.changes.values() for _, after in change.changed}
    plain = sorted(decided.repeats.keys() - written)
    if not plain:
        return
    rows = [_repeat(decided.repeats[alert_id], seen[alert_id]) for alert_id in plain]
    ids, counts, expiries, statuses, seen_expiries = columns(rows)
    values = (ids, counts, expiries, saving.now, statuses, seen_expiries)
    tag = await connection.execute(SQL["repeat_alerts"], *values)
    if changed_rows(tag) != len(rows):
        raise Conflict


def _repeat(repeat: Repeat, seen: Glance) -> tuple[object, ...]:
    return (seen.alert_id, repeat.count, repeat.expires_at, seen.status.value, seen.expires_at)


async def _note_ended_early(connection: Connection, decided: Decided, now: Instant) -> None:
    if decided.ended_early:
        rows = sorted((*key, ended_at) for key, ended_at in decided.ended_early.items())
        await connection.execute(SQL["note_ended_early"], *columns(rows), now)


async def _keep_events(
    connection: Connection,
    incoming: Sequence[Incoming],
    events: Sequence[str],
    verdicts: Sequence[Verdict],
    now: Instant,
) -> None:
    rows = [_event(*one, now) for one in zip(incoming, verdicts, events, strict=True)]
    await insert_many(connection, "events", _EVENT, rows)


_EVENT = ("id", "request_id", "integration", "received_at", "action", "dedup_key", "alert_id", "outcome", "status",
          "event", "raw", "raw_body")  # fmt: skip


def _event(incoming: Incoming, verdict: Verdict, event: str, now: Instant) -> tuple[object, ...]:
    arrival, raw = incoming.arrival, incoming.raw
    return (
        arrival.event_id,
        incoming.request_id,
        arrival.integration,
        now,
        arrival.event.action.value,
        arrival.event.dedup_key,
        verdict.alert_id,
        verdict.outcome.value,
        None if verdict.status is None else verdict.status.value,
        event,
        None if raw is None else codec.encode_head(raw),
        None if raw is None else raw.body,
    )
