"""What one layer gives over time: a rotation, or an imported calendar, inside its windows and while it is in force."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
from zoneinfo import ZoneInfo

from tocsin.core.schedules.absences import Absences
from tocsin.core.schedules.bookings import Bookings
from tocsin.core.schedules.circumstances import Circumstances
from tocsin.core.schedules.clocks import Clocks
from tocsin.core.schedules.counting import Held, Order
from tocsin.core.schedules.covering import Covering, Elsewhere, Seat
from tocsin.core.schedules.intervals import Piece, Stretch, clipped
from tocsin.core.schedules.passing import Passing
from tocsin.core.schedules.schedule import CalendarName, Imported, Layer, Rotation
from tocsin.core.schedules.timeline import Track, assigned, vacant
from tocsin.core.schedules.turns import Steps, steps
from tocsin.core.schedules.windows import PublicHolidays
from tocsin.core.vocabulary import Instant, utc

#: When a layer ends that has no end: beyond all that can be asked.
_NEVER = utc(4000, 1, 1)


class Serving(Protocol):
    """A layer, made ready to be asked."""

    def own(self, start: Instant, end: Instant, elsewhere: Elsewhere) -> Track:
        """Who serves between two instants, absences and the calls of other schedules counted."""

    def followed(self, start: Instant, end: Instant, behind: int, elsewhere: Elsewhere) -> Track:
        """Who would have served so many turns before, or whoever covers where they cannot."""


class Surroundings:
    """The circumstances of an installation, made ready to be asked."""

    def __init__(self, circumstances: Circumstances) -> None:
        self.zones = circumstances.zones
        self.absences = Absences(circumstances.absences)
        self.holidays = PublicHolidays(circumstances.holidays)
        self._circumstances = circumstances
        self._calendars: dict[CalendarName, Bookings] = {}

    def bookings(self, calendar: CalendarName) -> Bookings:
        """What an imported calendar has; one that is missing has nothing."""
        found = self._calendars.get(calendar)
        if found is None:
            found = self._calendars[calendar] = Bookings(self._circumstances.calendars.get(calendar, ()))
        return found


def serving(layer: Layer, zone: ZoneInfo, surroundings: Surroundings) -> Serving | None:
    """A layer of a schedule in a zone; None: it never has anything to say."""
    zone = layer.time_zone or zone
    clocks = Clocks(layer, zone, surroundings.zones, surroundings.holidays)
    if isinstance(layer.rotation, Imported):
        return _Booked(layer, surroundings.bookings(layer.rotation.calendar), clocks)
    found = steps(layer.rotation, zone)
    return None if found is None else _Turning(layer, layer.rotation, found, clocks, surroundings.absences)


class _Turning:
    """A layer with a rotation."""

    def __init__(self, layer: Layer, rotation: Rotation, steps: Steps, clocks: Clocks, absences: Absences) -> None:
        people = rotation.participants
        windows = [clocks.windows_of(names) for names in people]
        begins = steps.start_of(0)
        start = begins if layer.start is None else max(begins, layer.start)
        self._layer = layer
        self._people = people
        self._names = frozenset(name for names in people for name in names)
        self._clocks = clocks
        self._assigned = tuple(assigned(names, layer.name) for names in people)
        self._order = Order(rotation, steps, force=(start, layer.end or _NEVER), windows=windows)
        self._passing = Passing(self._order, people, absences, clocks)
        self._covering = Covering(people, absences)

    def own(self, start: Instant, end: Instant, elsewhere: Elsewhere) -> Track:
        """Whoever has the turns, and covers."""
        return self._served(self._passing.turns(start, end), 0, (start, end), elsewhere)

    def followed(self, start: Instant, end: Instant, behind: int, elsewhere: Elsewhere) -> Track:
        """Whoever had the turns by the rotation alone."""
        return self._served(self._order.turns(start, end), behind, (start, end), elsewhere)

    def _served(self, turns: Iterable[Held], behind: int, within: Stretch, elsewhere: Elsewhere) -> Track:
        start, end = max(within[0], self._order.force[0]), min(within[1], self._order.force[1])
        size = len(self._people)
        pieces = [
            (begins if begins > start else start, ends if ends < end else end, (participant - behind) % size)
            for begins, ends, participant, _ in turns
        ]
        if not pieces:
            return []
        if not elsewhere and not self._covering.is_needed(start, end):
            track = [(begins, ends, self._assigned[number]) for begins, ends, number in pieces]
            return self._clocks.inside(track, start, end)
        if self._clocks.are_one:
            seats = self._covering.seats(pieces, elsewhere)
            return self._clocks.inside(self._named(seats), start, end)
        opened = self._clocks.opened(self._names, start, end)
        served = self._named(
            self._covering.seats([piece for piece in pieces if self._people[piece[2]]], elsewhere, opened)
        )
        nobody = [(begins, ends, self._assigned[number]) for begins, ends, number in pieces if not self._people[number]]
        return sorted([*served, *self._clocks.inside(nobody, start, end)])

    def _named(self, seats: Iterable[Piece[Seat]]) -> Track:
        name = self._layer.name
        return [
            (start, end, assigned(seat.people, name) if seat.reason is None else vacant(name, seat.reason))
            for start, end, seat in seats
        ]


class _Booked:
    """A layer with an imported calendar."""

    def __init__(self, layer: Layer, bookings: Bookings, clocks: Clocks) -> None:
        self._layer = layer
        self._bookings = bookings
        self._clocks = clocks

    def own(self, start: Instant, end: Instant, elsewhere: Elsewhere) -> Track:
        """Whoever is booked, also when they are on call elsewhere: a calendar has no next one who could cover."""
        if self._layer.start is not None:
            start = max(start, self._layer.start)
        if self._layer.end is not None:
            end = min(end, self._layer.end)
        if start >= end:
            return []
        booked = clipped(self._bookings.between(start, end), start, end)
        track = [(begins, ends, assigned(people, self._layer.name)) for begins, ends, people in booked]
        return self._clocks.inside(track, start, end)

    def followed(self, start: Instant, end: Instant, behind: int, elsewhere: Elsewhere) -> Track:
        """Nobody: a calendar has no turns, so nobody comes before or after."""
        return []
