"""What PostgreSQL alone does with the statements of intake, in the same batches: no HTTP, no decision, no Tocsin."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import asyncpg
import uvloop
from _ground import KEY

from tocsin.core.arrivals import Arrival, Decided, Known, take_in
from tocsin.core.directory import Directory, Integration
from tocsin.core.events import Action, Event
from tocsin.core.routing import Route
from tocsin.core.vocabulary import AlertId, EventId, GroupId, IntegrationName, Severity
from tocsin.engine.ids import new_id
from tocsin.engine.links import token_hash
from tocsin.ports.state import Incoming, Raw
from tocsin.store import codec
from tocsin.store.embedded import EmbeddedPostgres
from tocsin.store.plain import take_plainly
from tocsin.store.pool import Pool

EVENTS = 12_800
#: As many as intake has batches under way.
CONNECTIONS = 2

_NATIVE = IntegrationName("native")
_DIRECTORY = Directory(
    revision=1,
    integrations={_NATIVE: Integration(name=_NATIVE, protocol="tocsin", key_hash=token_hash(KEY))},
    routes=(Route(name="quiet", when=None, suppress=True),),
)
_RAW = Raw(
    method="POST", path="/api/v1/events", headers={"host": "127.0.0.1", "content-type": "application/json"}, body=b""
)


def statements_a_second(folder: Path, *, batch: int) -> tuple[float, float]:
    """Events a second in batches of so many: new alerts, and repeats of as many."""
    with EmbeddedPostgres(folder) as address:
        return uvloop.run(_measure(address, batch))


async def _measure(address: str, batch: int) -> tuple[float, float]:
    pool = await Pool.open(address, connections=CONNECTIONS, patience_seconds=10)
    events = [_event(number) for number in range(EVENTS)]
    new = await _replayed(pool, events, batch)
    again = await _replayed(pool, events, batch)
    await pool.close()
    return new, again


async def _replayed(pool: Pool, events: list[Event], batch: int) -> float:
    """Prepare every batch down to the values of its statements, then time the statements alone."""
    incoming = [_incoming(event) for event in events]
    batches = [incoming[at : at + batch] for at in range(0, len(incoming), batch)]
    async with pool.reading() as connection:
        recorded = [await _recorded(connection, one) for one in batches]
    coming = iter(recorded)

    async def replay() -> None:
        async with pool.reading() as connection:
            for one in coming:
                for ask, values in zip((connection.fetch, connection.execute), one, strict=True):
                    await ask(*values)

    begun = time.perf_counter()
    await asyncio.gather(*(replay() for _ in range(CONNECTIONS)))
    return len(events) / (time.perf_counter() - begun)


async def _recorded(connection: Any, incoming: list[Incoming]) -> list[tuple[Any, ...]]:
    recorder = _Recorder(connection)
    events = [codec.encode_event(one.arrival.event) for one in incoming]
    assert await take_plainly(recorder, incoming, events, _decide) is not None
    return recorder.asked


class _Recorder:
    """A connection that looks, and writes nothing down but what it is asked."""

    def __init__(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        self._connection = connection
        self.asked: list[tuple[Any, ...]] = []

    async def fetch(self, *values: Any) -> Any:
        """A look."""
        self.asked.append(values)
        return await self._connection.fetch(*values)

    async def execute(self, *values: Any) -> str:
        """A writing that is put off."""
        self.asked.append(values)
        return ""


def _event(number: int) -> Event:
    return Event(
        action=Action.TRIGGER,
        dedup_key=f"orders-{number}",
        summary=f"Orders pipeline has not finished: run {number}",
        severity=Severity.CRITICAL,
        source="airflow",
        labels={"dag": "orders", "team": "data", "run": str(number)},
    )


def _incoming(event: Event) -> Incoming:
    event_id = EventId(new_id())
    arrival = Arrival(
        event_id=event_id,
        integration=_NATIVE,
        event=event,
        choice=_DIRECTORY.choice(event, _NATIVE),
        alert_id=AlertId(new_id()),
        group_id=GroupId(new_id()),
    )
    return Incoming(arrival=arrival, request_id=event_id, raw=_RAW)


def _decide(arrivals: list[Arrival], known: Known) -> Decided:
    return take_in(arrivals, known, _DIRECTORY)
