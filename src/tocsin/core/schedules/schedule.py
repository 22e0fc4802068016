"""What a schedule is: a zone, stacked layers of rotations, and overrides on top; values only, no rules.

Local times here are naive and mean the wall clock of the schedule's zone; instants are aware and UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, TeamName


class Unit(StrEnum):
    """In what turns are counted."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"


class Weekday(StrEnum):
    """The days of a week in their order, Monday first; the values are the words of configuration files."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """How long a participant serves before the next one takes over.

    Days, weeks, and hours that divide 24 step on the wall clock; other numbers of hours are elapsed time.
    """

    #: At least 1.
    count: int
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Participants who take turns, in order and again from the first. Before the anchor it has nobody."""

    every: Turn
    #: When the first participant's first turn starts: naive local time in the schedule's zone.
    anchor: datetime
    #: One or several people together each; an empty one is nobody on purpose.
    participants: tuple[tuple[PersonName, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """A window that comes back every week: only inside it does a layer have anybody.

    A window belongs to the day on which it starts, also where it crosses midnight.
    """

    #: Empty means every day.
    days: frozenset[Weekday] = frozenset()
    #: Naive local times. An end that is not later than the beginning is on the next day; equal ones mean 24 hours.
    begins: time
    ends: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One rotation and when it is in force."""

    name: str
    rotation: Rotation
    #: Inside any of these windows; empty means always.
    only: tuple[Restriction, ...] = ()
    #: From when on, on top of the rotation's anchor. None: from the anchor.
    start: Instant | None = None
    #: Until when. None: for ever.
    end: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Named people instead of whatever the layers say, for a span."""

    #: Empty means nobody, on purpose.
    people: tuple[PersonName, ...]
    span: Span
    #: When it was made, as a growing number: of two that overlap the larger wins, of equal ones the later in the list.
    made: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Who is on call when, as written down by people. A later layer lies on top where it has somebody."""

    name: ScheduleName
    #: The team that owns it. None: nobody in particular.
    team: TeamName | None = None
    time_zone: ZoneInfo
    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...] = ()
