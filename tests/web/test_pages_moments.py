"""Times that people type, on their own clocks: also where the clock is put forward or back."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.app.catalogs import load_catalogs
from tocsin.core.errors import Refused
from tocsin.core.vocabulary import Instant, Span, utc
from tocsin.web.pages.moments import as_typed, meant, stretch, stretch_text, typed, typed_day, whole_minute
from tocsin.web.pages.reader import Reader

CATALOGS = load_catalogs()
NOW = utc(2026, 11, 22, 2, 11)
INSTANTS = st.datetimes(min_value=NOW.replace(tzinfo=None, year=1990), max_value=NOW.replace(tzinfo=None, year=2090))
ZONES = st.sampled_from(["Europe/Berlin", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "UTC"])


def reader(zone: str = "Europe/Berlin", language: str = "en", now: Instant = NOW) -> Reader:
    """Somebody in front of a page."""
    return Reader(catalog=CATALOGS.of(language), zone=ZoneInfo(zone), now=now)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-22T12:00", utc(2026, 11, 22, 11)),
        ("2026-07-01T12:00", utc(2026, 7, 1, 10)),
        # Put forward: the first instant after the gap. Put back: the first showing.
        ("2026-03-29T02:30", utc(2026, 3, 29, 1)),
        ("2026-10-25T02:30", utc(2026, 10, 25, 0, 30)),
    ],
)
def test_a_time_is_read_on_the_viewers_clock(text: str, at: Instant) -> None:
    """What is typed means the viewer's wall, by the rule of schedules where the clock jumps."""
    assert typed(text, reader(), field="from") == at


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00", "2026-11-22T12:00Z", "1066-10-14T09:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """Beside its field, in the reader's words."""
    with pytest.raises(Refused) as caught:
        typed(text, reader(language="zh"), field="from")
    assert (caught.value.detail, caught.value.field) == ("请选择日期和时刻。", "from")


def test_a_day_counts_as_a_whole() -> None:
    """From its first instant, and to the end of the last one, also when a day has 25 hours."""
    begins = typed_day("2026-10-25", "", reader(), field="from", is_end=False)
    ends = typed_day("2026-10-25", "", reader(), field="to", is_end=True)
    assert ends - begins == timedelta(hours=25)
    assert typed_day("2026-10-25", "09:30", reader(), field="to", is_end=True) == utc(2026, 10, 25, 8, 30)


@given(at=INSTANTS, zone=ZONES)
def test_a_field_left_as_it_was_means_the_same_instant(at: Instant, zone: str) -> None:
    """Whatever instant a field shows: sent back untouched, it is that instant, to the second."""
    exactly = at.replace(tzinfo=NOW.tzinfo, microsecond=0)
    viewer = reader(zone)
    again = typed(as_typed(exactly, viewer), viewer, field="from")
    assert meant(again, (exactly,), viewer) == exactly


@given(start=INSTANTS, length=st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=60)))
def test_an_address_carries_a_stretch_there_and_back(start: Instant, length: timedelta) -> None:
    """What a page writes into an address it reads again."""
    span = Span(start.replace(tzinfo=NOW.tzinfo), start.replace(tzinfo=NOW.tzinfo) + length)
    assert stretch(stretch_text(span)) == span


def test_a_minute_that_has_begun_ends() -> None:
    """The next full minute; a full one is itself."""
    assert whole_minute(utc(2026, 1, 1, 0, 0, 1)) == utc(2026, 1, 1, 0, 1)
    assert whole_minute(utc(2026, 1, 1)) == utc(2026, 1, 1)


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (utc(2026, 11, 23, 8), utc(2026, 11, 23, 17), "Mon 23 Nov 09:00 – 18:00"),
        (utc(2026, 11, 23, 8), utc(2026, 11, 30, 8), "Mon 23 Nov 09:00 – Mon 30 Nov 09:00"),
        (utc(2027, 1, 1, 8), utc(2027, 1, 1, 9), "Fri 1 Jan 09:00 – 10:00"),
        (utc(2028, 1, 3, 8), utc(2028, 1, 3, 9), "Mon, 3 Jan 2028 09:00 – 10:00"),
    ],
)
def test_a_stretch_says_each_day_once(start: Instant, end: Instant, said: str) -> None:
    """The end's day only where it is another one, the year only where another one could be meant."""
    assert reader().stretch(Span(start, end)) == said


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(days=7), "7 d"),
        (timedelta(hours=24), "24 h"),
        (timedelta(hours=84), "84 h"),
        (timedelta(minutes=90), "1 h 30 min"),
        (timedelta(hours=2) - timedelta(milliseconds=400), "2 h"),
        (timedelta(minutes=5), "5 min"),
    ],
)
def test_a_length_is_told_as_people_count(length: timedelta, said: str) -> None:
    """Whole days as days, else hours, and minutes where there are any."""
    assert reader().long(Span(NOW, NOW + length)) == said
