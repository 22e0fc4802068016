"""Documents become the core's values, field by field."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from configuration.written import EVERYTHING, draft
from tocsin.configuration.building import directory
from tocsin.core.alerts.quiet import Comparison, Matcher
from tocsin.core.directory import Directory, Habits, Watched
from tocsin.core.errors import Broken
from tocsin.core.escalation import Condition
from tocsin.core.escalation.steps import OnePerson, OnSchedule, Program, WholeTeam
from tocsin.core.paging.calm import Calm
from tocsin.core.schedules import Restriction, Weekday
from tocsin.core.vocabulary import (
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
from tocsin.ports.state import Document

ADA, BOB, EVE = PersonName("ada"), PersonName("bob"), PersonName("eve")


@pytest.fixture(scope="module")
def everything() -> Directory:
    """The directory of the file with every field."""
    return directory(draft(EVERYTHING).documents)


def test_people_have_defaults_and_variables(everything: Directory) -> None:
    """What is left out has a meaning; `${NAME}` is read from the environment and `$${` is not."""
    ada, bob, eve = (everything.people[name] for name in (ADA, BOB, EVE))
    assert (ada.full_name, ada.language) == ("Ada Byron, Countess", "zh")
    assert ada.rules.high[1].after == timedelta(seconds=150)
    assert (bob.full_name, bob.email, bob.time_zone.key, bob.language) == ("bob", None, "UTC", "en")
    assert eve.full_name == "${not a variable}"


def test_schedules_have_local_times_in_their_zone(everything: Directory) -> None:
    """Starts and overrides without an offset are on the schedule's clock; those with one are not."""
    schedule = everything.schedules[ScheduleName("primary")]
    weekly, nights = schedule.layers
    assert weekly.rotation.participants == ((ADA,), (BOB, EVE), ())
    assert (weekly.start, weekly.end) == (utc(2026, 2, 1, 5), utc(2027, 1, 1))
    assert nights.only == (
        Restriction(days=frozenset({Weekday.MONDAY, Weekday.SATURDAY}), begins=time(22), ends=time(6)),
        Restriction(begins=time(12), ends=time(13)),
    )
    assert [(override.people, override.span, override.made) for override in schedule.overrides] == [
        ((BOB,), Span(utc(2026, 3, 1, 14), utc(2026, 3, 1, 22)), 0),
        ((ADA, EVE), Span(utc(2026, 3, 1, 8), utc(2026, 3, 1, 16)), 1),
        ((), Span(utc(2026, 3, 1, 15), utc(2026, 3, 1, 16)), 2),
        ((EVE,), Span(utc(2026, 3, 2, 5), utc(2026, 3, 3, 5)), 3),
        ((BOB,), Span(utc(2026, 3, 4, 14), utc(2026, 3, 4, 22)), 4),
        ((BOB, EVE), Span(utc(2026, 3, 5, 8), utc(2026, 3, 5, 16)), 5),
    ]


def test_policies_have_conditions_and_targets(everything: Directory) -> None:
    """Steps keep their order, targets their kind, conditions their zone."""
    policy = everything.policies[PolicyName("default")]
    first, second = policy.steps
    assert first.targets == (OnSchedule(schedule=ScheduleName("primary")), Program(address="https://example.org/hook"))
    assert first.when == Condition(
        severities=frozenset({Severity.CRITICAL, Severity.ERROR}),
        weekdays=frozenset({0, 4}),
        between=(time(22), time(6)),
        time_zone="Asia/Shanghai",
    )
    assert first.round_robin
    assert second.targets == (OnePerson(person=ADA), WholeTeam(team=TeamName("data")))
    assert (second.after, second.when, second.round_robin) == (timedelta(minutes=10), None, False)
    assert (policy.repeat, policy.repeat_after) == (3, timedelta(minutes=15))
    assert policy.last_resort_every == timedelta(minutes=20)
    assert policy.acknowledgement_lapses_after == timedelta(hours=2)


def test_routes_keep_their_order(everything: Directory) -> None:
    """The first route is asked first, whatever its name; a grouping by nothing is not the same as none."""
    named, unnamed = everything.routes
    assert (named.name, unnamed.name) == ("nightly", "route-2")
    assert (named.urgency, named.group_by, named.group_window) == (
        Urgency.LOW,
        ("cluster", "job"),
        timedelta(minutes=7),
    )
    assert (named.resolve_after, named.integrations) == (timedelta(days=1), frozenset({"airflow"}))
    assert (unnamed.suppress, unnamed.group_by, unnamed.group_window) == (True, (), timedelta(minutes=5))


def test_what_is_quiet(everything: Directory) -> None:
    """Silences have matchers and a span, maintenances services and a span."""
    (silence,), (maintenance,) = everything.silences, everything.maintenances
    assert silence.matchers == (
        Matcher(label="env", comparison=Comparison.EQUAL, value="dev"),
        Matcher(label="job", comparison=Comparison.LIKE, value="night.*"),
        Matcher(label="team", comparison=Comparison.NOT_EQUAL, value="data"),
        Matcher(label="path", comparison=Comparison.NOT_LIKE, value="/tmp/.*"),
    )
    assert silence.span == Span(utc(2026, 3, 1), utc(2026, 3, 2))
    assert maintenance.services == frozenset({ServiceName("pipelines")})


def test_settings_are_habits(everything: Directory) -> None:
    """What the settings say holds; without them the core's own habits do."""
    assert everything.habits == Habits(
        reopen_within=timedelta(0),
        resolve_after=timedelta(days=7),
        calm=Calm(at_once=3, every=timedelta(seconds=30)),
        links_last=timedelta(days=1),
        keep_events=timedelta(days=30),
        dead_man_url="https://example.org/alive",
        dead_man_every=timedelta(minutes=2),
        watchdog=Watched(tell="https://example.org/danger", channels=("email", "webhook")),
    )
    assert directory(()).habits == Habits()
    partly = draft("tocsin: 1\nsettings: {calm: {at_once: 2}}\n").documents
    assert directory(partly).habits == Habits(calm=Calm(at_once=2))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("user", {"name": "ada", "hat": "high"}),
        ("user", {"name": "ada", "time_zone": "Europe/Nowhere"}),
        ("schedule", {"name": "ada"}),
        ("schedule", {"name": "ada", "time_zone": "UTC", "layers": [{"name": "a"}]}),
        ("user", {"name": "ada", "absences": [{"from": "2026-01-02", "to": "2026-01-01"}]}),
        ("absence", {"name": "ada", "person": "ada", "from": "2026-01-02", "to": "soon"}),
        ("policy", {"name": "ada", "steps": [{"page": [{}]}]}),
        ("route", {"name": "ada", "when": "=="}),
        ("silence", {"name": "ada", "match": ["a"], "from": "2026-01-01T00:00Z", "to": "2026-01-01T00:00Z"}),
        ("integration", {"name": "ada", "protocol": "tocsin"}),
        ("integration", {"name": "ada", "protocol": "tocsin", "key_hash": "12"}),
        ("spaceship", {"name": "ada"}),
    ],
)
def test_a_stored_document_that_cannot_be_read_is_named(kind: str, body: dict[str, object]) -> None:
    """Damaged data is our fault, and the message says which document it is."""
    with pytest.raises(Broken, match=f"stored {kind} 'ada'"):
        directory([Document(kind=kind, name="ada", body=body, origin="api")])


def test_the_order_of_documents_does_not_matter() -> None:
    """A store may give documents in any order: routes stand by their positions."""
    documents = draft(EVERYTHING).documents
    assert directory(reversed(documents)) == directory(documents)
    last = [replace(each, body={**each.body, "position": 9}) for each in documents if each.name == "nightly"]
    moved = directory([*last, *(each for each in documents if each.name != "nightly")])
    assert [route.name for route in moved.routes] == ["route-2", "nightly"]
