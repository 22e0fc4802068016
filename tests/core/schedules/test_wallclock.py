"""Local times become instants: the hard cases by table, all zones by two independent oracles."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import whenever
from hypothesis import given, settings
from hypothesis import strategies as st

from core.schedules.clock_changes import around_a_clock_change
from core.schedules.rotas import at
from tocsin.core.errors import Refused
from tocsin.core.schedules.wallclock import instant_of, local_of, within_calendar
from tocsin.core.vocabulary import utc

TABLE = [
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
    ("America/New_York", "2026-11-01T02:00", "2026-11-01T07:00"),
    ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
    ("Australia/Lord_Howe", "2026-10-04T02:30", "2026-10-03T15:30"),
    ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
    ("Australia/Lord_Howe", "2026-04-05T02:00", "2026-04-04T15:30"),
    ("Pacific/Apia", "2011-12-29T23:59", "2011-12-30T09:59"),
    ("Pacific/Apia", "2011-12-30T00:00", "2011-12-30T10:00"),
    ("Pacific/Apia", "2011-12-30T17:00", "2011-12-30T10:00"),
    ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00"),
    ("Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30"),
    ("Africa/Casablanca", "2026-02-15T03:00", "2026-02-15T03:00"),
    ("Africa/Casablanca", "2026-03-22T02:30", "2026-03-22T02:00"),
    ("Africa/Monrovia", "1972-01-07T00:30", "1972-01-07T00:44:30"),
]


@pytest.mark.parametrize(("zone", "local", "instant"), TABLE)
def test_hard_times_have_one_instant(zone: str, local: str, instant: str) -> None:
    """A skipped local time is the first instant after the gap, a doubled one its first showing."""
    assert instant_of(datetime.fromisoformat(local), ZoneInfo(zone)) == at(instant)


def test_the_fold_of_the_caller_does_not_matter() -> None:
    """Which of two showings is meant is the rule's choice, whatever the `fold` of the local time says."""
    local = datetime.fromisoformat("2026-10-25T02:30")
    assert instant_of(local.replace(fold=1), ZoneInfo("Europe/Berlin")) == at("2026-10-25T00:30")


@settings(max_examples=400, deadline=None, database=None)
@given(around_a_clock_change(hours=3))
def test_whenever_agrees(case: tuple[ZoneInfo, datetime]) -> None:
    """An independent library finds the same instant wherever the local time exists."""
    zone, instant = case
    local = local_of(instant, zone)
    theirs = whenever.PlainDateTime(local.year, local.month, local.day, local.hour, local.minute)
    assert instant_of(local, zone).timestamp() == theirs.assume_tz(zone.key, disambiguation="earlier").timestamp()


@settings(max_examples=400, deadline=None, database=None)
@given(around_a_clock_change(hours=3), st.integers(-180, 180))
def test_no_earlier_instant_shows_the_time(case: tuple[ZoneInfo, datetime], minutes: int) -> None:
    """At the instant of a local time the clock shows it or later, and at no moment of the two days before did it."""
    zone, instant = case
    local = local_of(instant, zone) + timedelta(minutes=minutes)
    found = instant_of(local, zone)
    assert local_of(found, zone) >= local
    assert local_of(found - timedelta(microseconds=1), zone) < local
    assert all(local_of(found - timedelta(minutes=5 * step), zone) < local for step in range(1, 576))


def test_every_zone_is_known_to_both() -> None:
    """A time that every zone has is the same instant here and in `whenever`."""
    local = datetime.fromisoformat("2026-07-01T09:00")
    for name in zoneinfo.available_timezones() - {"localtime", "Factory"}:
        theirs = whenever.PlainDateTime(2026, 7, 1, 9).assume_tz(name, disambiguation="raise")
        assert instant_of(local, ZoneInfo(name)).timestamp() == theirs.timestamp()


def test_instants_outside_the_calendar_are_refused() -> None:
    """An instant beyond the known years is refused with the field that carried it."""
    with pytest.raises(Refused) as refusal:
        within_calendar(utc(9999, 1, 1), field="at")
    assert refusal.value.field == "at"


def test_instants_come_back_in_utc() -> None:
    """An instant that was told in another zone is the same instant in UTC."""
    told = datetime(2026, 1, 5, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    assert within_calendar(told, field="at").isoformat() == "2026-01-05T08:00:00+00:00"
