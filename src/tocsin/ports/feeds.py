"""Copies of calendars that are kept elsewhere: the last good one stays in force, whatever becomes of its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from tocsin.core.appointments import Appointment
from tocsin.core.schedules import CalendarName
from tocsin.core.vocabulary import Instant, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One calendar as it is known."""

    calendar: CalendarName
    #: Where it was read from, as a hash: another address is another calendar.
    source: str
    #: The text of the last good copy. None: there is none yet.
    text: str | None = None
    #: When that was read, or was last said to be the newest. None: never.
    good_at: Instant | None = None
    #: What the source said to recognise it by.
    etag: str | None = None
    last_modified: str | None = None
    #: What it says, as far as it was looked ahead.
    appointments: tuple[Appointment, ...] = ()
    #: From when on the appointments are known. None: not at all.
    told_at: Instant | None = None
    #: When the source is asked again.
    next_at: Instant
    #: Since when it cannot be read, how often that was tried, and why. None and 0: all is well.
    failing_since: Instant | None = None
    failures: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What the text of a calendar says."""

    #: In order of time, each repetition by itself.
    appointments: tuple[Appointment, ...]
    #: How often its source wishes to be asked, within bounds. None: it does not say.
    refresh: timedelta | None


class ReadsCalendar(Protocol):
    """Reads the text of a calendar."""

    def __call__(self, text: str, *, window: Span, zone: ZoneInfo | None) -> Contents:
        """Everything that touches the window; `zone`: of whole days and of times that have none. None: its own.

        Raises:
            Refused: it is no calendar, or says what cannot be.
        """
        ...


class Feeds(Protocol):
    """Calendars that are kept elsewhere."""

    async def feeds(self) -> tuple[Feed, ...]:
        """All of them, by name."""
        ...

    async def put_feed(self, feed: Feed) -> None:
        """Keep what is known of one now. All nodes are told when its appointments are others than before."""
        ...

    async def drop_feeds(self, calendars: Sequence[CalendarName]) -> None:
        """Forget calendars that are not configured any more."""
        ...

    async def feeds_version(self) -> int:
        """Grows whenever what a calendar says has changed."""
        ...
