"""What is promised in ports/duty.py and ports/notes.py, on memory and on PostgreSQL alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from store.scene import START, Scene
from tocsin.core.handing_over import Note, NoteId
from tocsin.core.schedules import NobodyReason
from tocsin.core.schedules.record import Served
from tocsin.core.vocabulary import PersonName, ScheduleName, Span

HOUR = timedelta(hours=1)
ROTA, OTHER = ScheduleName("rota"), ScheduleName("other")
ADA, GRACE = PersonName("ada"), PersonName("grace")
FIRST, SECOND = (NoteId(f"018f0000-0000-7000-8000-00000000000{number}") for number in (1, 2))
NOBODY = "018f0000-0000-7000-8000-00000000000f"


def served(hours: int, *people: PersonName, schedule: ScheduleName = ROTA, **given: Any) -> Served:
    """An entry, so many hours after the beginning."""
    reason = None if people else NobodyReason.NO_LAYER
    values = {"people": people, "source": "weekly" if people else "", "reason": reason, **given}
    return Served(schedule=schedule, since=START + hours * HOUR, **values)


def note(note_id: NoteId, *, written: int = 0, begins: int = 0, schedule: ScheduleName = ROTA) -> Note:
    """A note by Ada, at hours after the beginning."""
    at = {"written_at": START + written * HOUR, "begins": START + begins * HOUR}
    return Note(id=note_id, schedule=schedule, by=ADA, text="the disk of db-1\nis slow", **at)


async def test_an_empty_record_knows_nothing(scene: Scene) -> None:
    """Before the first round there is no record, and nothing to be found in it."""
    assert await scene.store.newest_duty() == (None, ())
    recorded = await scene.store.duty_in((ROTA,), Span(START, START + HOUR))
    assert (recorded.until, recorded.entries) == (None, {})


async def test_the_newest_entry_of_each_schedule_is_found(scene: Scene) -> None:
    """The keeper goes on from where it, or another node, has left."""
    await scene.store.record_duty([served(0, ADA), served(0, GRACE, schedule=OTHER)], until=START)
    await scene.store.record_duty([served(2, ADA, GRACE), served(1)], until=START + 3 * HOUR)
    until, newest = await scene.store.newest_duty()
    assert until == START + 3 * HOUR
    assert set(newest) == {served(2, ADA, GRACE), served(0, GRACE, schedule=OTHER)}


async def test_what_is_written_stays(scene: Scene) -> None:
    """An entry of the same instant does not replace the first, and the end of the record does not go back."""
    await scene.store.record_duty([served(0, ADA)], until=START + HOUR)
    await scene.store.record_duty([served(0, GRACE)], until=START)
    assert await scene.store.newest_duty() == (START + HOUR, (served(0, ADA),))


async def test_a_window_gets_what_matters_in_it(scene: Scene) -> None:
    """Of each schedule: the entry that is in force at its start, those within it, and none of its end."""
    entries = [served(0, ADA), served(2), served(4, GRACE), served(6, ADA)]
    await scene.store.record_duty([*entries, served(5, ADA, schedule=OTHER)], until=START + 9 * HOUR)
    recorded = await scene.store.duty_in((ROTA, OTHER), Span(START + 3 * HOUR, START + 6 * HOUR))
    assert recorded.until == START + 9 * HOUR
    assert recorded.entries == {ROTA: (served(2), served(4, GRACE)), OTHER: (served(5, ADA, schedule=OTHER),)}
    only = await scene.store.duty_in((ROTA,), Span(START + 2 * HOUR, START + 3 * HOUR))
    assert only.entries == {ROTA: (served(2),)}


async def test_notes_are_found_by_schedule_and_by_beginning(scene: Scene) -> None:
    """Newest first on the page of a schedule; in order of beginning for whoever asks for them."""
    first, second = note(FIRST, begins=5), note(SECOND, written=1, begins=2)
    for each in (first, second, second):
        await scene.store.put_note(each)
    assert await scene.store.notes_of(ROTA, limit=10) == (second, first)
    assert await scene.store.notes_of(ROTA, limit=1) == (second,)
    assert await scene.store.notes_of(OTHER, limit=10) == ()
    assert await scene.store.notes_beginning(since=START + 2 * HOUR) == (second, first)
    assert await scene.store.notes_beginning(since=START + 3 * HOUR) == (first,)


async def test_the_first_opening_counts(scene: Scene) -> None:
    """Who opens a note again later has opened it the first time; others have openings of their own."""
    await scene.store.put_note(note(FIRST))
    await scene.let_pass(minutes=10)
    opened = scene.now
    await scene.store.open_note(FIRST, GRACE)
    await scene.let_pass(minutes=10)
    known = await scene.store.open_note(FIRST, GRACE)
    assert known is not None
    assert known.reads == {GRACE: opened}
    await scene.store.open_note(FIRST, ADA)
    [kept] = await scene.store.notes_of(ROTA, limit=10)
    assert kept.reads == {GRACE: opened, ADA: scene.now}


async def test_a_note_that_is_not_there_is_not_opened(scene: Scene) -> None:
    """An id that nobody has, or that is no id, is no error."""
    assert await scene.store.open_note(NoteId(NOBODY), GRACE) is None
    assert await scene.store.open_note(NoteId("x"), GRACE) is None
