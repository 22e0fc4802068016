"""One simulated world: the town, its nodes, store, providers, sources and people, and a script that befalls them."""

from __future__ import annotations

import math
from contextvars import Context
from datetime import timedelta
from functools import partial
from typing import Any, assert_never

from tocsin.core.errors import Unavailable
from tocsin.ports.state import Document
from tocsin.ports.words import Catalogs
from tocsin.simulation.calls import Calls
from tocsin.simulation.chance import Chance
from tocsin.simulation.faults import Faults
from tocsin.simulation.history import History
from tocsin.simulation.loop import Life, SimulatedLoop
from tocsin.simulation.nodes import Node, Parts
from tocsin.simulation.people import People
from tocsin.simulation.promises import SOUND, Promises
from tocsin.simulation.providers import Providers, Rung
from tocsin.simulation.script import (
    ClockOff,
    Does,
    Ends,
    Fails,
    Frozen,
    Happening,
    Killed,
    NoticesLost,
    Pages,
    ProviderFails,
    Reconfigured,
    RoughStore,
    Script,
    Step,
    StoreAway,
    StoreClockSteps,
    TakenThere,
)
from tocsin.simulation.shelf import Asker, Shelf
from tocsin.simulation.sources import Sources
from tocsin.simulation.town import Town

#: The rests of all loops go into this: what is passed over is a multiple of it, so that they rest as they would have.
_MEASURE = 30.0
#: After something happened every loop goes round before anything is passed over, and again before the next thing.
_MARGIN = 5.5
_LOOK_EVERY = 30.0
_AGAIN_AFTER = 10.0
_TRAP_LASTS = 600.0


class World:
    """A world at its beginning; `run` lets it happen."""

    def __init__(
        self, seed: int, script: Script, *, nodes: int, catalogs: Catalogs, parts: Parts | None = None
    ) -> None:
        self._parts = parts or Parts()
        self._chance = Chance(f"world/{seed}")
        self._catalogs = catalogs
        self._script = script
        self.loop = loop = SimulatedLoop()
        self.history = history = History(loop.world)
        self.shelf = Shelf(loop, self._committed, books=self._parts.books)
        self.promises = Promises(loop.world, self.shelf.books, history)
        self.calls = Calls(loop.world, self.shelf.books, self.promises, history)
        self.providers = Providers(loop, begun=self._begun, rang=self._rang)
        self.faults = Faults(loop, self.shelf, self.providers, ended=self.promises.troubled)
        self.town = Town(self._chance.of("town"))
        self.nodes: list[Node | None] = [None] * nodes
        self.sources = Sources(loop, self.promises, history, node=self._some_node)
        self.people = People(loop, self.shelf.books, self.promises, history, node=self._some_node)
        #: What happens to nodes as soon as they stand between two steps.
        self._traps: list[Killed | Frozen] = []
        self._born = 0
        self._ever: list[Node] = []
        self._next_look = 0.0
        #: When something last happened that loops may not have seen yet.
        self._restless_at = 0.0
        #: False: every rest of every loop is gone through.
        self.passes_over = True

    def run(self, seconds: float) -> None:
        """Let so many seconds happen, or as many as it takes until a promise is broken."""
        self.loop.at(0.0, partial(self._reconfigure, 0))
        for number in range(len(self.nodes)):
            self.loop.at(0.5, partial(self._start, number))
        for line in self._script:
            self.loop.at(line.at, partial(self._happen, line))
        self.loop.at(seconds - 1.0, self._look)
        self.loop.run(seconds, self._before_moving)
        if self.promises.broken is None:
            for trouble in self.loop.troubles:
                self.promises.break_(SOUND, trouble)

    def end(self) -> None:
        """Let everything that still stands in it end in order. Nothing that happens now counts."""
        self.loop.end(node.life for node in self._ever)

    # The script.

    def _happen(self, line: Happening) -> None:
        self.history.tell("script", line.text[15:])
        if not isinstance(line, Fails | Ends | TakenThere | Does | Pages):
            self.promises.troubled()
        match line:
            case Fails():
                if line.reaction is not None:
                    self.people.reactions[line.key] = line.reaction
                self.sources.fails(line)
            case Ends() | TakenThere():
                self.sources.says(line)
            case Does():
                self.people.does(line)
            case Pages():
                self.people.pages(line)
            case Reconfigured():
                self._reconfigure(line.variant)
            case RoughStore() | StoreAway() | NoticesLost() | ProviderFails():
                self.faults.begin(line)
            case StoreClockSteps():
                self.shelf.skew += line.seconds
            case Killed() | Frozen() | ClockOff():
                self._to_node(line)
            case _:
                raise TypeError(f"nobody knows how to let {type(line).__name__} happen")

    def _to_node(self, line: Killed | Frozen | ClockOff) -> None:
        if isinstance(line, ClockOff) or line.step is Step.NOW:
            self._strike(line)
            return
        self._traps.append(line)
        self.loop.at(self.loop.world() + _TRAP_LASTS, lambda: self._traps.remove(line) if line in self._traps else None)

    def _reaches(self, step: Step, name: str) -> None:
        """A node stands between two steps: whatever waits for that happens to it."""
        for line in [line for line in self._traps if line.step is step]:
            node = self.nodes[line.node % len(self.nodes)]
            if node is not None and node.name == name:
                self._traps.remove(line)
                self.promises.troubled()
                self.history.tell("fault", f"{name} is {type(line).__name__.lower()}: {step.value}")
                self._strike(line)

    def _strike(self, line: Killed | Frozen | ClockOff) -> None:
        node = self.nodes[line.node % len(self.nodes)]
        if node is None:
            return
        match line:
            case Killed():
                node.kill(leaves_orphans=line.leaves_orphans)
                self.nodes[line.node % len(self.nodes)] = None
                self.loop.at(self.loop.world() + line.back_after, partial(self._start, line.node % len(self.nodes)))
            case Frozen():
                node.freeze()
                self.loop.at(self.loop.world() + line.lasts, partial(self._thaw, node))
            case ClockOff():
                node.clock.off = line.seconds
            case _:
                assert_never(line)

    def _thaw(self, node: Node) -> None:
        self.promises.troubled()
        node.thaw()

    def _start(self, number: int) -> None:
        self.promises.troubled()
        self._born += 1
        name = f"node {number + 1}.{self._born}"
        node = self.nodes[number] = Node(
            name,
            loop=self.loop,
            shelf=self.shelf,
            chance=self._chance.of(f"ids/{self._born}"),
            parts=self._parts,
        )
        self._ever.append(node)
        node.start(self.town, self.providers, self._catalogs)

    def _reconfigure(self, variant: int) -> None:
        self.loop.create_task(self._until_changed(variant), context=Context())

    async def _until_changed(self, variant: int) -> None:
        document = Document(kind="town", name="variant", body={"variant": variant})
        operator, books = Asker(name="operator", life=Life(), context=Context()), self.shelf.books
        while True:
            change = partial(books.change_newest, document)
            try:
                await self.shelf.ask(operator, "change", change)
            except Unavailable:
                await self.loop.until(self.loop.world() + _AGAIN_AFTER)
            else:
                self.promises.troubled()
                return

    # What happens between the parts.

    def _some_node(self, number: int) -> Node | None:
        """The one that a request of this number comes to: one after the other, as a balancer sends them."""
        up = [node for node in self.nodes if node is not None and node.is_up]
        return up[number % len(up)] if up else None

    def _committed(self, name: str, asker: Asker, result: Any) -> None:
        if name in ("work", "claim"):
            for claimed in result.claimed:
                self.calls.claimed(asker.name, claimed)
            if result.claimed:
                self._reaches(Step.CLAIMED, asker.name)
        if name == "take_in":
            self._reaches(Step.TAKEN, asker.name)
        if name == "finish":
            self.calls.written()
            self._reaches(Step.WRITTEN, asker.name)
        if self.shelf.books.touched:
            self._restless_at = self.loop.time()
            self.promises.look_at(tuple(self.shelf.books.touched))

    def _begun(self, node: str, rung: Rung, takes: bool) -> None:
        self.calls.begun(node, rung, takes)
        self._reaches(Step.CALLING, node)

    def _rang(self, rung: Rung) -> None:
        if self.calls.rang(rung):
            self.people.hear(rung)

    # Time.

    def _before_moving(self) -> None:
        if self.loop.world() >= self._next_look:
            self._look()
        if self.promises.broken is not None:
            self.loop.ended = True
        elif self.passes_over:
            self._pass_over()

    def _look(self) -> None:
        self._next_look = self.loop.world() + _LOOK_EVERY
        up = [node for node in self.nodes if node is not None and node.answers]
        self.promises.look(well=bool(up) and not self.faults.excuse_delays, nodes=up)
        self.calls.look()

    def _pass_over(self) -> None:
        """Leave out whole half minutes in which nothing can happen but loops that find nothing to do."""
        now = self.loop.world()
        until = self.loop.next_happening()
        is_frozen = any(node is not None and node.life.held for node in self.nodes)
        if is_frozen or not self.shelf.weather.is_calm:
            self._restless_at = self.loop.time()
        if min(self.loop.time() - self._restless_at, until - now - _MEASURE) < _MARGIN:
            return
        due = self.shelf.books.next_due
        if due is not None:
            until = min(until, now + (due - self.shelf.now()).total_seconds())
        if until < math.inf:
            measures = math.floor((until - now - _MARGIN) / _MEASURE)
            self._be_later(max(measures, 0) * _MEASURE)

    def _be_later(self, seconds: float) -> None:
        self.loop.pass_over(seconds)
        self.shelf.books.be_later(timedelta(seconds=seconds))
