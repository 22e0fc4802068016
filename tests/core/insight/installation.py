"""People, teams, schedules and policies for the tests of this folder, written as briefly as they are said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.core.directory import Directory
from tocsin.core.escalation.policy import Policy, Step
from tocsin.core.escalation.steps import OnePerson, OnSchedule, WholeTeam
from tocsin.core.people import Contact, Person, Role, Rule, Rules, Team
from tocsin.core.schedules import (
    Absence,
    Circumstances,
    Layer,
    Override,
    Region,
    Restriction,
    Rotation,
    Schedule,
    Turn,
    Unit,
)
from tocsin.core.services import Service
from tocsin.core.vocabulary import Instant, Span

UTC_ZONE = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")

#: Monday to Monday.
WEEK = Span(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC))

#: As an anchor: far enough in the past, and a Monday.
MONDAY = "2026-01-05T00:00"


def at(text: str) -> Instant:
    """An instant from `2026-03-02T08:00`, or a day, read as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def span(start: str, end: str) -> Span:
    """A span from two UTC times as `at` reads them."""
    return Span(at(start), at(end))


def person(name: str, *, zone: ZoneInfo = UTC_ZONE, holidays: str | None = None, role: Role = Role.ADMIN) -> Person:
    """Somebody with one contact and no rules."""
    contact = Contact(name="mail", channel="email", address=f"{name}@example.org")
    return Person(
        name=name, full_name=name, email=None, time_zone=zone, role=role, contacts=(contact,), holidays=holidays
    )


def mute(name: str) -> Person:
    """Somebody without a contact."""
    return replace(person(name, role=Role.RESPONDER), contacts=())


def only_low(name: str) -> Person:
    """Somebody who has rules, but none for high urgency."""
    return replace(person(name), rules=Rules(low=(Rule(contact="mail"),)))


def layer(
    every: str, *participants: str, anchor: str = MONDAY, only: tuple[Restriction, ...] = (), **more: object
) -> Layer:
    """A layer from `1 weeks`; a participant is `ada`, `ada+grace` or, for nobody, an empty text."""
    count, unit = every.split()
    rotation = Rotation(
        every=Turn(count=int(count), unit=Unit(unit)),
        anchor=datetime.fromisoformat(anchor),
        participants=tuple(tuple(filter(None, names.split("+"))) for names in participants),
    )
    return Layer(**{"name": "turns", "rotation": rotation, "only": only, **more})


def schedule(name: str, *layers: Layer, zone: ZoneInfo = UTC_ZONE, **more: object) -> Schedule:
    """A schedule in UTC that is nobody's."""
    return Schedule(**{"name": name, "time_zone": zone, "layers": layers, **more})


def override(who: str, start: str, end: str, *, made: int = 0, **more: object) -> Override:
    """An override by `ada`, `ada+grace`, or by nobody when the name is empty."""
    people = tuple(filter(None, who.split("+")))
    return Override(**{"people": people, "span": span(start, end), "made": made, **more})


def absence(who: str, start: str, end: str) -> Absence:
    """Somebody is away."""
    return Absence(person=who, span=span(start, end))


def policy(name: str, *steps: str, last_resort: str = "user ada") -> Policy:
    """A policy whose steps are texts like `schedule primary, user ada`."""
    return Policy(
        name=name,
        steps=tuple(Step(targets=_targets(text), after=timedelta(minutes=5)) for text in steps),
        last_resort=_targets(last_resort),
    )


def _targets(text: str) -> tuple[OnSchedule | OnePerson | WholeTeam, ...]:
    return tuple(_target(*one.split()) for one in text.split(",") if one.strip())


def _target(kind: str, name: str) -> OnSchedule | OnePerson | WholeTeam:
    if kind == "schedule":
        return OnSchedule(schedule=name)
    return OnePerson(person=name) if kind == "user" else WholeTeam(team=name)


def installation(
    *schedules: Schedule,
    people: tuple[Person, ...] = (),
    teams: Mapping[str, tuple[str, ...]] | None = None,
    policies: tuple[Policy, ...] = (),
    circumstances: Circumstances | None = None,
) -> Directory:
    """A directory in which each policy has a service of its name; whoever a schedule names is there with a contact."""
    named = {name for one in schedules for name in one.people}
    known = {name: person(name) for name in sorted(named)} | {one.name: one for one in people}
    return Directory(
        people=known,
        teams={name: Team(name=name, members=members) for name, members in (teams or {}).items()},
        schedules={one.name: one for one in schedules},
        policies={one.name: one for one in policies},
        services={one.name: Service(name=one.name, policy=one.name) for one in policies},
        circumstances=circumstances or Circumstances(),
    )


def easter(region: Region, year: int) -> Mapping[date, str]:
    """Public holidays: Easter Monday 2026 in Germany and nowhere else."""
    return {date(2026, 4, 6): "Easter Monday"} if (region, year) == ("DE", 2026) else {}
