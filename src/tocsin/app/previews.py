"""What an edit of a schedule would move: read as a file would be, laid beside what is in force, and forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

from tocsin.app.configuring import read_files
from tocsin.app.directories import Directories
from tocsin.configuration.building import directory
from tocsin.configuration.mistakes import BadConfiguration, Mistake
from tocsin.core.directory import Directory
from tocsin.core.errors import Refused
from tocsin.core.insight.moves import Moves, moves, planned
from tocsin.core.schedules import Rota, Schedule
from tocsin.core.vocabulary import Instant, ScheduleName, Span
from tocsin.ports.state import Document, Documents, Readings

#: How far after now, or after the edit, shifts are compared.
_AHEAD = timedelta(days=90)
#: An edit may be planned so far ahead.
_LATEST = timedelta(days=366)
_KIND = "schedule"
#: Where the schedule stands in what is read, and how the asker calls that place.
_READ_AT, _CALLED = "schedules[0]", "document"


class PreviewStore(Documents, Readings, Protocol):
    """What a preview needs to have kept."""


class StoredPreviews:
    """Previews against what is in force. Nothing is stored."""

    def __init__(self, store: PreviewStore, directories: Directories) -> None:
        self._store = store
        self._directories = directories

    async def preview(self, name: str, document: Mapping[str, Any], effective_from: Instant | None) -> Moves:
        """What moves in the coming days when a schedule becomes what the document says.

        Raises:
            Refused: the document is wrong, or the edit is planned too far ahead.
        """
        now = await self._store.now()
        if effective_from is not None and effective_from > now + _LATEST:
            hint = f"at most {_LATEST.days} days from now"
            raise Refused("the edit is planned too far ahead", field="effective_from", hint=hint)
        _, stored = await self._store.documents()
        before = self._directories.current()
        edited = _edited(name, document, stored)
        was = before.schedules.get(edited.name)
        if effective_from is not None and was is not None:
            edited = planned(was, edited, effective_from)
        window = Span(now, max(now, effective_from or now) + _AHEAD)
        zones = {person.name: person.time_zone for person in before.people.values()}
        return moves(before.rota, _with(before, edited), window, zones=zones)


def _with(before: Directory, edited: Schedule) -> Rota:
    return Rota({**before.schedules, edited.name: edited}, before.circumstances)


def _edited(name: str, document: Mapping[str, Any], stored: Iterable[Document]) -> Schedule:
    """The schedule as it would be, with the overrides that are kept apart from it."""
    if document.get("name", name) != name:
        raise Refused("the schedule has another name in the address", field=f"{_CALLED}.name", hint=f"write {name!r}")
    # Made by the API: so all of it stays although the text that is read does not name it.
    kept = [replace(each, origin="api") for each in stored]
    text = json.dumps({"tocsin": 1, "schedules": [{**document, "name": name}]})
    try:
        draft = read_files([(_CALLED, text)], stored=kept, environment={})
    except BadConfiguration as bad:
        raise _told(bad) from None
    others = [each for each in kept if (each.kind, each.name) != (_KIND, name)]
    return directory((*others, *draft.documents)).schedules[ScheduleName(name)]


def _told(bad: BadConfiguration) -> Refused:
    """Every mistake by its field; lines and columns would be those of a text that the asker has not written."""
    first = bad.mistakes[0]
    lines = [f"{_field(mistake)}: {mistake.message}" for mistake in bad.mistakes]
    return Refused("\n".join(lines), field=_field(first), hint=first.hint)


def _field(mistake: Mistake) -> str:
    return f"{_CALLED}{mistake.field.removeprefix(_READ_AT)}" if mistake.field.startswith(_READ_AT) else _CALLED
