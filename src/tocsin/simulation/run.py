"""Runs seeds: each is a script, a world that it befalls, and what came of it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from tocsin.ports.words import Catalogs
from tocsin.simulation.author import DAY, write
from tocsin.simulation.chance import Chance
from tocsin.simulation.nodes import Parts
from tocsin.simulation.promises import SOUND, Violation
from tocsin.simulation.script import FAULTS, Script
from tocsin.simulation.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one seed."""

    seed: int
    script: Script
    #: How many seconds were simulated.
    seconds: float
    #: None: every promise was kept.
    broken: Violation | None
    #: The same for the same history.
    fingerprint: str
    #: The last lines of the history.
    lines: tuple[str, ...]
    #: How often each kind of thing happened: events, facts, calls, rings, ...
    counts: Mapping[str, int]

    @property
    def faults(self) -> Counter[str]:
        """The faults of the script by kind."""
        return Counter(type(line).__name__ for line in self.script if isinstance(line, FAULTS))


def simulate(
    seed: int,
    *,
    days: float,
    catalogs: Catalogs,
    script: Script | None = None,
    passes_over: bool = True,
    parts: Parts | None = None,
) -> Outcome:
    """Run one seed. The same seed with the same days is the same history, to the last line.

    `script`: instead of the one that the seed writes. `passes_over`: leave out stretches in which nothing can happen.
    `parts`: with a fault in them, to try the checks.
    """
    nodes = Chance(f"nodes/{seed}").one_of((1, 2, 2, 3))
    script = write(seed, days=days, nodes=nodes) if script is None else script
    world = World(seed, script, nodes=nodes, catalogs=catalogs, parts=parts)
    world.passes_over = passes_over
    with _listening(world):
        world.run(days * DAY)
        outcome = Outcome(
            seed=seed,
            script=script,
            seconds=world.loop.world(),
            broken=world.promises.broken,
            fingerprint=world.history.fingerprint,
            lines=tuple(world.history.lines),
            counts=dict(world.history.counts),
        )
        world.end()
    return outcome


@contextmanager
def _listening(world: World) -> Iterator[None]:
    """Take what the parts log: an exception that they had not foreseen is a finding, all else is for people.

    The list of processors is changed where it stands: loggers that have been used may know no other.
    """

    def note(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if event.get("exc_info"):
            world.promises.break_(SOUND, f"{event.get('event')}: {sys.exception()!r}")
        raise structlog.DropEvent

    processors = structlog.get_config()["processors"]
    before = list(processors)
    processors[:] = [note]
    structlog.configure(processors=processors)
    try:
        yield
    finally:
        processors[:] = before
        structlog.configure(processors=processors)
