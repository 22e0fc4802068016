"""What has to be filled, and what it takes of a person's calendar: days, nights, weekends, holidays.

Of a duty somebody feels the nights and weekends of their own place, so all of this is read in a person's own zone.
Loads are hours, of the kinds that fairness has too. Where days or nights are counted or spoken of, one rule says which:
those of which a duty takes three hours, or in which it lies as a whole. Three hours are those of the EU's working time
directive (2003/88/EC, article 2, 4), by which somebody works at night.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NewType
from zoneinfo import ZoneInfo

from tocsin.core.vocabulary import Instant, PersonName, Span

#: What a duty is for: "primary", "secondary", "shadow".
Role = NewType("Role", str)

DutyId = NewType("DutyId", str)

NIGHT_BEGINS, NIGHT_ENDS = time(22), time(8)

#: So much of a day or a night makes it count.
COUNTS_FROM = timedelta(hours=3)

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One shift that needs exactly one person."""

    id: DutyId
    role: Role
    span: Span
    #: As the clock on the wall shows it: a week has 168 hours also when the clocks change.
    length: timedelta
    #: What it counts in loads, in percent: a secondary who is hardly ever called may count 50.
    weight: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A person is away and takes no duty of which even a moment lies in it."""

    span: Span
    #: Why, in their words; empty: they did not say.
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What duties put on a person. Hours are weighed, and in hundredths, so that half an hour stays a whole number."""

    #: How many, whatever they weigh.
    shifts: int = 0
    hours: int = 0
    #: From 22:00 to 08:00.
    night_hours: int = 0
    #: Of Saturdays and Sundays.
    weekend_hours: int = 0
    holiday_hours: int = 0

    def __add__(self, other: Load) -> Load:
        return Load(
            shifts=self.shifts + other.shifts,
            hours=self.hours + other.hours,
            night_hours=self.night_hours + other.night_hours,
            weekend_hours=self.weekend_hours + other.weekend_hours,
            holiday_hours=self.holiday_hours + other.holiday_hours,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who may be asked to take duties."""

    name: PersonName
    time_zone: ZoneInfo
    #: Their part of full time, in percent: somebody at 50 takes half as much as somebody at 100.
    share: int = 100
    #: None: any.
    roles: frozenset[Role] | None = None
    absences: tuple[Absence, ...] = ()
    holidays: frozenset[date] = frozenset()
    #: What they have carried before this plan begins.
    past: Load = Load()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a duty takes of the calendar of a place."""

    days: frozenset[date]
    #: Each by the day on whose evening it begins.
    nights: frozenset[date]

    @property
    def weekend_days(self) -> frozenset[date]:
        """The Saturdays and Sundays among the days."""
        return frozenset(day for day in self.days if day.weekday() >= _SATURDAY)

    @property
    def weekends(self) -> frozenset[date]:
        """The weekends of which at least a day is among them, each by its Saturday."""
        return frozenset(day - (day.weekday() - _SATURDAY) * _DAY for day in self.weekend_days)


@lru_cache(maxsize=100_000)
def taken(span: Span, zone: ZoneInfo) -> Taken:
    """The days and nights in a zone that a span takes."""
    days = tuple(days_around(span, zone))
    return Taken(
        days=frozenset(day for day in days if _counts(span, window(day, time(), time(), zone))),
        nights=frozenset(day for day in days if _counts(span, window(day, NIGHT_BEGINS, NIGHT_ENDS, zone))),
    )


def holidays_taken(duty: Duty, person: Candidate) -> frozenset[date]:
    """The person's public holidays that the duty takes."""
    return taken(duty.span, person.time_zone).days & person.holidays


def load_of(duty: Duty, person: Candidate) -> Load:
    """What the duty would put on the person."""
    zone = person.time_zone
    days = tuple(days_around(duty.span, zone))
    nights = (window(day, NIGHT_BEGINS, NIGHT_ENDS, zone) for day in days)
    weekends = (window(day, time(), time(), zone) for day in days if day.weekday() >= _SATURDAY)
    holidays = (window(day, time(), time(), zone) for day in days if day in person.holidays)
    return Load(
        shifts=1,
        hours=_weighed(duty.length, duty.weight),
        night_hours=_weighed(_common(duty.span, nights), duty.weight),
        weekend_hours=_weighed(_common(duty.span, weekends), duty.weight),
        holiday_hours=_weighed(_common(duty.span, holidays), duty.weight),
    )


def days_around(span: Span, zone: ZoneInfo) -> Iterator[date]:
    """The local days that a span may touch, with one to spare before, whose night may reach into it."""
    first, last = span.start.astimezone(zone).date(), span.end.astimezone(zone).date()
    for number in range(-1, (last - first).days + 1):
        yield first + number * _DAY


def window(day: date, begins: time, ends: time, zone: ZoneInfo) -> Span:
    """From one time of day to another, on the next day when that is not later."""
    until = day + _DAY if ends <= begins else day
    return Span(_instant(day, begins, zone), _instant(until, ends, zone))


def _instant(day: date, at: time, zone: ZoneInfo) -> Instant:
    """Where a clock change skips or repeats the time this is an hour off at most: no day counts more or less for it."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def _common(span: Span, parts: Iterable[Span]) -> timedelta:
    common = (span.clipped(part) for part in parts)
    return sum((each.end - each.start for each in common if each is not None), timedelta())


def _weighed(length: timedelta, weight: int) -> int:
    return round(length / timedelta(hours=1) * weight)


def _counts(span: Span, part: Span) -> bool:
    common = span.clipped(part)
    return common is not None and common.end - common.start >= min(COUNTS_FROM, span.end - span.start)
