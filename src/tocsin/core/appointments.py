"""What a calendar that is kept elsewhere says, and what follows: who is on call by it, when its owner is away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from tocsin.core.people import Person
from tocsin.core.schedules import Booking, CalendarName
from tocsin.core.schedules.intervals import union
from tocsin.core.vocabulary import PersonName, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a calendar is kept: one of `url` and `file`."""

    name: CalendarName
    #: May be a secret.
    url: str | None = None
    #: On the machine that runs Tocsin.
    file: str | None = None
    #: Of whole days, and of times that have none. None: the calendar's own.
    time_zone: ZoneInfo | None = None

    @property
    def shown(self) -> str:
        """Where it is kept, in words that may be shown: of an address its host alone."""
        return self.file or urlsplit(self.url or "").hostname or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """One entry of a calendar, each repetition by itself."""

    span: Span
    #: Its title; may be empty.
    summary: str
    #: E-mail addresses of whoever takes part or called it, in lower case.
    addresses: tuple[str, ...] = ()
    #: False: the calendar says that its owner is free in spite of it.
    busy: bool = True


def bookings(appointments: Iterable[Appointment], people: Iterable[Person]) -> tuple[Booking, ...]:
    """Who is on call by a calendar, in order of time: whoever an entry has as an attendee, or names in its title.

    An entry in which nobody is recognised books nobody.
    """
    known = _Known(people)
    found = (Booking(people=who, span=one.span) for one in appointments if (who := known.meant(one)))
    return tuple(sorted(found, key=lambda booking: (booking.span, booking.people)))


def absences(appointments: Iterable[Appointment]) -> tuple[Span, ...]:
    """When the owner of a calendar is away: in every entry in which it does not say that they are free."""
    return tuple(union(sorted(one.span for one in appointments if one.busy)))


class _Known:
    """People by what a calendar may call them."""

    def __init__(self, people: Iterable[Person]) -> None:
        everybody = tuple(people)
        self._by_address = {one.email.lower(): one.name for one in everybody if one.email}
        self._by_title: Mapping[str, PersonName] = {
            title.casefold(): one.name
            for one in everybody
            for title in (one.full_name, one.email or "", one.name)
            if title
        }

    def meant(self, appointment: Appointment) -> tuple[PersonName, ...]:
        """Whom an entry books, each once. Attendees count where there are any that are known."""
        by_address = [self._by_address[one] for one in appointment.addresses if one in self._by_address]
        return tuple(dict.fromkeys(by_address or self._named(appointment.summary)))

    def _named(self, summary: str) -> Iterator[PersonName]:
        """People named in a title: alone, or as a list such as "Ada Byron, grace"; "On call: ada" names Ada, too."""
        _, _, after_colon = summary.rpartition(":")
        for text in dict.fromkeys((summary, after_colon)):
            parts = text.replace(" + ", ",").replace(" & ", ",").replace("/", ",").replace(";", ",").split(",")
            names = [self._by_title.get(part.strip().casefold()) for part in parts]
            if all(name is not None for name in names):
                yield from (name for name in names if name is not None)
                return
