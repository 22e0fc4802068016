"""What is kept from ringing, until when: silences by matchers, and planned maintenance of services."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tocsin.core.alerts.model import Alert, Reason, Why
from tocsin.core.vocabulary import Instant, Labels, ServiceName, Span


class Comparison(StrEnum):
    """How a matcher compares a label with its value."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LIKE = "=~"
    NOT_LIKE = "!~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """One condition on one label; a label that is missing has the empty value."""

    label: str
    comparison: Comparison
    value: str

    def matches(self, labels: Labels) -> bool:
        """True when the labels satisfy it; a pattern must match the whole value."""
        value = labels.get(self.label, "")
        match self.comparison:
            case Comparison.EQUAL:
                return value == self.value
            case Comparison.NOT_EQUAL:
                return value != self.value
            case Comparison.LIKE:
                return re.fullmatch(self.value, value) is not None
            case Comparison.NOT_LIKE:
                return re.fullmatch(self.value, value) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Alerts whose labels match all matchers do not ring within the span."""

    name: str
    matchers: tuple[Matcher, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """Planned work: alerts of these services do not ring within the span."""

    name: str
    services: frozenset[ServiceName]
    span: Span


def quiet_reason(
    labels: Labels,
    service: ServiceName | None,
    *,
    silences: Iterable[Silence],
    maintenances: Iterable[Maintenance],
    now: Instant,
) -> Reason | None:
    """What keeps such an alert from ringing now: of several, the one that lasts longest; None: nothing."""
    found = [
        Reason(why=Why.SILENCED, subject=silence.name, until=silence.span.end)
        for silence in silences
        if now in silence.span and all(matcher.matches(labels) for matcher in silence.matchers)
    ]
    found += [
        Reason(why=Why.IN_MAINTENANCE, subject=window.name, until=window.span.end)
        for window in maintenances
        if now in window.span and service in window.services
    ]
    return max(found, key=lambda reason: (reason.until is None, reason.until), default=None)


def labels_of(alert: Alert) -> Labels:
    """What a silence may match: the alert's labels, and its own fields under names that no label of that name hides."""
    return matchable(alert.labels, summary=alert.summary, severity=alert.severity.value, service=alert.service)


def matchable(labels: Labels, *, summary: str, severity: str, service: str | None) -> Labels:
    """Labels with the fields that people also expect to match on."""
    return {"summary": summary, "severity": severity, "service": service or "", **labels}
