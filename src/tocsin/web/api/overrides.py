"""Overrides made at run time: other people than the layers say, for a while."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from tocsin.core.overriding import OverrideWish
from tocsin.core.vocabulary import PersonName, ScheduleName
from tocsin.ports.exchange import KeptOverride
from tocsin.web.api.access import BY_TOKEN_OR_SESSION, Here, Looking, Serving, Text, problems
from tocsin.web.api.asking import NotedBody, SpanShape, span_of
from tocsin.web.api.instants import Written
from tocsin.web.api.shapes import NextCursor
from tocsin.web.sessions import asker_of

router = APIRouter(tags=["on call"], dependencies=BY_TOKEN_OR_SESSION)


class OverrideBody(NotedBody):
    """Who is on call instead."""

    people: list[Text] = Field(max_length=50, description="Empty: nobody, on purpose.", examples=[["grace"]])
    instead_of: Text | None = Field(
        default=None, description="Only this person is replaced; left out: everybody.", examples=["ada"]
    )


class OverrideShape(SpanShape):
    """Somebody else than the layers say."""

    name: str
    schedule: str = Field(examples=["data-primary"])
    people: list[str] = Field(description="Empty: nobody, on purpose.", examples=[["grace"]])
    instead_of: str | None = Field(examples=["ada"])
    note: str
    made_by: str | None = Field(examples=["linus"])
    made_at: Written | None


class OverrideList(BaseModel):
    """Overrides in force or to come, in order of their beginning."""

    items: list[OverrideShape]
    next_cursor: NextCursor


@router.get("/overrides", summary="List overrides", responses=problems())
async def list_overrides(
    here: Here,
    viewer: Looking,
    schedule: Annotated[Text | None, Query(description="Only of this schedule.")] = None,
) -> OverrideList:
    """Those that were made at run time, or are kept apart from their schedule; in force or to come."""
    found = await here.exchange.overrides(ScheduleName(schedule) if schedule else None)
    return OverrideList(items=[_shape(one) for one in found], next_cursor=None)


@router.post(
    "/schedules/{name}/overrides", status_code=201, summary="Override a schedule", responses=problems(403, 404)
)
async def add_override(
    name: Annotated[Text, Path(description="The schedule's name.")], body: OverrideBody, here: Here, caller: Serving
) -> OverrideShape:
    """Put somebody else on call. Responders put themselves on call; managers anybody, or nobody."""
    wish = OverrideWish(
        schedule=ScheduleName(name),
        people=tuple(dict.fromkeys(map(PersonName, body.people))),
        span=span_of(body, await here.counter.reads.now()),
        instead_of=PersonName(body.instead_of) if body.instead_of is not None else None,
        note=body.note.strip(),
    )
    return _shape(await here.exchange.override(wish, asker_of(caller)))


@router.delete("/overrides/{name}", status_code=204, summary="End an override", responses=problems(403, 404))
async def end_override(
    name: Annotated[Text, Path(description="The override's name.")], here: Here, caller: Serving
) -> Response:
    """Now, or before it begins. What was on call stays what was on call."""
    await here.exchange.end_override(name, asker_of(caller))
    return Response(status_code=204)


def _shape(kept: KeptOverride) -> OverrideShape:
    override = kept.override
    return OverrideShape(
        name=override.name,
        schedule=kept.schedule,
        people=list(override.people),
        instead_of=override.instead_of,
        begins=override.span.start,
        ends=override.span.end,
        note=override.note,
        made_by=kept.made_by,
        made_at=kept.made_at,
    )
