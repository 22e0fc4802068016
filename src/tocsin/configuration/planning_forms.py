"""What may be written down to ask for a rota: the duties, the people with their wishes, limits and pins.

Such a file is for `tocsin rota propose` alone: it is no configuration, and what comes of it is a schedule to accept.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, field

from tocsin.configuration import notation
from tocsin.configuration.forms import Absence, Clock, DayOrMoment, Form, Length, Local, Name, Region, Zone
from tocsin.configuration.rota_forms import Day, EveryTurn, WeekTime
from tocsin.core.planning import During, Of, Per
from tocsin.core.planning.wishes import HEAVIEST, LIGHTEST
from tocsin.core.schedules import Part, Weekday

PersonName: TypeAlias = Annotated[str, Meta(extra={"notation": notation.PERSON_NAME, "declares": "person"})]
OfPerson: TypeAlias = Annotated[str, Meta(extra={"refers": "person"})]
Percent: TypeAlias = Annotated[int, Meta(ge=1, le=100)]
Hours: TypeAlias = Annotated[int, Meta(ge=0, le=100_000)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=10_000)]
AtLeastOne: TypeAlias = Annotated[int, Meta(ge=1, le=10_000)]

#: The longest plan, in weeks.
LONGEST = 104


class Post(Form, frozen=True, kw_only=True):
    """A role that every turn has to fill; its part alone where the rest is as usual."""

    short_for: ClassVar[str | None] = "part"

    part: Part
    #: Of its hours, what counts in loads. Left out: 100 for primary, 50 for secondary, 25 for shadows.
    weight: Annotated[int, Meta(ge=0, le=100)] | None = None
    #: The schedule it becomes. Left out: the rota's name and the part, or the name alone of a single one.
    schedule: Name | None = None


class Duties(Form, frozen=True, kw_only=True):
    """What has to be filled: turns as a rotation has them."""

    one_of: ClassVar[tuple[str, ...]] = ("every", "change_at")

    every: EveryTurn | Annotated[tuple[Length, ...], Meta(min_length=1)] | None = None
    change_at: Annotated[tuple[WeekTime, ...], Meta(min_length=1)] | None = None
    from_: Local = field(name="from")
    weeks: Annotated[int, Meta(ge=1, le=LONGEST)] = 26
    #: Of the turns that repeat, those in which nobody is needed; 1 is the first.
    idle: tuple[AtLeastOne, ...] = ()
    posts: Annotated[tuple[Post, ...], Meta(min_length=1)] = (Post(part=Part.PRIMARY),)


class Which(Form, frozen=True, kw_only=True):
    """Duties of a kind, on the person's own clock; a word alone is the kind of time."""

    short_for: ClassVar[str | None] = "during"

    during: During | None = None
    days: tuple[Weekday, ...] = ()
    between: tuple[Clock, Clock] | None = None
    #: The first and the last.
    dates: tuple[Day, Day] | None = None
    parts: tuple[Part, ...] = ()


class Wish(Form, frozen=True, kw_only=True):
    """What a person would like."""

    one_of: ClassVar[tuple[str, ...]] = ("avoids", "prefers", "wants", "apart", "not_with")

    avoids: Which | None = None
    prefers: Which | None = None
    wants: Which | None = None
    apart: Length | None = None
    not_with: OfPerson | None = None
    #: How it is quoted. Left out: what it says.
    name: Name | None = None
    weight: Annotated[int, Meta(ge=LIGHTEST, le=HEAVIEST)] = 3
    hard: bool = False


class Past(Form, frozen=True, kw_only=True):
    """What a person has carried so far, as `tocsin fairness` says it."""

    shifts: Hours = 0
    hours: Hours = 0
    night_hours: Hours = 0
    weekend_hours: Hours = 0
    holiday_hours: Hours = 0


class Person(Form, frozen=True, kw_only=True):
    """Somebody who may be asked."""

    name: PersonName
    #: Left out: as the installation has it, else that of the duties.
    time_zone: Zone | None = None
    share: Percent = 100
    parts: Annotated[tuple[Part, ...], Meta(min_length=1)] | None = None
    absences: tuple[Absence, ...] = ()
    holidays: Region | None = None
    past: Past | None = None
    wishes: tuple[Wish, ...] = ()


class Limit(Form, frozen=True, kw_only=True):
    """What no rota may do to a person."""

    one_of: ClassVar[tuple[str, ...]] = ("gap", "rest", "most", "in_a_row")

    gap: Length | None = None
    rest: Length | None = None
    #: With `rest`: from the start of each duty on.
    in_every: Length = "1 day"
    most: Count | None = None
    #: With `most`: what is counted, over which time.
    of: Of = Of.DUTIES
    per: Per = Per.MONTH
    in_a_row: AtLeastOne | None = None
    #: Left out: everybody.
    people: Annotated[tuple[OfPerson, ...], Meta(min_length=1)] | None = None
    name: Name | None = None


class Pin(Form, frozen=True, kw_only=True):
    """What is decided about one duty."""

    one_of: ClassVar[tuple[str, ...]] = ("person", "not_person")

    #: The day or time at which it begins, or one that lies in it.
    duty: DayOrMoment
    #: Left out: the first one.
    part: Part | None = None
    person: OfPerson | None = None
    not_person: OfPerson | None = None


class Asked(Form, frozen=True, kw_only=True):
    """A file that asks for a rota."""

    tocsin: Literal[1]
    name: Name
    team: Name | None = None
    time_zone: Zone | None = None
    duties: Duties
    people: tuple[Person, ...] = ()
    limits: tuple[Limit, ...] = ()
    pins: tuple[Pin, ...] = ()
