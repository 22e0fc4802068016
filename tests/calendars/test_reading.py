"""iCalendar text: what other programs publish, repetition by repetition, on the right clock."""

from __future__ import annotations

import contextlib
import sys
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.calendars import read, reading
from tocsin.core.errors import Refused
from tocsin.core.vocabulary import Span, utc

YEAR = Span(utc(2026, 1, 1), utc(2027, 1, 1))
BERLIN = ZoneInfo("Europe/Berlin")


def text(*lines: str, head: str = "") -> str:
    """A calendar of these lines."""
    frame = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", *filter(None, head.split("\n")), *lines]
    return "\r\n".join([*frame, "END:VCALENDAR", ""])


def event(*lines: str, summary: str = "ada", uid: str = "1") -> str:
    """One entry."""
    return "\r\n".join(
        ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", f"SUMMARY:{summary}", *lines, "END:VEVENT"]
    )


def told(calendar: str, *, window: Span = YEAR, zone: ZoneInfo | None = None) -> list[str]:
    """Entries as `01-05 08:00 > 01-12 08:00 ada`, in UTC."""
    found = read(calendar, window=window, zone=zone).appointments
    return [f"{one.span.start:%m-%d %H:%M} > {one.span.end:%m-%d %H:%M} {one.summary}" for one in found]


def test_repetitions_with_exceptions_and_moved_ones() -> None:
    """RRULE with UNTIL, one left out by EXDATE, one moved by RECURRENCE-ID; the hour stays at the clock change."""
    series = event(
        "DTSTART;TZID=Europe/Berlin:20260316T090000",
        "DTEND;TZID=Europe/Berlin:20260323T090000",
        "RRULE:FREQ=WEEKLY;UNTIL=20260413T070000Z",
        "EXDATE;TZID=Europe/Berlin:20260330T090000",
    )
    moved = event(
        "RECURRENCE-ID;TZID=Europe/Berlin:20260406T090000",
        "DTSTART;TZID=Europe/Berlin:20260407T100000",
        "DTEND;TZID=Europe/Berlin:20260413T090000",
        summary="grace",
    )
    assert told(text(series, moved)) == [
        "03-16 08:00 > 03-23 08:00 ada",
        "03-23 08:00 > 03-30 07:00 ada",
        "04-07 08:00 > 04-13 07:00 grace",
        "04-13 07:00 > 04-20 07:00 ada",
    ]


@pytest.mark.parametrize(
    ("head", "zone", "expected"),
    [
        ("", None, "03-29 00:00 > 03-30 00:00 ada"),
        ("X-WR-TIMEZONE:Europe/Berlin", None, "03-28 23:00 > 03-29 22:00 ada"),
        ("X-WR-TIMEZONE:Europe/Berlin", ZoneInfo("Asia/Shanghai"), "03-28 16:00 > 03-29 16:00 ada"),
        ("X-WR-TIMEZONE:Mars/Olympus", None, "03-29 00:00 > 03-30 00:00 ada"),
    ],
)
def test_a_whole_day_is_a_day_of_its_zone(head: str, zone: ZoneInfo | None, expected: str) -> None:
    """The zone that is configured, else the calendar's own, else UTC; the day of the clock change has 23 hours."""
    assert told(text(event("DTSTART;VALUE=DATE:20260329"), head=head), zone=zone) == [expected]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("DTSTART:20260301T090000Z", "DURATION:PT90M"), ["03-01 09:00 > 03-01 10:30 ada"]),
        (("DTSTART:20260301T090000", "DTEND:20260301T100000"), ["03-01 08:00 > 03-01 09:00 ada"]),
        (("DTSTART;VALUE=DATE:20260301", "DTEND;VALUE=DATE:20260304"), ["02-28 23:00 > 03-03 23:00 ada"]),
        (("DTSTART:20260301T090000Z", "DTEND:20260301T100000Z", "STATUS:CANCELLED"), []),
        (("DTSTART:20250301T090000Z", "DTEND:20250301T100000Z"), []),
        (("DTSTART:20251220T090000Z", "DTEND:20260105T090000Z"), ["12-20 09:00 > 01-05 09:00 ada"]),
    ],
)
def test_beginnings_and_ends(lines: tuple[str, ...], expected: list[str]) -> None:
    """With a length, on a floating clock, of several days, called off, outside the window, reaching into it."""
    assert told(text(event(*lines)), zone=BERLIN) == expected


def test_who_takes_part_and_who_is_free() -> None:
    """Addresses come in lower case; the organizer counts where nobody else is named; free entries say so."""
    calendar = text(
        event(
            "DTSTART:20260301T090000Z",
            "DURATION:PT1H",
            "ATTENDEE;CN=Ada:mailto:Ada@Example.org",
            "ORGANIZER:mailto:boss@example.org",
        ),
        event("DTSTART:20260302T090000Z", "DURATION:PT1H", "ORGANIZER:mailto:boss@example.org", uid="2"),
        event("DTSTART:20260303T090000Z", "DURATION:PT1H", "TRANSP:TRANSPARENT", uid="3"),
        event("DTSTART:20260304T090000Z", "DURATION:PT1H", "X-MICROSOFT-CDO-BUSYSTATUS:FREE", uid="4"),
        event("DTSTART:20260305T090000Z", "DURATION:PT1H", "X-MICROSOFT-CDO-BUSYSTATUS:OOF", uid="5"),
    )
    found = read(calendar, window=YEAR, zone=None).appointments
    assert [one.addresses for one in found] == [("ada@example.org",), ("boss@example.org",), (), (), ()]
    assert [one.busy for one in found] == [True, True, False, False, True]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", None),
        ("X-PUBLISHED-TTL:PT1H", timedelta(hours=1)),
        ("REFRESH-INTERVAL;VALUE=DURATION:PT1S", timedelta(minutes=5)),
        ("X-PUBLISHED-TTL:P30D", timedelta(days=1)),
        ("X-PUBLISHED-TTL:soon", None),
    ],
)
def test_how_often_it_wishes_to_be_asked(head: str, expected: timedelta | None) -> None:
    """Within bounds, and not at all where it does not say so rightly."""
    assert read(text(event("DTSTART:20260301T090000Z"), head=head), window=YEAR, zone=None).refresh == expected


@pytest.mark.parametrize(
    "calendar",
    [
        "",
        "<html>sign in</html>",
        "BEGIN:VCALENDAR",
        text(event("DTSTART:20269901T090000Z")),
        text(event("DTEND:20260101T090000Z")),
        text(event("DTSTART:20260101T090000Z", "RRULE:FREQ=SECONDLY")),
        text(event("DTSTART:20260101T090000Z", "RRULE:FREQ=HOURLY;BYMINUTE=0,1,2,3,4,5;BYSECOND=0,1,2,3,4")),
        text(*(event(f"DTSTART:20260101T{hour:02}0000Z", "RRULE:FREQ=HOURLY", uid=str(hour)) for hour in range(3))),
        "x" * 5_000_001,
    ],
)
def test_what_is_no_calendar_of_people_is_refused(calendar: str) -> None:
    """With a sentence; the copy before it stays in force."""
    with pytest.raises(Refused):
        read(calendar, window=YEAR, zone=None)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;COUNT=1;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=0",
    ],
)
def test_a_day_that_never_comes_is_not_looked_for_for_ever(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule may keep the libraries busy for hours; after a while of work the calendar is refused."""
    monkeypatch.setattr(reading, "_PATIENCE_SECONDS", 0.2)
    calendar = text(event("DTSTART:20260101T090000Z", f"RRULE:{rule}"))
    before = time.thread_time()
    with pytest.raises(Refused):
        read(calendar, window=YEAR, zone=None)
    assert time.thread_time() - before < 5
    assert sys.getprofile() is None


def test_what_repeats_is_kept_short() -> None:
    """A title of millions of characters, or a crowd, would be kept with each of its repetitions."""
    crowd = "\r\n".join(f"ATTENDEE:mailto:p{number}@example.org" for number in range(300))
    times = ("DTSTART:20260101T090000Z", "DTEND:20260101T100000Z", "RRULE:FREQ=DAILY")
    found = read(text(event(*times, crowd, summary="x" * 100_000)), window=YEAR, zone=None).appointments
    assert len(found) == 365
    assert {(len(one.summary), len(one.addresses)) for one in found} == {(500, 200)}


def test_a_calendar_without_entries_says_nothing() -> None:
    """That is an answer: nobody is booked."""
    assert told(text()) == []


@given(st.text(max_size=400), st.sampled_from(["DTSTART", "RRULE", "EXDATE", "DURATION", "ATTENDEE", "SUMMARY"]))
def test_whatever_comes_is_read_or_refused(garbage: str, field: str) -> None:
    """Nothing from outside raises anything else, nor takes for ever."""
    lines = ("DTSTART:20260101T090000Z", f"{field}:{garbage}")
    with contextlib.suppress(Refused):
        read(text(event(*lines)), window=YEAR, zone=None)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (bounds are naive)
    st.integers(1, 10_000),
)
def test_an_entry_is_where_it_was_written(start: datetime, minutes: int) -> None:
    """Written in UTC, it is read as the same span."""
    start = start.replace(second=0, microsecond=0)
    end = start + timedelta(minutes=minutes)
    lines = (f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{end:%Y%m%dT%H%M%SZ}")
    [found] = read(text(event(*lines)), window=Span(start, end), zone=None).appointments
    assert found.span == Span(start, end)
