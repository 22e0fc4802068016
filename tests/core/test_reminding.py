"""Reminders: each person's own choice, once a stint, never too late to be of use."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tocsin.core.directory import Directory
from tocsin.core.people import Person
from tocsin.core.reminding import reminders, stints
from tocsin.core.schedules import Layer, Restriction, Rotation, Schedule, Turn, Unit, Weekday
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, utc

MONDAY = utc(2026, 1, 5)
ADA, GRACE = PersonName("ada"), PersonName("grace")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WORKDAYS = frozenset(list(Weekday)[:5])


def person(name: PersonName, *leads: timedelta) -> Person:
    """Somebody who wants to be reminded so long before."""
    return Person(name=name, full_name=name, email=None, time_zone=ZoneInfo("UTC"), reminders=leads)


def weekly(*only: Restriction) -> Schedule:
    """Ada and Grace, week by week from the Monday on."""
    rotation = Rotation(
        every=Turn(count=1, unit=Unit.WEEKS),
        anchor=datetime.fromisoformat("2026-01-05"),
        participants=((ADA,), (GRACE,)),
    )
    layer = Layer(name="weekly", rotation=rotation, only=only)
    return Schedule(name=ScheduleName("rota"), time_zone=ZoneInfo("UTC"), layers=(layer,))


def directory(schedule: Schedule, *people: Person) -> Directory:
    """An installation with one schedule."""
    return Directory(people={each.name: each for each in people}, schedules={schedule.name: schedule})


def said(known: Directory, now: Instant) -> list[tuple[str, Instant]]:
    """Who is reminded, and when."""
    return [(message.person, message.due_at) for message in reminders(known, now)]


def test_a_stint_is_reminded_of_as_long_before_as_the_person_chose() -> None:
    """Each lead time gives one reminder, which is of no use once the shift has begun."""
    known = directory(weekly(), person(GRACE, DAY, HOUR))
    grace = MONDAY + 7 * DAY
    now = grace - DAY
    assert said(known, now) == [(GRACE, grace - DAY), (GRACE, grace - HOUR)]
    assert {message.until for message in reminders(known, now)} == {grace}
    assert {message.values["start"] for message in reminders(known, now)} == {"2026-01-12T00:00:00Z"}


def test_who_wants_no_reminder_gets_none() -> None:
    """An empty choice is a choice."""
    assert said(directory(weekly(), person(GRACE)), MONDAY + 6 * DAY) == []


def test_nothing_is_prepared_too_early() -> None:
    """Until a day before it is due a reminder is not made, so that an edit need not take it back."""
    known = directory(weekly(), person(GRACE, DAY))
    assert said(known, MONDAY + 7 * DAY - 2 * DAY - HOUR) == []
    assert said(known, MONDAY + 7 * DAY - 2 * DAY + HOUR) != []


def test_nights_in_a_row_are_one_stint() -> None:
    """Five nights of one week are said once; the next week is said again."""
    nights = Restriction(days=WORKDAYS, begins=time(22), ends=time(6))
    known = directory(weekly(nights), person(ADA, HOUR))
    found = stints(known.rota, Span(MONDAY, MONDAY + 28 * DAY))[ADA]
    assert [stint.span.start for stint in found] == [MONDAY + 22 * HOUR, MONDAY + 14 * DAY + 22 * HOUR]
    assert found[0].span.end == MONDAY + 5 * DAY + 6 * HOUR


def test_in_the_middle_of_a_stint_nothing_begins() -> None:
    """Asked on the third night, the week's stint has begun already and is not said again."""
    nights = Restriction(days=WORKDAYS, begins=time(22), ends=time(6))
    known = directory(weekly(nights), person(ADA, HOUR))
    assert said(known, MONDAY + 2 * DAY + 20 * HOUR) == []


@pytest.mark.parametrize(
    ("before", "expected"),
    [(2 * DAY, [DAY]), (5 * HOUR, [DAY]), (7 * DAY, [7 * DAY]), (7 * DAY - HOUR / 2, [7 * DAY])],
)
def test_a_late_reminder_gives_way_to_the_next(before: timedelta, expected: list[timedelta]) -> None:
    """Who enters a rota two days before a shift is not told what was to be said a week before; the last one comes."""
    known = directory(weekly(), person(GRACE, 7 * DAY, DAY))
    start = MONDAY + 7 * DAY
    assert said(known, start - before) == [(GRACE, start - lead) for lead in expected]


def test_a_reminder_is_the_same_message_however_often_it_is_made() -> None:
    """Its key says what it is about, so that it is told once."""
    known = directory(weekly(), person(GRACE, DAY))
    start = MONDAY + 7 * DAY
    first, second = (reminders(known, start - ahead)[0] for ahead in (DAY, HOUR))
    assert first == second
    other = replace(weekly(), name=ScheduleName("other"))
    assert reminders(directory(other, person(GRACE, DAY)), start - DAY)[0].key != first.key
