"""On whose clock a layer's windows are read: the layer's own, or that of each person who serves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias
from zoneinfo import ZoneInfo

from tocsin.core.schedules.intervals import Piece, Stretch, ends_of, intersection, lies_in, parts
from tocsin.core.schedules.schedule import Layer, Where
from tocsin.core.schedules.timeline import Assigned, Track
from tocsin.core.schedules.windows import PublicHolidays, Windows
from tocsin.core.vocabulary import Instant, PersonName

#: When each person serves.
Opened: TypeAlias = Mapping[PersonName, list[Stretch]]


class Clocks:
    """The windows of one layer, on every clock that matters."""

    def __init__(
        self, layer: Layer, zone: ZoneInfo, zones: Mapping[PersonName, ZoneInfo], holidays: PublicHolidays
    ) -> None:
        self._only = layer.only
        self._zone = zone
        self._zones = zones
        self._holidays = holidays
        self._windows = {zone: Windows(layer.only, zone, holidays)}
        #: True when there is one clock for all.
        self.are_one = layer.only_where is Where.LAYER or not layer.only

    def windows_of(self, people: Iterable[PersonName]) -> tuple[Windows, ...]:
        """The windows in which any of these people serves; of nobody, the layer's."""
        found = {id(windows): windows for windows in map(self._of, people)}
        return tuple(found.values()) or (self._windows[self._zone],)

    def inside(self, track: Track, start: Instant, end: Instant) -> Track:
        """What lies in the windows: of people in their own, of nobody in the layer's."""
        if self.are_one:
            return self._inside_one(track, start, end)
        vacancies = [piece for piece in track if not piece[2].people]
        served = self._inside_own([piece for piece in track if piece[2].people], start, end)
        return sorted([*served, *self._inside_one(vacancies, start, end)])

    def opened(self, people: Iterable[PersonName], start: Instant, end: Instant) -> Opened:
        """When each of these people serves between two instants; stretches are not clipped."""
        found: dict[int, list[Stretch]] = {}
        opened: dict[PersonName, list[Stretch]] = {}
        for name in people:
            windows = self._of(name)
            if id(windows) not in found:
                found[id(windows)] = windows.between(start, end)
            opened[name] = found[id(windows)]
        return opened

    def _inside_one(self, track: Track, start: Instant, end: Instant) -> Track:
        windows = self._windows[self._zone]
        return track if windows.always else intersection(track, windows.between(start, end))

    def _inside_own(self, track: Track, start: Instant, end: Instant) -> Iterator[Piece[Assigned]]:
        opened = self.opened({name for _, _, given in track for name in given.people}, start, end)
        cuts = sorted({cut for stretches in opened.values() for cut in ends_of(stretches)})
        for begins, ends, given in track:
            for start, end in parts(begins, ends, cuts):
                people = tuple(name for name in given.people if lies_in(opened[name], start))
                if people:
                    yield start, end, given if people == given.people else given._replace(people=people)

    def _of(self, person: PersonName) -> Windows:
        zone = self._zone if self.are_one else self._zones.get(person, self._zone)
        if zone not in self._windows:
            self._windows[zone] = Windows(self._only, zone, self._holidays)
        return self._windows[zone]
