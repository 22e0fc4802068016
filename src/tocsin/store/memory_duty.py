"""The record of duty in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tocsin.core.schedules.record import Served
from tocsin.core.vocabulary import Instant, ScheduleName, Span
from tocsin.ports.duty import Recorded
from tocsin.store.memory_readings import Remembers


class RemembersDuty(Remembers):
    """Who was on call, until the process ends."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        super().__init__(now)
        self._duty: dict[ScheduleName, dict[Instant, Served]] = {}
        self._duty_known: Instant | None = None

    async def record_duty(self, entries: Sequence[Served], *, until: Instant) -> None:
        """Add entries, and say up to when the record is known now. An entry that is there already stays as it is."""
        for entry in entries:
            self._duty.setdefault(entry.schedule, {}).setdefault(entry.since, entry)
        self._duty_known = until if self._duty_known is None else max(until, self._duty_known)

    async def newest_duty(self) -> tuple[Instant | None, tuple[Served, ...]]:
        """Up to when the record is known (None: there is none yet), and the newest entry of each schedule."""
        return self._duty_known, tuple(entries[max(entries)] for _, entries in sorted(self._duty.items()))

    async def duty_in(self, schedules: Sequence[ScheduleName], window: Span) -> Recorded:
        """What is recorded of these schedules and matters in a window."""
        found = {name: tuple(self._duty_of(name, window)) for name in schedules}
        return Recorded(until=self._duty_known, entries={name: entries for name, entries in found.items() if entries})

    def _duty_of(self, schedule: ScheduleName, window: Span) -> Iterator[Served]:
        entries = sorted(self._duty.get(schedule, {}).values(), key=lambda entry: entry.since)
        yield from [entry for entry in entries if entry.since <= window.start][-1:]
        yield from (entry for entry in entries if window.start < entry.since < window.end)
