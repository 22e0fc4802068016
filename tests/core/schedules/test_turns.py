"""Rotations: where turns change when clocks do, and that age costs nothing."""

from __future__ import annotations

from time import perf_counter
from zoneinfo import ZoneInfo

import pytest

from core.schedules.rotas import APIA, BERLIN, CASABLANCA, LORD_HOWE, NEW_YORK, at, rotation, schedule, told
from tocsin.core.schedules import Layer, Rotation, Turn, Unit, on_call
from tocsin.core.schedules.circumstances import no_holidays
from tocsin.core.schedules.counting import Held, Order
from tocsin.core.schedules.turns import follows_wall_clock, steps
from tocsin.core.schedules.windows import PublicHolidays, Windows
from tocsin.core.vocabulary import utc


def turns(rota: Rotation, zone: ZoneInfo, start: str, end: str) -> list[Held]:
    """The turns that touch a window, whole."""
    found = steps(rota, zone)
    if found is None:
        return []
    always = (Windows((), zone, PublicHolidays(no_holidays)),)
    order = Order(rota, found, force=(found.start_of(0), utc(4000, 1, 1)), windows=[always] * len(rota.participants))
    return list(order.turns(at(start), at(end)))


def starts(rota: Rotation, zone: ZoneInfo, start: str, end: str) -> list[str]:
    """When the turns of a window start, or the window does, in UTC, with the participant's number."""
    return [f"{max(turn.start, at(start)):%m-%d %H:%M} {turn.participant}" for turn in turns(rota, zone, start, end)]


def test_hand_off_stays_at_nine_in_spring() -> None:
    """A daily turn changes at 09:00 on the wall, so the day of the spring change has 23 hours."""
    daily = rotation("1 days", "2026-03-27T09:00", "ada", "grace")
    found = starts(daily, BERLIN, "2026-03-27T00:00", "2026-03-31T00:00")
    assert found == ["03-27 08:00 0", "03-28 08:00 1", "03-29 07:00 0", "03-30 07:00 1"]


def test_hand_off_stays_at_nine_in_autumn() -> None:
    """A weekly turn changes at 09:00 on the wall before and after the autumn change."""
    weekly = rotation("1 weeks", "2026-10-19T09:00", "ada", "grace")
    found = starts(weekly, BERLIN, "2026-10-19T00:00", "2026-11-03T00:00")
    assert found == ["10-19 07:00 0", "10-26 08:00 1", "11-02 08:00 0"]


def test_a_skipped_hand_off_is_the_end_of_the_gap() -> None:
    """At 02:30 on the day that has no 02:30, the turn changes when the clock jumps to 03:00."""
    daily = rotation("1 days", "2026-03-28T02:30", "ada", "grace")
    found = starts(daily, BERLIN, "2026-03-28T00:00", "2026-03-31T00:00")
    assert found == ["03-28 01:30 0", "03-29 01:00 1", "03-30 00:30 0"]


def test_a_doubled_hand_off_is_its_first_showing() -> None:
    """At 01:30 on the day that has it twice, the turn changes once, at the first."""
    daily = rotation("1 days", "2026-10-31T01:30", "ada", "grace")
    found = starts(daily, NEW_YORK, "2026-10-31T00:00", "2026-11-03T00:00")
    assert found == ["10-31 05:30 0", "11-01 05:30 1", "11-02 06:30 0"]


def test_eight_hour_turns_follow_the_wall_clock() -> None:
    """An 8-hour follow-the-sun turn still changes at 00:00, 08:00 and 16:00 after the clocks change."""
    sun = rotation("8 hours", "2026-03-28T08:00", "berlin", "denver", "sydney")
    found = starts(sun, BERLIN, "2026-03-28T07:00", "2026-03-30T00:00")
    assert found == [
        "03-28 07:00 0",
        "03-28 15:00 1",
        "03-28 23:00 2",
        "03-29 06:00 0",
        "03-29 14:00 1",
        "03-29 22:00 2",
    ]


@pytest.mark.parametrize("hours", [5, 36, 48])
def test_other_hours_are_elapsed_time(hours: int) -> None:
    """Turns of hours that do not divide 24 all have their full length, also over a clock change."""
    odd = rotation(f"{hours} hours", "2026-03-28T08:00", "ada", "grace")
    found = turns(odd, BERLIN, "2026-03-28T07:00", "2026-04-28T07:00")
    assert {(turn.end - turn.start).total_seconds() for turn in found} == {hours * 3600}


def test_half_an_hour_is_skipped_at_lord_howe() -> None:
    """Hourly turns on Lord Howe stay on the full hour when the clock moves by half an hour."""
    hourly = rotation("1 hours", "2026-10-04T00:00", "a", "b", "c", "d", "e")
    found = starts(hourly, LORD_HOWE, "2026-10-03T13:30", "2026-10-03T17:30")
    assert found == ["10-03 13:30 0", "10-03 14:30 1", "10-03 15:30 2", "10-03 16:00 3", "10-03 17:00 4"]


def test_half_an_hour_comes_back_at_lord_howe() -> None:
    """The hour in which half an hour is doubled has ninety minutes, and the next turn starts on the full hour."""
    hourly = rotation("1 hours", "2026-04-05T00:00", "ada", "grace")
    found = starts(hourly, LORD_HOWE, "2026-04-04T13:00", "2026-04-04T16:45")
    assert found == ["04-04 13:00 0", "04-04 14:00 1", "04-04 15:30 0", "04-04 16:30 1"]


def test_hours_shown_again_are_one_long_turn() -> None:
    """When Casey's clock went back by three hours, the turn of 01:00 lasted until 02:00 had come for good."""
    hourly = rotation("1 hours", "2010-03-04T00:00", *(f"p{hour}" for hour in range(100)))
    found = starts(hourly, ZoneInfo("Antarctica/Casey"), "2010-03-04T15:10", "2010-03-04T20:00")
    assert found == ["03-04 15:10 25", "03-04 18:00 26", "03-04 19:00 27"]


def test_a_skipped_day_is_a_short_turn() -> None:
    """In Apia the turn of 2011-12-30 09:00 starts with the 31st and ends at 09:00; nobody's turn is lost after it."""
    daily = rotation("1 days", "2011-12-28T09:00", "ada", "grace", "linus")
    found = starts(daily, APIA, "2011-12-28T19:00", "2012-01-01T00:00")
    assert found == ["12-28 19:00 0", "12-29 19:00 1", "12-30 10:00 2", "12-30 19:00 0", "12-31 19:00 1"]


def test_a_turn_within_the_skipped_day_is_left_out() -> None:
    """Turns that lie wholly in the skipped day have no length and do not appear; the count goes on."""
    half_days = rotation("12 hours", "2011-12-29T00:00", "a", "b", "c", "d", "e")
    found = starts(half_days, APIA, "2011-12-29T10:00", "2011-12-31T00:00")
    assert found == ["12-29 10:00 0", "12-29 22:00 1", "12-30 10:00 4", "12-30 22:00 0"]


def test_ramadan_moves_the_clock_and_not_the_hand_off() -> None:
    """Morocco's clock goes back for Ramadan and forward after it; the turn changes at 09:00 on the wall throughout."""
    weekly = rotation("1 weeks", "2026-02-09T09:00", "ada", "grace")
    found = starts(weekly, CASABLANCA, "2026-02-09T08:00", "2026-03-31T00:00")
    assert found == [
        "02-09 08:00 0",
        "02-16 09:00 1",
        "02-23 09:00 0",
        "03-02 09:00 1",
        "03-09 09:00 0",
        "03-16 09:00 1",
        "03-23 08:00 0",
        "03-30 08:00 1",
    ]


def test_nobody_before_the_anchor() -> None:
    """Before its anchor a rotation has nobody, also where the anchor is a time that does not exist."""
    rota = schedule(Layer(name="daily", rotation=rotation("1 days", "2026-03-29T02:30", "ada", "grace")))
    assert told(rota, "2026-03-28T00:00", "2026-03-29T02:00") == [
        "03-28 00:00 > 03-29 01:00 nobody",
        "03-29 01:00 > 03-29 02:00 ada daily",
    ]


def test_hours_that_divide_a_day_follow_the_wall_clock() -> None:
    """Days, weeks and the divisors of 24 step on the wall clock, and nothing else does."""
    divisors = [count for count in range(1, 100) if follows_wall_clock(Turn(count=count, unit=Unit.HOURS))]
    assert divisors == [1, 2, 3, 4, 6, 8, 12, 24]
    assert all(follows_wall_clock(Turn(count=5, unit=unit)) for unit in (Unit.DAYS, Unit.WEEKS))


@pytest.mark.parametrize("every", ["1 hours", "5 hours"])
def test_age_costs_nothing(every: str) -> None:
    """A hundred questions to an hourly rotation of 120 years ago take no longer than counting its turns once would."""
    rota = schedule(Layer(name="old", rotation=rotation(every, "1906-01-01T09:00", "ada", "grace", "linus")))
    began = perf_counter()
    for day in range(1, 29):
        assert on_call(rota, at(f"2026-02-{day:02}T12:00")).people
    assert perf_counter() - began < 0.2


@pytest.mark.parametrize("broken", ["0 days", "-1 weeks"])
def test_a_turn_without_length_has_nobody(broken: str) -> None:
    """A rotation that `check` would refuse has nobody; it neither fails nor runs for ever."""
    assert starts(rotation(broken, "2026-01-01T00:00", "ada"), BERLIN, "2026-01-01T00:00", "2026-02-01T00:00") == []
    assert starts(rotation("1 days", "2026-01-01T00:00"), BERLIN, "2026-01-01T00:00", "2026-02-01T00:00") == []
