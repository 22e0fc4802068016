"""Lets somebody who guesses wait longer and longer. Kept in memory of each node, bounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from tocsin.core.errors import TooMany
from tocsin.core.people import wait_after
from tocsin.engine import clock

#: Whoever has been quiet for so long begins anew.
FORGOTTEN_SECONDS = 3_600.0
#: So many are known at a time; the oldest are forgotten.
KNOWN = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tries:
    wrong: int
    #: When the last one was, and when the next may be.
    last: float
    until: float


class Waits:
    """How often each of many has tried of late."""

    def __init__(self, *, free: int, longest: timedelta, now: Callable[[], float] = clock.elapsed) -> None:
        self._free = free
        self._longest = longest
        self._now = now
        self._tries: dict[str, _Tries] = {}

    def refuse_hasty(self, who: str) -> None:
        """Let pass who need not wait.

        Raises:
            TooMany: they have to, and for how long.
        """
        wait = self._tries[who].until - self._now() if who in self._tries else 0.0
        if wait > 0:
            raise TooMany("too many tries", retry_seconds=wait)

    def count(self, who: str) -> None:
        """Somebody tries. It counts as wrong until it is forgiven, so that many at once count as many."""
        now = self._now()
        known = self._tries.pop(who, None)
        wrong = 1 + (known.wrong if known is not None and now - known.last < FORGOTTEN_SECONDS else 0)
        wait = wait_after(wrong, free=self._free, longest=self._longest)
        self._tries[who] = _Tries(wrong=wrong, last=now, until=now + wait.total_seconds())
        if len(self._tries) > KNOWN:
            del self._tries[next(iter(self._tries))]

    def take_back(self, who: str) -> None:
        """The last try was right, and does not count; those before it do."""
        known = self._tries.get(who)
        if known is not None:
            wait = wait_after(known.wrong - 1, free=self._free, longest=self._longest)
            self._tries[who] = _Tries(wrong=known.wrong - 1, last=known.last, until=known.last + wait.total_seconds())

    def forgive(self, who: str) -> None:
        """They were right."""
        self._tries.pop(who, None)
