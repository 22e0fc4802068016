"""The courier and its claims: what is too old is not called, whatever the rest of the node thinks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from playbook import LEASE, Playbook
from tocsin.core.events import Action, Event
from tocsin.core.paging.calm import Calm
from tocsin.core.vocabulary import IntegrationName, Severity
from tocsin.engine import clock
from tocsin.engine.courier import YOUNG
from tocsin.ports.state import Claimed, Raw, Result
from tocsin.store.memory import MemoryStore


async def claimed(playbook: Playbook) -> Claimed:
    """One delivery that is claimed and due."""
    await playbook.configure()
    event = Event(action=Action.TRIGGER, dedup_key="disk", summary="disk is full", severity=Severity.CRITICAL)
    native = playbook.directory().integrations[IntegrationName("native")]
    await playbook.taker.take(native, (event,), Raw(method="POST", path="/", headers={}, body=b""))
    calm = playbook.directory().habits.calm
    worked = await playbook.store.work(node="story", limit=5, lease=LEASE, calm=calm, decide=playbook.worker.decide)
    [one] = worked.claimed
    return one


async def test_a_claim_that_is_too_old_is_not_called() -> None:
    """A node that stood still for most of a lease calls nobody with what it had claimed before; nor does it write."""
    playbook = Playbook()
    one = await claimed(playbook)
    playbook.courier.take(one, asked=playbook.courier.elapsed() - LEASE.total_seconds() * YOUNG - 1)
    await playbook.courier.drain(seconds=5)
    assert playbook.providers.rang == []
    record = await playbook.store.delivery(one.delivery.id)
    assert record is not None
    assert record.status == "calling"


async def test_a_young_claim_is_called() -> None:
    """What was claimed a moment ago is called."""
    playbook = Playbook()
    one = await claimed(playbook)
    playbook.courier.take(one, asked=playbook.courier.elapsed() - 1)
    await playbook.courier.drain(seconds=5)
    assert len(playbook.providers.rang) == 1


class Slowly:
    """A store that takes its time to write outcomes."""

    def __init__(self, store: MemoryStore) -> None:
        self.claim = store.claim
        self.begun = asyncio.Event()
        self._finish = store.finish

    async def finish(self, results: Sequence[Result], calm: Calm) -> None:
        """Write, after a while."""
        self.begun.set()
        await asyncio.sleep(0.05)
        await self._finish(results, calm)


async def test_what_is_being_written_when_a_node_stops_is_written() -> None:
    """A node that is asked to end in the middle of writing an outcome writes it: nobody is called again for it."""
    playbook = Playbook()
    one = await claimed(playbook)
    slowly = playbook.courier._store = Slowly(playbook.store)
    running = asyncio.create_task(playbook.courier.run())
    playbook.courier.take(one, asked=playbook.courier.elapsed())
    await slowly.begun.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await playbook.courier.drain(seconds=5)
    record = await playbook.store.delivery(one.delivery.id)
    assert record is not None
    assert record.status == "sent"


async def test_elapsed_time_goes_on() -> None:
    """The clock by which the age of claims is told runs as fast as time does."""
    before, at = clock.elapsed(), time.monotonic()
    await asyncio.sleep(0.05)
    assert abs((clock.elapsed() - before) - (time.monotonic() - at)) < 0.02
