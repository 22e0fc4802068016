"""Schedules drawn with characters: what a terminal of eighty columns shows, without colour."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.schedules.clock_changes import ODD
from core.schedules.rotas import APIA, BERLIN, at, minimal, override, schedule, span
from core.schedules.shown.scene import in_turn, rendered, strip
from tocsin.core.schedules.shown import as_timeline
from tocsin.core.schedules.shown.words import columns
from tocsin.core.vocabulary import Span

UTC = ZoneInfo("UTC")
#: A line that begins with a day or a week.
ROW = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [ \d]\d |[ \d]\d [A-Z][a-z]{2} ")


def rows(text: str) -> list[str]:
    """The lines of a timeline that begin with a day or a week."""
    return [line for line in text.splitlines() if ROW.match(line)]


def test_a_day_is_a_row_of_its_hours() -> None:
    """People stand where their shift begins, a line goes on to its end, and the next day says again who goes on."""
    window = span("2026-02-02T23:00", "2026-02-04T23:00")
    text = as_timeline([strip(rendered(minimal(), window))], window, zone=BERLIN)
    assert text.splitlines() == [
        "data-primary, Tue 2026-02-03 00:00 to Thu 2026-02-05 00:00, Europe/Berlin",
        "",
        "February 2026",
        "       00       03       06       09       12       15       18       21",
        "Tue  3 linus─────────────│ada─────║grace══════════════════│ada───────────│linus",
        "Wed  4 linus─────────────│ada────────────────────────────────────────────│linus",
        "",
        "─ on call   ║═ override   │ handoff",
    ]


def test_gaps_and_now_are_shown() -> None:
    """Nobody is said and hatched, with how long and why below; now is marked under its row."""
    window = span("2026-01-04T23:00", "2026-01-05T23:00")
    text = as_timeline([strip(rendered(minimal(), window))], window, zone=BERLIN, now=at("2026-01-05T09:10"))
    assert text.splitlines()[4:] == [
        "Mon  5 nobody░░░░░░░░░░░░░░░░░░░░░│ada───────────────────────────────────│linus",
        "                                     ▲ now, 10:10",
        "nobody for 9h: no layer covers it",
        "",
        "─ on call   ░ nobody   │ handoff   ▲ now",
    ]


def test_now_at_the_end_of_a_row_stays_within_it() -> None:
    """Late in the day the words stand left of the mark."""
    window = span("2026-01-05T00:00", "2026-01-06T00:00")
    line = as_timeline([strip(in_turn("ada"))], window, zone=UTC, now=at("2026-01-05T23:59")).splitlines()[5]
    assert line.endswith("now, 23:59 ▲")
    assert columns(line) == 79


@pytest.mark.parametrize(
    ("start", "hours"), [("2026-03-28T23:00", 23), ("2026-10-24T22:00", 25)], ids=["spring", "autumn"]
)
def test_a_day_with_a_clock_change_says_so(start: str, hours: int) -> None:
    """The row goes by the clock on the wall, and its length is told."""
    window = Span(at(start), at(start) + timedelta(hours=hours))
    lines = as_timeline([strip(in_turn("ada", start=start, hours=hours))], window, zone=BERLIN).splitlines()
    assert lines[4] == "Sun 29 ada" + "─" * 69 if hours == 23 else "Sun 25 ada" + "─" * 69
    assert lines[5] == f"       (a day of {hours} hours: the clocks change)"


def test_a_skipped_hour_belongs_to_whoever_serves_after_it() -> None:
    """Where the clock jumps from two to three, a handoff at the jump stands at two, and nothing is left blank."""
    window = span("2026-03-28T23:00", "2026-03-29T22:00")
    rota = schedule(
        overrides=(
            override("ada", "2026-03-28T23:00", "2026-03-29T01:00"),
            override("grace", "2026-03-29T01:00", "2026-03-29T22:00"),
        )
    )
    (row,) = rows(as_timeline([strip(rendered(rota, window))], window, zone=BERLIN))
    assert row == "Sun 29 ada═══║grace" + "═" * 60


def test_a_day_that_a_zone_skipped_has_no_row() -> None:
    """Samoa had no 30 December 2011."""
    window = span("2011-12-29T10:00", "2012-01-01T10:00")
    shown = in_turn("ada", "bo", start="2011-12-29T10:00", hours=36)
    days = [row[:6] for row in rows(as_timeline([strip(shown)], window, zone=APIA))]
    assert days == ["Thu 29", "Sat 31", "Sun  1"]


def test_a_long_window_has_a_row_a_week() -> None:
    """A year fits on a page or two: weeks below each other, the days of the week above them, the years told."""
    window = span("2025-12-31T23:00", "2026-12-31T23:00")
    text = as_timeline([strip(rendered(minimal(), window))], window, zone=BERLIN, now=at("2026-02-03T12:00"))
    lines = text.splitlines()
    assert lines[2:5] == [
        "2025",
        "       Mon       Tue       Wed       Thu       Fri       Sat       Sun",
        "29 Dec                               nobody" + "░" * 34,
    ]
    assert "now, Tue 13:00" in text
    assert " 2 Feb gra│ada──│li│║gra│a│li│ada───│li│ada───│li│ada───│li│ada──────────────" in lines
    assert len(lines) < 70


def test_several_schedules_stand_below_each_other() -> None:
    """Each has its own title; what the signs mean is said once."""
    window = span("2026-01-05T00:00", "2026-01-06T00:00")
    text = as_timeline([strip(in_turn("ada"), "one"), strip(in_turn("grace"), "two")], window, zone=UTC)
    assert [line for line in text.splitlines() if "2026-01-05" in line] == [
        f"{name}, Mon 2026-01-05 00:00 to Tue 2026-01-06 00:00, UTC" for name in ("one", "two")
    ]
    assert text.count("on call") == 1


@given(
    names=st.lists(st.sampled_from(["ada", "", "韩梅梅", "a", "Tomás", "é" * 40]), min_size=1, max_size=12),
    hours=st.sampled_from([0.2, 1, 7.7, 24, 24 * 7, 24 * 30]),
    zone=st.sampled_from(ODD),
    start=st.sampled_from(["2026-03-28T00:00", "2026-10-03T11:00", "2011-12-28T01:30"]),
)
def test_no_line_is_too_long_and_no_cell_is_blank(names: list[str], hours: float, zone: str, start: str) -> None:
    """Whatever the names, the lengths and the clocks: at most 79 columns, and something in every cell of the window."""
    shown = in_turn(*names, start=start, hours=hours)
    window = Span(at(start), at(start) + timedelta(hours=hours) * len(names))
    text = as_timeline([strip(shown)], window, zone=ZoneInfo(zone), now=at(start) + timedelta(minutes=5))
    drawn = [row[7:] for row in rows(text)]
    assert drawn
    assert max(columns(line) for line in text.splitlines()[1:]) <= 79
    for cells in drawn[1:-1]:
        assert " " not in cells
        assert columns(cells) in (72, 70)
