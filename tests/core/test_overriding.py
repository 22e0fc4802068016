"""Overrides: who may make which, and which cannot be meant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tocsin.core.directory import Directory
from tocsin.core.errors import Forbidden, NotFound, Refused
from tocsin.core.overriding import Asker, OverrideWish, acting_person, granted, refuse_other
from tocsin.core.people import Person, Team
from tocsin.core.schedules import Schedule
from tocsin.core.vocabulary import PersonName, ScheduleName, Span, TeamName, utc

NOW = utc(2026, 3, 28, 12)
DAY, HOUR, MOMENT = timedelta(days=1), timedelta(hours=1), timedelta(microseconds=1)
ADA, GRACE, ZOE = map(PersonName, ("ada", "grace", "zoe"))
ROTA, DATA = ScheduleName("rota"), TeamName("data")
DIRECTORY = Directory(
    people={
        name: Person(name=name, full_name=name, email=None, time_zone=ZoneInfo("UTC")) for name in (ADA, GRACE, ZOE)
    },
    teams={DATA: Team(name=DATA, members=(ADA, GRACE))},
    schedules={ROTA: Schedule(name=ROTA, team=DATA, time_zone=ZoneInfo("Europe/Berlin"), layers=())},
)
BOSS = Asker(name="boss", person=None, manages=True)


def asker(name: PersonName) -> Asker:
    """A responder."""
    return Asker(name=name, person=name, manages=False)


def wish(**given: Any) -> OverrideWish:
    """Ada, tomorrow."""
    return OverrideWish(**{"schedule": ROTA, "people": (ADA,), "span": Span(NOW + DAY, NOW + 2 * DAY), **given})


def test_what_was_on_call_stays() -> None:
    """An override that was to begin before begins now; one to come is made as it was wished, over a clock change."""
    assert granted(DIRECTORY, wish(span=Span(NOW - DAY, NOW + MOMENT)), BOSS, NOW) == Span(NOW, NOW + MOMENT)
    over_the_change = Span(NOW + 6 * HOUR, NOW + 30 * HOUR)
    assert granted(DIRECTORY, wish(span=over_the_change), BOSS, NOW) == over_the_change


@pytest.mark.parametrize(
    ("who", "people"),
    [
        (asker(ADA), (GRACE,)),
        (asker(ADA), (ADA, GRACE)),
        (asker(ADA), ()),
        (asker(ZOE), (ZOE,)),
        (Asker(name="ada", person=None, manages=False), (ADA,)),
    ],
)
def test_responders_act_for_themselves(who: Asker, people: tuple[PersonName, ...]) -> None:
    """Not for others, not for nobody, not in schedules of others, and not as a token that only bears the name."""
    with pytest.raises(Forbidden):
        granted(DIRECTORY, wish(people=people), who, NOW)


def test_managers_put_anybody_on_call() -> None:
    """Also somebody of another team, and on purpose nobody; a responder themself."""
    for who, people in ((BOSS, (ZOE,)), (BOSS, ()), (asker(GRACE), (GRACE,))):
        assert granted(DIRECTORY, wish(people=people), who, NOW).start == NOW + DAY


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"people": (PersonName("gone"),)}, "people"),
        ({"instead_of": PersonName("gone")}, "instead_of"),
        ({"instead_of": ADA}, "instead_of"),
        ({"span": Span(NOW + DAY, NOW + DAY)}, "to"),
        ({"span": Span(NOW + DAY, NOW)}, "to"),
        ({"span": Span(NOW - DAY, NOW)}, "to"),
        ({"span": Span(NOW, NOW + 366 * DAY + MOMENT)}, "to"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, Any], field: str) -> None:
    """Somebody who is not there, oneself instead of oneself, and a time without length, over or too far ahead."""
    with pytest.raises(Refused) as refusal:
        granted(DIRECTORY, wish(**given), BOSS, NOW)
    assert refusal.value.field == field


def test_a_schedule_that_is_gone_is_not_found() -> None:
    """Whoever asks."""
    with pytest.raises(NotFound):
        granted(DIRECTORY, wish(schedule=ScheduleName("gone")), asker(ADA), NOW)


def test_what_is_somebodys_is_changed_by_them_or_a_manager() -> None:
    """And some things are done by a person alone."""
    refuse_other(ADA, asker(ADA), what="absence")
    refuse_other(ADA, BOSS, what="absence")
    with pytest.raises(Forbidden):
        refuse_other(ADA, asker(GRACE), what="absence")
    assert acting_person(asker(ADA)) == ADA
    with pytest.raises(Forbidden):
        acting_person(BOSS)
