"""Group commit: everybody is answered after their commit, one bad request fails alone, and the queue is bounded."""

from __future__ import annotations

import asyncio

import pytest

from playbook import TEAM, Playbook
from tocsin.core.arrivals import Verdict
from tocsin.core.errors import Refused, Unavailable
from tocsin.core.events import Action, Event
from tocsin.core.vocabulary import IntegrationName
from tocsin.engine import taking
from tocsin.engine.taking import Taker
from tocsin.ports.state import Incoming, Raw
from tocsin.testing import MemoryStore

RAW = Raw(method="POST", path="/", headers={}, body=b"")


def event(name: str) -> Event:
    """A trigger of its own kind."""
    return Event(action=Action.TRIGGER, dedup_key=name, summary=name)


async def installation() -> Playbook:
    """A configured installation in memory."""
    book = Playbook(TEAM)
    await book.configure()
    return book


async def test_who_sends_again_at_once_is_answered() -> None:
    """A sender that uses the very moment of its answer to send again is never left waiting."""
    book = await installation()
    native = book.directory().integrations[IntegrationName("native")]

    async def sender(name: str) -> None:
        for number in range(50):
            await book.taker.take(native, (event(f"{name}-{number}"),), RAW)

    async with asyncio.timeout(20):
        await asyncio.gather(*(sender(f"s{one}") for one in range(40)))
    assert len(await book.alerts()) == 500
    assert book.taker.waiting == 0


class Picky(MemoryStore):
    """Refuses one event, and with it any batch that it is in."""

    async def take_in(self, incoming: list[Incoming], decide: object, calm: object) -> list[Verdict]:
        """As the memory does, but for the one."""
        await asyncio.sleep(0)
        if any(one.arrival.event.summary == "bad" for one in incoming):
            raise Refused("this one cannot be stored")
        return await super().take_in(incoming, decide, calm)  # type: ignore[arg-type]


async def test_one_bad_request_fails_alone() -> None:
    """Of sixty-four requests that are stored together the bad one is refused and the others are answered."""
    book = await installation()
    native = book.directory().integrations[IntegrationName("native")]
    taker = Taker(Picky(now=book.clock), book.directory)
    names = [f"good-{number}" for number in range(63)]
    names.insert(30, "bad")
    taken = await asyncio.gather(*(taker.take(native, (event(name),), RAW) for name in names), return_exceptions=True)
    failed = [name for name, answer in zip(names, taken, strict=True) if isinstance(answer, BaseException)]
    assert failed == ["bad"]


class Slow(MemoryStore):
    """Never comes back."""

    async def take_in(self, incoming: list[Incoming], decide: object, calm: object) -> list[Verdict]:
        """Wait for ever."""
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_full_queue_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit into the queue is told to come again; it does not wait and does not grow."""
    monkeypatch.setattr(taking, "QUEUE", 10)
    book = await installation()
    native = book.directory().integrations[IntegrationName("native")]
    taker = Taker(Slow(now=book.clock), book.directory)
    waiting = [asyncio.create_task(taker.take(native, (event(f"e{number}"),), RAW)) for number in range(10)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await taker.take(native, (event("one too many"),), RAW)
    for task in waiting:
        task.cancel()
