"""Shifts as calendar programs read them: held against readers that are not ours."""

from __future__ import annotations

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events

from core.schedules.rotas import BERLIN, CASABLANCA, LORD_HOWE, at, minimal, people, span
from core.schedules.shown.scene import NAME, WINDOW, a_day, in_turn, one_shift, rendered
from tocsin.core.schedules import Rendered, as_icalendar
from tocsin.core.schedules.shown import Binding, calendar_text, published
from tocsin.core.vocabulary import PersonName, ScheduleName, Span, utc

STAMP = utc(2026, 1, 1)


def written(shown: Rendered, *, name: str = NAME, zone: ZoneInfo = BERLIN) -> str:
    """The text, of which every line is as RFC 5545, 3.1 wants it."""
    text = as_icalendar(ScheduleName(name), shown, zone=zone, stamp=STAMP)
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text


def lines(shown: Rendered, *, name: str = NAME) -> list[str]:
    """The content lines, unfolded."""
    return written(shown, name=name).replace("\r\n ", "").split("\r\n")


def read(text: str, window: Span) -> list[Span]:
    """The spans that another program finds in a text."""
    around = window.start - timedelta(days=3), window.end + timedelta(days=3)
    events = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(*around)
    return sorted(Span(event.start.astimezone(UTC), event.end.astimezone(UTC)) for event in events)


def on_its_own(text: str, zone: ZoneInfo, name: str) -> str:
    """The text with a zone of a name that nobody knows: a reader has to go by what the text says of its clocks."""
    return text.replace(f"TZID:{zone.key}", f"TZID:{name}").replace(f"TZID={zone.key}", f"TZID={name}")


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        (BERLIN, "2026-03-28"),
        (BERLIN, "2026-10-24"),
        (LORD_HOWE, "2026-04-04"),
        (LORD_HOWE, "2026-10-03"),
        (CASABLANCA, "2026-02-14"),
        (CASABLANCA, "2026-03-21"),
    ],
    ids=str,
)
def test_another_reader_finds_the_same_spans_at_clock_changes(zone: ZoneInfo, day: str) -> None:
    """Half-hour shifts through the change, read with the reader's zone and with ours, are where they are."""
    shown = in_turn(*["ada", "grace"] * 48, start=f"{day}T00:00", hours=0.5)
    text, window = written(shown, zone=zone), Span(shown.shifts[0].span.start, shown.shifts[-1].span.end)
    spans = [shift.span for shift in shown.shifts]
    assert f"TZID={zone.key}" in text
    assert read(text, window) == spans
    assert read(on_its_own(text, zone, f"Own/{zone.key}/{day}"), window) == spans


def test_another_reader_finds_a_year_of_shifts() -> None:
    """All shifts of a rota over a year and two clock changes."""
    window = span("2026-01-05T08:00", "2027-01-04T08:00")
    shown = rendered(minimal(), window)
    assert read(written(shown), window) == [shift.span for shift in shown.shifts]


def test_a_calendar_says_what_it_is() -> None:
    """Its name, that it is published, how often to look again, and the clock of its zone."""
    found = lines(a_day())
    assert found[:9] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Tocsin//Tocsin on call//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "NAME:data-primary",
        "X-WR-CALNAME:data-primary",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    assert found.count("BEGIN:VTIMEZONE") == 1


def test_a_calendar_has_an_event_a_shift() -> None:
    """On the clock of the zone, without an alarm, and without making anybody busy."""
    found = lines(one_shift("ada", "grace"))
    event = found[found.index("BEGIN:VEVENT") : found.index("END:VEVENT")]
    uid = next(line for line in event if line.startswith("UID:"))
    assert event[1:] == [
        "SUMMARY:ada\\, grace on call: data-primary",
        "DTSTART;TZID=Europe/Berlin:20260105T010000",
        "DTEND;TZID=Europe/Berlin:20260106T010000",
        "DTSTAMP:20260101T000000Z",
        uid,
        "SEQUENCE:0",
        "DESCRIPTION:data-primary\\, weekly",
        "LAST-MODIFIED:20260101T000000Z",
        "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT",
    ]
    assert "VALARM" not in "".join(found)


def test_an_hour_that_comes_twice_is_told_in_utc() -> None:
    """A local time means its first coming; a shift at the second one says which it is."""
    shown = in_turn("ada", "grace", start="2026-10-25T00:30", hours=1)
    told = [line for line in lines(shown) if line.startswith(("DTSTART;", "DTEND;", "DTSTART:20261025T0"))]
    assert "DTSTART:20261025T003000Z" in told
    assert read(written(shown), shown.shifts[0].span) == [shift.span for shift in shown.shifts]


def test_uids_are_stable_and_differ() -> None:
    """An event keeps its UID over renderings of other windows, and no two shifts of a year share one."""
    year = lines(rendered(minimal(), span("2026-01-01T00:00", "2027-01-01T00:00")))
    uids = [line for line in year if line.startswith("UID:")]
    assert len(set(uids)) == len(uids) > 500
    week = lines(rendered(minimal(), span("2026-02-02T08:00", "2026-02-09T05:00")))
    assert {line for line in week if line.startswith("UID:")} <= set(uids)


def test_text_is_escaped_and_folded() -> None:
    """Long lines are folded at 75 octets between characters; special characters and line breaks do no harm."""
    source = "夜间;a,b\\c\nd\x07" + "é" * 100 + "x" * 100
    (line,) = (line for line in lines(one_shift("ada", source=source)) if line.startswith("DESCRIPTION"))
    assert line == "DESCRIPTION:data-primary\\, 夜间\\;a\\,b\\\\c d " + "é" * 100 + "x" * 100
    named = lines(a_day(), name="a\r\nBEGIN:VEVENT")
    assert "NAME:a  BEGIN:VEVENT" in named
    assert named.count("BEGIN:VEVENT") == 2


def test_an_empty_calendar_is_valid() -> None:
    """A calendar without shifts still has the one component that RFC 5545 wants."""
    found = lines(Rendered(shifts=(), vacancies=()))
    assert found.count("BEGIN:VTIMEZONE") == found.count("END:VTIMEZONE") == 1
    assert "BEGIN:VEVENT" not in found


def test_what_is_gone_is_cancelled() -> None:
    """A cancelled event keeps its place and name, with a higher number, so that programs take it away."""
    shift = (ScheduleName("rota"), one_shift("ada").shifts[0])
    gone = published(published((), (shift,), STAMP), (), STAMP)
    (event,) = icalendar.Calendar.from_ical(calendar_text(gone, Binding(title="x", zone=BERLIN), at=STAMP)).walk(
        "VEVENT"
    )
    assert (event["STATUS"], event["SEQUENCE"], event.start) == ("CANCELLED", 1, WINDOW.start)


def test_a_person_reads_of_themselves() -> None:
    """In one's own calendar stands where, and with whom, by full names."""
    shifts = [(ScheduleName("rota"), one_shift(*names).shifts[0]) for names in (("ada",), ("ada", "grace"))]
    names = {PersonName("grace"): "Grace Hopper"}
    binding = Binding(title="Ada on call", zone=BERLIN, names=names, person=people("ada")[0])
    found = icalendar.Calendar.from_ical(calendar_text(published((), shifts, STAMP), binding, at=STAMP))
    summaries = {str(event["SUMMARY"]) for event in found.walk("VEVENT")}
    assert summaries == {"On call: rota", "On call: rota, with Grace Hopper"}


def test_the_same_events_are_the_same_text() -> None:
    """What has not changed is not sent again: the text depends on the events, not on when it is asked for."""
    binding, events = Binding(title="x", zone=BERLIN), published((), [(NAME, one_shift("ada").shifts[0])], STAMP)
    assert calendar_text(events, binding, at=STAMP) == calendar_text(events, binding, at=at("2029-01-01T00:00"))
