"""The loop that keeps one node's copy of the configuration fresh, and has every open case looked at under a new one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import structlog

from tocsin.core.errors import Unavailable
from tocsin.engine.pulse import Pulse

log = structlog.get_logger()

#: How often the configuration is read again, in case a notice was lost.
ANYWAY = timedelta(seconds=30)


class Copy(Protocol):
    """What this node knows of the configuration."""

    async def refresh(self) -> bool:
        """Read the newest revision; True when it is another than before."""
        ...


class Cases(Protocol):
    """Whom a new configuration may concern."""

    async def wake_all(self) -> None:
        """Make every open case due now."""
        ...


class Following:
    """One node's eye on the configuration."""

    def __init__(self, copy: Copy, cases: Cases, fresh: Callable[[], None]) -> None:
        """`fresh` is called when another revision is in force here."""
        self._copy = copy
        self._cases = cases
        self._fresh = fresh
        #: True while the cases were not told of what this node has read.
        self._owed = False
        self.pulse = Pulse("follower of the configuration")

    async def run(self) -> None:
        """Follow until cancelled: at every notice, and every half minute in case one was lost."""
        while True:
            await self.pulse.rest(timedelta(seconds=1) if self._owed else ANYWAY)
            try:
                self._owed = await self._copy.refresh() or self._owed
                if self._owed:
                    await self._cases.wake_all()
                    self._owed = False
                    self._fresh()
            except Unavailable as trouble:
                log.warning("the configuration cannot be read", error=trouble.detail)
            except Exception:
                self.pulse.stumble()
                log.exception("the configuration cannot be followed")
