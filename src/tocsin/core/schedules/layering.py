"""Layers laid on each other, and planned changes after one another: what a schedule says before any override."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tocsin.core.schedules.covering import Elsewhere
from tocsin.core.schedules.intervals import overlay, together
from tocsin.core.schedules.schedule import Change, Combine, Follow, Layer, Schedule
from tocsin.core.schedules.serving import Serving, Surroundings, serving
from tocsin.core.schedules.timeline import Assigned, Track
from tocsin.core.vocabulary import Instant, utc

#: Before and after all that can be asked.
_EVER, _NEVER = utc(1000, 1, 1), utc(4000, 1, 1)


class Epoch(NamedTuple):
    """A time in which one set of rules holds."""

    start: Instant
    end: Instant
    layers: tuple[Serving, ...]
    combine: Combine
    follows: Follow | None

    def own(self, elsewhere: Elsewhere) -> Track:
        """What the layers say."""
        return self._combined(layer.own(self.start, self.end, elsewhere) for layer in self.layers)

    def followed(self, behind: int, elsewhere: Elsewhere) -> Track:
        """What the layers would say so many turns before."""
        return self._combined(layer.followed(self.start, self.end, behind, elsewhere) for layer in self.layers)

    def _combined(self, tracks: Iterable[Track]) -> Track:
        return stacked(tracks) if self.combine is Combine.STACKED else on_call_together(tracks)


class Layers:
    """The layers of one schedule, through all its planned changes."""

    def __init__(self, schedule: Schedule, surroundings: Surroundings) -> None:
        self._epochs = tuple(_epochs(schedule, surroundings))

    def epochs(self, start: Instant, end: Instant) -> Iterator[Epoch]:
        """The rules that hold between two instants, clipped, in order."""
        for epoch in self._epochs:
            if epoch.start < end and epoch.end > start:
                yield epoch._replace(start=max(start, epoch.start), end=min(end, epoch.end))


def stacked(tracks: Iterable[Track]) -> Track:
    """A later track lies on top of an earlier one where it has somebody, and of nobody's where it has a reason."""
    nobody: Track = []
    somebody: Track = []
    for track in tracks:
        vacancies = [piece for piece in track if piece[2].reason is not None]
        if vacancies:
            nobody = overlay(nobody, vacancies)
            track = [piece for piece in track if piece[2].reason is None]
        somebody = overlay(somebody, track)
    return overlay(nobody, somebody)


def on_call_together(tracks: Iterable[Track]) -> Track:
    """Everybody whom any track has, in the order of the tracks."""
    found: Track = []
    for track in tracks:
        found = together(found, track, _both)
    return found


def _both(one: Assigned, other: Assigned) -> Assigned:
    if not one.people or not other.people:
        return one if one.people else other
    return Assigned(tuple(dict.fromkeys(one.people + other.people)), f"{one.source} + {other.source}", None)


def _epochs(schedule: Schedule, surroundings: Surroundings) -> Iterator[Epoch]:
    changes = sorted(schedule.changes, key=lambda change: change.at)
    starts = [_EVER, *(change.at for change in changes)]
    ends = [*starts[1:], _NEVER]
    in_order: tuple[Schedule | Change, ...] = (schedule, *changes)
    for start, end, rules in zip(starts, ends, in_order, strict=True):
        if start < end:
            layers = _ready(rules.layers, schedule.time_zone, surroundings)
            yield Epoch(start, end, layers, rules.combine, rules.follows)


def _ready(layers: tuple[Layer, ...], zone: ZoneInfo, surroundings: Surroundings) -> tuple[Serving, ...]:
    found = (serving(layer, zone, surroundings) for layer in layers)
    return tuple(layer for layer in found if layer is not None)
