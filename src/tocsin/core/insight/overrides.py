"""Overrides that do not do what was meant: they put somebody where they are anyway, or hide each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tocsin.core.insight.findings import Finding, FindingKind, FindingSeverity
from tocsin.core.insight.outlook import Outlook
from tocsin.core.insight.vacancies import passing
from tocsin.core.schedules import Override, Rota, Schedule
from tocsin.core.vocabulary import PersonName, Span


def overrides(outlook: Outlook) -> Iterator[Finding]:
    """Of every schedule, those that matter in the window."""
    for schedule in outlook.directory.schedules.values():
        ahead = [one for one in schedule.overrides if one.span.clipped(outlook.window) is not None]
        for override in ahead:
            if override.instead_of is not None:
                yield from _twice(outlook, schedule, override, override.instead_of)
        yield from _hidden(outlook, schedule, ahead)


def _twice(outlook: Outlook, schedule: Schedule, override: Override, instead_of: PersonName) -> Iterator[Finding]:
    """Where somebody would stand in for a colleague next to whom they are on call anyway: one less is on call."""
    rota, span = outlook.directory.rota, override.span.clipped(outlook.window)
    if span is None:
        return
    others = tuple(one for one in schedule.overrides if one is not override)
    without = Rota({**rota.schedules, schedule.name: replace(schedule, overrides=others)}, rota.circumstances)
    for shift in without.shifts(schedule.name, span).shifts:
        people = tuple(person for person in override.people if person in shift.people and person != instead_of)
        if people and instead_of in shift.people:
            yield _finding(outlook, schedule, shift.span, FindingKind.DOUBLE_BOOKED, people)


def _hidden(outlook: Outlook, schedule: Schedule, ahead: list[Override]) -> Iterator[Finding]:
    """Where one that was made later lies on one that was made in another way, and puts other people on call.

    What stands in the schedule itself and what people make at run time come from different hands; an override of an
    override by the same way is seen by who makes it.
    """
    ordered = sorted(ahead, key=lambda each: each.span.start)
    for number, one in enumerate(ordered):
        for other in ordered[number + 1 :]:
            if other.span.start >= one.span.end:
                break
            earlier, later = sorted((one, other), key=lambda each: (each.made, schedule.overrides.index(each)))
            span = one.span.clipped(other.span)
            span = span.clipped(outlook.window) if span is not None else None
            if span is not None and _hides(later, earlier):
                yield _finding(outlook, schedule, span, FindingKind.OVERRIDE_HIDDEN, earlier.people)


def _hides(later: Override, earlier: Override) -> bool:
    of_two_ways = bool(later.name) != bool(earlier.name)
    return of_two_ways and later.instead_of is None and set(later.people) != set(earlier.people)


def _finding(
    outlook: Outlook, schedule: Schedule, span: Span, kind: FindingKind, people: tuple[PersonName, ...]
) -> Finding:
    return Finding(
        kind=kind,
        severity=FindingSeverity.WARNING,
        span=span,
        schedule=schedule.name,
        people=people,
        passes_at=passing(span, outlook.window),
    )
