"""What schedules depend on besides themselves: zones, absences, feeds, and overrides that are kept apart from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from configuration.written import EVERYTHING, draft
from tocsin.configuration.building import directory
from tocsin.configuration.circumstances import Feeds
from tocsin.core.directory import Directory
from tocsin.core.schedules import Absence, Booking, CalendarName, Override, Region
from tocsin.core.vocabulary import PersonName, ScheduleName, Span, utc
from tocsin.ports.state import Document

ADA, BOB, EVE = PersonName("ada"), PersonName("bob"), PersonName("eve")
PRIMARY = ScheduleName("primary")


@pytest.fixture(scope="module")
def everything() -> Directory:
    """The directory of the file with every field."""
    return directory(draft(EVERYTHING).documents)


def test_where_people_live_is_known(everything: Directory) -> None:
    """Windows of participants are read on the clocks that their users have."""
    assert {name: zone.key for name, zone in everything.circumstances.zones.items()} == {
        ADA: "Europe/Berlin",
        BOB: "UTC",
        EVE: "UTC",
    }


def test_what_a_person_wishes_of_their_duty(everything: Directory) -> None:
    """Reminders are lengths before a shift: a day unless said otherwise, none when the list is empty."""
    hour = timedelta(hours=1)
    assert everything.people[ADA].reminders == (168 * hour, 36 * hour, 1.5 * hour)
    assert everything.people[BOB].reminders == ()
    assert everything.people[EVE].reminders == (24 * hour,)
    assert [everything.people[name].holidays for name in (ADA, BOB)] == ["DE-BE", None]
    twice = draft("tocsin: 1\nusers: [{name: ada, reminders: [1 day, 24h]}]\n")
    assert directory(twice.documents).people[ADA].reminders == (24 * hour,)


def test_absences_are_whole_days_or_moments(everything: Directory) -> None:
    """A last day belongs to the absence as a whole, on the clock of the person; a moment is the moment."""
    assert everything.circumstances.absences == (
        Absence(person=ADA, span=Span(utc(2026, 12, 23, 23), utc(2027, 1, 2, 23)), note="skiing"),
        Absence(person=ADA, span=Span(utc(2026, 3, 10, 11), utc(2026, 3, 10, 17))),
        Absence(person=BOB, span=Span(utc(2026, 4, 1), utc(2026, 4, 2)), name="a-1"),
        Absence(
            person=ADA,
            span=Span(utc(2026, 4, 1, 6), utc(2026, 4, 2, 22)),
            known_from=utc(2026, 4, 1, 6, 30),
            name="a-2",
            note="ill",
        ),
    )


def test_public_holidays_are_known(everything: Directory) -> None:
    """The circumstances answer for any region and year."""
    assert everything.circumstances.holidays(Region("DE-BY"), 2026)[date(2026, 1, 6)] == "Epiphany"
    assert everything.circumstances.holidays(Region("nowhere"), 2026) == {}


def test_feeds_book_people_and_keep_them_away() -> None:
    """A calendar's bookings are passed on; whoever names a calendar is away when it says so."""
    busy, booked = Span(utc(2026, 5, 1), utc(2026, 5, 3)), Span(utc(2026, 5, 4), utc(2026, 5, 5))
    bookings = {CalendarName("team-calendar"): (Booking(people=(BOB,), span=booked),)}
    feeds = Feeds(bookings=bookings, absences={CalendarName("ada-calendar"): (busy,)})
    documents = draft(EVERYTHING).documents
    known = directory(documents, calendars=feeds).circumstances
    assert known.calendars == bookings
    assert Absence(person=ADA, span=busy) in known.absences
    assert {each.person for each in known.absences if each.span == busy} == {ADA}
    assert directory(documents, calendars=Feeds(absences={CalendarName("other"): (busy,)})) == directory(documents)


def kept(name: str, fields: str) -> str:
    """An override of the schedule `primary`, on the fifth of March, that is kept apart from it."""
    return f'  - {{name: {name}, schedule: primary, from: "2026-03-05T09:00", to: "2026-03-05T17:00", {fields}}}\n'


BASE = """\
tocsin: 1
users: [{name: ada}, {name: bob}, {name: eve}]
schedules:
  - name: primary
    time_zone: UTC
    layers: [{name: a, rotation: {every: 1 week, from: "2026-01-05T09:00", people: [ada]}}]
    overrides: [{person: bob, from: "2026-03-05T09:00", to: "2026-03-05T17:00"}]
overrides:
"""


def overrides(*lines: str) -> list[tuple[str, int]]:
    """The overrides of the schedule by name, each with when it was made, from the lowest to the highest."""
    schedule = directory(draft(BASE + "".join(lines)).documents).schedules[PRIMARY]
    return [(each.name, each.made) for each in schedule.overrides]


def test_overrides_that_are_kept_apart_lie_in_order_of_time() -> None:
    """On top of the schedule's own ones; without a time below all others; of one time by name."""
    assert overrides(
        kept("late", 'person: eve, made: "2026-03-04T10:00:01Z"'),
        kept("never", "person: eve"),
        kept("b", 'person: eve, made: "2026-03-04T10:00Z"'),
        kept("a", 'person: eve, made: "2026-03-04T11:00+01:00"'),
    ) == [("", 0), ("never", 1), ("a", 2), ("b", 3), ("late", 4)]


def test_the_order_of_documents_does_not_change_the_order_of_overrides() -> None:
    """A store may give documents in any order."""
    documents = draft(EVERYTHING).documents
    assert directory(reversed(documents)) == directory(documents)


def test_an_override_that_is_kept_apart_says_what_one_inside_says() -> None:
    """People, span on the schedule's clock, who is replaced, and the note are the same in both places."""
    inside = '{people: [bob, eve], instead_of: ada, from: "2026-03-06T09:00", to: "2026-03-06T17:00", note: dentist}'
    text = BASE.split("    overrides:", maxsplit=1)[0].replace("UTC", "America/New_York")
    (within,) = directory(draft(f"{text}    overrides: [{inside}]\n").documents).schedules[PRIMARY].overrides
    apart = inside.replace("{", "{name: o, schedule: primary, ", 1)
    (beside,) = directory(draft(f"{text}overrides: [{apart}]\n").documents).schedules[PRIMARY].overrides
    assert beside == replace(within, name="o")
    assert within == Override(
        people=(BOB, EVE),
        span=Span(utc(2026, 3, 6, 14), utc(2026, 3, 6, 22)),
        made=0,
        instead_of=ADA,
        note="dentist",
    )


def without(kind: str, name: str, *lines: str) -> Directory:
    """What is left of the documents when one of them is gone."""
    documents = draft(BASE + "".join(lines)).documents
    return directory([each for each in documents if (each.kind, each.name) != (kind, name)])


def test_who_has_left_is_left_out_of_what_is_kept_apart() -> None:
    """An override for somebody who is gone gives way to the layers; others in it stay; nobody on purpose stays."""
    lines = (kept("gone", "person: eve"), kept("partly", "people: [eve, ada]"), kept("closed", "nobody: true"))
    left = without("user", "eve", *lines).schedules[PRIMARY].overrides
    assert [(each.name, each.people) for each in left] == [("", (BOB,)), ("closed", ()), ("partly", (ADA,))]
    assert [each.made for each in left] == [0, 1, 2]


def test_what_is_kept_apart_from_nothing_is_left_out() -> None:
    """An override of a schedule, and an absence of a person, that are not there any more say nothing."""
    assert without("schedule", "primary", kept("o", "person: ada")).schedules == {}
    absence = Document(
        kind="absence",
        name="a",
        body={"name": "a", "person": "zoe", "from": "2026-01-01", "to": "2026-01-02"},
        origin="api",
    )
    assert directory([*draft(EVERYTHING).documents, absence]) == directory(draft(EVERYTHING).documents)
