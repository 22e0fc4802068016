"""Who is among the people of a schedule, and when: by its layers, its planned changes, and whom it follows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tocsin.core.schedules import Absence, Circumstances, Follow, Imported, Layer, Rotation, Schedule
from tocsin.core.schedules.intervals import subtract, union
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch of time in which the rules of a schedule stay as they are."""

    span: Span
    layers: tuple[Layer, ...]
    follows: Follow | None


def phases(schedule: Schedule, window: Span) -> Iterator[Phase]:
    """The window, cut at the planned changes of the schedule."""
    rules: list[tuple[Instant, tuple[Layer, ...], Follow | None]] = [(window.start, schedule.layers, schedule.follows)]
    rules += [(change.at, change.layers, change.follows) for change in schedule.changes]
    ends = [*(begins for begins, _, _ in rules[1:]), window.end]
    for (begins, layers, follows), end in zip(rules, ends, strict=True):
        span = Span(begins, end).clipped(window)
        if span is not None:
            yield Phase(span=span, layers=layers, follows=follows)


def in_force(layer: Layer, span: Span) -> Span | None:
    """The part of a span in which a layer counts, its rotation's anchor aside."""
    start = span.start if layer.start is None else max(span.start, layer.start)
    end = span.end if layer.end is None else min(span.end, layer.end)
    return Span(start, end) if start < end else None


def membership(
    schedules: Mapping[ScheduleName, Schedule], name: ScheduleName, circumstances: Circumstances, window: Span
) -> Mapping[PersonName, tuple[Span, ...]]:
    """Everybody whom the layers of a schedule name within the window, with when they do; on call or not.

    Whom it follows is among its people; whom only an override names is not.
    """
    spans: defaultdict[PersonName, list[Span]] = defaultdict(list)
    for person, span in _named(schedules, name, circumstances, window):
        spans[person].append(span)
    return {person: tuple(union(sorted(found))) for person, found in spans.items()}


def away(absences: Iterable[Absence]) -> Mapping[PersonName, tuple[Span, ...]]:
    """When each person is away; whoever is missing never is."""
    spans: defaultdict[PersonName, list[Span]] = defaultdict(list)
    for absence in absences:
        spans[absence.person].append(absence.span)
    return {person: tuple(union(sorted(found))) for person, found in spans.items()}


def without(spans: Iterable[Span], holes: tuple[Span, ...]) -> tuple[Span, ...]:
    """What is left of the spans of one track without those of another."""
    return tuple(part for span in spans for part in subtract(span, holes))


def _named(
    schedules: Mapping[ScheduleName, Schedule], name: ScheduleName, circumstances: Circumstances, window: Span
) -> Iterator[tuple[PersonName, Span]]:
    schedule = schedules.get(name)
    if schedule is None:
        return
    for phase in phases(schedule, window):
        for layer in phase.layers:
            span = in_force(layer, phase.span)
            if span is not None:
                yield from ((person, span) for person in _people(layer.rotation, circumstances, span))
        if phase.follows is not None:
            # Schedules refer to each other without circles; one that does all the same is not gone round.
            others = {other: each for other, each in schedules.items() if other != name}
            yield from _named(others, phase.follows.schedule, circumstances, phase.span)


def _people(rotation: Rotation | Imported, circumstances: Circumstances, span: Span) -> Iterator[PersonName]:
    match rotation:
        case Rotation(participants=groups):
            return (person for group in groups for person in group)
        case Imported(calendar=calendar):
            bookings = circumstances.calendars.get(calendar, ())
            return (person for booking in bookings if booking.span.clipped(span) for person in booking.people)
