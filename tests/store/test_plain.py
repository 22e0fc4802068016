"""Plain batches take two statements, come to what the guarded way comes to, and give way to whoever is in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from plugins.postgres import administer
from store.conftest import on_postgres
from store.scene import GROUPED, START, Scene, resolve, trigger
from tocsin.core.arrivals import Outcome, Verdict
from tocsin.core.events import Action, Event
from tocsin.core.vocabulary import AlertId, Severity
from tocsin.ports.state import AlertQuery
from tocsin.store import codec, intake
from tocsin.store.plain import take_plainly

pytestmark = pytest.mark.postgres

TABLES = ("alert_groups", "alerts", "journal", "events", "ended_early")
CHANGE = Event(action=Action.CHANGE, dedup_key="deploy", summary="version 7 is out")


@pytest.fixture
async def scene(database_url: str) -> AsyncIterator[Scene]:
    """A scene on PostgreSQL."""
    scene = await on_postgres(database_url)
    yield scene
    await scene.store.close()


async def plainly(scene: Scene, *events: Event, **more: Any) -> list[Verdict] | None:
    """Take events in the plain way alone."""
    incoming = scene.incoming(*events, **more)
    texts = [codec.encode_event(one.arrival.event) for one in incoming]
    async with scene.store._pool.reading() as connection:
        return await take_plainly(connection, incoming, texts, scene.decide_batch)


async def rows_of(scene: Scene) -> dict[str, list[str]]:
    """All that is kept of alerts and events."""
    async with scene.store._pool.reading() as connection:
        return {
            table: [row[0] for row in await connection.fetch(f"SELECT t::text FROM {table} t ORDER BY 1")]
            for table in TABLES
        }


async def test_both_ways_write_the_same(scene: Scene, postgres_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row by row and byte by byte, a batch that goes the plain way leaves what it leaves on the guarded one."""
    batches = (
        [trigger(), trigger("late", at=START, expires_at=START + timedelta(minutes=5), source_group="g"), CHANGE],
        [trigger(), trigger(severity=Severity.INFO), trigger("new", service="rota"), trigger("new")],
        [trigger("late", expires_at=START + timedelta(minutes=9)), trigger("x", labels={"a": "ü\n\t"}, details=[1])],
    )
    for batch in batches:
        assert await plainly(scene, *batch) is not None
    await administer(postgres_server, "CREATE DATABASE guarded")
    other = await on_postgres(postgres_server.replace("/tocsin?", "/guarded?"))

    async def never(*_: object) -> None:
        return None

    monkeypatch.setattr(intake, "take_plainly", never)
    for batch in batches:
        await other.take(*batch)
    try:
        assert await rows_of(scene) == await rows_of(other)
    finally:
        await other.store.close()
        await administer(postgres_server, "DROP DATABASE guarded")


async def test_what_asks_for_more_is_left_alone(scene: Scene) -> None:
    """An end, an answer, a worse trigger, a new member of a group: nothing is written, the guarded way is told."""
    assert await plainly(scene, trigger(severity=Severity.WARNING)) is not None
    [before] = (await rows_of(scene))["alerts"]
    assert await plainly(scene, resolve()) is None
    assert await plainly(scene, trigger(), Event(action=Action.ACKNOWLEDGE, dedup_key="disk")) is None
    assert await plainly(scene, trigger(severity=Severity.CRITICAL)) is None
    assert await plainly(scene, trigger("b", severity=Severity.INFO), trigger("b")) is not None
    assert await plainly(scene, trigger("c", labels={"team": "x"}), integration=GROUPED) is None
    kept = await rows_of(scene)
    assert (kept["alerts"][0], len(kept["alerts"])) == (before, 2)


@pytest.mark.parametrize("text", ["", "\x1e", "\x1d", "a\x1eb", "\x1d\x1e\x1d", "ends \x1d"])
async def test_no_text_is_taken_apart_wrongly(scene: Scene, text: str) -> None:
    """The characters that separate columns may stand in any text, alone or among others."""
    events = [trigger("a", summary=text, service=text), trigger("b", summary="b"), trigger(f"c{text}")]
    for event in events:
        await scene.take(event)
    for event in events:
        await scene.take(trigger(event.dedup_key * 2, summary=text))
    await scene.take(*(trigger(event.dedup_key * 3, summary=text) for event in events))
    found = {record.alert.dedup_key: record.alert.summary for record in (await _alerts(scene))}
    assert found == {
        "a": text, "b": "b", f"c{text}": f"c{text} is full",
        **{event.dedup_key * times: text for event in events for times in (2, 3)},
    }  # fmt: skip


async def test_one_condition_from_many_sides_is_one_alert(scene: Scene) -> None:
    """Batches that bring the same new conditions at the same time make one alert of each and count the rest."""
    keys = [f"k{number}" for number in range(20)]
    batches = [[trigger(key) for key in keys[turn:] + keys[:turn]] for turn in range(10)]
    taken = await asyncio.gather(*(scene.take(*batch) for batch in batches))
    outcomes = [verdict.outcome for verdicts in taken for verdict in verdicts]
    assert (outcomes.count(Outcome.CREATED), outcomes.count(Outcome.REPEATED)) == (20, 180)
    assert sorted((one.alert.dedup_key, one.count) for one in await _alerts(scene)) == sorted((k, 10) for k in keys)


async def test_an_end_beside_its_beginning_is_not_missed(scene: Scene) -> None:
    """However a trigger and the resolve that has overtaken it fall together, the alert is over afterwards."""
    for turn in range(40):
        key, at = f"k{turn}", START - timedelta(minutes=1)
        both = [scene.take(trigger(key, at=at)), scene.take(resolve(key, at=START))]
        await asyncio.gather(*(both if turn % 2 else reversed(both)))
    assert {one.alert.status.value for one in await _alerts(scene)} == {"resolved"}


async def test_a_request_of_very_many_conditions_is_taken(scene: Scene) -> None:
    """Eight thousand new alerts in one request need no more locks than a server has room for."""
    many = [trigger(f"k{number}") for number in range(8_000)]
    assert {verdict.outcome for verdict in await scene.take(*many)} == {Outcome.CREATED}
    ended = [resolve(event.dedup_key) for event in many]
    assert {verdict.outcome for verdict in await scene.take(*ended)} == {Outcome.RESOLVED}


async def test_a_change_in_between_is_seen(scene: Scene) -> None:
    """A plain repeat is not written on an alert that somebody has ended since it was looked at."""
    alert_id = await scene.one(trigger())

    def decide(arrivals: Any, known: Any) -> Any:
        return scene.decide_batch(arrivals, known)

    incoming = scene.incoming(trigger(), trigger("other"))
    texts = [codec.encode_event(one.arrival.event) for one in incoming]
    async with scene.store._pool.reading() as mine:
        held = _Held(mine)
        taking = asyncio.create_task(take_plainly(held, incoming, texts, decide))
        await held.looked.wait()
        await scene.command(AlertId(alert_id), "resolve")
        held.go_on.set()
        with pytest.raises(asyncpg.SerializationError):
            await taking
    assert [one.count for one in await _alerts(scene)] == [1]


class _Held:
    """A connection that waits between the look and the writing."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.looked = asyncio.Event()
        self.go_on = asyncio.Event()

    async def fetch(self, *values: Any) -> Any:
        """The look."""
        return await self._connection.fetch(*values)

    async def execute(self, *values: Any) -> Any:
        """The writing, when it may."""
        self.looked.set()
        await self.go_on.wait()
        return await self._connection.execute(*values)


async def _alerts(scene: Scene) -> Any:
    return (await scene.store.alerts(AlertQuery(limit=200))).items
