"""The configuration as decisions see it: which policy is in force, what is quiet, how an alert is treated."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.scene import NATIVE, T0, after, directory, minutes, mute, person, policy, step, trigger, user
from tocsin.core.alerts.model import Reason, Why
from tocsin.core.alerts.quiet import Comparison, Maintenance, Matcher, Silence
from tocsin.core.directory import Directory, Habits, Integration
from tocsin.core.escalation.policy import Policy
from tocsin.core.escalation.steps import WholeTeam
from tocsin.core.people import Role
from tocsin.core.routing import Route
from tocsin.core.schedules import Layer, Rotation, Schedule, Turn, Unit
from tocsin.core.services import Service
from tocsin.core.vocabulary import IntegrationName, PersonName, PolicyName, ScheduleName, ServiceName, Span, TeamName

PIPELINES, WEB, ORPHAN = ServiceName("pipelines"), ServiceName("web"), ServiceName("orphan")
CLIMB, LOUD, GONE = PolicyName("climb"), PolicyName("loud"), PolicyName("gone")
DATA = TeamName("data")


def installation() -> Directory:
    """Two policies of which the second has no last resort of its own; a service of each, and one without any."""
    usual = directory()
    loud = policy(step("linus"), name=LOUD, last_resort=())
    services = (
        Service(name=PIPELINES, policy=CLIMB),
        Service(name=WEB, policy=LOUD, team=DATA),
        Service(name=ORPHAN),
    )
    return replace(
        usual, policies={**usual.policies, LOUD: loud}, services={service.name: service for service in services}
    )


@pytest.mark.parametrize(
    ("service", "named", "found"),
    [
        (PIPELINES, None, CLIMB),
        (PIPELINES, LOUD, LOUD),
        (PIPELINES, GONE, CLIMB),
        (WEB, None, LOUD),
        (None, LOUD, LOUD),
        (ORPHAN, None, "administrators"),
        (ORPHAN, GONE, "administrators"),
        (None, None, "administrators"),
        (ServiceName("unknown"), None, "administrators"),
    ],
)
def test_which_policy_is_in_force(service: ServiceName | None, named: PolicyName | None, found: str) -> None:
    """The one that is named, else the service's own, else the administrators; one that is gone is passed over."""
    assert installation().policy_for(service, named).name == found


@pytest.mark.parametrize(
    ("service", "last_resort"),
    [(PIPELINES, (user("boss"),)), (WEB, (WholeTeam(team=DATA), user("root"))), (None, (user("root"),))],
)
def test_there_is_always_a_last_resort(service: ServiceName | None, last_resort: tuple) -> None:
    """The policy's own, else the team that owns the service and the administrators."""
    assert installation().policy_for(service, None).last_resort == last_resort


def test_without_an_administrator_there_may_be_nobody() -> None:
    """An installation without administrators has an empty last resort where none is named, and no crash."""
    alone = replace(installation(), people={})
    found = alone.policy_for(None, None)
    assert found == Policy(name=PolicyName("administrators"), steps=(), repeat=2)


def test_who_can_be_reached() -> None:
    """Somebody who exists and has a contact."""
    known = directory(people=(person("ada"), mute("linus")))
    assert [known.is_reachable(PersonName(name)) for name in ("ada", "linus", "nobody")] == [True, False, False]


def test_who_administers() -> None:
    """Those whose role it is, in their order, whether they can be reached or not."""
    known = directory(people=(mute("zoe", role=Role.ADMIN), person("ada"), person("root", role=Role.ADMIN)))
    assert known.administrators == ("zoe", "root")


def test_who_is_on_call() -> None:
    """A gap is nobody; a schedule or a team that is gone is something else, and said so."""
    turns = Rotation(
        every=Turn(count=1, unit=Unit.WEEKS),
        anchor=datetime.fromisoformat("2026-11-16T00:00"),
        participants=((PersonName("ada"),), ()),
    )
    primary = Schedule(
        name=ScheduleName("primary"), time_zone=ZoneInfo("UTC"), layers=(Layer(name="weekly", rotation=turns),)
    )
    known = directory(schedules={primary.name: primary})
    assert known.on_call(primary.name, T0) == ("ada",)
    assert known.on_call(primary.name, T0 + timedelta(days=7)) == ()
    assert known.on_call(ScheduleName("gone"), T0) is None
    assert known.members(DATA) == ("ada", "linus")
    assert known.members(TeamName("gone")) is None


def test_the_default_service_is_that_of_the_integration() -> None:
    """An integration that is gone, or has none, gives none."""
    known = directory()
    bare = Integration(name=IntegrationName("bare"), protocol="tocsin", key_hash="")
    known = replace(known, integrations={**known.integrations, bare.name: bare})
    for name, service in ((NATIVE, PIPELINES), (bare.name, None), (IntegrationName("gone"), None)):
        assert known.choice(trigger(), name).service == service


# How an alert is treated


SILENCE = Silence(
    name="deploy",
    matchers=(Matcher(label="service", comparison=Comparison.EQUAL, value="pipelines"),),
    span=Span(T0, after(60)),
)
WORK = Maintenance(name="upgrade", services=frozenset({PIPELINES}), span=Span(T0, after(30)))


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({}, None),
        ({"silences": (SILENCE,)}, Reason(why=Why.SILENCED, subject="deploy", until=after(60))),
        ({"maintenances": (WORK,)}, Reason(why=Why.IN_MAINTENANCE, subject="upgrade", until=after(30))),
        (
            {"routes": (Route(name="noise", when=None, suppress=True),), "silences": (SILENCE,)},
            Reason(why=Why.ROUTE_SUPPRESSES, subject="noise"),
        ),
    ],
)
def test_what_keeps_an_alert_quiet_from_the_start(more: dict[str, object], reason: Reason | None) -> None:
    """A route that suppresses goes before silences and planned work, because it does not end."""
    known = directory(**more)
    assert known.course(trigger(), known.choice(trigger(), NATIVE), T0).quiet == reason


@pytest.mark.parametrize(
    ("of_route", "of_all", "expected"), [(None, None, None), (None, 60, 60), (10, 60, 10), (10, None, 10)]
)
def test_when_an_alert_is_too_old(of_route: int | None, of_all: int | None, expected: int | None) -> None:
    """A route's word on age goes before that for the whole installation."""

    def length(count: int | None) -> timedelta | None:
        return None if count is None else minutes(count)

    known = directory(
        routes=(Route(name="all", when=None, resolve_after=length(of_route)),),
        habits=Habits(resolve_after=length(of_all), reopen_within=minutes(3)),
    )
    course = known.course(trigger(), known.choice(trigger(), NATIVE), T0)
    assert (course.resolve_after, course.reopen_within) == (length(expected), minutes(3))
