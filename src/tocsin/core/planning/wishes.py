"""What people would like: each wish costs where it is not fulfilled, or, declared hard, must be fulfilled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from typing import TypeAlias

from tocsin.core.planning.duty import Candidate, Duty, Role, days_around, holidays_taken, taken, window
from tocsin.core.vocabulary import PersonName

#: How much a wish may weigh.
LIGHTEST, HEAVIEST = 1, 10


class During(StrEnum):
    """Kinds of time, each in the person's own zone."""

    NIGHTS = "nights"
    WEEKENDS = "weekends"
    HOLIDAYS = "holidays"


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Duties of a kind: those that fulfil all that is said here. Days and times are the person's own."""

    #: Empty: any.
    roles: frozenset[Role] = frozenset()
    #: 0 is Monday. Empty: any.
    weekdays: frozenset[int] = frozenset()
    #: Both belong to it. None: no first day, no last day.
    first: date | None = None
    last: date | None = None
    #: Any moment between these times of day; an end that is not later is on the next day. None: the day as a whole.
    between: tuple[time, time] | None = None
    #: None: any time. Said together with times of day, it is what counts.
    during: During | None = None

    def matches(self, duty: Duty, person: Candidate) -> bool:
        """True when the duty would be such a one for the person."""
        if self.roles and duty.role not in self.roles:
            return False
        if not self._says_when():
            return True
        return any(self._is_meant(day) for day in self._days(duty, person))

    def _says_when(self) -> bool:
        return bool(self.weekdays or self.first or self.last or self.between or self.during)

    def _days(self, duty: Duty, person: Candidate) -> Iterator[date]:
        """The days of the duty that count for the time that is meant."""
        calendar = taken(duty.span, person.time_zone)
        match self.during:
            case None if self.between is not None:
                for day in days_around(duty.span, person.time_zone):
                    if duty.span.clipped(window(day, *self.between, person.time_zone)) is not None:
                        yield day
            case None:
                yield from calendar.days
            case During.NIGHTS:
                yield from calendar.nights
            case During.WEEKENDS:
                yield from calendar.weekend_days
            case During.HOLIDAYS:
                yield from holidays_taken(duty, person)

    def _is_meant(self, day: date) -> bool:
        return (
            (not self.weekdays or day.weekday() in self.weekdays)
            and (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Avoids:
    """Rather none of these duties; each one that they get counts."""

    which: Which


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefers:
    """Rather these duties than others; each other one that they get counts."""

    which: Which


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """At least one of these duties; getting none counts once."""

    which: Which


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """So much time between the end of a duty and the start of another; each pair that is nearer counts."""

    by: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class NotWith:
    """Not on duty at the same time as somebody else, in whatever roles; each pair of duties that meet counts."""

    other: PersonName


Kind: TypeAlias = Avoids | Prefers | Wants | Apart | NotWith


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Something that one person would like."""

    person: PersonName
    #: How it is quoted: "no Thursdays".
    name: str
    kind: Kind
    #: From LIGHTEST to HEAVIEST; of no meaning for a hard one.
    weight: int = 3
    #: True: a rota that does not fulfil it is none.
    hard: bool = False
