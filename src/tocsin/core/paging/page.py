"""A page as it stands: its plan, its attempts, and whether it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from tocsin.core.vocabulary import Instant, PageId, PersonName, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a page's plan: a contact, so long after the line before."""

    after: timedelta
    contact: str
    channel: str
    address: str


class Standing(StrEnum):
    """Where an attempt stands."""

    CALLING = "calling"
    SENT = "sent"
    FAILED = "failed"
    #: Failed, and to be made again.
    AGAIN = "again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at one contact."""

    number: int
    line: int
    standing: Standing
    #: How many tries at this contact this one makes, itself included.
    tries: int
    retry_at: Instant | None = None
    #: True when the provider did not answer, and may have taken it all the same.
    uncertain: bool = False
    #: How often the contact was passed over without being tried, this time the last; 0: it was tried.
    passes: int = 0
    #: Since when its provider was failing when it was tried; None: it was not.
    failing_since: Instant | None = None


class Stopped(StrEnum):
    """Why a page goes no further."""

    ANSWERED = "answered"
    OVER = "over"
    QUIET = "quiet"
    SUPERSEDED = "superseded"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where the reaching of one recipient stands."""

    id: PageId
    rung: int
    #: The person's name; None: a program.
    person: PersonName | None
    recipient: str
    because: str
    urgency: Urgency
    opened_at: Instant
    plan: tuple[Line, ...]
    next_line: int = 0
    #: When the next line begins; None: there is none, or the page is stopped.
    next_at: Instant | None = None
    attempts: Mapping[int, Attempt] = field(default_factory=lambda: MappingProxyType({}))
    stopped: Stopped | None = None
    #: True when somebody asked for just this recipient: whatever was quiet before it does not stop it.
    by_hand: bool = False
    #: True once the climb was told that nobody was reached.
    told: bool = False

    @property
    def was_in_vain(self) -> bool:
        """True when no contact of the plan took it, not even later."""
        return self.told and all(attempt.standing is not Standing.SENT for attempt in self.attempts.values())

    @property
    def is_live(self) -> bool:
        """True while attempts may still be made."""
        return self.stopped is None

    @property
    def due_at(self) -> Instant | None:
        """The next instant at which an attempt begins."""
        if not self.is_live:
            return None
        waits = [attempt.retry_at for attempt in self.attempts.values() if attempt.retry_at is not None]
        return min((at for at in (self.next_at, *waits) if at is not None), default=None)
