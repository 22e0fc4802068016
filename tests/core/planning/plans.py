"""Problems of rotas for tests, written as briefly as they are said, and every assignment there is of a small one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from tocsin.core.planning import (
    Absence,
    Assignment,
    Avoids,
    Cadence,
    Candidate,
    Duty,
    DutyId,
    Load,
    Pin,
    Post,
    Problem,
    Role,
    Turn,
    Which,
    Wish,
    check,
    cost,
    duties,
)
from tocsin.core.planning.wishes import Kind
from tocsin.core.schedules.wallclock import instant_of
from tocsin.core.vocabulary import Instant, PersonName, Span

BERLIN, NEW_YORK, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Shanghai")
GREENWICH = ZoneInfo("UTC")
PRIMARY, SECONDARY = Role("primary"), Role("secondary")
WEEK = Turn(length=timedelta(weeks=1))


def at(text: str) -> Instant:
    """An instant from `2027-01-04T08:00`, or its beginning from a day alone, read as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def away(first: str, end: str, note: str = "") -> Absence:
    """An absence from one UTC time to another."""
    return Absence(span=Span(at(first), at(end)), note=note)


def duty(start: str, hours: float, role: Role = PRIMARY, *, weight: int = 100) -> Duty:
    """A duty from a UTC time on, called by its role and that time."""
    length = timedelta(hours=hours)
    return Duty(
        id=DutyId(f"{role} {start}"), role=role, span=Span(at(start), at(start) + length), length=length, weight=weight
    )


def person(
    name: str,
    *absences: Absence,
    zone: ZoneInfo = GREENWICH,
    share: int = 100,
    roles: frozenset[Role] | None = None,
    holidays: tuple[str, ...] = (),
    past: Load | None = None,
) -> Candidate:
    """Somebody who lives by UTC, works full time, takes any role and has carried nothing yet."""
    return Candidate(
        name=PersonName(name),
        time_zone=zone,
        share=share,
        roles=roles,
        absences=absences,
        holidays=frozenset(map(date.fromisoformat, holidays)),
        past=past or Load(),
    )


def wish(name: str, kind: Kind, *, weight: int = 3, hard: bool = False) -> Wish:
    """A wish that is called by its kind."""
    return Wish(person=PersonName(name), name=type(kind).__name__, kind=kind, weight=weight, hard=hard)


def pin(duty_id: str, name: str, *, holds: bool = True) -> Pin:
    """This duty is, or is not, this person's."""
    return Pin(duty=DutyId(duty_id), person=PersonName(name), holds=holds)


def no_thursdays(name: str, *, hard: bool = False) -> Wish:
    """The wish that everybody has."""
    return Wish(
        person=PersonName(name), name="no Thursdays", kind=Avoids(which=Which(weekdays=frozenset({3}))), hard=hard
    )


def weekly(
    weeks: int,
    *roles: Role,
    begins: str = "2026-12-21T09:00",
    zone: ZoneInfo = BERLIN,
    turns: tuple[Turn, ...] = (WEEK,),
) -> tuple[Duty, ...]:
    """Duties of so many weeks, by default handed over on Mondays at nine; a secondary counts half."""
    cadence = Cadence(begins=datetime.fromisoformat(begins), time_zone=zone, turns=turns, lasts=timedelta(weeks=weeks))
    posts = tuple(Post(role=role, weight=50 if role == SECONDARY else 100) for role in roles or (PRIMARY,))
    return duties(cadence, posts, instant_of)


def team(number: int, *, zone: ZoneInfo = BERLIN) -> tuple[Candidate, ...]:
    """So many people who are all alike."""
    return tuple(person(f"p{each:02}", zone=zone) for each in range(number))


def said(assignment: Assignment) -> dict[str, str]:
    """Who has what, as plain text."""
    return {str(duty_id): str(name) for duty_id, name in assignment.items()}


def rotas(problem: Problem) -> Iterator[Assignment]:
    """Every assignment that keeps to everything, by trying all there are."""
    names = [each.name for each in problem.people]
    for holders in product(names, repeat=len(problem.duties)):
        assignment = {each.id: name for each, name in zip(problem.duties, holders, strict=True)}
        if not check(problem, assignment):
            yield assignment


def has_rota(problem: Problem) -> bool:
    """True when there is any."""
    return next(rotas(problem), None) is not None


def least(problem: Problem) -> int | None:
    """The smallest cost there is; None: there is no rota."""
    return min((cost(problem, assignment).total for assignment in rotas(problem)), default=None)
