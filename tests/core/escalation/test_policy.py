"""Policies: when a step applies at all, and how long things wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.scene import after, minutes, policy, step, user
from tocsin.core.escalation.policy import USUAL_WAIT, Condition, everybody_of, straight_to
from tocsin.core.escalation.steps import WholeTeam
from tocsin.core.vocabulary import Instant, PersonName, Severity, TeamName, utc

MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6
NIGHTS = Condition(weekdays=frozenset({FRIDAY}), between=(time(22), time(6)), time_zone="Europe/Berlin")
OFFICE = Condition(weekdays=frozenset({MONDAY}), between=(time(9), time(17)), time_zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("severities", "severity", "holds"),
    [
        ((), Severity.INFO, True),
        ((Severity.CRITICAL,), Severity.CRITICAL, True),
        ((Severity.CRITICAL, Severity.ERROR), Severity.WARNING, False),
    ],
)
def test_severities(severities: tuple[Severity, ...], severity: Severity, *, holds: bool) -> None:
    """A step may be for some severities; without any it is for all."""
    assert Condition(severities=frozenset(severities)).holds(severity, utc(2026, 11, 22)) is holds


@pytest.mark.parametrize(
    ("condition", "local", "holds"),
    [
        (OFFICE, "2026-11-23T08:59:59.999999", False),
        (OFFICE, "2026-11-23T09:00", True),
        (OFFICE, "2026-11-23T16:59:59.999999", True),
        (OFFICE, "2026-11-23T17:00", False),
        (OFFICE, "2026-11-24T12:00", False),
        (NIGHTS, "2026-11-20T21:59", False),
        (NIGHTS, "2026-11-20T22:00", True),
        (NIGHTS, "2026-11-21T05:59", True),
        (NIGHTS, "2026-11-21T06:00", False),
        (NIGHTS, "2026-11-20T05:59", False),
        (NIGHTS, "2026-11-21T22:00", False),
        (replace(OFFICE, between=None), "2026-11-23T00:00", True),
        (replace(OFFICE, between=None), "2026-11-22T23:59", False),
        (replace(OFFICE, weekdays=frozenset()), "2026-11-22T12:00", True),
        (replace(OFFICE, between=(time(9), time(9))), "2026-11-23T09:00", True),
        (replace(OFFICE, between=(time(9), time(9))), "2026-11-24T08:59", True),
        (replace(OFFICE, between=(time(9), time(9))), "2026-11-24T09:00", False),
        (replace(NIGHTS, weekdays=frozenset({SUNDAY})), "2026-11-23T01:00", True),
    ],
)
def test_local_times(condition: Condition, local: str, *, holds: bool) -> None:
    """Weekday and time are the zone's own; a window over midnight belongs to the day on which it starts."""
    now = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    assert condition.holds(Severity.ERROR, now.astimezone(ZoneInfo("UTC"))) is holds


@pytest.mark.parametrize(("hour_utc", "holds"), [(0, True), (1, True), (4, False), (5, False)])
def test_a_clock_change_within_the_window(hour_utc: int, *, holds: bool) -> None:
    """In the night in which clocks are put back the window ends by the clock on the wall: an hour later than usual."""
    window = replace(NIGHTS, weekdays=frozenset({SATURDAY}), between=(time(22), time(5)))
    assert window.holds(Severity.ERROR, utc(2026, 10, 25, hour_utc)) is holds


@given(st.integers(0, 500_000).map(after), st.times(), st.times())
def test_a_window_and_the_rest_of_the_day(now: Instant, begins: time, ends: time) -> None:
    """Of a window and the one from its end to its beginning, on all days, exactly one holds at any instant."""
    window = Condition(between=(begins, ends), time_zone="Asia/Kathmandu")
    rest = replace(window, between=(ends, begins))
    both = (window.holds(Severity.ERROR, now), rest.holds(Severity.ERROR, now))
    assert both.count(True) == (2 if begins == ends else 1)


@pytest.mark.parametrize(
    ("waits", "repeat_after", "expected"),
    [
        ((0, 5), None, [5, 5]),
        ((0, 5, 10), None, [5, 10, 10]),
        ((0,), None, [USUAL_WAIT / minutes(1)]),
        ((7, 0), None, [0, USUAL_WAIT / minutes(1)]),
        ((0, 5), 30, [5, 30]),
    ],
)
def test_how_long_each_step_may_be_answered(
    waits: tuple[int, ...], repeat_after: int | None, expected: list[float]
) -> None:
    """A step waits as long as the one after it says; the last one as the repeat says, else as before it."""
    steps = tuple(step("ada", wait=wait) for wait in waits)
    made = policy(*steps, repeat_after=None if repeat_after is None else minutes(repeat_after))
    assert [made.wait_after(place) for place in range(len(steps))] == [minutes(wait) for wait in expected]
    assert made.wait_after_last == minutes(expected[-1])
    assert made.wait_before_first == minutes(waits[0])


def test_a_policy_without_steps_waits_too() -> None:
    """Where there is nobody on any step the waits are still said."""
    assert policy().wait_after_last == USUAL_WAIT
    assert policy().wait_before_first == timedelta(0)


def test_straight_to_people() -> None:
    """Whoever is paged by hand is rung at once, again twice, and then the last resort."""
    made = straight_to((PersonName("ada"), PersonName("linus")), name="by hand", last_resort=(user("boss"),))
    assert [one.targets for one in made.steps] == [(user("ada"), user("linus"))]
    assert (made.repeat, made.last_resort) == (2, (user("boss"),))
    assert straight_to((), name="nobody", last_resort=()).steps == ()


def test_everybody_is_the_team_and_the_administrators() -> None:
    """Where a policy names no last resort it is the owning team, then whoever administers."""
    team = WholeTeam(team=TeamName("data"))
    assert everybody_of(team, (PersonName("root"),)) == (team, user("root"))
    assert everybody_of(None, (PersonName("root"),)) == (user("root"),)
