"""Nights, weekends, holidays and working hours on people's own clocks."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.insight.installation import BERLIN, NEW_YORK, UTC_ZONE, WEEK, at, easter, span
from tocsin.core.insight.hours import LocalHours, nights, weekends
from tocsin.core.insight.stretches import length
from tocsin.core.schedules.circumstances import no_holidays
from tocsin.core.vocabulary import Span, utc

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca")


def hours(window: Span) -> LocalHours:
    """The hours of a window, with Easter Monday in Germany."""
    return LocalHours(window, easter)


def told(spans: tuple[Span, ...]) -> list[str]:
    """Spans as `03-02 08:00 > 03-02 16:00`, in UTC."""
    return [f"{one.start:%m-%d %H:%M} > {one.end:%m-%d %H:%M}" for one in spans]


def test_a_night_is_ten_hours_of_their_clock() -> None:
    """22:00 to 08:00 where the person lives, clipped to the window."""
    day = span("2026-03-02", "2026-03-03")
    assert told(hours(day).nights(UTC_ZONE)) == ["03-02 00:00 > 03-02 08:00", "03-02 22:00 > 03-03 00:00"]
    assert told(hours(day).nights(NEW_YORK)) == ["03-02 03:00 > 03-02 13:00"]


@pytest.mark.parametrize(
    ("first", "elapsed", "at_night", "weekend"),
    [
        ("2026-03-16T23:00", 168, 70, 48),  # an ordinary week in Berlin
        ("2026-03-22T23:00", 167, 69, 47),  # the clocks go forward on Sunday, 2026-03-29, at 02:00
        ("2026-10-18T22:00", 169, 71, 49),  # they go back on Sunday, 2026-10-25, at 03:00
    ],
)
def test_hours_are_elapsed_time(first: str, elapsed: int, at_night: int, weekend: int) -> None:
    """A night in which the clocks change is an hour longer, or shorter; so is its weekend."""
    window = Span(at(first), at(first) + timedelta(hours=elapsed))
    found = hours(window)
    assert length(found.nights(BERLIN)) == timedelta(hours=at_night)
    assert length(found.weekends(BERLIN)) == timedelta(hours=weekend)


def test_a_weekend_is_one_span() -> None:
    """Saturday and Sunday of the person's own zone together."""
    assert told(hours(WEEK).weekends(BERLIN)) == ["03-06 23:00 > 03-08 23:00"]
    assert [*weekends(NEW_YORK, WEEK)] == [
        span("2026-02-28T05:00", "2026-03-02T05:00"),
        span("2026-03-07T05:00", "2026-03-09T04:00"),
    ]


def test_a_skipped_day_is_no_weekend() -> None:
    """Apia had no Friday, 2011-12-30: the Saturday follows the Thursday, and the weekend has its 48 hours."""
    window = Span(utc(2011, 12, 27), utc(2012, 1, 2))
    apia = ZoneInfo("Pacific/Apia")
    assert told(LocalHours(window, no_holidays).weekends(apia)) == ["12-30 10:00 > 01-01 10:00"]


def test_a_holiday_is_a_day_of_a_region() -> None:
    """It counts for those who live by the region, on their clock; without a region there are none."""
    window = span("2026-04-01", "2026-04-10")
    assert told(hours(window).holidays(BERLIN, "DE")) == ["04-05 22:00 > 04-06 22:00"]
    assert hours(window).holidays(BERLIN, "FR") == hours(window).holidays(BERLIN, None) == ()


def test_neighbouring_holidays_are_one_span() -> None:
    """Two holidays in a row, over the end of a year too."""
    days = {2025: {date(2025, 12, 31): "a"}, 2026: {date(2026, 1, 1): "b"}}
    found = LocalHours(span("2025-12-30", "2026-01-03"), lambda region, year: days.get(year, {}))
    assert told(found.holidays(UTC_ZONE, "XX")) == ["12-31 00:00 > 01-02 00:00"]


def test_working_hours_leave_out_weekends_and_holidays() -> None:
    """Five days of eight hours; four in the week of Easter Monday."""
    easter_week = span("2026-04-06", "2026-04-13")
    assert length(hours(WEEK).working(BERLIN, "DE")) == timedelta(hours=40)
    assert length(hours(easter_week).working(BERLIN, "DE")) == timedelta(hours=32)
    assert length(hours(easter_week).working(BERLIN, None)) == timedelta(hours=40)


@given(
    st.sampled_from(ZONES),
    st.datetimes(min_value=utc(2000, 1, 1).replace(tzinfo=None), max_value=utc(2040, 1, 1).replace(tzinfo=None)),
    st.integers(1, 400),
)
def test_nights_are_in_order_and_touch_the_window(zone: str, start: object, hours_long: int) -> None:
    """In any zone, around any clock change: whole nights, none twice, none that has nothing to do with the window."""
    begins = at(str(start))
    window = Span(begins, begins + timedelta(hours=hours_long))
    found = [*nights(ZoneInfo(zone), window)]
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(one.clipped(window) is not None for one in found)
    assert len(found) <= hours_long // 20 + 2
