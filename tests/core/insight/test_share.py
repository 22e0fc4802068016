"""Operations share: how much of a team's working time being on duty takes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.insight.installation import (
    BERLIN,
    NEW_YORK,
    WEEK,
    absence,
    at,
    easter,
    installation,
    layer,
    person,
    schedule,
    span,
)
from tocsin.core.directory import Directory
from tocsin.core.errors import NotFound
from tocsin.core.insight.share import OperationsShare, Work, operations_share
from tocsin.core.schedules import Circumstances, Combine, Part, Restriction, Schedule, Weekday
from tocsin.core.vocabulary import Span

FIVE = ("ada", "grace", "linus", "joan", "alan")


def team(*schedules: Schedule, members: tuple[str, ...] = FIVE, **more: object) -> Directory:
    """An installation with one team."""
    people = tuple(more.pop("people", ())) or tuple(person(name) for name in members)
    return installation(*schedules, people=people, teams={"data": members}, **more)


def share(known: Directory, window: Span = WEEK, **more: object) -> OperationsShare:
    """The share of the team."""
    return operations_share(known, "data", window, **more)


def weekly(*names: str, name: str = "primary", **more: object) -> Schedule:
    """A weekly rota of the team."""
    return schedule(name, layer("1 weeks", *names), **{"team": "data", **more})


def test_one_of_five_is_a_fifth() -> None:
    """Of five people with one on duty at each time it is 20 % operations and 80 % development."""
    found = share(team(weekly(*FIVE)))
    assert (found.planned, found.measured, found.working) == (0.2, None, timedelta(hours=200))
    assert {each.person: each.on_duty for each in found.people if each.on_duty} == {"joan": timedelta(hours=40)}


def test_around_the_sun_it_is_still_a_share_of_people() -> None:
    """Two people on two continents, each on duty in their own working hours: all of their time, none of the third's."""
    days = frozenset(tuple(Weekday)[:5])
    by_day = (Restriction(days=days, begins=at("2026-01-01T09:00").time(), ends=at("2026-01-01T17:00").time()),)
    sun = schedule(
        "sun",
        layer("1 weeks", "ada", name="east", only=by_day, time_zone=BERLIN),
        layer("1 weeks", "grace", name="west", only=by_day, time_zone=NEW_YORK),
        team="data",
        combine=Combine.UNION,
    )
    people = (person("ada", zone=BERLIN), person("grace", zone=NEW_YORK), person("linus"))
    found = share(team(sun, members=("ada", "grace", "linus"), people=people))
    assert found.planned == pytest.approx(2 / 3)


def test_nights_and_weekends_cost_no_development() -> None:
    """A rota that only serves outside working hours takes nothing of them."""
    nights = (Restriction(begins=at("2026-01-01T17:00").time(), ends=at("2026-01-01T09:00").time()),)
    known = team(schedule("nights", layer("1 weeks", *FIVE, only=nights), team="data"))
    assert share(known).planned == 0


def test_only_the_primary_counts_and_only_once() -> None:
    """Standing behind somebody is no operations; being the primary of two rotas at once is not twice."""
    rotas = (weekly(*FIVE), weekly(*FIVE, name="other"), weekly(*reversed(FIVE), name="behind", part=Part.SECONDARY))
    assert share(team(*rotas)).planned == 0.2
    assert share(team(weekly(*FIVE, team="other"), weekly(*FIVE, name="free", team=None))).planned == 0


def test_two_on_duty_together_are_two() -> None:
    """Pairs take twice as much."""
    assert share(team(schedule("pairs", layer("1 weeks", "ada+grace"), team="data"))).planned == 0.4


def test_holidays_and_absences_are_no_working_time() -> None:
    """Whoever is away works nothing and is on duty for nothing; a holiday has no working hours where it is one."""
    away = Circumstances(absences=(absence("joan", "2026-04-06", "2026-04-13"),), holidays=easter)
    people = tuple(person(name, holidays="DE" if name in ("ada", "joan") else None) for name in FIVE)
    window = span("2026-04-06", "2026-04-13")
    found = share(team(weekly("ada"), people=people, circumstances=away), window)
    hours = {each.person: each.working / timedelta(hours=1) for each in found.people}
    assert hours == {"ada": 32, "grace": 40, "linus": 40, "joan": 0, "alan": 40}
    assert found.planned == pytest.approx(32 / 152)


def test_guests_do_not_count() -> None:
    """Somebody of another team who is on duty takes nothing of this team's time."""
    assert share(team(weekly("guest"), people=(*(person(name) for name in FIVE), person("guest")))).planned == 0


def test_what_was_measured_stands_beside() -> None:
    """Pages and duty requests with what they took, at whatever hour; only those of the team and of the window."""
    work = [
        Work(person="ada", at=at("2026-03-03T03:00"), took=timedelta(hours=1)),
        Work(person="ada", at=at("2026-03-04T10:00"), took=timedelta(hours=5)),
        Work(person="grace", at=at("2026-03-04T10:00"), took=timedelta(hours=4)),
        Work(person="grace", at=at("2026-03-10T10:00"), took=timedelta(hours=4)),
        Work(person="guest", at=at("2026-03-04T10:00"), took=timedelta(hours=4)),
    ]
    found = share(team(weekly(*FIVE)), work=work)
    assert (found.planned, found.measured) == (0.2, 0.05)
    assert share(team(weekly(*FIVE)), work=[]).measured == 0


def test_a_team_without_working_time_has_no_share() -> None:
    """Nobody in it, nobody known in it, or a window without working hours: no figure rather than a wrong one."""
    assert share(team(weekly("ada"), members=())).planned is None
    assert share(team(weekly("ada")), span("2026-03-07", "2026-03-09")).planned is None
    with pytest.raises(NotFound, match="no team 'other'"):
        operations_share(team(), "other", WEEK)
