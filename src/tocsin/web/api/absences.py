"""Absences: who is away when, so that the next in the rotation takes over."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from tocsin.core.schedules import Absence
from tocsin.core.vocabulary import PersonName
from tocsin.web.api.access import BY_TOKEN_OR_SESSION, Here, Looking, Serving, Text, problems
from tocsin.web.api.asking import NotedBody, SpanShape, span_of
from tocsin.web.api.shapes import NextCursor
from tocsin.web.sessions import asker_of

router = APIRouter(tags=["on call"], dependencies=BY_TOKEN_OR_SESSION)


class AbsenceShape(SpanShape):
    """Somebody is away."""

    name: str = Field(description="Empty: it stands with the person, or came from their calendar.")
    person: str = Field(examples=["ada"])
    note: str


class AbsenceList(BaseModel):
    """Absences that last or are to come, in order of their beginning."""

    items: list[AbsenceShape]
    next_cursor: NextCursor


@router.get("/absences", summary="List absences", responses=problems())
async def list_absences(
    here: Here, viewer: Looking, person: Annotated[Text | None, Query(description="Only of this person.")] = None
) -> AbsenceList:
    """Entered ones and those of calendars; they last or are to come."""
    found = await here.exchange.absences(PersonName(person) if person else None)
    return AbsenceList(items=[_shape(one) for one in found], next_cursor=None)


@router.post("/people/{name}/absences", status_code=201, summary="Enter an absence", responses=problems(403, 404))
async def add_absence(
    name: Annotated[Text, Path(description="The person's name.")], body: NotedBody, here: Here, caller: Serving
) -> AbsenceShape:
    """Your own, or as a manager somebody's. The next in each of their rotations takes over."""
    span = span_of(body, await here.counter.reads.now())
    return _shape(await here.exchange.absent(PersonName(name), span, body.note.strip(), asker_of(caller)))


@router.delete("/absences/{name}", status_code=204, summary="End an absence", responses=problems(403, 404))
async def end_absence(
    name: Annotated[Text, Path(description="The absence's name.")], here: Here, caller: Serving
) -> Response:
    """The person is back, or does not go."""
    await here.exchange.end_absence(name, asker_of(caller))
    return Response(status_code=204)


def _shape(absence: Absence) -> AbsenceShape:
    return AbsenceShape(
        name=absence.name,
        person=absence.person,
        begins=absence.span.start,
        ends=absence.span.end,
        note=absence.note,
    )
