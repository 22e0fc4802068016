"""The record of what happened in a simulated world, one line each, and its fingerprint."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Hashable

from tocsin.simulation.script import instant

#: As many of the last lines are kept as tell how it came to a broken promise.
KEPT = 400


class History:
    """What happened, in order."""

    def __init__(self, world: Callable[[], float]) -> None:
        self._world = world
        self._print = hashlib.sha256()
        self._names: dict[Hashable, str] = {}
        self._named: Counter[str] = Counter()
        self.lines: deque[str] = deque(maxlen=KEPT)
        #: How often each kind of thing happened.
        self.counts: Counter[str] = Counter()

    def tell(self, kind: str, text: str) -> None:
        """Write down one thing."""
        self.counts[kind] += 1
        line = f"{instant(self._world()):%m-%d %H:%M:%S.%f}"[:-3] + f"  {kind}: {text}"
        self._print.update(line.encode())
        self.lines.append(line)

    def name(self, kind: str, thing: Hashable) -> str:
        """A short name of something with a long id: "alert 3"."""
        if thing not in self._names:
            self._named[kind] += 1
            self._names[thing] = f"{kind} {self._named[kind]}"
        return self._names[thing]

    @property
    def fingerprint(self) -> str:
        """The same for the same history."""
        return self._print.hexdigest()[:16]
