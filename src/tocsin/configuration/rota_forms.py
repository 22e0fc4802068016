"""What may be written down of schedules: layers, planned changes, overrides; of absences, and of calendars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, field

from tocsin.configuration import notation, rota_notation
from tocsin.configuration.forms import (
    Clock,
    DayOrMoment,
    Form,
    Instant,
    Length,
    Local,
    Moment,
    Name,
    OfCalendar,
    OfSchedule,
    OfTeam,
    OfUser,
    Region,
    Text,
    Zone,
)
from tocsin.core.schedules import Combine, Counting, Part, Weekday

EveryTurn: TypeAlias = Annotated[str, Meta(extra={"notation": rota_notation.TURN})]
Behind: TypeAlias = Annotated[str, Meta(extra={"notation": rota_notation.BEHIND})]
WeekTime: TypeAlias = Annotated[str, Meta(extra={"notation": rota_notation.WEEK_TIME})]
Day: TypeAlias = Annotated[str, Meta(extra={"notation": rota_notation.DAY})]
SecretUrl: TypeAlias = Annotated[str, Meta(extra={"notation": notation.SECRET_URL})]

OfUserOrNobody: TypeAlias = Annotated[str, Meta(extra={"refers": "user", "besides": (notation.NOBODY,)})]

#: Whose turn it is: one, several together, or nobody on purpose.
Participant: TypeAlias = OfUserOrNobody | Annotated[tuple[OfUser, ...], Meta(min_length=1)]


class Rotation(Form, frozen=True, kw_only=True):
    """People who take turns."""

    one_of: ClassVar[tuple[str, ...]] = ("every", "change_at")

    #: One length, or a list of unequal ones that repeats.
    every: EveryTurn | Annotated[tuple[Length, ...], Meta(min_length=1)] | None = None
    #: The times of the week at which turns change.
    change_at: Annotated[tuple[WeekTime, ...], Meta(min_length=1)] | None = None
    from_: Local = field(name="from")
    people: Annotated[tuple[Participant, ...], Meta(min_length=1)]
    turns: Counting = Counting.CALENDAR


class Restriction(Form, frozen=True, kw_only=True):
    """A window that comes back: every week, on given days, or on holidays."""

    days: tuple[Weekday, ...] = ()
    #: Left out: the whole day.
    between: tuple[Clock, Clock] | None = None
    #: Instead of `days` and `between`: over several days of the week.
    from_: WeekTime | None = field(name="from", default=None)
    to: WeekTime | None = None
    #: The first and the last on which windows start.
    dates: tuple[Day, Day] | None = None
    holidays: Region | None = None
    except_holidays: Region | None = None


class Layer(Form, frozen=True, kw_only=True):
    """One rotation, or imported calendar, and when it is in force."""

    one_of: ClassVar[tuple[str, ...]] = ("rotation", "calendar")

    name: Name
    #: Left out: the schedule's.
    time_zone: Zone | None = None
    rotation: Rotation | None = None
    calendar: OfCalendar | None = None
    only: tuple[Restriction, ...] = ()
    #: On whose clock the windows are.
    only_in: Literal["layer", "participants"] = "layer"
    start: Moment | None = None
    end: Moment | None = None


class Follow(Form, frozen=True, kw_only=True):
    """Another schedule from which people are taken; its name alone means one turn behind it."""

    short_for: ClassVar[str | None] = "schedule"
    also_called: ClassVar[Mapping[str, str]] = {"offset": "behind"}

    schedule: OfSchedule
    behind: Behind = "1 turn"
    may_repeat: bool = False


class Override(Form, frozen=True, kw_only=True):
    """Other people than the layers say, for a while; of two that overlap the later one in the list wins."""

    one_of: ClassVar[tuple[str, ...]] = ("person", "people", "nobody")

    person: OfUser | None = None
    people: Annotated[tuple[OfUser, ...], Meta(min_length=1)] | None = None
    nobody: Literal[True] | None = None
    #: Left out: everybody who would be on call.
    instead_of: OfUser | None = None
    from_: Moment = field(name="from")
    to: Moment
    note: str = ""


class Change(Form, frozen=True, kw_only=True):
    """From an instant on, other rules than before it."""

    from_: Moment = field(name="from")
    layers: tuple[Layer, ...] = ()
    combine: Combine = Combine.STACKED
    follows: Follow | None = None


class Schedule(Form, frozen=True, kw_only=True):
    """Who is on call when."""

    name: Name
    team: OfTeam | None = None
    time_zone: Zone
    part: Part = Part.PRIMARY
    combine: Combine = Combine.STACKED
    layers: tuple[Layer, ...] = ()
    follows: Follow | None = None
    apart_from: tuple[OfSchedule, ...] = ()
    changes: tuple[Change, ...] = ()
    overrides: tuple[Override, ...] = ()


class Calendar(Form, frozen=True, kw_only=True):
    """A calendar that is kept elsewhere and read as a feed."""

    one_of: ClassVar[tuple[str, ...]] = ("url", "file")

    name: Name
    #: May be a secret.
    url: SecretUrl | None = None
    file: Text | None = None
    #: For times in it that have none. Left out: the calendar's own, else UTC.
    time_zone: Zone | None = None


class KeptOverride(Form, frozen=True, kw_only=True):
    """An override that is kept apart from its schedule."""

    one_of: ClassVar[tuple[str, ...]] = Override.one_of

    name: Name
    schedule: OfSchedule
    person: OfUser | None = None
    people: Annotated[tuple[OfUser, ...], Meta(min_length=1)] | None = None
    nobody: Literal[True] | None = None
    instead_of: OfUser | None = None
    from_: Moment = field(name="from")
    to: Moment
    #: Of two that overlap the one made later wins. Left out: before all others that are kept so.
    made: Instant | None = None
    #: Who made it.
    by: str | None = None
    note: str = ""


class KeptAbsence(Form, frozen=True, kw_only=True):
    """An absence that is kept apart from its person."""

    name: Name
    person: OfUser
    from_: DayOrMoment = field(name="from")
    to: DayOrMoment
    #: A turn that had begun by then is not passed on as a whole. Left out: it was always known.
    known_from: Instant | None = None
    #: Who entered it.
    by: str | None = None
    note: str = ""
