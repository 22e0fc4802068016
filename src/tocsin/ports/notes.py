"""Notes that go with a shift, kept: see core/handing_over.py."""

from __future__ import annotations

from typing import Protocol

from tocsin.core.handing_over import Note, NoteId
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName


class Notes(Protocol):
    """What was written for those who come on call."""

    async def put_note(self, note: Note) -> None:
        """Keep a note."""
        ...

    async def open_note(self, note_id: NoteId, person: PersonName) -> Note | None:
        """Write down that the person has opened it, the first time they do. None: there is no such note."""
        ...

    async def notes_of(self, schedule: ScheduleName, *, limit: int) -> tuple[Note, ...]:
        """The newest notes of a schedule, newest first."""
        ...

    async def notes_beginning(self, *, since: Instant) -> tuple[Note, ...]:
        """Every note of any schedule for people who come on call at this instant or later, in order of beginning."""
        ...
