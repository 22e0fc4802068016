"""What is wrong with schedules, said in the words and paths of the configuration that they were written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from tocsin.core.schedules.following import circle
from tocsin.core.schedules.schedule import (
    Change,
    Every,
    Follow,
    Imported,
    Layer,
    Override,
    Restriction,
    Rotation,
    Schedule,
    Turn,
    Unit,
)
from tocsin.core.schedules.timeline import OVERRIDE
from tocsin.core.schedules.turns import LONGEST_TURN, SHORTEST_TURN, longest
from tocsin.core.schedules.wallclock import EARLIEST, LATEST, instant_of
from tocsin.core.schedules.windows import windows_of
from tocsin.core.vocabulary import Instant, ScheduleName, Span

#: Any restriction matches within a week; two, because a zone may have skipped a day.
_LOOK = timedelta(days=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in a schedule that cannot be meant."""

    #: Where, from the schedule down: `layers[0].rotation.people`.
    path: str
    detail: str
    #: What to write instead.
    hint: str


def check(schedule: Schedule) -> tuple[Problem, ...]:
    """Everything that is wrong with the schedule, in the order in which it was written; empty when all is well."""
    return (
        *_layer_problems(schedule.layers, schedule.time_zone, within=""),
        *_follow_problems(schedule.follows, within=""),
        *_change_problems(schedule),
        *_override_problems(schedule.overrides),
    )


def check_together(schedules: Mapping[ScheduleName, Schedule]) -> tuple[tuple[ScheduleName, Problem], ...]:
    """What is wrong between schedules: those that refer to themselves, over others or at once. Each circle once."""
    found: list[tuple[ScheduleName, Problem]] = []
    seen: set[frozenset[ScheduleName]] = set()
    for name, schedule in schedules.items():
        for path, other in _references(schedule):
            round_trip = circle(schedules, name, other)
            if round_trip and frozenset(round_trip) not in seen:
                seen.add(frozenset(round_trip))
                way = " -> ".join((*round_trip, name))
                detail = f"the schedule refers to itself: {way}"
                found.append((name, Problem(path=path, detail=detail, hint="a schedule that does not refer back")))
    return tuple(found)


def _references(schedule: Schedule) -> Iterator[tuple[str, ScheduleName]]:
    """Each schedule that this one refers to, with its path."""
    if schedule.follows is not None:
        yield "follows", schedule.follows.schedule
    yield from ((f"apart_from[{number}]", other) for number, other in enumerate(schedule.apart_from))
    for number, change in enumerate(schedule.changes):
        if change.follows is not None:
            yield f"changes[{number}].follows", change.follows.schedule


def _layer_problems(layers: tuple[Layer, ...], zone: ZoneInfo, *, within: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, layer in enumerate(layers):
        path = f"{within}layers[{number}]"
        yield from _name_problems(layer.name, seen, path=f"{path}.name")
        seen.add(layer.name)
        problems = () if isinstance(layer.rotation, Imported) else tuple(_rotation_problems(layer.rotation, path))
        yield from problems
        if not problems:
            yield from _force_problems(layer, layer.time_zone or zone, path=path)


def _name_problems(name: str, seen: set[str], *, path: str) -> Iterator[Problem]:
    if name == OVERRIDE:
        yield Problem(path=path, detail=f"{OVERRIDE!r} is what overrides are called", hint="another name for the layer")
    elif name in seen:
        yield Problem(path=path, detail=f"two layers are called {name!r}", hint="a name of its own for each layer")


def _rotation_problems(rotation: Rotation, layer: str) -> Iterator[Problem]:
    path = f"{layer}.rotation"
    if not rotation.participants:
        yield Problem(path=f"{path}.people", detail="nobody takes part", hint="at least one participant")
    yield from _turn_problems(rotation.every, f"{path}.every")
    if rotation.anchor.tzinfo is not None:
        yield Problem(path=f"{path}.from", detail="the time has a zone of its own", hint="local time without an offset")
    elif not EARLIEST.year < rotation.anchor.year < LATEST.year:
        yield Problem(
            path=f"{path}.from",
            detail=f"the year {rotation.anchor.year} is outside the calendar",
            hint=f"a year between {EARLIEST.year} and {LATEST.year}",
        )


def _turn_problems(every: Every, path: str) -> Iterator[Problem]:
    if not isinstance(every, Turn):
        yield from _lengths_problems(every.lengths, path)
    elif every.count < 1:
        detail = f"a turn of {every.count} {every.unit} has no length"
        yield Problem(path=path, detail=detail, hint=f"1 or more {every.unit}")
    elif every.count > longest(every.unit):
        detail = f"a turn of {every.count} {every.unit} is longer than a hundred years"
        yield Problem(path=path, detail=detail, hint=f"{', '.join(Unit)} that people can serve")


def _lengths_problems(lengths: tuple[timedelta, ...], path: str) -> Iterator[Problem]:
    if not lengths:
        yield Problem(path=path, detail="there is no turn", hint="at least one length")
    for number, length in enumerate(lengths):
        if length < SHORTEST_TURN:
            detail = f"turn {number + 1} has no length" if length <= timedelta() else f"turn {number + 1} is too short"
            yield Problem(path=f"{path}[{number}]", detail=detail, hint="a minute or more")
    if sum((length.total_seconds() for length in lengths), 0.0) > LONGEST_TURN.total_seconds():
        yield Problem(path=path, detail="all turns are longer than a hundred years", hint="turns that people can serve")


def _force_problems(layer: Layer, zone: ZoneInfo, *, path: str) -> Iterator[Problem]:
    begins = EARLIEST if isinstance(layer.rotation, Imported) else instant_of(layer.rotation.anchor, zone)
    if layer.start is not None and layer.end is not None and layer.end <= layer.start:
        yield Problem(path=f"{path}.end", detail="the layer ends before it starts", hint="a time after its start")
    elif layer.end is not None and layer.end <= begins:
        yield Problem(
            path=f"{path}.end",
            detail="the layer ends before its rotation begins",
            hint="a time after the rotation's from",
        )
    else:
        start = begins if layer.start is None else max(begins, layer.start)
        for number, restriction in enumerate(layer.only):
            force = Span(start, layer.end or LATEST)
            yield from _restriction_problems(restriction, zone, force, path=f"{path}.only[{number}]")


def _restriction_problems(restriction: Restriction, zone: ZoneInfo, force: Span, *, path: str) -> Iterator[Problem]:
    first, last = restriction.first, restriction.last
    if first is not None and last is not None and last < first:
        yield Problem(path=f"{path}.dates", detail="the last day is before the first", hint="the first day first")
    elif restriction.until is not None and not restriction.days:
        detail = f"the window ends on {restriction.until}, but begins on no day of its own"
        yield Problem(path=path, detail=detail, hint="the weekday on which it begins")
    elif not _matches(restriction, zone, force):
        yield Problem(
            path=path,
            detail="the restriction never matches while the layer is in force",
            hint="days and times between the layer's start and its end",
        )


def _matches(restriction: Restriction, zone: ZoneInfo, force: Span) -> bool:
    """True when there is a window at all; every day is taken for a holiday, and for none."""
    start = force.start
    if restriction.first is not None:
        start = max(start, instant_of(datetime.combine(restriction.first, time()), zone))
    within = Span(start, min(start + _LOOK, force.end))
    every_day = replace(restriction, on_holidays=None, except_holidays=None)
    return within.start < within.end and next(windows_of(every_day, zone, within=within), None) is not None


def _follow_problems(follow: Follow | None, *, within: str) -> Iterator[Problem]:
    if follow is not None and follow.behind == 0 and not follow.may_repeat:
        yield Problem(
            path=f"{within}follows.behind",
            detail="no turn behind, the same people would be on call in both, which they may not",
            hint="1 or more turns, or may_repeat",
        )


def _change_problems(schedule: Schedule) -> Iterator[Problem]:
    for number, change in enumerate(schedule.changes):
        within = f"changes[{number}]."
        yield from _order_problems(schedule.changes[:number], change.at, path=f"{within}from")
        yield from _layer_problems(change.layers, schedule.time_zone, within=within)
        yield from _follow_problems(change.follows, within=within)


def _order_problems(earlier: tuple[Change, ...], at: Instant, *, path: str) -> Iterator[Problem]:
    if any(change.at == at for change in earlier):
        yield Problem(path=path, detail="two changes are at the same time", hint="one change with all its rules")
    elif any(change.at > at for change in earlier):
        yield Problem(path=path, detail="the change is before the one above it", hint="changes in order of time")


def _override_problems(overrides: tuple[Override, ...]) -> Iterator[Problem]:
    for number, override in enumerate(overrides):
        if override.span.end <= override.span.start:
            yield Problem(
                path=f"overrides[{number}].to",
                detail="the override ends before it starts",
                hint="a time after its from",
            )
        if override.people == (override.instead_of,):
            yield Problem(
                path=f"overrides[{number}].instead_of",
                detail=f"{override.instead_of} comes instead of {override.instead_of}",
                hint="somebody else",
            )
