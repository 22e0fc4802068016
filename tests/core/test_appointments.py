"""What a calendar says of people: whom it books, and when its owner is away."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tocsin.core.appointments import Appointment, Source, absences, bookings
from tocsin.core.people import Person
from tocsin.core.schedules import CalendarName
from tocsin.core.vocabulary import PersonName, Span, utc

START, HOUR = utc(2026, 1, 5), timedelta(hours=1)
PEOPLE = tuple(
    Person(name=PersonName(name), full_name=full_name, email=f"{name}@Example.org", time_zone=ZoneInfo("UTC"))
    for name, full_name in (("ada", "Ada Byron"), ("grace", "Grace Hopper"))
)


def entry(summary: str = "", *addresses: str, hours: int = 0, busy: bool = True) -> Appointment:
    """An hour, so many hours after the beginning."""
    span = Span(START + hours * HOUR, START + (hours + 1) * HOUR)
    return Appointment(span=span, summary=summary, addresses=addresses, busy=busy)


@pytest.mark.parametrize(
    ("appointment", "people"),
    [
        (entry("on call", "ada@example.org"), ("ada",)),
        (entry("grace", "ada@example.org"), ("ada",)),
        (entry("grace", "stranger@example.org"), ("grace",)),
        (entry("Ada Byron"), ("ada",)),
        (entry("ADA"), ("ada",)),
        (entry("On call: Ada Byron"), ("ada",)),
        (entry("ada@example.org"), ("ada",)),
        (entry("ada, Grace Hopper"), ("ada", "grace")),
        (entry("Primary: ada + grace"), ("ada", "grace")),
        (entry("ada, somebody else"), ()),
        (entry("Adam"), ()),
        (entry(""), ()),
    ],
)
def test_who_is_meant(appointment: Appointment, people: tuple[str, ...]) -> None:
    """Attendees by their address, else names in the title; a title with a stranger in it books nobody by half."""
    assert [booking.people for booking in bookings([appointment], PEOPLE)] == ([people] if people else [])


def test_bookings_are_in_order() -> None:
    """By time, whatever the order of the entries."""
    found = bookings([entry("grace", hours=2), entry("ada")], PEOPLE)
    assert [booking.people for booking in found] == [("ada",), ("grace",)]


def test_away_is_whenever_the_owner_is_not_free() -> None:
    """Entries that touch are one absence; free ones are none."""
    found = absences([entry(hours=1), entry(hours=0), entry(hours=3, busy=False)])
    assert found == (Span(START, START + 2 * HOUR),)


def test_an_address_is_not_shown_whole() -> None:
    """A secret may stand in it: its host is enough to know which calendar is meant."""
    source = Source(name=CalendarName("team"), url="https://calendar.example.org/private-5ecret/basic.ics")
    assert source.shown == "calendar.example.org"
    assert Source(name=CalendarName("team"), file="/etc/tocsin/team.ics").shown == "/etc/tocsin/team.ics"
