"""The contract's file and our examples: accepted, and meaning what their comments say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from configuration.written import CHANNELS, ENVIRONMENT, EXAMPLES, PROTOCOLS
from tocsin.configuration.building import directory
from tocsin.configuration.reading import read
from tocsin.core.directory import Directory
from tocsin.core.escalation.steps import OnePerson, OnSchedule, WholeTeam
from tocsin.core.events import Action, Event
from tocsin.core.insight.coverage import gaps
from tocsin.core.people import Role
from tocsin.core.schedules import on_call
from tocsin.core.vocabulary import (
    IntegrationName,
    PersonName,
    PolicyName,
    ScheduleName,
    ServiceName,
    Severity,
    Span,
    TeamName,
    Urgency,
    utc,
)

ADA, GRACE, LINUS = PersonName("ada"), PersonName("grace"), PersonName("linus")


@pytest.fixture(scope="module")
def minimal() -> Directory:
    """The directory of `examples/minimal.yaml`."""
    return example("minimal.yaml")


def example(name: str) -> Directory:
    """The directory of one of our examples."""
    found = read(EXAMPLES / name, environment=ENVIRONMENT, channels=CHANNELS, protocols=PROTOCOLS)
    return directory(found.documents, revision=7)


def test_people_are_reached_as_they_wish(minimal: Directory) -> None:
    """Ada is rung by hook and two minutes later by mail when it is urgent, and by mail alone when it is not."""
    ada = minimal.people[ADA]
    high = [(after, contact.name, contact.channel) for after, contact in ada.plan(Urgency.HIGH)]
    assert high == [(timedelta(0), "hook", "webhook"), (timedelta(minutes=2), "mail", "email")]
    assert [contact.address for _, contact in ada.plan(Urgency.LOW)] == ["ada@example.org"]
    assert (ada.full_name, ada.role, ada.time_zone.key) == ("Ada Byron", Role.ADMIN, "Europe/Berlin")
    assert minimal.administrators == (ADA,)
    assert minimal.people[LINUS].role is Role.MANAGER
    assert minimal.revision == 7


def test_the_rota_is_on_call(minimal: Directory) -> None:
    """Weeks change on Monday at nine, nights lie on top and belong to the day they start on, overrides above all."""
    schedule = minimal.schedules[ScheduleName("data-primary")]
    asked = {
        utc(2026, 1, 5, 7, 59): (),  # before the rotation begins
        utc(2026, 1, 5, 8): (ADA,),  # Monday, 09:00 in Berlin
        utc(2026, 1, 5, 21): (LINUS,),  # 22:00
        utc(2026, 1, 6, 5): (ADA,),  # 06:00
        utc(2026, 1, 10, 4, 59): (LINUS,),  # Saturday before 06:00 is Friday's night
        utc(2026, 1, 10, 22): (ADA,),  # Saturday's own night is nobody's
        utc(2026, 1, 12, 8): (GRACE,),
        utc(2026, 2, 3, 7, 59): (ADA,),
        utc(2026, 2, 3, 8): (GRACE,),  # the override
        utc(2026, 2, 3, 16): (ADA,),
    }
    assert {at: on_call(schedule, at).people for at in asked} == asked


def test_the_policy_climbs(minimal: Directory) -> None:
    """First who is on call, then Linus after five minutes, twice more, then the team."""
    policy = minimal.policy_for(ServiceName("pipelines"), None)
    assert [step.targets for step in policy.steps] == [
        (OnSchedule(schedule=ScheduleName("data-primary")),),
        (OnePerson(person=LINUS),),
    ]
    assert [step.after for step in policy.steps] == [timedelta(0), timedelta(minutes=5)]
    assert policy.repeat == 2
    assert policy.last_resort == (WholeTeam(team=TeamName("data")),)
    assert policy.name == PolicyName("data-default")


def test_team_service_and_doors(minimal: Directory) -> None:
    """The team leads to its people, the service to its policy, each door to the service."""
    assert minimal.teams[TeamName("data")].members == (ADA, GRACE, LINUS)
    assert minimal.teams[TeamName("data")].lead == LINUS
    assert minimal.services[ServiceName("pipelines")].tier == 1
    doors = {name: (door.protocol, door.service) for name, door in minimal.integrations.items()}
    assert doors == {
        "native": ("tocsin", "pipelines"),
        "airflow": ("opsgenie", "pipelines"),
        "legacy": ("pagerduty", "pipelines"),
        "prometheus": ("alertmanager", "pipelines"),
    }


@pytest.mark.parametrize(("severity", "urgency"), [(Severity.INFO, Urgency.LOW), (Severity.ERROR, Urgency.HIGH)])
def test_the_route_chooses_urgency(minimal: Directory, severity: Severity, urgency: Urgency) -> None:
    """What is only for information is not urgent; everything else goes to the integration's service, urgently."""
    event = Event(action=Action.TRIGGER, dedup_key="k", severity=severity)
    choice = minimal.choice(event, IntegrationName("native"))
    assert (choice.urgency, choice.service) == (urgency, "pipelines")
    assert [route.name for route in minimal.routes] == ["route-1"]


def test_the_contracts_file_is_ours() -> None:
    """Our example says the same as the contract's file, comments aside, wherever the contract is at hand."""
    contract = EXAMPLES.parents[1] / "shared" / "contract" / "minimal.yaml"
    if not contract.is_file():
        pytest.skip("the contract does not lie beside this clone")
    settings = {"environment": ENVIRONMENT, "channels": CHANNELS, "protocols": PROTOCOLS}
    assert read(contract, **settings) == read(EXAMPLES / "minimal.yaml", **settings)


def test_the_quickstart_has_no_gap() -> None:
    """The first file that a newcomer copies is accepted, and reaches somebody at every minute."""
    quickstart = example("quickstart.yaml")
    assert gaps(quickstart, Span(utc(2026, 6, 1), utc(2026, 9, 1))) == ()
    lines = (EXAMPLES / "quickstart.yaml").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 16
