"""Monitoring systems: they send, and send again until somebody says that it is taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from datetime import timedelta

from tocsin.core.errors import TocsinError
from tocsin.core.events import Action, Event
from tocsin.core.vocabulary import Severity
from tocsin.ports.doors import Taken
from tocsin.ports.state import Raw
from tocsin.simulation.history import History
from tocsin.simulation.loop import SimulatedLoop
from tocsin.simulation.nodes import Node
from tocsin.simulation.promises import Promises
from tocsin.simulation.script import Ends, Fails, TakenThere, instant
from tocsin.simulation.town import INTEGRATION, SERVICES

#: How long a source waits for an answer, how long before it sends again, and how often.
PATIENCE, AGAIN_AFTER, TRIES = 10.0, 15.0, 60

_RAW = Raw(method="POST", path="/", headers={}, body=b"")


class Sources:
    """Every monitoring system of the town."""

    def __init__(
        self, loop: SimulatedLoop, promises: Promises, history: History, *, node: Callable[[int], Node | None]
    ) -> None:
        """`node` is the one that a request of this number comes to; None: there is none to answer."""
        self._loop = loop
        self._promises = promises
        self._history = history
        self._node = node
        self._sent = 0
        #: Of each key, as many conditions as failed at once.
        self._counts: dict[str, int] = {}

    def fails(self, said: Fails) -> None:
        """Something fails."""
        at = instant(self._loop.world())
        self._counts[said.key] = max(said.count, self._counts.get(said.key, 1))
        expires_at = at + timedelta(seconds=said.expires_after) if said.expires_after else None
        self._send(
            tuple(
                Event(
                    action=Action.TRIGGER,
                    dedup_key=_key(said.key, number),
                    summary=f"{said.key} fails",
                    severity=Severity(said.severity),
                    service=SERVICES[said.service],
                    labels={"zone": "ab"[number % 2]},
                    expires_at=expires_at,
                    at=at,
                )
                for number in range(said.count)
            )
        )

    def says(self, said: Ends | TakenThere) -> None:
        """Something is over, or somebody has it."""
        action = Action.RESOLVE if isinstance(said, Ends) else Action.ACKNOWLEDGE
        at = instant(self._loop.world())
        count = self._counts.get(said.key, 1) if action is Action.RESOLVE else 1
        self._send(
            tuple(
                Event(action=action, dedup_key=_key(said.key, number), service=SERVICES[said.service], at=at)
                for number in range(count)
            )
        )

    def _send(self, events: tuple[Event, ...]) -> None:
        self._loop.create_task(self._until_taken(events), context=Context())

    async def _until_taken(self, events: tuple[Event, ...]) -> None:
        for _ in range(TRIES):
            self._sent += 1
            node = self._node(self._sent)
            taken = await self._ask(node, events) if node is not None else None
            if taken is not None:
                said = ", ".join(f"{one.dedup_key} {one.outcome.value}" for one in taken[:3])
                self._history.tell("event", f"{len(taken)} taken: {said}")
                self._promises.answered(taken)
                return
            await self._loop.until(self._loop.world() + AGAIN_AFTER)

    async def _ask(self, node: Node, events: tuple[Event, ...]) -> tuple[Taken, ...] | None:
        answered: asyncio.Future[tuple[Taken, ...] | None] = self._loop.create_future()
        node.run(_take(node, events, answered))
        self._loop.at(self._loop.world() + PATIENCE, lambda: _settle(answered, None))
        return await answered


def _key(key: str, number: int) -> str:
    return f"{key}/{number}" if number else key


async def _take(node: Node, events: tuple[Event, ...], answered: asyncio.Future[tuple[Taken, ...] | None]) -> None:
    try:
        taken = await node.taker.take(node.directory.integrations[INTEGRATION], events, _RAW)
    except TocsinError:
        _settle(answered, None)
    else:
        _settle(answered, taken)


def _settle(answered: asyncio.Future[tuple[Taken, ...] | None], taken: tuple[Taken, ...] | None) -> None:
    if not answered.done():
        answered.set_result(taken)
