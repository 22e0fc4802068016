"""Every rule of an alert's life: `trigger` and `decide` say what happens, `evolve` makes it so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from tocsin.core.alerts.model import (
    Acknowledge,
    AddNote,
    Alert,
    AlertAcknowledged,
    AlertKeptAlive,
    AlertReopened,
    AlertResolved,
    AlertRings,
    AlertSnoozed,
    AlertSuppressed,
    AlertTriggered,
    AlertWorsened,
    Command,
    Course,
    Fact,
    NoteAdded,
    Reason,
    Reconsider,
    Resolve,
    Snooze,
    Status,
    Unacknowledge,
    Why,
)
from tocsin.core.events import Event
from tocsin.core.vocabulary import AlertId, Instant, IntegrationName, Urgency

Facts = tuple[Fact, ...]

#: A resolve and a trigger that it has overtaken come in within this time; later, a trigger is news whatever it says.
OVERTAKEN_WITHIN = timedelta(hours=1)


def begin(
    event: Event, *, alert_id: AlertId, integration: IntegrationName, course: Course, now: Instant
) -> AlertTriggered:
    """The first event of a condition makes an alert, quiet from the start where the course says so."""
    alert = Alert(
        id=alert_id,
        integration=integration,
        dedup_key=event.dedup_key,
        status=Status.TRIGGERED if course.quiet is None else Status.SUPPRESSED,
        summary=event.summary,
        severity=event.severity,
        urgency=course.urgency,
        service=course.service,
        created_at=now,
        updated_at=now,
        source=event.source,
        labels=event.labels,
        description=event.description,
        details=event.details,
        links=event.links,
        source_group=event.source_group,
        reason=course.quiet,
        never_rings=_word_of_route(course.quiet),
        expires_at=event.expires_at,
        quiet_until=None if course.quiet is None else course.quiet.until,
        quiet_since=None if course.quiet is None else now,
        too_old_at=None if course.resolve_after is None else now + course.resolve_after,
    )
    return AlertTriggered(at=now, alert=alert)


def begin_overtaken(begun: AlertTriggered, ended_at: Instant) -> Facts:
    """A trigger whose resolve came in before it: the alert is kept, and is over from the start."""
    now, alert_id = begun.at, begun.alert.id
    return (begun, AlertResolved(at=now, alert_id=alert_id, why=Why.OVERTAKEN, by=None, ended_at=ended_at))


def may_reopen(alert: Alert, event: Event, course: Course, now: Instant) -> bool:
    """True when a trigger after the end belongs to the same alert."""
    if alert.resolved_at is None:
        return False
    since = now - alert.resolved_at
    return since < course.reopen_within or (since < OVERTAKEN_WITHIN and is_overtaken(alert, event))


def is_overtaken(alert: Alert, event: Event) -> bool:
    """True when the event speaks of a time before the end, both told by the source's own clock."""
    return event.at is not None and alert.ended_at is not None and event.at < alert.ended_at


def retrigger(alert: Alert, event: Event, *, course: Course, now: Instant) -> Facts:
    """A further trigger of a condition that has an alert: worse, kept alive, back again, or just once more."""
    if not alert.is_open:
        return () if is_overtaken(alert, event) else (_reopened(alert, event, course, now),)
    facts: list[Fact] = []
    if event.severity.rank < alert.severity.rank:
        facts += _worsened(alert, event, course, now)
    if event.expires_at != alert.expires_at:
        facts.append(AlertKeptAlive(at=now, alert_id=alert.id, expires_at=event.expires_at))
    return tuple(facts)


def _worsened(alert: Alert, event: Event, course: Course, now: Instant) -> Facts:
    """What was suppressed as it was may ring now that it is worse."""
    worsened = AlertWorsened(
        at=now,
        alert_id=alert.id,
        severity=event.severity,
        urgency=Urgency.HIGH if Urgency.HIGH in (course.urgency, alert.urgency) else Urgency.LOW,
        never_rings=_word_of_route(course.quiet) if alert.never_rings is not None else None,
    )
    if alert.status is not Status.SUPPRESSED:
        return (worsened,)
    return (worsened, *_reconsider_suppressed(alert, Reconsider(now=now, quiet=course.quiet)))


def _word_of_route(quiet: Reason | None) -> Reason | None:
    return quiet if quiet is not None and quiet.why is Why.ROUTE_SUPPRESSES else None


def _reopened(alert: Alert, event: Event, course: Course, now: Instant) -> AlertReopened:
    return AlertReopened(
        at=now,
        alert_id=alert.id,
        summary=event.summary,
        severity=event.severity,
        urgency=course.urgency,
        expires_at=event.expires_at,
        too_old_at=None if course.resolve_after is None else now + course.resolve_after,
        reason=course.quiet,
    )


def decide(alert: Alert, command: Command) -> Facts:
    """What a command brings about; nothing when it comes too late or twice."""
    match command:
        case AddNote():
            return (NoteAdded(at=command.now, alert_id=alert.id, by=command.by, text=command.text),)
        case _ if not alert.is_open:
            return ()
        case Acknowledge():
            return _acknowledge(alert, command)
        case Unacknowledge():
            return _unacknowledge(alert, command)
        case Resolve():
            return (_resolved(alert, command),)
        case Snooze():
            return _snooze(alert, command)
        case Reconsider():
            return _reconsider(alert, command)
        case _:
            assert_never(command)


def _acknowledge(alert: Alert, command: Acknowledge) -> Facts:
    if alert.status is Status.ACKNOWLEDGED:
        return ()
    lapses_at = None if command.lapses_after is None else command.now + command.lapses_after
    acknowledged = AlertAcknowledged(
        at=command.now, alert_id=alert.id, by=command.by, via=command.via, lapses_at=lapses_at
    )
    return (acknowledged,)


def _unacknowledge(alert: Alert, command: Unacknowledge) -> Facts:
    if alert.status is not Status.ACKNOWLEDGED or alert.reason is None:
        return ()
    return (AlertRings(at=command.now, alert_id=alert.id, after=alert.reason, by=command.by),)


def _resolved(alert: Alert, command: Resolve) -> AlertResolved:
    return AlertResolved(at=command.now, alert_id=alert.id, why=command.why, by=command.by, ended_at=command.at)


def _snooze(alert: Alert, command: Snooze) -> Facts:
    as_before = alert.status is Status.SNOOZED and alert.quiet_until == command.until
    if as_before or command.until <= command.now:
        return ()
    return (AlertSnoozed(at=command.now, alert_id=alert.id, by=command.by, until=command.until),)


def _reconsider(alert: Alert, command: Reconsider) -> Facts:
    now = command.now
    if alert.expires_at is not None and alert.expires_at <= now:
        return (_resolved(alert, Resolve(now=now, why=Why.EXPIRED)),)
    if alert.too_old_at is not None and alert.too_old_at <= now:
        return (_resolved(alert, Resolve(now=now, why=Why.RESOLVED_BY_AGE)),)
    if alert.status is Status.TRIGGERED:
        if command.quiet is None:
            return ()
        return (AlertSuppressed(at=now, alert_id=alert.id, reason=command.quiet),)
    if alert.status is Status.SUPPRESSED:
        return _reconsider_suppressed(alert, command)
    if alert.quiet_until is None or alert.quiet_until > now or alert.reason is None:
        return ()
    rings = AlertRings(at=now, alert_id=alert.id, after=alert.reason)
    if command.quiet is None:
        return (rings,)
    return (rings, AlertSuppressed(at=now, alert_id=alert.id, reason=command.quiet))


def _reconsider_suppressed(alert: Alert, command: Reconsider) -> Facts:
    if command.quiet is None and alert.reason is not None:
        return (AlertRings(at=command.now, alert_id=alert.id, after=alert.reason),)
    if command.quiet is not None and command.quiet != alert.reason:
        return (AlertSuppressed(at=command.now, alert_id=alert.id, reason=command.quiet),)
    return ()


def evolve(alert: Alert, fact: Fact) -> Alert:
    """The alert after a fact of its own. No rule stands here."""
    match fact:
        case AlertTriggered():
            return fact.alert
        case AlertReopened():
            return _as_reopened(alert, fact)
        case AlertWorsened():
            return replace(
                alert, updated_at=fact.at, severity=fact.severity, urgency=fact.urgency, never_rings=fact.never_rings
            )
        case AlertKeptAlive():
            return replace(alert, expires_at=fact.expires_at)
        case AlertAcknowledged():
            reason = Reason(why=Why.ACKNOWLEDGED, subject=fact.by, until=fact.lapses_at)
            return _quieted(alert, Status.ACKNOWLEDGED, reason, at=fact.at, holder=fact.by)
        case AlertSnoozed():
            reason = Reason(why=Why.SNOOZED, subject=fact.by, until=fact.until)
            return _quieted(alert, Status.SNOOZED, reason, at=fact.at)
        case AlertSuppressed():
            return _quieted(alert, Status.SUPPRESSED, fact.reason, at=fact.at)
        case AlertRings():
            return replace(
                alert,
                updated_at=fact.at,
                status=Status.TRIGGERED,
                reason=None,
                quiet_until=None,
                quiet_since=None,
                holder=None,
            )
        case AlertResolved():
            return _as_resolved(alert, fact)
        case NoteAdded():
            return replace(alert, updated_at=fact.at)
        case _:
            assert_never(fact)


def _as_reopened(alert: Alert, fact: AlertReopened) -> Alert:
    return replace(
        alert,
        updated_at=fact.at,
        status=Status.TRIGGERED if fact.reason is None else Status.SUPPRESSED,
        summary=fact.summary,
        severity=fact.severity,
        urgency=fact.urgency,
        expires_at=fact.expires_at,
        too_old_at=fact.too_old_at,
        reason=fact.reason,
        never_rings=_word_of_route(fact.reason),
        quiet_until=None if fact.reason is None else fact.reason.until,
        quiet_since=None if fact.reason is None else fact.at,
        ended_at=None,
        resolved_at=None,
        holder=None,
    )


def _as_resolved(alert: Alert, fact: AlertResolved) -> Alert:
    return replace(
        alert,
        updated_at=fact.at,
        status=Status.RESOLVED,
        reason=Reason(why=fact.why, subject=fact.by),
        quiet_until=None,
        quiet_since=None,
        holder=None,
        ended_at=fact.ended_at,
        resolved_at=fact.at,
    )


def _quieted(alert: Alert, status: Status, reason: Reason, *, at: Instant, holder: str | None = None) -> Alert:
    return replace(
        alert, updated_at=at, status=status, reason=reason, quiet_until=reason.until, quiet_since=at, holder=holder
    )
