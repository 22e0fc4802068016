"""The store and the way to it: the real twin in memory, behind a network and a database that have bad days.

A request travels, is done in one step, and is answered. In calm weather that takes no time. In rough weather each of
the three may fail or take minutes, and whoever asked is told after half a minute that nobody knows. What is done is
done in one order: that of the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextvars import Context
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from inspect import iscoroutinefunction
from typing import Any

from tocsin.core.arrivals import Decided
from tocsin.core.case import Case
from tocsin.core.errors import Broken, Unavailable
from tocsin.core.paging.calm import Calm
from tocsin.core.paging.outbox import Delivery
from tocsin.core.vocabulary import AlertId, DeliveryId, GroupId, Instant, IntegrationName
from tocsin.core.watch.nodes import GONE
from tocsin.ports.state import Document, Entry, Result
from tocsin.simulation.chance import Chance
from tocsin.simulation.loop import Life, SimulatedLoop
from tocsin.simulation.script import instant
from tocsin.store.memory import MemoryStore
from tocsin.store.memory_readings import Kept
from tocsin.store.saving import Saving

#: A statement that has no answer after this is given up, as the pool does.
PATIENCE = 30.0


class Books(MemoryStore):
    """What is kept, with the questions that only a simulation asks."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        super().__init__(now)
        #: The cases that the request under way has written.
        self.touched: dict[GroupId, None] = {}
        #: Deliveries whose outcome was written by somebody whose claim was another's by then.
        self.overwritten: list[DeliveryId] = []

    def _save(self, saving: Saving, calm: Calm, decided: Decided | None = None) -> Sequence[Delivery]:
        self.touched.update(dict.fromkeys((*saving.changes, *saving.due)))
        return super()._save(saving, calm, decided)

    async def finish(self, results: Sequence[Result], calm: Calm) -> None:
        """Write outcomes, and note whether each was its writer's to write."""
        before = {one.claimed.delivery.id: self._outcome(one.claimed.delivery.id) for one in results}
        await super().finish(results, calm)
        claims = {(one.claimed.delivery.id, one.claimed.claim) for one in results}
        self.overwritten += [
            delivery_id
            for delivery_id, outcome in before.items()
            if outcome != self._outcome(delivery_id)
            and (delivery_id, self._deliveries[delivery_id].claim) not in claims
        ]

    def _outcome(self, delivery_id: DeliveryId) -> tuple[object, ...]:
        kept = self._deliveries[delivery_id]
        return kept.status, kept.answer

    @property
    def next_due(self) -> Instant | None:
        """When the next case or delivery is somebody's to do."""
        return min((*self._due.values(), *(at for at, _ in self._unfinished())), default=None)

    async def change_newest(self, document: Document) -> int:
        """Apply one document to whatever is in force."""
        return await self.change(put=(document,), drop=(), by="operator", at_revision=self._revision)

    def be_later(self, by: timedelta) -> None:
        """Time was passed over: nodes that have just said that they live have said so all the while."""
        now = self._now() - by
        for name, known in self._present.items():
            if now - known.seen_at < GONE:
                self._present[name] = replace(known, seen_at=known.seen_at + by)

    def present(self) -> Instant:
        """The store's clock."""
        return self._now()

    def due_at(self, group_id: GroupId) -> Instant | None:
        """When a case is to be looked at."""
        return self._due.get(group_id)

    def case_now(self, group_id: GroupId) -> Case:
        """A case as it stands."""
        return self._case(group_id)

    def entries(self, group_id: GroupId) -> Sequence[Entry]:
        """The journal of a case."""
        return self._journal[group_id]

    def kept(self, delivery_id: str) -> Kept | None:
        """A delivery with its claim."""
        return self._deliveries.get(DeliveryId(delivery_id))

    def is_under_way(self, delivery_id: str) -> bool:
        """True while a delivery waits or is being called."""
        kept = self.kept(delivery_id)
        return kept is not None and kept.waits_until is not None

    def attempts_under_way(self) -> set[tuple[str, int]]:
        """The attempts for which there is a delivery that waits or is being called."""
        waiting = (self._deliveries[delivery_id] for _, delivery_id in self._unfinished())
        return {(item.page_id, item.attempt) for kept in waiting for item in kept.delivery.items}

    def home_of(self, alert_id: str) -> GroupId | None:
        """The case of an alert; None: it is not kept."""
        record = self._alerts.get(AlertId(alert_id))
        return None if record is None else record.group_id

    def key_of(self, alert_id: str) -> str:
        """What the source calls an alert."""
        return self._alerts[AlertId(alert_id)].alert.dedup_key

    def newest(self, integration: IntegrationName, key: str) -> AlertId | None:
        """The newest alert of a key; None: there is none."""
        return self._newest.get((integration, key))

    def open_of(self, integration: IntegrationName) -> tuple[AlertId, ...]:
        """The open alerts of an integration."""
        return tuple(one.alert.id for one in self._open_records() if one.alert.integration == integration)

    def holds_event(self, event_id: str) -> bool:
        """True when the event is kept."""
        return event_id in self._events


@dataclass(slots=True, kw_only=True)
class Weather:
    """How it stands between the nodes and the store."""

    #: Requests cannot get through at all.
    away: bool = False
    #: None: calm.
    rolls: Chance | None = None
    #: What was rolled by whom for what: how often a loop looks must change nothing for the others.
    own: dict[tuple[str, str], Chance] = field(default_factory=dict)
    fails: float = 0.0
    unanswered: float = 0.0
    crawls: float = 0.0
    #: None: notices come at once.
    notices: Chance | None = None
    lost: float = 0.0

    def rolls_for(self, asker: str, name: str) -> Chance:
        """The rolls for one kind of request of one node."""
        if (asker, name) not in self.own and self.rolls is not None:
            self.own[asker, name] = self.rolls.of(f"{asker}/{name}")
        return self.own[asker, name]

    @property
    def is_calm(self) -> bool:
        """True when requests are done at once."""
        return not self.away and self.rolls is None


@dataclass(slots=True, kw_only=True)
class Asker:
    """A node as the store sees it."""

    name: str
    life: Life
    context: Context
    #: False: what it has asked for and is not done yet is never done.
    orphans: bool = True
    dead: bool = False
    on: list[Callable[[str, str], None]] = field(default_factory=list)


class Shelf:
    """The store with its clock and its way."""

    def __init__(
        self, loop: SimulatedLoop, committed: Callable[[str, Asker, Any], None], *, books: type[Books] = Books
    ) -> None:
        self._loop = loop
        self._committed = committed
        self.weather = Weather()
        #: By how much the store's clock is off.
        self.skew = 0.0
        self.requests = 0
        self.askers: list[Asker] = []
        self.books = books(self.now)
        self.books.watch(self._heard)

    def now(self) -> Instant:
        """The store's clock."""
        return instant(self._loop.world() + self.skew)

    def _heard(self, topic: str, payload: str) -> None:
        weather = self.weather
        for asker in self.askers:
            if topic == "case" or asker.dead:
                continue
            if weather.notices is None:
                self._tell(asker, topic, payload)
            elif not weather.notices.happens(weather.lost):
                self._later(weather.notices.skewed(0.01, 60.0), partial(self._tell, asker, topic, payload))

    def _tell(self, asker: Asker, topic: str, payload: str) -> None:
        for on in asker.on:
            self._loop.call_soon(on, topic, payload, context=asker.context)

    async def ask(self, asker: Asker, name: str, act: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Send one request."""
        self.requests += 1
        if self.weather.is_calm:
            return self._do(asker, name, act)
        return await self._through_weather(asker, name, act)

    async def _through_weather(self, asker: Asker, name: str, act: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        weather, answer = self.weather, self._loop.create_future()
        if weather.away:
            self._later(1.0, lambda: _refuse(answer, "the database cannot be reached"))
            return await answer
        rolls = weather.rolls_for(asker.name, name)
        there, back = _way(rolls, weather.crawls), _way(rolls, weather.crawls)
        if rolls.happens(weather.fails):
            self._later(there, lambda: _refuse(answer, "the commit failed"))
        else:
            answered = not rolls.happens(weather.unanswered)
            self._later(there, lambda: self._arrive(asker, name, act, answer if answered else None, back))
            if not answered:
                self._later(there + back, lambda: _refuse(answer, "the connection broke"))
        self._later(PATIENCE, lambda: _refuse(answer, "the statement took too long"))
        return await answer

    def _arrive(
        self,
        asker: Asker,
        name: str,
        act: Callable[[], Coroutine[Any, Any, Any]],
        answer: asyncio.Future[Any] | None,
        back: float,
    ) -> None:
        if asker.dead and not asker.orphans:
            return
        try:
            result = self._do(asker, name, act)
        except Exception as trouble:
            caught = trouble
            if answer is not None:
                self._later(back, lambda: None if answer.done() else answer.set_exception(caught))
            return
        if answer is not None:
            self._later(back, lambda: None if answer.done() else answer.set_result(result))

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self._loop.at(self._loop.world() + seconds, act)

    def _do(self, asker: Asker, name: str, act: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Do it in one step."""
        self.books.touched.clear()
        try:
            act().send(None)
        except StopIteration as done:
            self._committed(name, asker, done.value)
            return done.value
        raise Broken("the store in memory has waited for something")


def _way(rolls: Chance, crawls: float) -> float:
    """How long a request, or its answer, is on its way."""
    return rolls.skewed(5.0, 150.0) if rolls.happens(crawls) else rolls.skewed(0.002, 0.2)


def _refuse(answer: asyncio.Future[Any], why: str) -> None:
    if not answer.done():
        answer.set_exception(Unavailable(why, retry_seconds=1))


class Desk:
    """One node's way to the store: every request of the real store, by way of the shelf."""

    def __init__(self, shelf: Shelf, asker: Asker) -> None:
        self._shelf = shelf
        self._asker = asker

    @classmethod
    def of(cls, shelf: Shelf, asker: Asker) -> Any:
        """A desk, as whoever asks at it sees it: as the store."""
        return cls(shelf, asker)

    def __getattr__(self, name: str) -> Any:
        known = getattr(self._shelf.books, name)
        if not iscoroutinefunction(known):
            raise Broken(f"the simulation has no way to ask the store for {name!r}")

        async def asked(*values: Any, **named: Any) -> Any:
            return await self._shelf.ask(self._asker, name, lambda: known(*values, **named))

        setattr(self, name, asked)
        return asked
