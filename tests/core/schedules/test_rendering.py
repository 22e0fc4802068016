"""Shifts as others read them: the contract's JSON shape, a terminal table, iCalendar text."""

from __future__ import annotations

import json

from core.schedules.rotas import BERLIN, at, minimal, override, people, rotation, schedule, span
from tocsin.core.schedules import Layer, Rendered, Shift, as_document, as_icalendar, as_text, shifts
from tocsin.core.vocabulary import ScheduleName, utc

NAME = ScheduleName("data-primary")
STAMP = utc(2026, 1, 1)
WINDOW = span("2026-01-05T00:00", "2026-01-06T00:00")


def calendar(rendered: Rendered, name: str = NAME) -> list[str]:
    """The content lines of the iCalendar text, unfolded as RFC 5545, 3.1 says."""
    text = as_icalendar(ScheduleName(name), rendered, stamp=STAMP)
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")


def one_shift(*names: str, source: str = "weekly") -> Rendered:
    """A rendering of one shift and nothing else."""
    return Rendered(shifts=(Shift(span=WINDOW, people=people(*names), source=source),), gaps=())


def test_the_document_has_the_shape_of_the_contract() -> None:
    """Instants are UTC with a Z, people are a list, gaps stand beside shifts, and it is plain JSON."""
    document = as_document(NAME, WINDOW, shifts(minimal(), WINDOW))
    assert json.loads(json.dumps(document)) == {
        "schedule": "data-primary",
        "from": "2026-01-05T00:00:00Z",
        "to": "2026-01-06T00:00:00Z",
        "shifts": [
            {"start": "2026-01-05T08:00:00Z", "end": "2026-01-05T21:00:00Z", "people": ["ada"], "source": "weekly"},
            {"start": "2026-01-05T21:00:00Z", "end": "2026-01-06T00:00:00Z", "people": ["linus"], "source": "nights"},
        ],
        "gaps": [{"start": "2026-01-05T00:00:00Z", "end": "2026-01-05T08:00:00Z"}],
    }


def test_the_table_is_in_the_zone_of_the_schedule() -> None:
    """The table reads in order of time, with local times and their offsets, and says nobody where nobody is."""
    assert as_text(NAME, WINDOW, shifts(minimal(), WINDOW), zone=BERLIN).splitlines() == [
        "data-primary, Mon 2026-01-05 01:00 +01:00 to Tue 2026-01-06 01:00 +01:00, Europe/Berlin",
        "",
        "from                         to                           for  who     source",
        "Mon 2026-01-05 01:00 +01:00  Mon 2026-01-05 09:00 +01:00  8h   nobody",
        "Mon 2026-01-05 09:00 +01:00  Mon 2026-01-05 22:00 +01:00  13h  ada     weekly",
        "Mon 2026-01-05 22:00 +01:00  Tue 2026-01-06 01:00 +01:00  3h   linus   nights",
    ]


def test_the_table_tells_doubled_times_apart() -> None:
    """A shift that starts in the second showing of an hour differs from the first by its offset."""
    rota = schedule(overrides=(override("ada", "2026-10-25T00:30", "2026-10-25T01:30:30"),))
    window = span("2026-10-25T00:30", "2026-10-25T01:30:30")
    line = as_text(NAME, window, shifts(rota, window), zone=BERLIN).splitlines()[-1]
    assert line == "Sun 2026-10-25 02:30 +02:00  Sun 2026-10-25 02:30:30 +01:00  1h 30s  ada  override"


def test_the_table_gives_wide_characters_their_room() -> None:
    """Columns stay aligned beside names that take two columns a character."""
    rendered = Rendered(
        shifts=(
            Shift(span=span("2026-01-05T00:00", "2026-01-06T00:00"), people=people("艾达"), source="x"),
            Shift(span=span("2026-01-06T00:00", "2026-01-07T00:00"), people=people("ada"), source="y"),
        ),
        gaps=(),
    )
    wide, narrow = as_text(NAME, WINDOW, rendered, zone=BERLIN).splitlines()[-2:]
    assert wide.endswith("1d   艾达  x")
    assert narrow.endswith("1d   ada   y")


def test_a_calendar_has_an_event_a_shift() -> None:
    """Each shift is one event in UTC, with the stamp that was passed in."""
    lines = calendar(one_shift("ada", "grace"))
    assert lines[:6] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Tocsin//Tocsin on call//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:data-primary",
    ]
    assert lines[6] == "BEGIN:VEVENT"
    assert lines[8:] == [
        "DTSTAMP:20260101T000000Z",
        "DTSTART:20260105T000000Z",
        "DTEND:20260106T000000Z",
        r"SUMMARY:ada\, grace on call: data-primary",
        r"DESCRIPTION:data-primary\, weekly",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_uids_are_stable_and_differ() -> None:
    """An event keeps its UID over renderings of other windows, and no two shifts of a year share one."""
    year = calendar(shifts(minimal(), span("2026-01-01T00:00", "2027-01-01T00:00")))
    uids = [line for line in year if line.startswith("UID:")]
    assert len(set(uids)) == len(uids) > 500
    week = calendar(shifts(minimal(), span("2026-02-02T08:00", "2026-02-09T05:00")))
    assert {line for line in week if line.startswith("UID:")} <= set(uids)


def test_text_is_escaped_and_folded() -> None:
    """Long lines are folded at 75 octets without cutting a character, and special characters are escaped."""
    source = "夜间;a,b\\c\nd\x07" + "é" * 100 + "x" * 100
    (line,) = (line for line in calendar(one_shift("ada", source=source)) if line.startswith("DESCRIPTION"))
    assert line == "DESCRIPTION:data-primary\\, 夜间\\;a\\,b\\\\c\\nd" + "é" * 100 + "x" * 100


def test_an_empty_calendar_is_valid() -> None:
    """A calendar without shifts still has the one component that RFC 5545 wants."""
    lines = calendar(Rendered(shifts=(), gaps=(WINDOW,)))
    assert lines.count("BEGIN:VTIMEZONE") == lines.count("END:VTIMEZONE") == 1
    assert "BEGIN:VEVENT" not in lines


def test_other_zones_in_are_utc_out() -> None:
    """Whatever zone an instant was told in, the document says it in UTC, with a fraction only where there is one."""
    start = at("2026-01-05T08:00:00.250000").astimezone(BERLIN)
    shift = Shift(span=type(WINDOW)(start, WINDOW.end), people=people("ada"), source="weekly")
    document = as_document(NAME, WINDOW, Rendered(shifts=(shift,), gaps=()))
    assert document["shifts"][0]["start"] == "2026-01-05T08:00:00.250000Z"


def test_a_layer_without_people_is_a_gap_in_the_table() -> None:
    """A participant who is nobody on purpose is shown as nobody."""
    rota = schedule(Layer(name="rest", rotation=rotation("1 days", "2026-01-05T09:00", "")))
    assert as_text(NAME, WINDOW, shifts(rota, WINDOW), zone=BERLIN).splitlines()[-1].endswith("nobody")
