"""Turns on the clock of a place become duties."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.planning.plans import BERLIN, PRIMARY, SECONDARY, at, weekly
from tocsin.core.errors import Refused
from tocsin.core.planning import Cadence, Turn
from tocsin.core.vocabulary import Span


def test_weeks_are_handed_over_on_the_clock_of_the_place() -> None:
    """Monday nine o'clock is another instant after the clocks have changed; each end is the next start."""
    first, second, third = weekly(3, begins="2027-03-15T09:00")
    assert first.span == Span(at("2027-03-15T08:00"), at("2027-03-22T08:00"))
    assert second.span == Span(at("2027-03-22T08:00"), at("2027-03-29T07:00"))
    assert third.span.start == second.span.end
    assert {each.length for each in (first, second, third)} == {timedelta(weeks=1)}


def test_duties_are_called_by_role_and_day() -> None:
    """Of several roles at one time each has its duty, in the order of the roles."""
    assert [each.id for each in weekly(2, PRIMARY, SECONDARY)] == [
        "primary 2026-12-21",
        "secondary 2026-12-21",
        "primary 2026-12-28",
        "secondary 2026-12-28",
    ]


def test_where_a_day_has_several_they_are_called_by_their_time() -> None:
    """Day and night of one date have names of their own."""
    half = Turn(length=timedelta(hours=12))
    found = weekly(1, turns=(half, half))
    assert [each.id for each in found[:3]] == [
        "primary 2026-12-21T09:00",
        "primary 2026-12-21T21:00",
        "primary 2026-12-22T09:00",
    ]
    assert len(found) == 14


def test_turns_in_which_nobody_is_needed_have_no_duty() -> None:
    """Of eight hours on and sixteen off a week has seven duties."""
    found = weekly(1, turns=(Turn(length=timedelta(hours=8)), Turn(length=timedelta(hours=16), is_served=False)))
    assert [each.length for each in found] == [timedelta(hours=8)] * 7


def test_a_last_turn_is_planned_to_its_end() -> None:
    """Turns that begin within the time are whole, also where they outlast it."""
    found = weekly(1, turns=(Turn(length=timedelta(days=5)),))
    assert [each.span.start for each in found] == [at("2026-12-21T08:00"), at("2026-12-26T08:00")]
    assert found[-1].span.end == at("2026-12-31T08:00")


def test_a_turn_that_the_clock_skips_has_no_duty() -> None:
    """Between two and three on the night of spring there is nothing to serve, and the next turn begins at once."""
    hour = Turn(length=timedelta(hours=1))
    found = weekly(1, begins="2027-03-28T01:00", turns=(hour, hour, hour))
    assert [each.span.start for each in found[:2]] == [at("2027-03-28T00:00"), at("2027-03-28T01:00")]
    assert all(each.span.start < each.span.end for each in found)


def test_too_many_turns_are_refused() -> None:
    """A slip of the finger does not make a plan of a hundred thousand duties."""
    minutes = Cadence(
        begins=datetime.fromisoformat("2027-01-04T09:00"),
        time_zone=BERLIN,
        turns=(Turn(length=timedelta(minutes=1)),),
        lasts=timedelta(weeks=26),
    )
    with pytest.raises(Refused, match="more than 2,000 turns"):
        list(minutes.starts())
