"""What an inbound door hands over: one message from a monitoring system, free of any vendor."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from tocsin.core.vocabulary import AlertId, Instant, Labels, Link, Severity


class Action(StrEnum):
    """What the source wants."""

    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    #: Something changed on purpose (a deployment): kept beside alerts, pages nobody.
    CHANGE = "change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One message, normalised. Facts only: what it means is decided by alerts and routing."""

    action: Action
    #: What makes two events speak of one condition, within one integration.
    dedup_key: str
    #: Names the alert itself where the source knows our id; None: found by `dedup_key`.
    alert_id: AlertId | None = None
    summary: str = ""
    severity: Severity = Severity.ERROR
    source: str | None = None
    #: The service that the source names; None: routes or the integration choose.
    service: str | None = None
    labels: Labels = field(default_factory=dict)
    description: str | None = None
    #: Whatever else the source sent, as JSON values.
    details: object = None
    links: tuple[Link, ...] = ()
    #: When it happened by the source's clock; None: the source does not say.
    at: Instant | None = None
    #: Without another word from the source the alert is over at this instant; None: never by itself.
    expires_at: Instant | None = None
    #: The source's own group of conditions; a resolve with `whole_group` ends all of them.
    source_group: str | None = None
    whole_group: bool = False
    #: Who acted at the source, in its words.
    actor: str | None = None
    note: str | None = None


def conditions_view(event: Event) -> dict[str, object]:
    """The names that a route's condition may use, with their values."""
    return {
        "summary": event.summary,
        "severity": event.severity.value,
        "source": event.source or "",
        "service": event.service or "",
        "labels": dict(event.labels),
        "dedup_key": event.dedup_key,
        "description": event.description or "",
    }
