"""VTIMEZONE: what a calendar program makes of it is what the clocks show, in every zone and year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Timezone

from core.schedules import clock_changes
from core.schedules.rotas import APIA, BERLIN, CASABLANCA, LORD_HOWE
from tocsin.core.schedules.shown.vtimezone import vtimezone
from tocsin.core.vocabulary import Instant, Span, utc


def offset_by(text: bytes, instant: Instant) -> timedelta:
    """The offset in force, read as RFC 5545, 3.6.5 says: that of the rule with the latest onset.

    An onset is told by what the clocks showed by the rule before it.
    """
    rules = [
        (part["DTSTART"].dt.replace(tzinfo=UTC) - part["TZOFFSETFROM"].td, part["TZOFFSETTO"].td)
        for part in Timezone.from_ical(text).subcomponents
    ]
    return max(rule for rule in rules if rule[0] <= instant)[1]


@given(
    zone=st.sampled_from(clock_changes.ALL) | st.sampled_from(clock_changes.ODD),
    year=st.integers(2000, 2040),
    length=st.integers(0, 800),
    data=st.data(),
)
def test_a_reader_finds_what_the_clocks_show(zone: str, year: int, length: int, data: st.DataObject) -> None:
    """Just before, at and after each clock change, and anywhere else, the offset is that of the zone."""
    known = ZoneInfo(zone)
    begin = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=data.draw(st.integers(0, 364)))
    covered = Span(begin, begin + timedelta(days=length))
    text = vtimezone(known, covered).to_ical()
    changes = [one for each in range(year, covered.end.year + 1) for one in clock_changes.changes(known, each)]
    asked = [covered.start, covered.end, *(one + timedelta(seconds=by) for one in changes for by in (-1, 0, 1))]
    for instant in (one for one in asked if covered.start <= one <= covered.end):
        assert offset_by(text, instant) == instant.astimezone(known).utcoffset()


@pytest.mark.parametrize(
    ("zone", "year", "onsets"),
    [
        (BERLIN, 2026, ["0101T000000", "0329T020000", "1025T030000"]),
        (LORD_HOWE, 2026, ["0101T000000", "0405T020000", "1004T020000"]),
        (CASABLANCA, 2026, ["0101T000000", "0215T030000", "0322T020000"]),
        (APIA, 2011, ["0101T000000", "0402T040000", "0924T030000", "1230T000000"]),
    ],
    ids=str,
)
def test_onsets_are_told_on_the_clock_before_the_change(zone: ZoneInfo, year: int, onsets: list[str]) -> None:
    """Two in the morning in spring, three in autumn: the whole year is told, half an hour and a lost day are right."""
    parts = vtimezone(zone, Span(utc(year, 5, 1), utc(year, 6, 1))).subcomponents
    assert [part["DTSTART"].dt.strftime("%m%dT%H%M%S") for part in parts] == onsets


def test_a_zone_without_changes_has_one_rule() -> None:
    """What never changes is told once."""
    decade = vtimezone(ZoneInfo("Asia/Shanghai"), Span(utc(2026, 1, 1), utc(2036, 1, 1)))
    assert len(decade.subcomponents) == 1
