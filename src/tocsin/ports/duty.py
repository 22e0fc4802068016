"""The record of duty: who really was on call, written as it happens, so that no later edit rewrites the past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tocsin.core.schedules import NobodyReason
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """From `since` on these people were on call, until the next entry of the schedule."""

    schedule: ScheduleName
    since: Instant
    people: tuple[PersonName, ...]
    source: str
    #: None: somebody was on call.
    reason: NobodyReason | None
    #: True when the schedule was dropped at this instant.
    gone: bool = False


class DutyBook(Protocol):
    """Who was on call."""

    async def record_duty(self, entries: tuple[Served, ...]) -> None:
        """Add entries; one that is not later than the newest of its schedule is left out."""
        ...

    async def newest_duty(self) -> tuple[Served, ...]:
        """The newest entry of each schedule."""
        ...

    async def duty_in(self, schedule: ScheduleName, window: Span) -> tuple[Served, ...]:
        """The entries that matter in a window, in order: the last one before its start, and those within it."""
        ...
