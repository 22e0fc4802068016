"""The contract, chapter 4: windows, inside which alone a layer serves."""

from __future__ import annotations

from datetime import date

import pytest

from core.schedules.contract import told
from core.schedules.rotas import (
    BERLIN,
    FRI,
    GREENWICH,
    MON,
    NEW_YORK,
    REGION,
    SAT,
    SUN,
    THU,
    TOKYO,
    TUE,
    WED,
    WORKDAYS,
    booked,
    booking,
    given,
    greenwich,
    layer,
    only,
    schedule,
)
from tocsin.core.schedules import Region, Restriction, Where

OWN = Where.PARTICIPANT


def served(*windows: Restriction, start: str = "2026-01-05", end: str = "2026-01-12", holidays: str = "") -> list[str]:
    """When a layer with these windows has somebody: `01-05 08:00 > 01-05 12:00`."""
    rota = greenwich(layer("1 days", "2026-01-01T00:00", "ada", only=windows))
    lines = told(rota, f"{start}T00:00", f"{end}T00:00", around=given(holidays=holidays.split()))
    return [line.removesuffix(" ada layer") for line in lines if "nobody" not in line]


def test_4_1_inside_any_window() -> None:
    """Several windows add up, those that overlap or touch are one; without windows a layer serves always."""
    windows = (only("08:00", "12:00"), only("12:00", "13:00"), only("11:00", "12:30"), only("15:00", "16:00"))
    assert served(*windows, end="2026-01-06") == ["01-05 08:00 > 01-05 13:00", "01-05 15:00 > 01-05 16:00"]
    assert served() == ["01-05 00:00 > 01-12 00:00"]


def test_4_1_a_turn_shorter_than_its_window() -> None:
    """Turns that change inside a window split it, and each has its part."""
    nights = layer("4 hours", "2026-01-05T00:00", "ada", "grace", only=(only("22:00", "06:00"),))
    assert told(greenwich(nights), "2026-01-05T20:00", "2026-01-06T08:00") == [
        "01-05 20:00 > 01-05 22:00 nobody",
        "01-05 22:00 > 01-06 00:00 grace layer",
        "01-06 00:00 > 01-06 04:00 ada layer",
        "01-06 04:00 > 01-06 06:00 grace layer",
        "01-06 06:00 > 01-06 08:00 nobody",
    ]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (only("09:00", "17:00", MON, WED), ["01-05 09:00 > 01-05 17:00", "01-07 09:00 > 01-07 17:00"]),
        (only("22:00", "06:00", FRI), ["01-09 22:00 > 01-10 06:00"]),
        (only("22:00", "06:00", SUN), ["01-05 00:00 > 01-05 06:00", "01-11 22:00 > 01-12 00:00"]),
        (only("00:00", "00:00", *WORKDAYS), ["01-05 00:00 > 01-10 00:00"]),
        (
            only("22:00", "06:00", first=date(2026, 1, 6), last=date(2026, 1, 7)),
            ["01-06 22:00 > 01-07 06:00", "01-07 22:00 > 01-08 06:00"],
        ),
        (only("09:00", "17:00", first=date(2026, 1, 11)), ["01-11 09:00 > 01-11 17:00"]),
        (only("09:00", "17:00", last=date(2026, 1, 5)), ["01-05 09:00 > 01-05 17:00"]),
        (only("09:00", "17:00", on_holidays=REGION), ["01-06 09:00 > 01-06 17:00", "01-08 09:00 > 01-08 17:00"]),
        (only("22:00", "06:00", TUE, on_holidays=REGION), ["01-06 22:00 > 01-07 06:00"]),
        (only("00:00", "00:00", TUE, WED, THU, except_holidays=REGION), ["01-07 00:00 > 01-08 00:00"]),
        (only("22:00", "06:00", MON, except_holidays=REGION), ["01-05 22:00 > 01-06 06:00"]),
        (only("09:00", "17:00", on_holidays=Region("YY")), []),
        (only("09:00", "17:00", MON, except_holidays=Region("YY")), ["01-05 09:00 > 01-05 17:00"]),
        (only("09:00", "17:00", on_holidays=REGION, except_holidays=REGION), []),
    ],
)
def test_4_2_the_day_on_which_a_window_starts(window: Restriction, expected: list[str]) -> None:
    """Weekdays, dates and holidays (here Tuesday and Thursday) are those of the day on which the window starts."""
    assert served(window, holidays="2026-01-06 2026-01-08") == expected


def test_4_2_holidays_at_the_turn_of_the_year() -> None:
    """The holidays of each year count, on both sides of New Year."""
    window = only("22:00", "06:00", on_holidays=REGION)
    found = served(window, start="2026-12-31", end="2027-01-03", holidays="2026-12-31 2027-01-01 2027-12-31")
    assert found == ["12-31 22:00 > 01-01 06:00", "01-01 22:00 > 01-02 06:00"]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (only("09:00", "08:59", MON), ["01-05 09:00 > 01-06 08:59"]),
        (only("09:00", "09:00", MON), ["01-05 09:00 > 01-06 09:00"]),
        (only("09:00", "09:01", MON), ["01-05 09:00 > 01-05 09:01"]),
        (only("00:00", "00:00", MON), ["01-05 00:00 > 01-06 00:00"]),
        (only("03:00", "03:00"), ["01-05 00:00 > 01-12 00:00"]),
    ],
)
def test_4_3_an_end_that_is_not_later(window: Restriction, expected: list[str]) -> None:
    """An end that is not later than the beginning is on the next day, and equal times are 24 hours."""
    assert served(window) == expected


def test_4_3_equal_times_are_hours_of_the_clock() -> None:
    """Exactly 24 hours of the clock on every day are the whole time, as one shift, over both clock changes."""
    rota = schedule(layer("1 weeks", "2026-01-01T00:00", "ada", only=(only("03:00", "03:00"),)))
    assert told(rota, "2026-03-26T00:00", "2026-04-02T00:00") == ["03-26 00:00 > 04-02 00:00 ada layer"]
    assert told(rota, "2026-10-22T00:00", "2026-10-28T00:00") == ["10-22 00:00 > 10-28 00:00 ada layer"]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (only("17:00", "09:00", FRI, until=MON), ["01-05 00:00 > 01-05 09:00", "01-09 17:00 > 01-12 00:00"]),
        (only("09:00", "17:00", TUE, until=THU), ["01-06 09:00 > 01-08 17:00"]),
        (only("09:00", "17:00", TUE, until=TUE), ["01-06 09:00 > 01-06 17:00"]),
        (only("17:00", "09:00", TUE, until=TUE), ["01-05 00:00 > 01-06 09:00", "01-06 17:00 > 01-12 00:00"]),
        (only("09:00", "09:00", WED, until=WED), ["01-05 00:00 > 01-12 00:00"]),
        (only("22:00", "06:00", SAT, SUN, until=MON), ["01-05 00:00 > 01-05 06:00", "01-10 22:00 > 01-12 00:00"]),
        (only("12:00", "12:00", MON, until=TUE, last=date(2026, 1, 5)), ["01-05 12:00 > 01-06 12:00"]),
    ],
)
def test_4_4_until_a_weekday(window: Restriction, expected: list[str]) -> None:
    """A window with an end weekday ends on the first such weekday and time after its start, at most a week later."""
    assert served(window) == expected


def test_4_5_on_the_clock_of_each_participant() -> None:
    """The day shift is the day of whoever has the turn; whose zone nobody knows lives where the layer does."""
    days = layer("1 days", "2026-01-05T00:00", "ada", "grace", "linus", only=(only("09:00", "17:00"),), only_where=OWN)
    around = given(zones={"grace": NEW_YORK, "linus": TOKYO})
    assert told(schedule(days, zone=GREENWICH), "2026-01-05T00:00", "2026-01-08T00:00", around=around) == [
        "01-05 00:00 > 01-05 09:00 nobody",
        "01-05 09:00 > 01-05 17:00 ada layer",
        "01-05 17:00 > 01-06 14:00 nobody",
        "01-06 14:00 > 01-06 22:00 grace layer",
        "01-06 22:00 > 01-07 00:00 nobody",
        "01-07 00:00 > 01-07 08:00 linus layer",
        "01-07 08:00 > 01-08 00:00 nobody",
    ]


def test_4_5_each_of_several_in_their_own_windows() -> None:
    """Three people over the world who serve together take over from each other at 09:00 and 17:00 of their own."""
    sun = layer("1 weeks", "2026-01-05T00:00", "ada+grace+linus", only=(only("09:00", "17:00"),), only_where=OWN)
    around = given(zones={"ada": BERLIN, "grace": NEW_YORK, "linus": TOKYO})
    assert told(greenwich(sun), "2026-01-06T00:00", "2026-01-07T00:00", around=around) == [
        "01-06 00:00 > 01-06 08:00 linus layer",
        "01-06 08:00 > 01-06 14:00 ada layer",
        "01-06 14:00 > 01-06 16:00 ada+grace layer",
        "01-06 16:00 > 01-06 22:00 grace layer",
        "01-06 22:00 > 01-07 00:00 nobody",
    ]


def test_4_5_their_own_clock_change() -> None:
    """Each participant's window follows the clock changes of their own zone, weeks apart."""
    pair = layer("1 weeks", "2026-03-02T00:00", "ada+grace", only=(only("09:00", "17:00"),), only_where=OWN)
    around = given(zones={"ada": BERLIN, "grace": NEW_YORK})
    found = {
        day: [line[6:11] for line in told(greenwich(pair), f"{day}T06:00", f"{day}T21:00", around=around)[1:]]
        for day in ("2026-03-07", "2026-03-10", "2026-03-31")
    }
    assert found == {
        "2026-03-07": ["08:00", "14:00", "16:00"],
        "2026-03-10": ["08:00", "13:00", "16:00"],
        "2026-03-31": ["07:00", "13:00", "15:00"],
    }


def test_4_5_whoever_a_calendar_books_in_their_own_windows() -> None:
    """Windows on each one's own clock hold for people out of a calendar, too."""
    rota = greenwich(booked(only=(only("09:00", "17:00"),), only_where=OWN))
    around = given(calendar=[booking("ada+grace", "2026-01-06T00:00", "2026-01-07T00:00")], zones={"grace": NEW_YORK})
    assert told(rota, "2026-01-06T08:00", "2026-01-06T23:00", around=around) == [
        "01-06 08:00 > 01-06 09:00 nobody",
        "01-06 09:00 > 01-06 14:00 ada calendar",
        "01-06 14:00 > 01-06 17:00 ada+grace calendar",
        "01-06 17:00 > 01-06 22:00 grace calendar",
        "01-06 22:00 > 01-06 23:00 nobody",
    ]
