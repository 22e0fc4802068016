"""What is wrong with a schedule, said in the words and paths of the configuration that it was written in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from tocsin.core.schedules.schedule import Layer, Override, Rotation, Schedule, Turn
from tocsin.core.schedules.timeline import OVERRIDE
from tocsin.core.schedules.turns import length_of
from tocsin.core.schedules.wallclock import EARLIEST, LATEST, instant_of
from tocsin.core.schedules.windows import windows_of
from tocsin.core.vocabulary import Span

#: Longer turns are a slip of the finger, and soon leave the calendar.
LONGEST_TURN = timedelta(days=36525)

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
    return (*_layer_problems(schedule), *_override_problems(schedule.overrides))


def _layer_problems(schedule: Schedule) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, layer in enumerate(schedule.layers):
        path = f"layers[{number}]"
        yield from _name_problems(layer.name, seen, path=f"{path}.name")
        rotation_problems = tuple(_rotation_problems(layer.rotation, f"{path}.rotation"))
        yield from rotation_problems
        if not rotation_problems:
            yield from _force_problems(layer, schedule.time_zone, path=path)
        seen.add(layer.name)


def _name_problems(name: str, seen: set[str], *, path: str) -> Iterator[Problem]:
    if name == OVERRIDE:
        yield Problem(path=path, detail=f"{OVERRIDE!r} is what overrides are called", hint="another name for the layer")
    elif name in seen:
        yield Problem(path=path, detail=f"two layers are called {name!r}", hint="a name of its own for each layer")


def _rotation_problems(rotation: Rotation, path: str) -> Iterator[Problem]:
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


def _turn_problems(every: Turn, path: str) -> Iterator[Problem]:
    if every.count < 1:
        detail = f"a turn of {every.count} {every.unit} has no length"
        yield Problem(path=path, detail=detail, hint=f"1 or more {every.unit}")
    elif _too_long(every):
        detail = f"a turn of {every.count} {every.unit} is longer than a hundred years"
        yield Problem(path=path, detail=detail, hint="hours, days or weeks that people can serve")


def _too_long(every: Turn) -> bool:
    """Compared by count, since a length that is far too long cannot even be made."""
    return every.count > LONGEST_TURN // length_of(Turn(count=1, unit=every.unit))


def _force_problems(layer: Layer, zone: ZoneInfo, *, path: str) -> Iterator[Problem]:
    begins = instant_of(layer.rotation.anchor, zone)
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
        end = start + _LOOK if layer.end is None else min(start + _LOOK, layer.end)
        for number, restriction in enumerate(layer.only):
            if next(windows_of(restriction, zone, within=Span(start, end)), None) is None:
                yield _never_matches(f"{path}.only[{number}]")


def _never_matches(path: str) -> Problem:
    return Problem(
        path=path,
        detail="the restriction never matches while the layer is in force",
        hint="days and times between the layer's start and its end",
    )


def _override_problems(overrides: tuple[Override, ...]) -> Iterator[Problem]:
    for number, override in enumerate(overrides):
        if override.span.end <= override.span.start:
            yield Problem(
                path=f"overrides[{number}].to",
                detail="the override ends before it starts",
                hint="a time after its from",
            )
