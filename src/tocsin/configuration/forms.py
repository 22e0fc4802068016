"""What may be written down: the form of every kind of object, field by field; schedules have theirs in `rota_forms.py`.

A field's type says all there is to know of it: which notation its text has, to which kind of object it refers, which
names it declares. `shape.py` walks these types to find mistakes, `building.py` makes the core's values of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct, field

from tocsin.configuration import notation, rota_notation
from tocsin.core.people import Role
from tocsin.core.schedules import Weekday
from tocsin.core.vocabulary import Severity, Urgency

Name: TypeAlias = Annotated[str, Meta(extra={"notation": notation.NAME})]
PersonName: TypeAlias = Annotated[str, Meta(extra={"notation": notation.PERSON_NAME})]
ContactName: TypeAlias = Annotated[str, Meta(extra={"notation": notation.NAME, "declares": "contact"})]
Duration: TypeAlias = Annotated[str, Meta(extra={"notation": notation.DURATION})]
PositiveDuration: TypeAlias = Annotated[str, Meta(extra={"notation": notation.POSITIVE_DURATION})]
Clock: TypeAlias = Annotated[str, Meta(extra={"notation": notation.CLOCK})]
Moment: TypeAlias = Annotated[str, Meta(extra={"notation": notation.MOMENT})]
Local: TypeAlias = Annotated[str, Meta(extra={"notation": notation.LOCAL})]
Instant: TypeAlias = Annotated[str, Meta(extra={"notation": notation.INSTANT})]
Zone: TypeAlias = Annotated[str, Meta(extra={"notation": notation.ZONE})]
Length: TypeAlias = Annotated[str, Meta(extra={"notation": rota_notation.LENGTH})]
DayOrMoment: TypeAlias = Annotated[str, Meta(extra={"notation": rota_notation.DAY_OR_MOMENT})]
Region: TypeAlias = Annotated[str, Meta(extra={"notation": rota_notation.REGION})]
Email: TypeAlias = Annotated[str, Meta(extra={"notation": notation.EMAIL})]
Url: TypeAlias = Annotated[str, Meta(extra={"notation": notation.URL})]
Key: TypeAlias = Annotated[str, Meta(extra={"notation": notation.KEY})]
Matcher: TypeAlias = Annotated[str, Meta(extra={"notation": notation.MATCHER})]
Cel: TypeAlias = Annotated[str, Meta(extra={"notation": notation.CONDITION})]
Text: TypeAlias = Annotated[str, Meta(min_length=1)]

OfUser: TypeAlias = Annotated[str, Meta(extra={"refers": "user"})]
OfCalendar: TypeAlias = Annotated[str, Meta(extra={"refers": "calendar"})]
OfTeam: TypeAlias = Annotated[str, Meta(extra={"refers": "team"})]
OfSchedule: TypeAlias = Annotated[str, Meta(extra={"refers": "schedule"})]
OfPolicy: TypeAlias = Annotated[str, Meta(extra={"refers": "policy"})]
OfService: TypeAlias = Annotated[str, Meta(extra={"refers": "service"})]
OfIntegration: TypeAlias = Annotated[str, Meta(extra={"refers": "integration"})]
OfContact: TypeAlias = Annotated[str, Meta(extra={"refers": "contact"})]
OfChannel: TypeAlias = Annotated[str, Meta(extra={"refers": "channel"})]
OfProtocol: TypeAlias = Annotated[str, Meta(extra={"refers": "protocol"})]


class Form(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What every written object has in common: no unknown fields, and what is left out stays out."""

    #: Of these fields exactly one is written.
    one_of: ClassVar[tuple[str, ...]] = ()
    #: The field that is meant where a text stands instead of the object.
    short_for: ClassVar[str | None] = None
    #: Fields by other names that they may be written with.
    also_called: ClassVar[Mapping[str, str]] = {}


class Contact(Form, frozen=True, kw_only=True):
    """One way to reach a person."""

    name: ContactName
    channel: OfChannel
    address: Text


class Rule(Form, frozen=True, kw_only=True):
    """One line of a person's wishes."""

    after: Duration = "0s"
    contact: OfContact


class Rules(Form, frozen=True, kw_only=True):
    """A person's wishes by urgency."""

    high: tuple[Rule, ...] = ()
    low: tuple[Rule, ...] = ()


class Absence(Form, frozen=True, kw_only=True):
    """A person is away: whole days, the last one included, or from moment to moment; on the person's own clock."""

    from_: DayOrMoment = field(name="from")
    to: DayOrMoment
    note: str = ""


class User(Form, frozen=True, kw_only=True):
    """Somebody who can be reached."""

    name: PersonName
    full_name: Text | None = None
    email: Email | None = None
    time_zone: Zone = "UTC"
    role: Role = Role.RESPONDER
    language: Literal["en", "zh"] = "en"
    contacts: tuple[Contact, ...] = ()
    rules: Rules = Rules()
    holidays: Region | None = None
    reminders: tuple[Length, ...] = ("1 day",)
    absences: tuple[Absence, ...] = ()
    #: The calendar whose events are absences.
    away: OfCalendar | None = None


class Team(Form, frozen=True, kw_only=True):
    """People who run something together."""

    name: Name
    members: tuple[OfUser, ...] = ()
    lead: OfUser | None = None


class OneTarget(Form, frozen=True, kw_only=True):
    """Whom a step reaches: exactly one of these."""

    one_of: ClassVar[tuple[str, ...]] = ("schedule", "user", "team", "webhook")

    schedule: OfSchedule | None = None
    user: OfUser | None = None
    team: OfTeam | None = None
    webhook: Url | None = None


class When(Form, frozen=True, kw_only=True):
    """When a step is taken at all."""

    severity: tuple[Severity, ...] = ()
    days: tuple[Weekday, ...] = ()
    between: tuple[Clock, Clock] | None = None
    time_zone: Zone = "UTC"


class Step(Form, frozen=True, kw_only=True):
    """One rung of a policy."""

    after: Duration = "0s"
    page: Annotated[tuple[OneTarget, ...], Meta(min_length=1)]
    when: When | None = None
    round_robin: bool = False


class Policy(Form, frozen=True, kw_only=True):
    """Ordered steps, repeats, and the last resort."""

    name: Name
    steps: Annotated[tuple[Step, ...], Meta(min_length=1)]
    repeat: Annotated[int, Meta(ge=0, le=100)] = 0
    repeat_after: PositiveDuration | None = None
    last_resort: tuple[OneTarget, ...] = ()
    last_resort_every: PositiveDuration | None = None
    acknowledgement_lapses_after: PositiveDuration | None = None


class Service(Form, frozen=True, kw_only=True):
    """Something a team runs."""

    name: Name
    team: OfTeam | None = None
    policy: OfPolicy | None = None
    tier: Annotated[int, Meta(ge=1, le=9)] | None = None


class Integration(Form, frozen=True, kw_only=True):
    """An inbound address with a key and a protocol."""

    name: Name
    protocol: OfProtocol
    service: OfService | None = None
    #: `sha256:` and the hash, once it is read.
    key: Key
    may_fall_silent: bool = False
    #: Events that each node takes of it each second for ever; left out: as many as are usual.
    events_a_second: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


class Route(Form, frozen=True, kw_only=True):
    """One line of the routing table."""

    #: Left out: made from its position.
    name: Name
    when: Cel | None = None
    integrations: tuple[OfIntegration, ...] = ()
    service: OfService | None = None
    urgency: Urgency | None = None
    policy: OfPolicy | None = None
    group_by: tuple[Text, ...] | None = None
    group_window: PositiveDuration | None = None
    suppress: bool = False
    resolve_after: PositiveDuration | None = None


class Silence(Form, frozen=True, kw_only=True):
    """Alerts whose labels match do not ring for a while."""

    name: Name
    match: Annotated[tuple[Matcher, ...], Meta(min_length=1)]
    from_: Instant = field(name="from")
    to: Instant
    comment: str | None = None


class Maintenance(Form, frozen=True, kw_only=True):
    """Planned work on services."""

    name: Name
    services: Annotated[tuple[OfService, ...], Meta(min_length=1)]
    from_: Instant = field(name="from")
    to: Instant
    comment: str | None = None


class Calm(Form, frozen=True, kw_only=True):
    """How often one person may be rung."""

    at_once: Annotated[int, Meta(ge=1, le=1000)] | None = None
    every: PositiveDuration | None = None


class Watchdog(Form, frozen=True, kw_only=True):
    """How administrators hear that the promises are in danger."""

    tell: Url | None = None
    channels: tuple[OfChannel, ...] = ()


class Settings(Form, frozen=True, kw_only=True):
    """What holds for the whole installation."""

    reopen_within: Duration | None = None
    resolve_after: PositiveDuration | None = None
    calm: Calm | None = None
    links_last: PositiveDuration | None = None
    keep_events: PositiveDuration | None = None
    dead_man_url: Url | None = None
    dead_man_every: PositiveDuration | None = None
    watchdog: Watchdog | None = None
