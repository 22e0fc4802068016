"""The fakes we ship: a clock that stands still until it is told otherwise, a store that forgets on exit, and twins.

slack, slack_workspace   a strict twin of Slack's Web API, as far as user groups go
"""

from __future__ import annotations

from datetime import timedelta

from tocsin.core.vocabulary import Instant, utc
from tocsin.store.memory import MemoryStore

__all__ = ["FixedClock", "MemoryStore"]


class FixedClock:
    """Tells the same instant until it is moved; call it to read it."""

    def __init__(self, start: Instant | None = None) -> None:
        self._now = start or utc(2026, 11, 22, 3, 11)

    def __call__(self) -> Instant:
        """The present instant."""
        return self._now

    def move(self, by: timedelta) -> None:
        """Let time pass. It does not go back.

        Raises:
            ValueError: `by` is negative.
        """
        if by < timedelta(0):
            raise ValueError("time does not go back")
        self._now += by

    def move_to(self, instant: Instant) -> None:
        """Let time pass until an instant."""
        self.move(instant - self._now)
