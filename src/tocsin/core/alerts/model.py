"""An alert as a value, the commands that may be given to it, and the facts of its life."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from tocsin.core.vocabulary import AlertId, Instant, IntegrationName, Labels, Link, ServiceName, Severity, Urgency


class Status(StrEnum):
    """Where an alert stands."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    SUPPRESSED = "suppressed"
    RESOLVED = "resolved"


class Why(StrEnum):
    """The named reasons for which an alert pages nobody (or, below, why it ended)."""

    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    SILENCED = "silenced"
    IN_MAINTENANCE = "in_maintenance"
    ROUTE_SUPPRESSES = "route_suppresses"
    #: The source had already said that it is over when its trigger came in.
    OVERTAKEN = "overtaken"
    RESOLVED_BY_SOURCE = "resolved_by_source"
    RESOLVED_BY_PERSON = "resolved_by_person"
    RESOLVED_BY_AGE = "resolved_by_age"
    #: The source kept it alive by repeating it, and stopped.
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an alert pages nobody: a name, who or what it speaks of, and until when."""

    why: Why
    #: The person, silence, maintenance window, route or source; None when there is nobody to name.
    subject: str | None = None
    #: When it ends by itself; None: not by itself.
    until: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One condition, deduplicated by its dedup key within one integration."""

    id: AlertId
    integration: IntegrationName
    dedup_key: str
    status: Status
    summary: str
    severity: Severity
    urgency: Urgency
    service: ServiceName | None
    created_at: Instant
    updated_at: Instant
    source: str | None = None
    labels: Labels = field(default_factory=dict)
    description: str | None = None
    details: object = None
    links: tuple[Link, ...] = ()
    source_group: str | None = None
    #: None exactly while it is triggered.
    reason: Reason | None = None
    #: The route's word that it never rings, whatever people say of it in between; None: it may ring.
    never_rings: Reason | None = None
    #: When it resolves by itself unless the source repeats it; None: never.
    expires_at: Instant | None = None
    #: When its acknowledgement, snooze or suppression ends; None: not by itself.
    quiet_until: Instant | None = None
    #: When it is resolved for its age; None: never.
    too_old_at: Instant | None = None
    #: When the source says that it ended, while resolved; None: the source has not said.
    ended_at: Instant | None = None
    resolved_at: Instant | None = None
    #: Who acknowledged it, while acknowledged.
    holder: str | None = None
    #: Since when it is acknowledged, snoozed or suppressed; None while it is not.
    quiet_since: Instant | None = None
    #: An exercise, marked as such everywhere.
    drill: bool = False

    @property
    def is_open(self) -> bool:
        """True until it is resolved."""
        return self.status is not Status.RESOLVED

    @property
    def rings(self) -> bool:
        """True while somebody must be found for it."""
        return self.status is Status.TRIGGERED

    @property
    def due_at(self) -> Instant | None:
        """The next instant at which time alone changes it."""
        if not self.is_open:
            return None
        waits = (self.expires_at, self.quiet_until, self.too_old_at)
        return min((at for at in waits if at is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What routing and quiet say of an event: how its alert is to be treated."""

    service: ServiceName | None
    urgency: Urgency
    #: Why it must not ring now; None: it rings.
    quiet: Reason | None = None
    #: Resolved when open for so long; None: never by age.
    resolve_after: timedelta | None = None
    #: A trigger within this time after the end opens the same alert again; zero: always a new one.
    reopen_within: timedelta = timedelta(0)


# What may be asked. Each command carries the instant `now` at which it was given.


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """Somebody has it."""

    now: Instant
    by: str
    via: str
    lapses_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unacknowledge:
    """Whoever had it gives it back."""

    now: Instant
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    """It is over."""

    now: Instant
    why: Why
    by: str | None = None
    #: When it was over, by the source's clock.
    at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """Leave it alone until an instant."""

    now: Instant
    by: str
    until: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconsider:
    """Time has passed or the configuration has changed: `quiet` is what keeps it from ringing now."""

    now: Instant
    quiet: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote:
    """Somebody writes something down."""

    now: Instant
    by: str
    text: str


Command = Acknowledge | Unacknowledge | Resolve | Snooze | Reconsider | AddNote


# What happens.


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertTriggered:
    """A new alert stands."""

    at: Instant
    alert: Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReopened:
    """It came back soon after its end."""

    at: Instant
    alert_id: AlertId
    summary: str
    severity: Severity
    urgency: Urgency
    expires_at: Instant | None
    too_old_at: Instant | None
    reason: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertWorsened:
    """The source says that it is worse than before."""

    at: Instant
    alert_id: AlertId
    severity: Severity
    urgency: Urgency
    #: What the routes now say of it, where they kept it from ringing before.
    never_rings: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertKeptAlive:
    """The source says that it goes on, and until when."""

    at: Instant
    alert_id: AlertId
    expires_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAcknowledged:
    """Somebody has it."""

    at: Instant
    alert_id: AlertId
    by: str
    via: str
    lapses_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSnoozed:
    """It is left alone until an instant."""

    at: Instant
    alert_id: AlertId
    by: str
    until: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSuppressed:
    """It is kept from ringing."""

    at: Instant
    alert_id: AlertId
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRings:
    """What kept it quiet is over: acknowledgement given back or lapsed, snooze ended, silence ended."""

    at: Instant
    alert_id: AlertId
    #: What kept it quiet until now.
    after: Reason
    #: Who gave it back; None: time did.
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertResolved:
    """It is over."""

    at: Instant
    alert_id: AlertId
    why: Why
    by: str | None
    #: When it was over by the source's clock; None: the source has not said.
    ended_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded:
    """Somebody wrote something down."""

    at: Instant
    alert_id: AlertId
    by: str
    text: str


Fact = (
    AlertTriggered
    | AlertReopened
    | AlertWorsened
    | AlertKeptAlive
    | AlertAcknowledged
    | AlertSnoozed
    | AlertSuppressed
    | AlertRings
    | AlertResolved
    | NoteAdded
)
