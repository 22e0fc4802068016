"""Notes that go with a shift: who has read them, what waits for the viewer, and the forms to write and to open them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.core.errors import NotFound
from tocsin.core.handing_over import OVER, Note, unread
from tocsin.core.overriding import acting_person
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span
from tocsin.web.context import Context
from tocsin.web.pages.forms import local_path, read_own_form
from tocsin.web.pages.reader import Reader
from tocsin.web.sessions import Viewer, asker_of

#: So long before their shift people are shown what was left for them.
_AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenNote:
    """A note, to one viewer."""

    note: Note
    #: Who must still open it.
    unread: tuple[PersonName, ...]
    #: True: the viewer is one of them, and it is not too late to matter.
    awaits_me: bool


def router(context: Context) -> APIRouter:
    """The form that says that somebody has read a note."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/notes/{note_id}/open")
    async def open_note(request: Request, note_id: str) -> Response:
        viewer, form = await read_own_form(request)
        opened = await context.handovers.open(_known(note_id), person=acting_person(asker_of(viewer)))
        return RedirectResponse(local_path(form.get("back", ""), f"/schedules/{opened.schedule}"), status_code=303)

    return routes


async def notes_of(context: Context, name: ScheduleName, viewer: Viewer, now: Instant) -> list[SeenNote]:
    """The newest notes of a schedule, newest first."""
    return [_seen(context, note, viewer, now) for note in await context.handovers.notes(name)]


async def awaiting(context: Context, viewer: Viewer, now: Instant) -> list[SeenNote]:
    """What waits to be read by the viewer, in the schedules that they serve about now; newest first."""
    if viewer.person is None:
        return []
    around = Span(now - OVER, now + _AHEAD)
    served = dict.fromkeys(name for name, _ in context.counter.directory.rota.shifts_of(viewer.person.name, around))
    found = [one for name in served for one in await notes_of(context, name, viewer, now) if one.awaits_me]
    return sorted(found, key=lambda one: one.note.written_at, reverse=True)


def is_for_next(context: Context, name: ScheduleName, viewer: Viewer, reader: Reader) -> bool:
    """True: what the viewer writes is for whoever comes next; False: for whoever is on call now."""
    present = context.counter.directory.rota.on_call(name, reader.now).people
    return viewer.person is not None and viewer.person.name in present


def _seen(context: Context, note: Note, viewer: Viewer, now: Instant) -> SeenNote:
    waiting = unread(context.counter.directory.rota, note)
    person = viewer.person.name if viewer.person is not None else None
    return SeenNote(note=note, unread=waiting, awaits_me=person in waiting and now <= note.begins + OVER)


def _known(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise NotFound("there is no note of this id", field="id") from None
