"""Notes that go with a shift: what whoever comes on call next has to know."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from tocsin.core.errors import Refused
from tocsin.core.handing_over import LONGEST, Note, readers
from tocsin.core.schedules import Rota
from tocsin.web.api.access import BY_TOKEN_OR_SESSION, Here, Looking, Serving, Text, known_id, problems
from tocsin.web.api.actions import Strict
from tocsin.web.api.instants import Written
from tocsin.web.api.shapes import NextCursor

router = APIRouter(tags=["on call"], dependencies=BY_TOKEN_OR_SESSION)

ScheduleName = Annotated[Text, Path(description="The schedule's name.")]


class ShiftNoteBody(Strict):
    """What to hand over."""

    text: Text = Field(
        min_length=1, max_length=LONGEST, examples=["db-1 is slow since Friday, its disk comes tomorrow"]
    )


class OpeningShape(BaseModel):
    """Somebody has opened a note."""

    person: str = Field(examples=["grace"])
    at: Written


class ShiftNoteShape(BaseModel):
    """A note for those who come on call."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    schedule: str = Field(examples=["data-primary"])
    by: str = Field(examples=["ada"])
    text: str
    written_at: Written
    begins: Written = Field(description="When those come on call for whom it is meant.")
    readers: list[str] = Field(description="Who must open it.", examples=[["grace"]])
    opened: list[OpeningShape]


class ShiftNoteList(BaseModel):
    """Notes, newest first."""

    items: list[ShiftNoteShape]
    next_cursor: NextCursor


@router.get("/schedules/{name}/notes", summary="List the notes of a schedule", responses=problems(404))
async def list_notes(name: ScheduleName, here: Here, viewer: Looking) -> ShiftNoteList:
    """The newest fifty."""
    notes = await here.handovers.notes(name)
    return ShiftNoteList(items=[_shape(note, here.counter.directory.rota) for note in notes], next_cursor=None)


@router.post(
    "/schedules/{name}/notes", status_code=201, summary="Write a note for a shift", responses=problems(403, 404)
)
async def write_note(name: ScheduleName, body: ShiftNoteBody, here: Here, caller: Serving) -> ShiftNoteShape:
    """On call, you write for whoever comes next; else for whoever is on call now. Its readers are asked to open it."""
    made = await here.handovers.write(name, by=caller.name, text=body.text)
    return _shape(made, here.counter.directory.rota)


@router.post("/notes/{note_id}/open", summary="Open a note", responses=problems(403, 404))
async def open_note(
    note_id: Annotated[str, Path(description="The note's id.", json_schema_extra={"format": "uuid"})],
    here: Here,
    caller: Serving,
) -> ShiftNoteShape:
    """You know what it says. The first time counts.

    Raises:
        Refused: a token that belongs to nobody cannot open notes.
    """
    if caller.person is None:
        raise Refused("only a person can open a note", field="Authorization", hint="use a token of your own")
    opened = await here.handovers.open(known_id(note_id, what="note"), person=caller.person.name)
    return _shape(opened, here.counter.directory.rota)


def _shape(note: Note, rota: Rota) -> ShiftNoteShape:
    return ShiftNoteShape(
        id=note.id,
        schedule=note.schedule,
        by=note.by,
        text=note.text,
        written_at=note.written_at,
        begins=note.begins,
        readers=list(readers(rota, note)),
        opened=[OpeningShape(person=name, at=at) for name, at in sorted(note.reads.items(), key=lambda one: one[1])],
    )
