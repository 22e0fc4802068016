"""Backpressure at the doors: memory is bounded, the answer comes at once, and what was accepted is kept."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from playbook import TEAM, Playbook
from tocsin.core.arrivals import Verdict
from tocsin.engine import taking
from tocsin.engine.taking import Taker
from tocsin.intake import DOORS
from tocsin.ports.state import AlertQuery
from tocsin.testing import MemoryStore
from tocsin.web import doorway as doorways
from tocsin.web.doorway import Doorway

KEY = "native-key-000000"
PIECE = 60_000
MEGABYTE = 1_000_000


class Moody(MemoryStore):
    """Takes events in while its gate is open, and stands still while it is not."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.gate = asyncio.Event()
        self.gate.set()

    async def take_in(self, *values: Any) -> list[Verdict]:
        """Wait for the gate, then take them in."""
        await self.gate.wait()
        return await super().take_in(*values)


class Front:
    """A doorway before a store that may stand still."""

    def __init__(self, store: Moody, doorway: Doorway, taker: Taker) -> None:
        self.store = store
        self.doorway = doorway
        self.taker = taker

    async def post(self, name: str, *, size: int = 0) -> tuple[int, dict[str, str]]:
        """Send one event with details of such a size; the status and the headers of the answer."""
        body = (
            f'{{"action":"trigger","dedup_key":"{name}","summary":"{name}","severity":"error",'
            f'"details":"{"x" * min(size, PIECE)}"}}'
        ).encode()

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body}

        return await self.answer(receive)

    async def answer(self, receive: Callable[[], Awaitable[dict[str, Any]]]) -> tuple[int, dict[str, str]]:
        """What comes back for a request whose body is received so."""
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http", "method": "POST", "raw_path": b"/api/v1/events", "query_string": b"", "client": None,
            "headers": [(b"authorization", b"Bearer " + KEY.encode())],
        }  # fmt: skip
        await self.doorway(scope, receive, send)
        return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}

    async def kept(self) -> set[str]:
        """The dedup keys of all that is stored."""
        return {one.alert.dedup_key for one in (await self.store.alerts(AlertQuery(limit=2_000))).items}


async def _nobody(*_: Any) -> None:
    raise AssertionError("nothing is behind the doors here")


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    """A configured installation in memory behind its doors."""
    book = Playbook(TEAM)
    await book.configure()
    store = Moody(now=book.clock)
    taker = Taker(store, book.directory)
    yield Front(store, Doorway(_nobody, doors=DOORS, directory=book.directory, taker=taker, readings=store), taker)
    store.gate.set()


async def test_what_waits_is_bounded_by_its_bytes(front: Front) -> None:
    """However many senders there are, memory stays flat behind a store that takes nothing, and each is told at once."""
    front.store.gate.clear()
    tracemalloc.start()
    try:
        waiting = [asyncio.create_task(front.post(f"a{number}", size=20_000)) for number in range(900)]
        await asyncio.sleep(0)
        assert 15 * MEGABYTE < front.taker.waiting_bytes <= taking.QUEUE_BYTES
        full = tracemalloc.get_traced_memory()[0]
        for number in range(2_000):
            async with asyncio.timeout(1):
                status, headers = await front.post(f"b{number}", size=20_000)
            assert (status, headers["retry-after"]) == (503, "2")
        assert tracemalloc.get_traced_memory()[0] - full < 2 * MEGABYTE
    finally:
        tracemalloc.stop()
    front.store.gate.set()
    accepted = [number for number, task in enumerate(waiting) if (await task)[0] == 202]
    assert await front.kept() == {f"a{number}" for number in accepted}
    assert 700 < len(accepted) < 900
    assert front.taker.waiting == front.taker.waiting_bytes == 0


async def test_nobody_waits_behind_a_store_that_stands_still(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the store has not got is told to come again after seconds; what it has is answered when it has ended."""
    monkeypatch.setattr(taking, "STILL_SECONDS", 0.2)
    front.store.gate.clear()
    begun = taking.WRITERS * taking.BATCH
    first = [asyncio.create_task(front.post(f"a{number}")) for number in range(1_000)]
    told, held = await asyncio.wait(first, timeout=1.0)
    assert {task.result()[0] for task in told} == {503}
    assert 0 < len(held) <= begun
    async with asyncio.timeout(1):
        status, headers = await front.post("at once")
    assert (status, headers["retry-after"]) == (503, "1")
    front.store.gate.set()
    accepted = {f"a{number}" for number, task in enumerate(first) if (await task)[0] == 202}
    assert len(accepted) == len(held)
    assert (await front.post("again"))[0] == 202
    assert await front.kept() == accepted | {"again"}
    assert front.taker.waiting == front.taker.waiting_bytes == 0


async def test_bodies_that_never_end_are_bounded_together(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many senders that each hold back the end of a large body hold no more memory than is set aside for them all."""
    monkeypatch.setattr(doorways, "READING", MEGABYTE)
    monkeypatch.setattr(doorways, "PATIENCE_SECONDS", 0.5)

    async def begin() -> int:
        pieces = 0

        async def receive() -> dict[str, Any]:
            nonlocal pieces
            pieces += 1
            if pieces > 5:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": b"x" * PIECE, "more_body": True}

        return (await front.answer(receive))[0]

    slow = [asyncio.create_task(begin()) for _ in range(50)]
    await asyncio.sleep(0.1)
    assert 0 < front.doorway.reading <= MEGABYTE
    assert (await front.post("in one piece"))[0] == 202
    assert {await one for one in slow} == {503}
    assert front.doorway.reading == 0


async def test_a_rest_is_not_taken_for_standing_still(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that nobody has asked for long has the same patience for its next batch as for any other."""
    monkeypatch.setattr(taking, "STILL_SECONDS", 0.5)
    assert (await front.post("before"))[0] == 202
    await asyncio.sleep(0.45)
    front.store.gate.clear()
    slow = asyncio.create_task(front.post("slow"))
    await asyncio.sleep(0.25)
    next_one = asyncio.create_task(front.post("next"))
    await asyncio.sleep(0.05)
    front.store.gate.set()
    assert [status for status, _ in (await slow, await next_one)] == [202, 202]
