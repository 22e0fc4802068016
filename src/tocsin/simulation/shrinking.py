"""The shortest history: lines are cut out of a script for as long as the same promise is broken without them."""

from __future__ import annotations

from collections.abc import Callable

from tocsin.simulation.run import Outcome
from tocsin.simulation.script import Script

#: A shorter script is looked for in so many runs at most.
TRIES = 300


def shortest(found: Outcome, replay: Callable[[Script], Outcome]) -> Outcome:
    """The outcome of the shortest script found that breaks the promise which the first one broke.

    What comes after the break goes first; then halves, quarters, ... down to single lines, again and again until none
    can be left out.
    """
    search = _Search(found, replay)
    search.try_without_the_rest()
    size = max(len(search.best.script) // 2, 1)
    while search.tries < TRIES:
        was_cut = search.try_without_pieces(size)
        if size > 1:
            size = max(size // 2, 1)
        elif not was_cut:
            break
    return search.best


class _Search:
    """A search for shorter scripts with the same end."""

    def __init__(self, found: Outcome, replay: Callable[[Script], Outcome]) -> None:
        self.best = found
        self.tries = 0
        self._replay = replay

    def try_without_the_rest(self) -> None:
        """Leave out what had not happened yet."""
        if self.best.broken is not None:
            end = self.best.broken.at
            self._try(tuple(line for line in self.best.script if line.at <= end))

    def try_without_pieces(self, size: int) -> bool:
        """Leave out each piece of so many lines, where it can be; True when one could."""
        was_cut, at = False, 0
        while at < len(self.best.script) and self.tries < TRIES:
            script = self.best.script
            if self._try(script[:at] + script[at + size :]):
                was_cut = True
            else:
                at += size
        return was_cut

    def _try(self, script: Script) -> bool:
        if len(script) == len(self.best.script):
            return False
        self.tries += 1
        outcome = self._replay(script)
        if outcome.broken is None or self.best.broken is None:
            return False
        if outcome.broken.promise != self.best.broken.promise:
            return False
        self.best = outcome
        return True
