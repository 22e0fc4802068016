"""Where a schedule has nobody, or a part of it cannot have anybody, although nobody may have noticed yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tocsin.core.insight.findings import Finding, FindingKind, FindingSeverity
from tocsin.core.insight.membership import Phase, away, in_force, phases, without
from tocsin.core.insight.outlook import Outlook
from tocsin.core.insight.stretches import both
from tocsin.core.schedules import Combine, Imported, Layer, NobodyReason, Rendered, Rota, Rotation, Schedule
from tocsin.core.vocabulary import Instant, PersonName, Span

#: What makes a gap that is not in the rota as such, and is over some day.
PASSING = frozenset({NobodyReason.EVERYBODY_IS_AWAY, NobodyReason.ON_CALL_ELSEWHERE, NobodyReason.OVERRIDE_SAYS_NOBODY})


def vacancies(outlook: Outlook) -> Iterator[Finding]:
    """The gaps of every schedule, rotations whose people are all away, and calendars that book nobody any more."""
    missing = away(outlook.directory.circumstances.absences)
    for name, rendered in outlook.rendered.items():
        schedule = outlook.directory.schedules[name]
        for vacancy in rendered.vacancies:
            yield Finding(
                kind=FindingKind.SCHEDULE_GAP,
                severity=FindingSeverity.WARNING,
                span=vacancy.span,
                schedule=name,
                reason=vacancy.reason,
                passes_at=passing(vacancy.span, outlook.window) if vacancy.reason in PASSING else None,
            )
        for phase in phases(schedule, outlook.window):
            for layer in phase.layers:
                yield from _everybody_away(outlook, schedule, layer, phase, missing)
                yield from _calendar_empty(outlook, schedule, layer, phase)


def passing(span: Span, window: Span) -> Instant | None:
    """When something that passes is over; None: the window ends before."""
    return span.end if span.end < window.end else None


def _everybody_away(
    outlook: Outlook, schedule: Schedule, layer: Layer, phase: Phase, missing: Mapping[PersonName, tuple[Span, ...]]
) -> Iterator[Finding]:
    """Where the schedule has somebody nevertheless: a gap says so itself."""
    if not missing or not isinstance(layer.rotation, Rotation):
        return
    spans = _all_away(layer.rotation, in_force(layer, phase.span), missing)
    gaps = _gaps_by_absence(outlook.rendered[schedule.name])
    for span in without(spans, gaps):
        for served in _would_serve(outlook, schedule, layer, span):
            yield Finding(
                kind=FindingKind.EVERYBODY_AWAY,
                severity=FindingSeverity.WARNING,
                span=served,
                schedule=schedule.name,
                people=tuple(dict.fromkeys(person for group in layer.rotation.participants for person in group)),
                layer=layer.name,
                passes_at=passing(served, outlook.window),
            )


def _all_away(
    rotation: Rotation, span: Span | None, missing: Mapping[PersonName, tuple[Span, ...]]
) -> tuple[Span, ...]:
    """When every participant who is somebody is away; several people together are when one of them is."""
    groups = [group for group in rotation.participants if group]
    if span is None or not groups:
        return ()
    present: tuple[Span, ...] = (span,)
    for group in groups:
        here: tuple[Span, ...] = (span,)
        for person in group:
            here = without(here, missing.get(person, ()))
        present = tuple(both(present, without((span,), here)))
    return present


def _gaps_by_absence(rendered: Rendered) -> tuple[Span, ...]:
    return tuple(each.span for each in rendered.vacancies if each.reason is NobodyReason.EVERYBODY_IS_AWAY)


def _would_serve(outlook: Outlook, schedule: Schedule, layer: Layer, span: Span) -> Iterator[Span]:
    """When the layer alone would have somebody if nobody were away."""
    alone = replace(
        schedule, layers=(layer,), combine=Combine.STACKED, follows=None, apart_from=(), changes=(), overrides=()
    )
    everybody_here = replace(outlook.directory.circumstances, absences=())
    rendered = Rota({schedule.name: alone}, everybody_here).shifts(schedule.name, span)
    return iter(without((span,), rendered.gaps))


def _calendar_empty(outlook: Outlook, schedule: Schedule, layer: Layer, phase: Phase) -> Iterator[Finding]:
    span = in_force(layer, phase.span)
    if not isinstance(layer.rotation, Imported) or span is None:
        return
    bookings = outlook.directory.circumstances.calendars.get(layer.rotation.calendar, ())
    if not any(booking.people and booking.span.clipped(span) for booking in bookings):
        yield Finding(
            kind=FindingKind.CALENDAR_EMPTY,
            severity=FindingSeverity.WARNING,
            span=span,
            schedule=schedule.name,
            layer=layer.name,
        )
