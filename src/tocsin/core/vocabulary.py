"""Words that every domain speaks: ids, instants, spans, severity, urgency, labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NewType

#: An aware instant in UTC. Local times never travel without their zone.
Instant = datetime

EventId = NewType("EventId", str)
AlertId = NewType("AlertId", str)
GroupId = NewType("GroupId", str)
PageId = NewType("PageId", str)
DeliveryId = NewType("DeliveryId", str)

#: Names are the keys by which configuration objects refer to each other.
PersonName = NewType("PersonName", str)
TeamName = NewType("TeamName", str)
ScheduleName = NewType("ScheduleName", str)
PolicyName = NewType("PolicyName", str)
ServiceName = NewType("ServiceName", str)
IntegrationName = NewType("IntegrationName", str)

Labels = Mapping[str, str]


class Severity(StrEnum):
    """How bad the source says it is, worst first."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 is the worst; a smaller rank is more severe."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Urgency(StrEnum):
    """Which of a person's rules apply: high may wake, low may wait."""

    HIGH = "high"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address that the source wants a responder to open."""

    href: str
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch of time: `start` belongs to it, `end` does not. Both are UTC instants."""

    start: Instant
    end: Instant

    def __contains__(self, instant: object) -> bool:
        return isinstance(instant, datetime) and self.start <= instant < self.end

    def clipped(self, other: Span) -> Span | None:
        """The part of this span that lies inside `other`, or None when there is none."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Span(start, end) if start < end else None


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> Instant:
    """An instant by its UTC figures."""
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def rfc3339(instant: Instant) -> str:
    """In UTC with a Z, and a fraction only where there is one."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
