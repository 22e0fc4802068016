"""The contract, chapter 2: turns, and who has them."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from core.schedules.contract import told
from core.schedules.rotas import (
    APIA,
    BERLIN,
    FRI,
    GREENWICH,
    LORD_HOWE,
    MON,
    NEW_YORK,
    TOKYO,
    at,
    given,
    greenwich,
    layer,
    only,
    schedule,
)
from tocsin.core.schedules import Counting, Layer, Where

ACTIVE = Counting.ACTIVE


def starts(rotation: Layer, start: str, end: str, *, zone: ZoneInfo = BERLIN) -> list[str]:
    """When shifts start, in UTC, and whose they are: `03-28 08:00 ada`."""
    return [f"{line[:11]} {line.split()[5]}" for line in told(schedule(rotation, zone=zone), start, end)]


def test_2_1_the_first_turn_starts_at_from() -> None:
    """The first participant starts at the local time `from` of the layer's zone, and before it there is nobody."""
    own = layer("1 days", "2026-01-05T09:00", "ada", "grace", time_zone=TOKYO)
    assert told(schedule(own), "2026-01-04T12:00", "2026-01-06T12:00") == [
        "01-04 12:00 > 01-05 00:00 nobody",
        "01-05 00:00 > 01-06 00:00 ada layer",
        "01-06 00:00 > 01-06 12:00 grace layer",
    ]


def test_2_1_from_a_time_that_does_not_exist() -> None:
    """A rotation from 02:30 on the day that has no 02:30 starts when the clock jumps to 03:00."""
    assert told(schedule(layer("1 days", "2026-03-29T02:30", "ada")), "2026-03-28T00:00", "2026-03-29T02:00") == [
        "03-28 00:00 > 03-29 01:00 nobody",
        "03-29 01:00 > 03-29 02:00 ada layer",
    ]


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        ("12 hours", ["01-05 00:00 ada", "01-05 12:00 grace", "01-06 00:00 ada", "01-06 12:00 grace"]),
        ("1 days", ["01-05 00:00 ada", "01-06 00:00 grace"]),
        ("6+18 hours", ["01-05 00:00 ada", "01-05 06:00 grace", "01-06 00:00 ada", "01-06 06:00 grace"]),
        (
            "6+12+6 hours",
            [
                "01-05 00:00 ada",
                "01-05 06:00 grace",
                "01-05 18:00 ada",
                "01-06 00:00 grace",
                "01-06 06:00 ada",
                "01-06 18:00 grace",
            ],
        ),
    ],
)
def test_2_2_short_turns(length: str, expected: list[str]) -> None:
    """Turns are hours, days, or a list of unequal lengths that repeats."""
    rotation = layer(length, "2026-01-05T00:00", "ada", "grace")
    assert starts(rotation, "2026-01-05T00:00", "2026-01-07T00:00", zone=GREENWICH) == expected


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        ("1 weeks", ["12-28 00:00 ada", "01-04 00:00 grace", "01-11 00:00 ada"]),
        ("2 weeks", ["12-28 00:00 ada", "01-11 00:00 grace"]),
        ("1 months", ["12-28 00:00 ada"]),
    ],
)
def test_2_2_turns_over_week_53(length: str, expected: list[str]) -> None:
    """Turns are weeks or months; 2026 has an ISO week 53, and an even fortnight stays a fortnight after it."""
    rotation = layer(length, "2026-12-28T00:00", "ada", "grace")
    assert starts(rotation, "2026-12-28T00:00", "2027-01-15T00:00", zone=GREENWICH) == expected


def test_2_3_hand_off_stays_at_nine() -> None:
    """Days and weeks change at 09:00 on the wall: the day of the spring change has 23 hours, that of autumn 25."""
    daily, weekly = (layer(length, "2026-03-16T09:00", "ada", "grace") for length in ("1 days", "1 weeks"))
    assert starts(daily, "2026-03-28T08:00", "2026-03-31T00:00") == [
        "03-28 08:00 ada",
        "03-29 07:00 grace",
        "03-30 07:00 ada",
    ]
    assert starts(weekly, "2026-03-23T08:00", "2026-04-07T00:00") == [
        "03-23 08:00 grace",
        "03-30 07:00 ada",
        "04-06 07:00 grace",
    ]


def test_2_3_follow_the_sun_over_a_clock_change() -> None:
    """An 8-hour turn still changes at 00:00, 08:00 and 16:00 after the clocks change."""
    sun = layer("8 hours", "2026-03-28T08:00", "berlin", "denver", "sydney")
    assert starts(sun, "2026-03-28T07:00", "2026-03-30T00:00") == [
        "03-28 07:00 berlin",
        "03-28 15:00 denver",
        "03-28 23:00 sydney",
        "03-29 06:00 berlin",
        "03-29 14:00 denver",
        "03-29 22:00 sydney",
    ]


def test_2_3_unequal_lengths_step_on_the_wall_clock() -> None:
    """Monday 09:00 to Friday 17:00 and the weekend between keep their times through both clock changes."""
    office = layer("104+64 hours", "2026-03-16T09:00", "ada", "grace", "linus")
    assert starts(office, "2026-03-23T08:00", "2026-04-05T00:00") == [
        "03-23 08:00 linus",
        "03-27 16:00 ada",
        "03-30 07:00 grace",
        "04-03 15:00 linus",
    ]


def lengths(hours: int) -> set[float]:
    """How many hours turns of so many hours have over the spring change."""
    turns = layer(f"{hours} hours", "2026-03-28T00:00", "ada", "grace")
    found = [at(f"2026-{start[:5]}T{start[6:11]}") for start in starts(turns, "2026-03-27T23:00", "2026-04-08T07:00")]
    return {(after - before).total_seconds() / 3600 for before, after in pairwise(found)}


@pytest.mark.parametrize("hours", [2, 3, 4, 6, 8, 12, 24])
def test_2_3_hours_that_divide_24_step_on_the_wall_clock(hours: int) -> None:
    """Of turns that divide a day, the one in which the clock is put forward is an hour shorter."""
    assert lengths(hours) == {hours, hours - 1}


@pytest.mark.parametrize("hours", [5, 7, 9, 16, 36, 48])
def test_2_3_other_hours_are_elapsed_time(hours: int) -> None:
    """Turns of hours that do not divide 24 all have their full length, also over a clock change."""
    assert lengths(hours) == {hours}


def test_2_3_hours_at_lord_howe() -> None:
    """Hourly turns stay on the full hour where the clock moves by half an hour: one of 30 minutes, one of 90."""
    spring = layer("1 hours", "2026-10-04T00:00", "a", "b", "c", "d", "e")
    assert starts(spring, "2026-10-03T13:30", "2026-10-03T17:00", zone=LORD_HOWE) == [
        "10-03 13:30 a",
        "10-03 14:30 b",
        "10-03 15:30 c",
        "10-03 16:00 d",
    ]
    autumn = layer("1 hours", "2026-04-05T00:00", "ada", "grace")
    assert starts(autumn, "2026-04-04T13:00", "2026-04-04T16:45", zone=LORD_HOWE) == [
        "04-04 13:00 ada",
        "04-04 14:00 grace",
        "04-04 15:30 ada",
        "04-04 16:30 grace",
    ]


def test_2_3_hours_that_are_shown_again() -> None:
    """When Casey's clock went back by three hours, the turn of 01:00 lasted until 02:00 had come for good."""
    hourly = layer("1 hours", "2010-03-04T00:00", *(f"p{hour}" for hour in range(100)))
    assert starts(hourly, "2010-03-04T15:10", "2010-03-04T20:00", zone=ZoneInfo("Antarctica/Casey")) == [
        "03-04 15:10 p25",
        "03-04 18:00 p26",
        "03-04 19:00 p27",
    ]


@pytest.mark.parametrize(
    ("length", "anchor", "start", "expected"),
    [
        ("1 months", "2023-10-31T09:00", "2024-01-29", "01-31 p3"),
        ("1 months", "2023-10-31T09:00", "2024-02-27", "02-29 p4"),
        ("1 months", "2023-10-31T09:00", "2024-03-29", "03-31 p5"),
        ("1 months", "2023-10-31T09:00", "2024-04-29", "04-30 p6"),
        ("1 months", "2023-11-30T09:00", "2024-02-27", "02-29 p3"),
        ("1 months", "2023-11-30T09:00", "2024-03-29", "03-30 p4"),
        ("1 months", "2024-01-29T09:00", "2025-02-27", "02-28 p13"),
        ("1 months", "2024-01-29T09:00", "2025-03-27", "03-29 p14"),
        ("12 months", "2024-02-29T09:00", "2025-02-26", "02-28 p1"),
        ("12 months", "2024-02-29T09:00", "2027-02-26", "02-28 p3"),
        ("12 months", "2024-02-29T09:00", "2028-02-27", "02-29 p4"),
        ("3 months", "2025-11-30T09:00", "2026-02-26", "02-28 p1"),
        ("3 months", "2025-11-30T09:00", "2026-05-28", "05-30 p2"),
    ],
)
def test_2_4_the_31st_comes_back(length: str, anchor: str, start: str, expected: str) -> None:
    """A monthly turn starts on its day, or on the last one of a month that is too short, and does not drift."""
    monthly = layer(length, anchor, *(f"p{turn}" for turn in range(20)))
    end = at(start) + timedelta(days=4)
    (_, line) = told(greenwich(monthly), f"{start}T00:00", f"{end:%Y-%m-%d}T00:00")
    assert (line[:11], line.split()[5]) == (f"{expected[:5]} 09:00", expected[6:])


def test_2_5_every_turn_moves_the_rotation_on() -> None:
    """Participants come in order and again from the first, whether or not their turn lies in a window."""
    weekends = (only("00:00", "00:00", MON), only("00:00", "00:00", FRI))
    daily = layer("1 days", "2026-01-05T00:00", "ada", "grace", "linus", only=weekends)
    assert told(greenwich(daily), "2026-01-05T00:00", "2026-01-20T00:00") == [
        "01-05 00:00 > 01-06 00:00 ada layer",
        "01-06 00:00 > 01-09 00:00 nobody",
        "01-09 00:00 > 01-10 00:00 grace layer",
        "01-10 00:00 > 01-12 00:00 nobody",
        "01-12 00:00 > 01-13 00:00 grace layer",
        "01-13 00:00 > 01-16 00:00 nobody",
        "01-16 00:00 > 01-17 00:00 linus layer",
        "01-17 00:00 > 01-19 00:00 nobody",
        "01-19 00:00 > 01-20 00:00 linus layer",
    ]


def test_2_6_only_served_turns_move_it_on() -> None:
    """With active turns each served day goes to the next one, so that nobody starves on the days that are left out."""
    mondays = layer("1 days", "2026-01-03T00:00", "ada", "grace", counting=ACTIVE, only=(only("00:00", "00:00", MON),))
    assert told(greenwich(mondays), "2026-01-05T00:00", "2026-01-20T00:00") == [
        "01-05 00:00 > 01-06 00:00 ada layer",
        "01-06 00:00 > 01-12 00:00 nobody",
        "01-12 00:00 > 01-13 00:00 grace layer",
        "01-13 00:00 > 01-19 00:00 nobody",
        "01-19 00:00 > 01-20 00:00 ada layer",
    ]


def test_2_6_a_moment_is_enough() -> None:
    """A night that ends a minute after midnight has served the turn of the new day."""
    nights = layer("1 days", "2026-01-02T00:00", "a", "b", "c", counting=ACTIVE, only=(only("23:00", "00:01", FRI),))
    assert told(greenwich(nights), "2026-01-09T00:00", "2026-01-11T00:00") == [
        "01-09 00:00 > 01-09 23:00 nobody",
        "01-09 23:00 > 01-10 00:00 c layer",
        "01-10 00:00 > 01-10 00:01 a layer",
        "01-10 00:01 > 01-11 00:00 nobody",
    ]


def test_2_6_between_the_start_and_the_end_of_the_layer() -> None:
    """Turns before the layer's start are not served: the first participant begins when the layer does."""
    late = layer("1 days", "2026-01-01T00:00", "ada", "grace", counting=ACTIVE, start=at("2026-01-06T12:00"))
    assert told(greenwich(late), "2026-01-06T00:00", "2026-01-08T00:00") == [
        "01-06 00:00 > 01-06 12:00 nobody",
        "01-06 12:00 > 01-07 00:00 ada layer",
        "01-07 00:00 > 01-08 00:00 grace layer",
    ]


def test_2_6_in_the_window_of_whoever_would_serve() -> None:
    """A turn that lies outside its participant's own window is left to the same participant's next turn."""
    morning = (only("08:00", "12:00"),)
    halves = layer(
        "12 hours", "2026-01-05T00:00", "ada", "grace", counting=ACTIVE, only=morning, only_where=Where.PARTICIPANT
    )
    around = given(zones={"grace": NEW_YORK})
    assert told(greenwich(halves), "2026-01-05T00:00", "2026-01-07T00:00", around=around) == [
        "01-05 00:00 > 01-05 08:00 nobody",
        "01-05 08:00 > 01-05 12:00 ada layer",
        "01-05 12:00 > 01-05 13:00 nobody",
        "01-05 13:00 > 01-05 17:00 grace layer",
        "01-05 17:00 > 01-06 08:00 nobody",
        "01-06 08:00 > 01-06 12:00 ada layer",
        "01-06 12:00 > 01-06 13:00 nobody",
        "01-06 13:00 > 01-06 17:00 grace layer",
        "01-06 17:00 > 01-07 00:00 nobody",
    ]


def test_2_7_a_skipped_day_is_a_short_turn() -> None:
    """In Apia the turn of 2011-12-30 09:00 starts with the 31st and ends at 09:00; nobody's turn is lost after it."""
    daily = layer("1 days", "2011-12-28T09:00", "ada", "grace", "linus")
    assert starts(daily, "2011-12-28T19:00", "2012-01-01T00:00", zone=APIA) == [
        "12-28 19:00 ada",
        "12-29 19:00 grace",
        "12-30 10:00 linus",
        "12-30 19:00 ada",
        "12-31 19:00 grace",
    ]


def test_2_7_turns_within_the_skipped_day_are_counted() -> None:
    """Turns that lie wholly in the skipped day have no time, and the count goes on as if they had."""
    half_days = layer("12 hours", "2011-12-29T00:00", "a", "b", "c", "d", "e")
    assert starts(half_days, "2011-12-29T10:00", "2011-12-31T00:00", zone=APIA) == [
        "12-29 10:00 a",
        "12-29 22:00 b",
        "12-30 10:00 e",
        "12-30 22:00 a",
    ]


def test_2_7_active_turns_without_time_are_not_served() -> None:
    """With active turns, a turn without time leaves the next one to the same participant."""
    half_days = layer("12 hours", "2011-12-29T00:00", "a", "b", "c", "d", "e", counting=ACTIVE)
    assert starts(half_days, "2011-12-29T10:00", "2011-12-31T00:00", zone=APIA) == [
        "12-29 10:00 a",
        "12-29 22:00 b",
        "12-30 10:00 c",
        "12-30 22:00 d",
    ]
