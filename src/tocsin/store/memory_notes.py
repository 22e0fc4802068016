"""Notes that go with a shift, in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tocsin.core.handing_over import Note, NoteId
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName
from tocsin.store.memory_readings import Remembers


class RemembersNotes(Remembers):
    """What was written for those who come on call, until the process ends."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        super().__init__(now)
        self._notes: dict[NoteId, Note] = {}

    async def put_note(self, note: Note) -> None:
        """Keep a note."""
        self._notes.setdefault(note.id, note)

    async def open_note(self, note_id: NoteId, person: PersonName) -> Note | None:
        """Write down that the person has opened it, the first time they do. None: there is no such note."""
        known = self._notes.get(note_id)
        if known is not None and person not in known.reads:
            known = self._notes[note_id] = replace(known, reads={**known.reads, person: self._now()})
        return known

    async def notes_of(self, schedule: ScheduleName, *, limit: int) -> tuple[Note, ...]:
        """The newest notes of a schedule, newest first."""
        found = [note for note in self._notes.values() if note.schedule == schedule]
        return tuple(sorted(found, key=lambda note: (note.written_at, note.id), reverse=True)[:limit])

    async def notes_beginning(self, *, since: Instant) -> tuple[Note, ...]:
        """Every note of any schedule for people who come on call at this instant or later, in order of beginning."""
        found = [note for note in self._notes.values() if note.begins >= since]
        return tuple(sorted(found, key=lambda note: (note.begins, note.id)))
