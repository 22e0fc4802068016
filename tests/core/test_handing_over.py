"""Notes that go with a shift: who must open them, and who is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tocsin.core.directory import Directory
from tocsin.core.errors import Refused
from tocsin.core.handing_over import Note, NoteId, chases, note, readers, unread
from tocsin.core.schedules import Layer, Rotation, Schedule, Turn, Unit
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, utc

MONDAY = utc(2026, 1, 5)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ADA, GRACE, LINUS = map(PersonName, ("ada", "grace", "linus"))
ROTA = ScheduleName("rota")


def directory(*people: PersonName) -> Directory:
    """People who take turns, week by week from the Monday on."""
    participants = tuple((person,) for person in people)
    rotation = Rotation(
        every=Turn(count=1, unit=Unit.WEEKS), anchor=datetime.fromisoformat("2026-01-05"), participants=participants
    )
    schedule = Schedule(name=ROTA, time_zone=ZoneInfo("UTC"), layers=(Layer(name="weekly", rotation=rotation),))
    return Directory(schedules={ROTA: schedule})


def written(known: Directory, by: PersonName, now: Instant) -> Note:
    """A note of this moment."""
    return note(known.rota, ROTA, note_id=NoteId("n"), by=by, text=" db-1 is slow ", now=now)


def asked(known: Directory, one: Note, now: Instant) -> list[tuple[str, PersonName, timedelta]]:
    """What is said to whom, and how long after the beginning."""
    return [(each.kind, each.person, each.due_at - one.begins) for each in chases(known, [one], now)]


def test_who_leaves_writes_for_who_comes() -> None:
    """The note of somebody on call is for the next shift; it begins with it."""
    known = directory(ADA, GRACE)
    one = written(known, ADA, MONDAY + 6 * DAY)
    assert (one.text, one.begins, readers(known.rota, one)) == ("db-1 is slow", MONDAY + 7 * DAY, (GRACE,))


def test_others_write_for_who_is_on_call() -> None:
    """A colleague's note is for the present shift, at once."""
    known = directory(ADA, GRACE)
    one = written(known, LINUS, MONDAY + 6 * DAY)
    assert (one.begins, readers(known.rota, one)) == (MONDAY + 6 * DAY, (ADA,))


def test_alone_on_the_rota() -> None:
    """Who is never relieved writes for themself, and nobody is asked to open it."""
    known = directory(ADA)
    one = written(known, ADA, MONDAY)
    assert (one.begins, readers(known.rota, one)) == (MONDAY, ())
    assert chases(known, [one], MONDAY) == ()


def test_nobody_comes_between() -> None:
    """A gap after the shift does not take the note: it is for the first who comes on call after it."""
    known = directory(ADA, GRACE)
    [layer] = known.schedules[ROTA].layers
    gap = replace(layer, rotation=replace(layer.rotation, participants=((ADA,), (), (GRACE,))))
    known = Directory(schedules={ROTA: replace(known.schedules[ROTA], layers=(gap,))})
    one = written(known, ADA, MONDAY)
    assert (one.begins, readers(known.rota, one)) == (MONDAY + 14 * DAY, (GRACE,))


def test_an_unopened_note_is_asked_for() -> None:
    """At the beginning and half an hour later its reader is asked; after an hour its writer is told."""
    known = directory(ADA, GRACE)
    one = written(known, ADA, MONDAY + 6 * DAY)
    assert asked(known, one, one.begins - HOUR) == []
    expected = [
        ("shift_begins", GRACE, timedelta(0)),
        ("handoff_unread", GRACE, HOUR / 2),
        ("handoff_unopened", ADA, HOUR),
    ]
    assert asked(known, one, one.begins) == asked(known, one, one.begins + HOUR) == expected
    assert asked(known, one, one.begins + 13 * HOUR) == []


def test_an_opened_note_is_left_alone() -> None:
    """Once its reader has opened it, nobody is asked any more."""
    known = directory(ADA, GRACE)
    one = replace(written(known, ADA, MONDAY + 6 * DAY), reads={GRACE: MONDAY + 7 * DAY})
    assert unread(known.rota, one) == ()
    assert chases(known, [one], one.begins) == ()


def test_a_note_of_a_schedule_that_is_gone_is_for_nobody() -> None:
    """It can still be read, and nobody is asked for it."""
    one = written(directory(ADA, GRACE), ADA, MONDAY + 6 * DAY)
    assert chases(Directory(), [one], one.begins) == ()


@pytest.mark.parametrize("text", ["", " \n", "x" * 25_001])
def test_a_note_says_something(text: str) -> None:
    """Neither nothing nor a book."""
    with pytest.raises(Refused):
        note(directory(ADA).rota, ROTA, note_id=NoteId("n"), by=ADA, text=text, now=MONDAY)
