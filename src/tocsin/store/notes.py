"""Notes that go with a shift, on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg

from tocsin.core.handing_over import Note, NoteId
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName
from tocsin.store import codec
from tocsin.store.pool import Connection, OnPool, is_id
from tocsin.store.queries import SQL


class KeepsNotes(OnPool):
    """What was written for those who come on call."""

    async def put_note(self, note: Note) -> None:
        """Keep a note."""
        values = (note.id, note.schedule, note.by, note.text, note.written_at, note.begins)
        await self._pool.value("put_note", *values)

    async def open_note(self, note_id: NoteId, person: PersonName) -> Note | None:
        """Write down that the person has opened it, the first time they do. None: there is no such note."""
        if not is_id(note_id):
            return None

        async def act(connection: Connection) -> asyncpg.Record | None:
            await connection.execute(SQL["open_note"], note_id, person)
            return await connection.fetchrow(SQL["note"], note_id)

        row = await self._pool.transaction(act)
        return _note(row) if row is not None else None

    async def notes_of(self, schedule: ScheduleName, *, limit: int) -> tuple[Note, ...]:
        """The newest notes of a schedule, newest first."""
        return tuple(map(_note, await self._pool.rows("notes_of", schedule, limit)))

    async def notes_beginning(self, *, since: Instant) -> tuple[Note, ...]:
        """Every note of any schedule for people who come on call at this instant or later, in order of beginning."""
        return tuple(map(_note, await self._pool.rows("notes_beginning", since)))


def _note(row: asyncpg.Record) -> Note:
    reads = codec.decode_json(row["reads"]) if row["reads"] is not None else {}
    return Note(
        id=NoteId(row["id"]),
        schedule=ScheduleName(row["schedule"]),
        by=PersonName(row["written_by"]),
        text=row["text"],
        written_at=row["written_at"],
        begins=row["begins"],
        reads={PersonName(name): datetime.fromisoformat(at).astimezone(UTC) for name, at in reads.items()},
    )
