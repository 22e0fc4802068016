"""Documents and feeds -> what the answers of schedules depend on besides: zones, absences, holidays, bookings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from tocsin.configuration import forms, notation, rota_forms
from tocsin.configuration.public_holidays import public_holidays
from tocsin.configuration.rota_notation import Day, day_or_moment
from tocsin.core.errors import Refused
from tocsin.core.schedules import Absence, Booking, CalendarName, Circumstances
from tocsin.core.schedules.wallclock import instant_of
from tocsin.core.vocabulary import Instant, PersonName, Span

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    """What calendars that are kept elsewhere say, by their names. One that nobody could read yet is missing here."""

    #: Who is on call, for layers that have a calendar; in order of time.
    bookings: Mapping[CalendarName, tuple[Booking, ...]] = field(default_factory=dict)
    #: When its owner is away, for people who name a calendar.
    absences: Mapping[CalendarName, tuple[Span, ...]] = field(default_factory=dict)


def circumstances(zones: Mapping[PersonName, ZoneInfo], absences: Iterable[Absence], feeds: Feeds) -> Circumstances:
    """Everything around the schedules. Absences of people who are not there any more are left out."""
    return Circumstances(
        zones=zones,
        absences=tuple(each for each in absences if each.person in zones),
        holidays=public_holidays,
        calendars=feeds.bookings,
    )


def absences_of(user: forms.User, feeds: Feeds) -> tuple[Absence, ...]:
    """When a person is away, as it stands with them and as their calendar says.

    Raises:
        Refused: a value cannot be read.
    """
    person, zone = PersonName(user.name), notation.zone(user.time_zone)
    own = tuple(Absence(person=person, span=span_of(each, zone), note=each.note) for each in user.absences)
    elsewhere = feeds.absences.get(CalendarName(user.away), ()) if user.away is not None else ()
    return (*own, *(Absence(person=person, span=span) for span in elsewhere))


def kept_absence(written: rota_forms.KeptAbsence, zones: Mapping[PersonName, ZoneInfo]) -> Absence:
    """An absence that is kept apart from its person.

    Raises:
        Refused: a value cannot be read.
    """
    person = PersonName(written.person)
    return Absence(
        person=person,
        span=span_of(written, zones.get(person, ZoneInfo("UTC"))),
        known_from=notation.instant(written.known_from) if written.known_from is not None else None,
        name=written.name,
        note=written.note,
    )


def span_of(written: forms.Absence | rota_forms.KeptAbsence, zone: ZoneInfo) -> Span:
    """When somebody is away: a last day belongs to it as a whole.

    Raises:
        Refused: it ends before it starts, or a value cannot be read.
    """
    first, last = day_or_moment(written.from_), day_or_moment(written.to)
    span = Span(_instant(first, zone), _instant(last if isinstance(last, datetime) else last + _DAY, zone))
    if span.end <= span.start:
        raise Refused("the absence ends before it starts", field="to", hint="a time after its from")
    return span


def _instant(at: Day, zone: ZoneInfo) -> Instant:
    """The instant of a moment, or of the beginning of a day, on the clock in `zone` unless it has an offset."""
    if not isinstance(at, datetime):
        return instant_of(datetime.combine(at, time()), zone)
    return at if at.tzinfo is not None else instant_of(at, zone)
