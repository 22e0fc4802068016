"""How often one person may be rung: the first pages at once, what follows in bundles.

A bucket of tokens: so many calls at once, then one more each `every`. A page that finds no token waits
for the next one in a bundle, and whatever else comes for the same contact meanwhile rides along.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tocsin.core.vocabulary import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Calm:
    """The measure of calm: `at_once` calls straight away, then one each `every`."""

    at_once: int = 5
    every: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """When a call may leave, and what the bucket looks like afterwards."""

    at: Instant
    #: When the bucket will be full again.
    full_at: Instant

    def waits(self, now: Instant) -> bool:
        """True when the call must wait, and may gather others."""
        return self.at > now


def take(calm: Calm, full_at: Instant | None, now: Instant) -> Slot:
    """Take one token, now or as soon as there is one. `full_at`: None when nobody was rung before."""
    start = max(full_at, now) if full_at is not None else now
    slack = calm.every * (calm.at_once - 1)
    return Slot(at=max(now, start - slack), full_at=start + calm.every)
