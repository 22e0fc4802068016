"""Group commit: requests that come in together are stored together, and each is answered after the commit.

While one batch is being committed the next one gathers; when nothing waits nobody waits for company. A second
writer starts when many wait: while one is on its way to the database and back the other is being prepared. A batch
that fails for the sake of one request is given again request by request, so that one bad row does not fail sixty-three
good ones. The queue is bounded: what does not fit is told to come again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from tocsin.core.arrivals import Arrival, Decided, Known, Verdict, take_in
from tocsin.core.directory import Directory, Integration
from tocsin.core.errors import TocsinError, Unavailable
from tocsin.core.events import Event
from tocsin.core.vocabulary import AlertId, EventId, GroupId
from tocsin.engine.ids import new_id
from tocsin.ports.doors import Taken
from tocsin.ports.state import Incoming, Intake, Raw

log = structlog.get_logger()

#: Events in one transaction. A request that brings more goes alone.
BATCH = 128
#: Batches under way at a time, and how many events must wait before a further one starts.
WRITERS = 2
_WORTH_A_WRITER = 24
#: Events that may wait; beyond, the answer is 503.
QUEUE = 4_096


@dataclass(slots=True)
class _Waiting:
    """One request, waiting for its commit."""

    incoming: list[Incoming]
    done: asyncio.Future[list[Verdict]]


class Taker:
    """Takes requests in, batch by batch."""

    def __init__(self, store: Intake, directory: Callable[[], Directory]) -> None:
        self._store = store
        self._directory = directory
        self._queue: deque[_Waiting] = deque()
        self._waiting = 0
        self._queued = 0
        self._writers: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        """How many events wait for their commit."""
        return self._waiting

    async def take(self, integration: Integration, events: Sequence[Event], raw: Raw) -> tuple[Taken, ...]:
        """Store the events of one request and say what became of each.

        Raises:
            Unavailable: too many wait already, or the store cannot take them; nothing is stored.
        """
        if not events:
            return ()
        if self._waiting + len(events) > QUEUE and self._waiting:
            raise Unavailable("more events are coming in than can be stored; send this again", retry_seconds=2)
        directory = self._directory()
        waiting = _Waiting(_incoming(directory, integration, events, raw), asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._waiting += len(events)
        self._queued += len(events)
        if not self._writers or (len(self._writers) < WRITERS and self._queued >= _WORTH_A_WRITER):
            self._writers.add(asyncio.create_task(self._write()))
        verdicts = await waiting.done
        return tuple([_taken(verdict) for verdict in verdicts])

    async def _write(self) -> None:
        try:
            while self._queue:
                await self._write_batch(self._next_batch())
        finally:
            # In the same step in which the queue was seen empty: what comes next starts a writer of its own.
            self._writers = {writer for writer in self._writers if writer is not asyncio.current_task()}

    async def _write_batch(self, batch: list[_Waiting]) -> None:
        try:
            await self._commit(batch)
        finally:
            self._waiting -= sum(len(waiting.incoming) for waiting in batch)
            for waiting in batch:
                if not waiting.done.done():
                    waiting.done.set_exception(Unavailable("this node is stopping; send this again"))

    def _next_batch(self) -> list[_Waiting]:
        batch = [self._queue.popleft()]
        size = len(batch[0].incoming)
        while self._queue and size + len(self._queue[0].incoming) <= BATCH:
            batch.append(self._queue.popleft())
            size += len(batch[-1].incoming)
        self._queued -= size
        return batch

    async def _commit(self, batch: list[_Waiting]) -> None:
        try:
            verdicts = await self._take_in([one for waiting in batch for one in waiting.incoming])
        except Unavailable as trouble:
            for waiting in batch:
                _fail(waiting, trouble)
        except Exception as trouble:
            if len(batch) == 1:
                log.warning("request not taken in", error=str(trouble), kind=type(trouble).__name__)
                _fail(batch[0], trouble)
                return
            for waiting in batch:
                await self._commit([waiting])
        else:
            at = 0
            for waiting in batch:
                if not waiting.done.done():
                    waiting.done.set_result(verdicts[at : at + len(waiting.incoming)])
                at += len(waiting.incoming)

    async def _take_in(self, incoming: list[Incoming]) -> list[Verdict]:
        directory = self._directory()

        def decide(arrivals: list[Arrival], known: Known) -> Decided:
            return take_in(arrivals, known, directory)

        return await self._store.take_in(incoming, decide, directory.habits.calm)


def _fail(waiting: _Waiting, trouble: Exception) -> None:
    if waiting.done.done():
        return
    known = trouble if isinstance(trouble, TocsinError) else Unavailable("the event could not be stored; send it again")
    waiting.done.set_exception(known)


def _incoming(directory: Directory, integration: Integration, events: Sequence[Event], raw: Raw) -> list[Incoming]:
    request_id = EventId(new_id())
    incoming = []
    for number, event in enumerate(events):
        arrival = Arrival(
            event_id=EventId(new_id()) if number else request_id,
            integration=integration.name,
            event=event,
            choice=directory.choice(event, integration.name),
            alert_id=AlertId(new_id()),
            group_id=GroupId(new_id()),
        )
        incoming.append(Incoming(arrival=arrival, request_id=request_id, raw=None if number else raw))
    return incoming


def _taken(verdict: Verdict) -> Taken:
    return Taken(
        event_id=verdict.arrival.event_id,
        dedup_key=verdict.arrival.event.dedup_key,
        outcome=verdict.outcome,
        alert_id=verdict.alert_id,
        status=verdict.status,
    )
