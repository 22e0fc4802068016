"""What takes longer to find out than a page may take: the troubles of the coming weeks, and how fair a schedule is.

Both hold for one configuration and change slowly with time. So they are found out once an hour, beside the event loop,
and kept for as long as that configuration is in force. A page does not wait for long: it says that they are still
looked for, and looks again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from tocsin.core.directory import Directory
from tocsin.core.insight.fairness import fairness
from tocsin.core.insight.findings import Finding
from tocsin.core.insight.inspection import findings
from tocsin.core.insight.load import Fairness, Question
from tocsin.core.vocabulary import Instant, ScheduleName, Span
from tocsin.engine.duty import shifts_in
from tocsin.ports.duty import DutyBook

#: How far ahead troubles are looked for, and how far back and ahead hours are counted.
AHEAD = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fair:
    """How evenly a schedule was spread, and will be."""

    past: Fairness
    future: Fairness


@dataclass(slots=True)
class Outlook:
    """What was found out for the configuration in force, within the hour."""

    duty: DutyBook
    #: How long a page waits for the troubles, in seconds.
    patience: float = 1.0
    _directory: Directory | None = None
    _hour: Instant | None = None
    _search: asyncio.Task[tuple[Finding, ...]] | None = None
    _fair: dict[ScheduleName, Fair] = field(default_factory=dict)

    async def troubles(self, directory: Directory, name: ScheduleName, now: Instant) -> tuple[Finding, ...] | None:
        """What is wrong with one schedule in the coming weeks, or may be: errors first, then in order of time.

        None: it is still being looked for.
        """
        self._renew(directory, now)
        if self._search is None:
            self._search = asyncio.create_task(asyncio.to_thread(findings, directory, Span(now, now + AHEAD)))
        search = self._search  # somebody else may begin another one while we wait
        await asyncio.wait((search,), timeout=self.patience)
        if not search.done():
            return None
        return tuple(one for one in search.result() if name == one.schedule or name in one.others)

    async def fair(self, directory: Directory, name: ScheduleName, now: Instant) -> Fair:
        """How evenly one schedule was spread over the last weeks, by the record of duty, and will be."""
        self._renew(directory, now)
        kept = self._fair
        if name not in kept:
            kept[name] = await self._compared(directory, name, now)
        return kept[name]

    def _renew(self, directory: Directory, now: Instant) -> None:
        """Forget what was found out for another configuration, or in another hour."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if directory is not self._directory or hour != self._hour:
            self._directory, self._hour, self._search, self._fair = directory, hour, None, {}

    async def _compared(self, directory: Directory, name: ScheduleName, now: Instant) -> Fair:
        past, future = Span(now - AHEAD, now), Span(now, now + AHEAD)
        served = await shifts_in(self.duty, directory, [name], past)
        return Fair(
            past=await asyncio.to_thread(fairness, directory, Question(window=past, schedules=(name,)), served),
            future=await asyncio.to_thread(fairness, directory, Question(window=future, schedules=(name,))),
        )
