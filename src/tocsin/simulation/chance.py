"""The one source of chance: a seed, split by concern, so that one more roll here changes nothing there."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Rolls of one concern; the same for the same name."""

    def __init__(self, name: str) -> None:
        self.name = name
        # Whoever knows the seed is to know every roll.
        self._random = random.Random(name)  # noqa: S311

    def of(self, concern: str) -> Chance:
        """The chance of a part, which takes nothing from this one."""
        return Chance(f"{self.name}/{concern}")

    def happens(self, share: float) -> bool:
        """True so often."""
        return self._random.random() < share

    def between(self, least: float, most: float) -> float:
        """Any value of a range."""
        return self._random.uniform(least, most)

    def skewed(self, least: float, most: float) -> float:
        """Mostly near the least, now and then near the most."""
        return float(least * (most / least) ** self._random.random())

    def number(self, least: int, most: int) -> int:
        """A whole number of a range, both ends among them."""
        return self._random.randint(least, most)

    def one_of(self, choices: Sequence[T]) -> T:
        """One of several, equally often."""
        return choices[self._random.randrange(len(choices))]

    def bits(self, count: int) -> int:
        """So many bits."""
        return self._random.getrandbits(count)
