"""What a duty takes of people's calendars, on their own clocks."""

from __future__ import annotations

from datetime import date

import pytest

from core.planning.plans import BERLIN, GREENWICH, NEW_YORK, SHANGHAI, duty, person, weekly
from tocsin.core.planning import Load
from tocsin.core.planning.duty import load_of, taken


def days(*texts: str) -> frozenset[date]:
    """Days by their dates."""
    return frozenset(map(date.fromisoformat, texts))


def test_a_week_weighs_the_same_wherever_one_lives() -> None:
    """A week has 168 hours, 70 of them at night and 48 at the weekend, in each zone."""
    (week,) = weekly(1, begins="2027-01-04T09:00")
    for zone in (BERLIN, NEW_YORK, SHANGHAI):
        load = load_of(week, person("ada", zone=zone))
        assert load == Load(shifts=1, hours=16_800, night_hours=7_000, weekend_hours=4_800)


def test_a_clock_change_is_not_worked_off() -> None:
    """The week in which the clocks go forward counts as long as any other, though an hour of its nights is missing."""
    (week,) = weekly(1, begins="2027-03-22T09:00")
    load = load_of(week, person("ada", zone=BERLIN))
    assert load.hours == 16_800
    assert load.night_hours == 6_900


def test_a_night_in_berlin_is_a_day_in_shanghai() -> None:
    """Whose night it is depends on where they live."""
    shift = duty("2027-01-04T19:00", 12)
    assert load_of(shift, person("ada", zone=BERLIN)).night_hours == 1_000
    assert load_of(shift, person("mei", zone=SHANGHAI)).night_hours == 500


def test_a_duty_counts_by_its_weight() -> None:
    """Hours of a duty that counts half are halved; it is still one shift."""
    shift = duty("2027-01-02T09:00", 9, weight=50)
    load = load_of(shift, person("ada", holidays=("2027-01-02",)))
    assert load == Load(shifts=1, hours=450, weekend_hours=450, holiday_hours=450)


def test_loads_add_up() -> None:
    """What two duties put on a person is the sum of both."""
    one = Load(shifts=1, hours=800, night_hours=100, weekend_hours=200, holiday_hours=300)
    assert one + one == Load(shifts=2, hours=1_600, night_hours=200, weekend_hours=400, holiday_hours=600)


@pytest.mark.parametrize(
    ("start", "hours", "taken_days", "taken_nights"),
    [
        ("2027-01-04T09:00", 8, ("2027-01-04",), ()),
        ("2027-01-04T20:00", 12, ("2027-01-04", "2027-01-05"), ("2027-01-04",)),
        ("2027-01-04T18:00", 8, ("2027-01-04",), ("2027-01-04",)),
        ("2027-01-04T16:59", 8, ("2027-01-04",), ()),
        ("2027-01-04T01:00", 2, ("2027-01-04",), ("2027-01-03",)),
        ("2027-01-04T05:00", 24, ("2027-01-04", "2027-01-05"), ("2027-01-03", "2027-01-04")),
    ],
)
def test_three_hours_make_a_day_or_a_night_count(
    start: str, hours: float, taken_days: tuple[str, ...], taken_nights: tuple[str, ...]
) -> None:
    """A day or night counts from three hours on, or when the duty lies in it; a night is called by its evening."""
    found = taken(duty(start, hours).span, GREENWICH)
    assert found.days == days(*taken_days)
    assert found.nights == days(*taken_nights)


def test_a_weekend_is_one() -> None:
    """Saturday and Sunday are one weekend, called by its Saturday; a Sunday alone is one too."""
    assert taken(duty("2027-01-02T00:00", 48).span, GREENWICH).weekends == days("2027-01-02")
    assert taken(duty("2027-01-03T00:00", 48).span, GREENWICH).weekends == days("2027-01-02")
    assert taken(duty("2027-01-02T00:00", 24 * 8).span, GREENWICH).weekends == days("2027-01-02", "2027-01-09")
