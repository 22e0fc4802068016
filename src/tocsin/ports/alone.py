"""One node at a time: chores that must not be done twice at once, whatever the number of nodes."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Alone(Protocol):
    """Lets one node in."""

    def alone(self, chore: str) -> AbstractAsyncContextManager[bool]:
        """Enter to do a chore: True when no other node is in, and none comes in until this one leaves or dies.

        It never waits: False means that another node is at it.

        Raises:
            Unavailable: the store cannot be asked.
        """
        ...
