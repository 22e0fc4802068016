"""People: they hear their phones, and answer late, twice, from two phones at once, by link or not at all."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextvars import Context
from datetime import timedelta
from functools import partial
from typing import Any

from tocsin.core.errors import Forbidden, Refused, TocsinError
from tocsin.engine.commands import BY_HAND, Actor
from tocsin.simulation.history import History
from tocsin.simulation.loop import SimulatedLoop
from tocsin.simulation.nodes import Node
from tocsin.simulation.promises import RUNG, Promises
from tocsin.simulation.providers import Rung
from tocsin.simulation.script import Deed, Does, Pages, Reaction
from tocsin.simulation.shelf import Books
from tocsin.simulation.town import INTEGRATION, NAMES

#: How long somebody looks at a spinning wheel, when they try again, and how often.
PATIENCE, AGAIN_AFTER, TRIES = 15.0, 20.0, 30
#: What somebody paged by hand for is over after so long.
DONE_AFTER = 2_400.0


class People:
    """Everybody in the town."""

    def __init__(
        self,
        loop: SimulatedLoop,
        books: Books,
        promises: Promises,
        history: History,
        *,
        node: Callable[[int], Node | None],
    ) -> None:
        self._loop = loop
        self._books = books
        self._promises = promises
        self._history = history
        self._node = node
        self._asked = 0
        #: What will be done about the alerts of a key.
        self.reactions: dict[str, Reaction] = {}
        self._rings: Counter[str] = Counter()

    def hear(self, rung: Rung) -> None:
        """A phone rings."""
        for alert_id in rung.alert_ids:
            self._rings[alert_id] += 1
            reaction = self.reactions.get(self._books.key_of(alert_id).split("/")[0])
            if reaction is not None and reaction.after_rings == self._rings[alert_id]:
                at = self._loop.world() + reaction.after_seconds
                for phone in range(reaction.times):
                    name = NAMES[phone % len(NAMES)] if phone else rung.person or "a program"
                    self._loop.at(at, partial(self._start, reaction.deed, alert_id, name, rung))

    def does(self, said: Does) -> None:
        """Somebody does something without having been rung."""
        alert_id = self._books.newest(INTEGRATION, said.key)
        if alert_id is not None:
            self._start(said.deed, alert_id, NAMES[said.person], None)

    def pages(self, said: Pages) -> None:
        """Somebody pages a person by hand."""
        self._loop.at(self._loop.world() + DONE_AFTER, self._end_pages)
        act = partial(self._page, person=NAMES[said.person])
        self._loop.create_task(self._until_done(act), context=Context())

    def _end_pages(self) -> None:
        """What people were paged for by hand is over; whoever got no answer may have paged twice."""
        for alert_id in self._books.open_of(BY_HAND):
            self._start(Deed.RESOLVE, alert_id, "ada", None)

    def _start(self, deed: Deed, alert_id: str, name: str, rung: Rung | None) -> None:
        act = partial(self._do, deed=deed, alert_id=alert_id, name=name, rung=rung)
        self._loop.create_task(self._until_done(act), context=Context())

    async def _until_done(self, act: Callable[[Node], Coroutine[Any, Any, None]]) -> None:
        """Do it, and again until it is done or refused."""
        for _ in range(TRIES):
            self._asked += 1
            node = self._node(self._asked)
            if node is not None and await self._ask(node, act):
                return
            await self._loop.until(self._loop.world() + AGAIN_AFTER)

    async def _ask(self, node: Node, act: Callable[[Node], Coroutine[Any, Any, None]]) -> bool:
        done: asyncio.Future[bool] = self._loop.create_future()
        node.run(_tried(act(node), done))
        self._loop.at(self._loop.world() + PATIENCE, lambda: _settle(done, answer=False))
        return await done

    async def _page(self, node: Node, person: str) -> None:
        record = await node.counter.page((person,), Actor(name="ada", via="web"), summary="please look")
        self._history.tell("deed", f"ada pages {person}: {self._history.name('alert', record.alert.id)}")

    async def _do(self, node: Node, *, deed: Deed, alert_id: str, name: str, rung: Rung | None) -> None:
        counter, actor = node.counter, Actor(name=name, via="web")
        match deed:
            case Deed.LINK if rung is not None:
                await self._press(node, rung)
            case Deed.LINK | Deed.ACKNOWLEDGE:
                await counter.acknowledge(alert_id, actor)
            case Deed.RESOLVE:
                await counter.resolve(alert_id, actor)
            case Deed.SNOOZE:
                await counter.snooze(alert_id, actor, lasts=timedelta(minutes=20))
            case Deed.GIVE_BACK:
                await counter.unacknowledge(alert_id, actor)
            case Deed.ESCALATE:
                await counter.escalate(alert_id, actor)
            case Deed.REASSIGN:
                await counter.reassign(alert_id, actor, "ken")
            case Deed.ADD:
                await counter.add_responder(alert_id, actor, "linus")
        self._history.tell("deed", f"{name}: {deed.value} {self._history.name('alert', alert_id)}")

    async def _press(self, node: Node, rung: Rung) -> None:
        try:
            link = node.links.read_answer(rung.link.rsplit("/", 1)[-1])
        except Forbidden as refusal:
            self._promises.break_(RUNG, f"the link that {rung.address} was sent is refused: {refusal.detail}")
            return
        await node.counter.answer(link.delivery_id, link.recipient)


async def _tried(act: Coroutine[Any, Any, None], done: asyncio.Future[bool]) -> None:
    """Done, or refused for good; not done where another try may help."""
    try:
        await act
    except Refused:
        _settle(done, answer=True)
    except TocsinError:
        _settle(done, answer=False)
    else:
        _settle(done, answer=True)


def _settle(done: asyncio.Future[bool], *, answer: bool) -> None:
    if not done.done():
        done.set_result(answer)
