"""The contract, chapter 3: what instant a local time is, where the clocks change."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from core.schedules.contract import told
from core.schedules.rotas import APIA, BERLIN, CASABLANCA, FRI, LORD_HOWE, NEW_YORK, SAT, at, layer, only, schedule

ST_JOHNS = ZoneInfo("America/St_Johns")


@pytest.mark.parametrize(
    ("zone", "local", "instant"),
    [
        ("Europe/Berlin", "2026-01-05T09:00", "2026-01-05T08:00"),
        ("Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59"),
        ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),
        ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
        ("Australia/Lord_Howe", "2026-04-05T02:00", "2026-04-04T15:30"),
        ("Pacific/Apia", "2011-12-29T23:59", "2011-12-30T09:59"),
        ("Pacific/Apia", "2011-12-30T17:00", "2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00"),
        ("Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30"),
        ("Africa/Casablanca", "2026-02-15T03:00", "2026-02-15T03:00"),
        ("Africa/Casablanca", "2026-03-22T02:30", "2026-03-22T02:00"),
        ("Africa/Cairo", "2010-08-11T00:00", "2010-08-10T22:00"),
        ("Africa/Cairo", "2010-09-10T00:30", "2010-09-09T22:00"),
        ("Asia/Pyongyang", "2018-05-04T23:45", "2018-05-04T15:00"),
        ("America/Caracas", "2007-12-09T02:45", "2007-12-09T06:45"),
        ("Antarctica/Troll", "2026-03-29T02:00", "2026-03-29T01:00"),
    ],
)
def test_3_1_a_local_time_has_come(zone: str, local: str, instant: str) -> None:
    """A skipped local time is the first instant after the gap, a doubled one its first showing."""
    rota = schedule(layer("1 weeks", local, "ada"), zone=ZoneInfo(zone))
    before, after = (f"{at(instant) + hours * timedelta(hours=1):%Y-%m-%dT%H:%M}" for hours in (-26, 26))
    (line, _) = told(rota, before, after)
    assert line == f"{at(before):%m-%d %H:%M} > {at(instant):%m-%d %H:%M} nobody"


@pytest.mark.parametrize(
    ("zone", "anchor", "window", "expected"),
    [
        (
            BERLIN,
            "2026-03-27T02:30",
            ("2026-03-28T01:30", "2026-03-30T12:00"),
            ["03-28 01:30 > 03-29 01:00 grace", "03-29 01:00 > 03-30 00:30 linus", "03-30 00:30 > 03-30 12:00 ada"],
        ),
        (
            BERLIN,
            "2026-10-23T02:30",
            ("2026-10-24T00:30", "2026-10-26T12:00"),
            ["10-24 00:30 > 10-25 00:30 grace", "10-25 00:30 > 10-26 01:30 linus", "10-26 01:30 > 10-26 12:00 ada"],
        ),
        (
            NEW_YORK,
            "2026-10-31T01:30",
            ("2026-10-31T05:30", "2026-11-02T12:00"),
            ["10-31 05:30 > 11-01 05:30 ada", "11-01 05:30 > 11-02 06:30 grace", "11-02 06:30 > 11-02 12:00 linus"],
        ),
        (
            LORD_HOWE,
            "2026-10-02T02:15",
            ("2026-10-02T15:45", "2026-10-04T22:00"),
            ["10-02 15:45 > 10-03 15:30 grace", "10-03 15:30 > 10-04 15:15 linus", "10-04 15:15 > 10-04 22:00 ada"],
        ),
        (
            APIA,
            "2011-12-29T00:00",
            ("2011-12-29T10:00", "2012-01-01T00:00"),
            ["12-29 10:00 > 12-30 10:00 ada", "12-30 10:00 > 12-31 10:00 linus", "12-31 10:00 > 01-01 00:00 ada"],
        ),
        (
            CASABLANCA,
            "2026-02-13T02:30",
            ("2026-02-14T01:30", "2026-02-16T12:00"),
            ["02-14 01:30 > 02-15 01:30 grace", "02-15 01:30 > 02-16 02:30 linus", "02-16 02:30 > 02-16 12:00 ada"],
        ),
    ],
    ids=["spring", "autumn", "New York", "Lord Howe", "Apia", "Ramadan"],
)
def test_3_2_the_end_is_the_next_start(
    zone: ZoneInfo, anchor: str, window: tuple[str, str], expected: list[str]
) -> None:
    """A daily hand-off at a time that is skipped or doubled is one instant, the end of one turn and the next start."""
    daily = layer("1 days", anchor, "ada", "grace", "linus")
    assert told(schedule(daily, zone=zone), *window) == [f"{line} layer" for line in expected]


def test_3_2_ramadan_moves_the_clock_and_not_the_hand_off() -> None:
    """Morocco's clock goes back for Ramadan and forward after it; the turn changes at 09:00 on the wall throughout."""
    weekly = layer("1 weeks", "2026-02-09T09:00", "ada", "grace")
    assert told(schedule(weekly, zone=CASABLANCA), "2026-02-09T08:00", "2026-03-31T00:00") == [
        "02-09 08:00 > 02-16 09:00 ada layer",
        "02-16 09:00 > 02-23 09:00 grace layer",
        "02-23 09:00 > 03-02 09:00 ada layer",
        "03-02 09:00 > 03-09 09:00 grace layer",
        "03-09 09:00 > 03-16 09:00 ada layer",
        "03-16 09:00 > 03-23 08:00 grace layer",
        "03-23 08:00 > 03-30 08:00 ada layer",
        "03-30 08:00 > 03-31 00:00 grace layer",
    ]


@pytest.mark.parametrize(
    ("zone", "window", "asked", "served"),
    [
        (BERLIN, only("02:00", "03:00"), ("2026-03-28T12:00", "2026-03-29T12:00"), []),
        (BERLIN, only("02:15", "02:45"), ("2026-03-28T12:00", "2026-03-29T12:00"), []),
        (BERLIN, only("01:30", "02:30"), ("2026-03-28T12:00", "2026-03-29T12:00"), ["03-29 00:30 > 03-29 01:00"]),
        (BERLIN, only("02:30", "04:00"), ("2026-03-28T12:00", "2026-03-29T12:00"), ["03-29 01:00 > 03-29 02:00"]),
        (BERLIN, only("02:00", "03:00"), ("2026-10-24T12:00", "2026-10-25T12:00"), ["10-25 00:00 > 10-25 02:00"]),
        (BERLIN, only("02:15", "02:45"), ("2026-10-24T12:00", "2026-10-25T12:00"), ["10-25 00:15 > 10-25 00:45"]),
        (BERLIN, only("02:45", "03:15"), ("2026-10-24T12:00", "2026-10-25T12:00"), ["10-25 00:45 > 10-25 02:15"]),
        (BERLIN, only("09:00", "09:00", SAT), ("2026-03-27T00:00", "2026-03-30T00:00"), ["03-28 08:00 > 03-29 07:00"]),
        (BERLIN, only("09:00", "09:00", SAT), ("2026-10-23T00:00", "2026-10-26T00:00"), ["10-24 07:00 > 10-25 08:00"]),
        (LORD_HOWE, only("01:30", "02:30"), ("2026-10-03T06:00", "2026-10-04T06:00"), ["10-03 15:00 > 10-03 15:30"]),
        (LORD_HOWE, only("01:30", "02:30"), ("2026-04-04T06:00", "2026-04-05T06:00"), ["04-04 14:30 > 04-04 16:00"]),
        (ST_JOHNS, only("00:00", "01:00"), ("2010-11-06T12:00", "2010-11-07T12:00"), ["11-07 02:30 > 11-07 04:30"]),
        (APIA, only("22:00", "06:00", FRI), ("2011-12-29T12:00", "2011-12-31T12:00"), ["12-30 10:00 > 12-30 16:00"]),
        (APIA, only("08:00", "17:00", FRI), ("2011-12-29T12:00", "2011-12-31T12:00"), []),
        (CASABLANCA, only("22:00", "06:00"), ("2026-02-14T12:00", "2026-02-15T12:00"), ["02-14 21:00 > 02-15 06:00"]),
        (CASABLANCA, only("22:00", "06:00"), ("2026-03-21T12:00", "2026-03-22T12:00"), ["03-21 22:00 > 03-22 05:00"]),
    ],
)
def test_3_3_windows_where_the_clocks_change(
    zone: ZoneInfo, window: object, asked: tuple[str, str], served: list[str]
) -> None:
    """A window runs from the instant of its start to the instant of its end: none, one or two showings of an hour."""
    rota = schedule(layer("1 weeks", f"{at(asked[0]) - timedelta(days=3):%Y-%m-%d}", "ada", only=(window,)), zone=zone)
    assert [line for line in told(rota, *asked) if "nobody" not in line] == [f"{line} ada layer" for line in served]
