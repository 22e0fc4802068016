"""What a schedule is: a zone, stacked layers of rotations, and overrides on top; values only, no rules.

Local times here are naive and mean the wall clock of the layer's zone; instants are aware and UTC. What a schedule
cannot know by itself (where people live, when they are away, which days are holidays) is in `circumstances.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NewType, TypeAlias
from zoneinfo import ZoneInfo

from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, TeamName

#: A country, or a part of one, whose public holidays count: "DE", "DE-BY", "CN".
Region = NewType("Region", str)

#: A calendar that is kept elsewhere and read from a feed.
CalendarName = NewType("CalendarName", str)


class Unit(StrEnum):
    """In what turns are counted."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


class Weekday(StrEnum):
    """The days of a week in their order, Monday first; the values are the words of configuration files."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


class Counting(StrEnum):
    """Which turns move a rotation on."""

    #: Every turn, also one in which restrictions let nobody serve.
    CALENDAR = "calendar"
    #: Only turns of which at least a moment is served, so that nobody starves on restricted days.
    ACTIVE = "active"


class Combine(StrEnum):
    """How the layers of a schedule go together."""

    #: A later one lies on top of an earlier one where it has somebody.
    STACKED = "stacked"
    #: All of them are on call together.
    UNION = "union"


class Where(StrEnum):
    """On whose clock the windows of a layer are read."""

    LAYER = "layer"
    #: Each participant's own zone.
    PARTICIPANT = "participant"


class Part(StrEnum):
    """What a schedule is for, as people see it; who is paged is the policy's business."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    #: Looks over the primary's shoulder.
    SHADOW = "shadow"
    #: Looks after somebody who serves as the primary for the first time.
    REVERSE_SHADOW = "reverse-shadow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """How long a participant serves before the next one takes over: always equally long.

    Days, weeks, months, and hours that divide 24 step on the wall clock; other numbers of hours are elapsed time.
    Months count from the anchor: the 31st is the last day of a shorter month, and the 31st again after it.
    """

    #: At least 1.
    count: int
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Unequal:
    """Turns of unequal length that come one after the other, and again from the first: all on the wall clock."""

    #: At least one, each longer than nothing.
    lengths: tuple[timedelta, ...]


Every: TypeAlias = Turn | Unequal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Participants who take turns, in order and again from the first. Before the anchor it has nobody."""

    every: Every
    #: When the first participant's first turn starts: naive local time in the layer's zone.
    anchor: datetime
    #: One or several people together each; an empty one is nobody on purpose.
    participants: tuple[tuple[PersonName, ...], ...]
    counting: Counting = Counting.CALENDAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Whoever a calendar that is kept elsewhere says; its bookings are among the circumstances."""

    calendar: CalendarName


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """A window that comes back: only inside it does a layer have anybody.

    A window belongs to the day on which it starts, also where it crosses midnight or the week; that day alone must be
    one of `days`, between `first` and `last`, a holiday `on_holidays`, and none of `except_holidays`.
    """

    #: Empty means every day.
    days: frozenset[Weekday] = frozenset()
    #: Naive local times.
    begins: time = time()
    #: With `until` None: an end that is not later than the beginning is on the next day; equal ones mean 24 hours.
    ends: time = time()
    #: The weekday on which the window ends: the first one after its beginning, at most a week later.
    until: Weekday | None = None
    #: None: no first day, no last day. Both belong to it.
    first: date | None = None
    last: date | None = None
    #: None: holidays do not matter.
    on_holidays: Region | None = None
    except_holidays: Region | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One rotation, or imported calendar, and when it is in force."""

    name: str
    rotation: Rotation | Imported
    #: Inside any of these windows; empty means always.
    only: tuple[Restriction, ...] = ()
    #: On whose clock the windows are.
    only_where: Where = Where.LAYER
    #: None: the schedule's zone.
    time_zone: ZoneInfo | None = None
    #: From when on, on top of the rotation's anchor. None: from the anchor.
    start: Instant | None = None
    #: Until when. None: for ever.
    end: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """Takes who is on call from another schedule, some turns behind it."""

    schedule: ScheduleName
    #: 1: whoever had the turn before; -1: whoever has the next one. 0 only with `may_repeat`.
    behind: int
    #: True: the same person may be on call in both at one time. False: the next in the rotation takes it.
    may_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Named people instead of whatever the layers say, for a span."""

    #: Empty means nobody, on purpose.
    people: tuple[PersonName, ...]
    span: Span
    #: When it was made, as a growing number: of two that overlap the larger wins, of equal ones the later in the list.
    made: int
    #: Only this person is replaced, wherever they would be on call within the span; None: everybody is.
    instead_of: PersonName | None = None
    #: The name under which it is kept; empty: it stands in the schedule itself.
    name: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From an instant on, other rules than before it; overrides lie on top of both."""

    at: Instant
    layers: tuple[Layer, ...]
    combine: Combine = Combine.STACKED
    follows: Follow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Who is on call when, as written down by people."""

    name: ScheduleName
    #: The team that owns it. None: nobody in particular.
    team: TeamName | None = None
    time_zone: ZoneInfo
    layers: tuple[Layer, ...]
    combine: Combine = Combine.STACKED
    #: Lies below the layers: whom the layers leave out is taken from there.
    follows: Follow | None = None
    #: Schedules in which the same person must not be on call at the same time; the next in the rotation takes it.
    apart_from: tuple[ScheduleName, ...] = ()
    part: Part = Part.PRIMARY
    #: Planned edits in order of their instants: what was before stays as it was.
    changes: tuple[Change, ...] = ()
    overrides: tuple[Override, ...] = ()

    @property
    def people(self) -> tuple[PersonName, ...]:
        """Everybody whom a layer, a planned change or an override names, in the order of the text."""
        layers = (*self.layers, *(layer for change in self.changes for layer in change.layers))
        rotations = (layer.rotation for layer in layers if isinstance(layer.rotation, Rotation))
        groups = [group for rotation in rotations for group in rotation.participants]
        groups += [override.people for override in self.overrides]
        return tuple(dict.fromkeys(name for group in groups for name in group))
