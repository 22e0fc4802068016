"""The final tracks of all schedules: layers, what is followed below them, overrides on top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from tocsin.core.schedules.circumstances import Circumstances
from tocsin.core.schedules.covering import Elsewhere
from tocsin.core.schedules.following import References, followed_by
from tocsin.core.schedules.intervals import joined, overlay, together
from tocsin.core.schedules.layering import Epoch, Layers, stacked
from tocsin.core.schedules.overriding import Overrides
from tocsin.core.schedules.schedule import Follow, Imported, Schedule
from tocsin.core.schedules.serving import Surroundings
from tocsin.core.schedules.timeline import UNCOVERED, Track
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName


class _Ready(NamedTuple):
    """A schedule, made ready to be asked."""

    layers: Layers
    overrides: Overrides


class Tracks:
    """All schedules of an installation and the circumstances in which they hold."""

    def __init__(self, schedules: Mapping[ScheduleName, Schedule], circumstances: Circumstances) -> None:
        self._schedules = schedules
        self._surroundings = Surroundings(circumstances)
        self._references = References(schedules)
        self._ready: dict[ScheduleName, _Ready] = {}
        self._people: dict[ScheduleName, frozenset[PersonName]] = {}

    def final(self, name: ScheduleName, start: Instant, end: Instant) -> Track:
        """What is in force at every instant between two: the pieces cover it exactly, and neighbours differ.

        Raises:
            KeyError: there is no schedule of this name.
        """
        found: dict[ScheduleName, Track] = {}
        for each in (*self._references.before(name), name):
            found[each] = self._final(each, start, end, found)
        return found[name]

    def people(self, name: ScheduleName) -> frozenset[PersonName]:
        """Everybody who may ever be on call by a schedule."""
        found = self._people.get(name)
        if found is None:
            found = self._people[name] = frozenset().union(*map(self._named, self._followed_from(name)))
        return found

    def _final(self, name: ScheduleName, start: Instant, end: Instant, others: Mapping[ScheduleName, Track]) -> Track:
        schedule, ready = self._schedules[name], self._made_ready(name)
        referred = self._references.of(name)
        apart = _elsewhere(others[other] for other in schedule.apart_from if other in referred)
        track: Track = []
        for epoch in ready.layers.epochs(start, end):
            own = epoch.own(apart)
            if epoch.follows is not None and epoch.follows.schedule in referred:
                own = stacked((self._followed(epoch, epoch.follows, apart, others), own))
            track += own
        return joined(ready.overrides.over(overlay([(start, end, UNCOVERED)], track), start, end))

    def _followed(self, epoch: Epoch, follow: Follow, apart: Elsewhere, others: Mapping[ScheduleName, Track]) -> Track:
        """What a schedule gives to one that follows it; below it, what it follows itself, and so on."""
        tracks: list[Track] = []
        level = [(epoch, follow, apart)]
        while level:
            track: Track = []
            below: list[tuple[Epoch, Follow, Elsewhere]] = []
            for within, towards, apart in level:
                name = towards.schedule
                busy = apart if towards.may_repeat else _elsewhere((others[name],), apart)
                for other in self._made_ready(name).layers.epochs(within.start, within.end):
                    track += other.followed(towards.behind, busy)
                    further = other.follows
                    if further is not None and further.schedule in self._references.of(name):
                        below.append((other, replace(further, behind=towards.behind + further.behind), busy))
            tracks.append(track)
            level = below
        return stacked(reversed(tracks))

    def _made_ready(self, name: ScheduleName) -> _Ready:
        found = self._ready.get(name)
        if found is None:
            schedule = self._schedules[name]
            found = _Ready(Layers(schedule, self._surroundings), Overrides(schedule.overrides))
            self._ready[name] = found
        return found

    def _followed_from(self, name: ScheduleName) -> list[ScheduleName]:
        """A schedule, all that it follows, and what those follow."""
        found = [name]
        for each in found:  # it grows while it is gone through
            sound = self._references.of(each)
            found += (other for other in followed_by(self._schedules[each]) if other in sound and other not in found)
        return found

    def _named(self, name: ScheduleName) -> set[PersonName]:
        """Everybody whom a schedule names itself, or whom a calendar of its layers books."""
        schedule = self._schedules[name]
        people = set(schedule.people)
        for layer in (*schedule.layers, *(layer for change in schedule.changes for layer in change.layers)):
            if isinstance(layer.rotation, Imported):
                people |= self._surroundings.bookings(layer.rotation.calendar).people
        return people


def _elsewhere(tracks: Iterable[Track], besides: Elsewhere | None = None) -> Elsewhere:
    """Whom any of the tracks has on call, besides others."""
    found = besides or []
    for track in tracks:
        on_call = [(start, end, frozenset(given.people)) for start, end, given in track if given.people]
        found = together(found, on_call, frozenset.union)
    return found
