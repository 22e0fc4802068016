"""What is kept from ringing, until when: silences by matchers, and planned maintenance of services.

A pattern is searched by the engine of the conditions, in linear time: what people write into a silence, tried on what
strangers write into labels, must not hold up everything else. It knows no look-around and no back-references.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import cel

from tocsin.core.alerts.model import Alert, Reason, Why
from tocsin.core.errors import Refused
from tocsin.core.vocabulary import Instant, Labels, ServiceName, Span

#: How a matcher is written.
NOTATION = "label=value, label!=value, label=~pattern, label!~pattern"

_WRITTEN = re.compile(r"([^=!~\s]+)\s*(=~|!~|!=|=)\s*(.*)", re.DOTALL)
_LIKE = cel.compile("value.matches(pattern)")


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

    @property
    def has_pattern(self) -> bool:
        """True when its value is a pattern."""
        return self.comparison in (Comparison.LIKE, Comparison.NOT_LIKE)

    @property
    def text(self) -> str:
        """As people write it: `job=~nightly.*`."""
        return f"{self.label}{self.comparison.value}{self.value}"

    def matches(self, labels: Labels) -> bool:
        """True when the labels satisfy it. A pattern must match the whole value; one that cannot be read never does."""
        value = labels.get(self.label, "")
        match self.comparison:
            case Comparison.EQUAL:
                return value == self.value
            case Comparison.NOT_EQUAL:
                return value != self.value
            case Comparison.LIKE:
                return _is_like(value, self.value) is True
            case Comparison.NOT_LIKE:
                return _is_like(value, self.value) is False


def matcher_of(text: str) -> Matcher:
    """A matcher as people write it.

    Raises:
        Refused: it is none, or its pattern cannot be read.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise Refused(f"{text[:100]!r} is not a matcher", hint=NOTATION)
    made = Matcher(label=found[1], comparison=Comparison(found[2]), value=found[3])
    if made.has_pattern:
        mistake = pattern_mistake(made.value)
        if mistake is not None:
            raise Refused(f"the pattern {made.value[:100]!r} cannot be read: {mistake}")
    return made


def pattern_mistake(pattern: str) -> str | None:
    """What keeps a pattern from being read, in a few words; None: it can be read."""
    try:
        _LIKE.execute({"value": "", "pattern": pattern})
        _LIKE.execute({"value": "", "pattern": _whole(pattern)})
    except (RuntimeError, ValueError) as mistake:
        *_, last = (line for line in str(mistake).split(". Check function")[0].splitlines() if line.strip(" ^.-~"))
        return last.removeprefix("error: ")
    return None


@lru_cache(maxsize=4096)
def _is_like(value: str, pattern: str) -> bool | None:
    """True when the whole value matches; None: the pattern cannot be read."""
    try:
        return _LIKE.execute({"value": value, "pattern": _whole(pattern)}) is True
    except (RuntimeError, ValueError):
        return None


def _whole(pattern: str) -> str:
    return rf"\A(?:{pattern})\z"


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
