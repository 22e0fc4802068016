"""What each layer of a schedule would give by itself: the answer to why somebody is on call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tocsin.core.directory import Directory
from tocsin.core.schedules import Layer, Rendered, Rota, Schedule
from tocsin.core.vocabulary import ScheduleName, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """One layer, and nothing on top of it."""

    #: The layer's name; empty: whoever the schedule takes from the one that it follows.
    name: str
    rendered: Rendered


def each_alone(directory: Directory, name: ScheduleName, window: Span) -> tuple[Alone, ...]:
    """Every layer that is in force within the window, the topmost first."""
    schedule = directory.schedules[name]
    found = [
        Alone(name=layer, rendered=_rendered(directory, _only(schedule, layer), window))
        for layer in dict.fromkeys(one.name for one in _layers(schedule))
    ]
    if schedule.follows is not None or any(change.follows is not None for change in schedule.changes):
        found.insert(0, Alone(name="", rendered=_rendered(directory, _following(schedule), window)))
    return tuple(one for one in reversed(found) if one.rendered.shifts)


def _layers(schedule: Schedule) -> Iterator[Layer]:
    yield from schedule.layers
    for change in schedule.changes:
        yield from change.layers


def _only(schedule: Schedule, layer: str) -> Schedule:
    """The schedule with one layer, before and after each planned change."""
    return replace(
        schedule,
        layers=tuple(one for one in schedule.layers if one.name == layer),
        follows=None,
        changes=tuple(
            replace(change, layers=tuple(one for one in change.layers if one.name == layer), follows=None)
            for change in schedule.changes
        ),
        overrides=(),
    )


def _following(schedule: Schedule) -> Schedule:
    return replace(
        schedule, layers=(), changes=tuple(replace(change, layers=()) for change in schedule.changes), overrides=()
    )


def _rendered(directory: Directory, alone: Schedule, window: Span) -> Rendered:
    rota = Rota({**directory.schedules, alone.name: alone}, directory.circumstances)
    return rota.shifts(alone.name, window)
