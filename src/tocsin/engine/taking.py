"""Group commit: requests that come in together are stored together, and each is answered after the commit.

While one batch is being committed the next one gathers; when nothing waits nobody waits for company. A second
writer starts when many wait: while one is on its way to the database and back the other is being prepared. A batch
that fails for the sake of one request is given again request by request, so that one bad row does not fail sixty-three
good ones.

What waits is bounded, by count and by bytes: what does not fit is told to come again, best before it is read. When the
store stands still, so is everything that waits behind the batches it has; those are answered when it is known how they
ended, for a request that was told to come again may be stored all the same, but none that was accepted is forgotten.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import structlog

from tocsin.core.arrivals import Arrival, Decided, Known, Verdict, take_in
from tocsin.core.directory import Directory, Integration
from tocsin.core.errors import TocsinError, Unavailable
from tocsin.core.events import Event
from tocsin.core.vocabulary import AlertId, EventId, GroupId, IntegrationName
from tocsin.engine.ids import new_id
from tocsin.ports.doors import Taken
from tocsin.ports.state import Incoming, Intake, Raw

log = structlog.get_logger()

#: Events in one transaction. A request that brings more goes alone.
BATCH = 128
#: Batches under way at a time, and how many events must wait before a further one starts.
WRITERS = 2
_WORTH_A_WRITER = 24
#: Events that may wait, and bytes of the requests that brought them; beyond, the answer is 503. A request that finds
#: nobody waiting is taken whatever its size: doors have limits of their own.
QUEUE = 8_192
QUEUE_BYTES = 16_000_000
#: A store that has ended no batch for so long while it had one stands still.
STILL_SECONDS = 5.0


@dataclass(slots=True)
class _Waiting:
    """One request, waiting for its commit."""

    incoming: list[Incoming]
    #: Bytes of its body.
    size: int
    done: asyncio.Future[list[Verdict]]


class Taker:
    """Takes requests in, batch by batch."""

    def __init__(
        self, store: Intake, directory: Callable[[], Directory], *, new_id: Callable[[], str] = new_id
    ) -> None:
        self._store = store
        self._directory = directory
        self._new_id = new_id
        self._queue: deque[_Waiting] = deque()
        self._waiting = 0
        self._bytes = 0
        self._queued = 0
        self._writers: set[asyncio.Task[None]] = set()
        #: Events that were stored, by integration: for the metrics, and for the habits that the watchdog knows.
        self.counts: dict[IntegrationName, int] = {}
        self._stands_still = False
        #: When a batch ended last, or the first of those under way began.
        self._last_end = 0.0
        #: Set while batches are under way.
        self._watch: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """How many events wait for their commit."""
        return self._waiting

    @property
    def waiting_bytes(self) -> int:
        """How large the requests are that brought them."""
        return self._bytes

    def make_room(self, events: int = 1, size: int = 1) -> None:
        """See that there is room for so many events of a request of so many bytes.

        Raises:
            Unavailable: too many wait already, or the store stands still.
        """
        if self._stands_still:
            raise Unavailable("the database does not answer; send this again", retry_seconds=STILL_SECONDS)
        if self._waiting and (self._waiting + events > QUEUE or self._bytes + size > QUEUE_BYTES):
            raise Unavailable("more events are coming in than can be stored; send this again", retry_seconds=2)

    async def take(self, integration: Integration, events: Sequence[Event], raw: Raw) -> tuple[Taken, ...]:
        """Store the events of one request and say what became of each.

        Raises:
            Unavailable: too many wait already, or the store cannot take them; nothing is stored.
        """
        if not events:
            return ()
        self.make_room(len(events), len(raw.body))
        incoming = self._incoming(self._directory(), integration, events, raw)
        waiting = _Waiting(incoming, len(raw.body), asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._waiting += len(events)
        self._bytes += waiting.size
        self._queued += len(events)
        if not self._writers or (len(self._writers) < WRITERS and self._queued >= _WORTH_A_WRITER):
            self._start_writer()
        verdicts = await waiting.done
        self.counts[integration.name] = self.counts.get(integration.name, 0) + len(events)
        return tuple([_taken(verdict) for verdict in verdicts])

    def _start_writer(self) -> None:
        loop = asyncio.get_running_loop()
        if not self._writers:
            self._last_end = loop.time()
        self._writers.add(asyncio.create_task(self._write()))
        if self._watch is None:
            self._watch = loop.call_later(STILL_SECONDS, self._look_after)

    def _incoming(
        self, directory: Directory, integration: Integration, events: Sequence[Event], raw: Raw
    ) -> list[Incoming]:
        request_id = EventId(self._new_id())
        incoming = []
        for number, event in enumerate(events):
            arrival = Arrival(
                event_id=EventId(self._new_id()) if number else request_id,
                integration=integration.name,
                event=event,
                choice=directory.choice(event, integration.name),
                alert_id=AlertId(self._new_id()),
                group_id=GroupId(self._new_id()),
            )
            incoming.append(Incoming(arrival=arrival, request_id=request_id, raw=None if number else raw))
        return incoming

    async def _write(self) -> None:
        try:
            while self._queue and (len(self._writers) == 1 or self._queued >= _WORTH_A_WRITER):
                await self._write_batch(self._next_batch())
        finally:
            # In the same step in which nothing was left to do: what comes next starts a writer of its own, or is found
            # by the other one, for which these few wait.
            self._writers = {writer for writer in self._writers if writer is not asyncio.current_task()}

    async def _write_batch(self, batch: list[_Waiting]) -> None:
        try:
            await self._commit(batch)
        finally:
            self._last_end = asyncio.get_running_loop().time()
            self._stands_still = False
            self._dismiss(batch, Unavailable("this node is stopping; send this again"))

    def _dismiss(self, batch: Iterable[_Waiting], trouble: Unavailable) -> None:
        """These wait no longer; who has no answer yet gets this one."""
        for waiting in batch:
            self._waiting -= len(waiting.incoming)
            self._bytes -= waiting.size
            _fail(waiting, trouble)

    def _look_after(self) -> None:
        """See whether the store stands still; then nobody waits behind what it has."""
        self._watch = None
        if not self._writers:
            return
        loop = asyncio.get_running_loop()
        silence = loop.time() - self._last_end
        if silence >= STILL_SECONDS:
            if not self._stands_still:
                log.warning("the store stands still", seconds=round(silence), waiting=self._waiting)
            self._stands_still = True
            self._dismiss(self._queue, Unavailable("the database does not answer; send this again", retry_seconds=5))
            self._queue.clear()
            self._queued = 0
        self._watch = loop.call_later(max(STILL_SECONDS - silence, STILL_SECONDS / 5), self._look_after)

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


def _taken(verdict: Verdict) -> Taken:
    return Taken(
        event_id=verdict.arrival.event_id,
        dedup_key=verdict.arrival.event.dedup_key,
        outcome=verdict.outcome,
        alert_id=verdict.alert_id,
        status=verdict.status,
    )
