"""What a schedule cannot know by itself: where people live, when they are away, which days are public holidays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from tocsin.core.schedules.schedule import CalendarName, Region
from tocsin.core.vocabulary import Instant, PersonName, Span

#: The public holidays of a region in a year, with their names. A region that nobody knows has none.
Holidays = Callable[[Region, int], Mapping[date, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A person is away."""

    person: PersonName
    span: Span
    #: Since when it is known. A turn that had begun by then is not passed on as a whole. None: always.
    known_from: Instant | None = None
    #: The name under which it is kept; empty: it stands with the person, or came from their calendar.
    name: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """People are on call for a span, as an imported calendar says. Bookings may overlap: then all of them are."""

    people: tuple[PersonName, ...]
    span: Span


def no_holidays(region: Region, year: int) -> Mapping[date, str]:
    """Where nobody knows of holidays, every day is a working day."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """Everything around the schedules of an installation that their answers depend on."""

    #: Whoever is missing is taken to live in the layer's zone.
    zones: Mapping[PersonName, ZoneInfo] = field(default_factory=dict)
    absences: tuple[Absence, ...] = ()
    holidays: Holidays = no_holidays
    #: Bookings in order of time. A calendar that is missing has none.
    calendars: Mapping[CalendarName, tuple[Booking, ...]] = field(default_factory=dict)
