"""The record of duty, kept: see core/schedules/record.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tocsin.core.schedules.record import Served
from tocsin.core.vocabulary import Instant, ScheduleName, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What is recorded of some schedules, as far as a window is concerned."""

    #: Up to when the record is known. None: there is none yet.
    until: Instant | None
    #: Of each schedule that has any, in order: the last entry not later than the window's start, and those before its
    #: end.
    entries: Mapping[ScheduleName, tuple[Served, ...]]


class DutyBook(Protocol):
    """Who was on call."""

    async def record_duty(self, entries: Sequence[Served], *, until: Instant) -> None:
        """Add entries, and say up to when the record is known now. An entry that is there already stays as it is."""
        ...

    async def newest_duty(self) -> tuple[Instant | None, tuple[Served, ...]]:
        """Up to when the record is known (None: there is none yet), and the newest entry of each schedule."""
        ...

    async def duty_in(self, schedules: Sequence[ScheduleName], window: Span) -> Recorded:
        """What is recorded of these schedules and matters in a window."""
        ...
