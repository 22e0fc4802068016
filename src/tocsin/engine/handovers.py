"""Handing a shift over: notes are written, opened, and asked for until they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tocsin.core.directory import Directory
from tocsin.core.errors import NotFound
from tocsin.core.handing_over import OVER, PREFIX, Note, NoteId, chases, note
from tocsin.core.vocabulary import Instant, PersonName
from tocsin.engine.commands import schedule_names
from tocsin.engine.ids import new_id
from tocsin.ports.messages import Messages
from tocsin.ports.notes import Notes
from tocsin.ports.state import Readings

#: Of a schedule's notes, so many are shown.
SHOWN = 50


class HandoverStore(Notes, Messages, Readings, Protocol):
    """What handovers need to have kept."""


class Handovers:
    """Where faces write and open notes, and the keeper asks for those that nobody has opened."""

    def __init__(self, store: HandoverStore, directory: Callable[[], Directory]) -> None:
        self._store = store
        self._directory = directory

    async def notes(self, schedule: str) -> tuple[Note, ...]:
        """The newest notes of a schedule, newest first.

        Raises:
            NotFound: there is no schedule of this name.
        """
        [name] = schedule_names(self._directory(), schedule)
        return await self._store.notes_of(name, limit=SHOWN)

    async def write(self, schedule: str, *, by: str, text: str) -> Note:
        """Write a note: by somebody on call for whoever comes next, by others for whoever is on call.

        Raises:
            NotFound: there is no schedule of this name.
            Refused: there is no text, or too much of it.
        """
        directory = self._directory()
        [name] = schedule_names(directory, schedule)
        now = await self._store.now()
        made = note(directory.rota, name, note_id=NoteId(new_id()), by=PersonName(by), text=text, now=now)
        await self._store.put_note(made)
        return made

    async def open(self, note_id: str, *, person: str) -> Note:
        """The person has opened it, and is not asked any more.

        Raises:
            NotFound: there is no such note.
        """
        known = await self._store.open_note(NoteId(note_id), PersonName(person))
        if known is None:
            raise NotFound("there is no note of this id", field="id")
        return known

    async def chase(self, before: Directory, directory: Directory, now: Instant) -> None:
        """Ask for what nobody has opened, and stop asking for what somebody has."""
        wanted = chases(directory, await self._store.notes_beginning(since=now - OVER), now)
        await self._store.put_messages(wanted)
        await self._store.withdraw_messages(PREFIX, but=[message.key for message in wanted])
