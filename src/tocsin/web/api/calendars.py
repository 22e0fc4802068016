"""Calendars to subscribe to: their secret addresses, and what whoever knows one is answered."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from tocsin.core.errors import Forbidden
from tocsin.core.people import Permission
from tocsin.engine.calendars import Calendars
from tocsin.ports.calendars import Publication, PublicationKind
from tocsin.web.api.access import BY_TOKEN_OR_SESSION, Looking, Serving, Text, problems
from tocsin.web.context import Context
from tocsin.web.sessions import Viewer

_CALENDAR = "text/calendar"
#: How a calendar's own address says no: it never asks who is there.
_NO = {status: told for status, told in problems(404).items() if status != 401}

Schedule = Annotated[Text, Path(description="The schedule's name.")]
Person = Annotated[Text, Path(description="The person's name.")]


class CalendarAddress(BaseModel):
    """Where a calendar can be subscribed to. Whoever knows the address can read it, without signing in."""

    url: str = Field(examples=["https://tocsin.example.org/calendars/WyJwZXJzb24i...x7Q.ics"])


async def calendars_of(request: Request) -> Calendars:
    """Whoever gives out the calendars of this server."""
    context = cast(Context, request.app.state.context)
    return cast(Calendars, context.calendars)


Given = Annotated[Calendars, Depends(calendars_of)]

router = APIRouter(tags=["on call"], dependencies=BY_TOKEN_OR_SESSION)
#: What calendar programs read; it stands outside the prefix of the API and needs no sign-in.
at_their_address = APIRouter(tags=["on call"])


@router.get("/schedules/{name}/calendar", summary="The calendar of a schedule", responses=problems(403, 404))
async def read_schedule_calendar(name: Schedule, calendars: Given, viewer: Looking) -> CalendarAddress:
    """The address of all its shifts, for those who may act."""
    return CalendarAddress(url=await calendars.url(_of_schedule(name, viewer)))


@router.post(
    "/schedules/{name}/calendar/reset", summary="A new address for a schedule's calendar", responses=problems(403, 404)
)
async def reset_schedule_calendar(name: Schedule, calendars: Given, caller: Serving) -> CalendarAddress:
    """Everybody who has subscribed has to do so again; for managers and administrators."""
    if not caller.manages:
        raise _forbidden("a manager or an administrator can reset the calendar of a schedule")
    return CalendarAddress(url=await calendars.reset(_of_schedule(name, caller)))


@router.get("/people/{name}/calendar", summary="The calendar of a person", responses=problems(403, 404))
async def read_person_calendar(name: Person, calendars: Given, viewer: Looking) -> CalendarAddress:
    """The address of their shifts in all schedules, for themselves, managers and administrators."""
    return CalendarAddress(url=await calendars.url(_of_person(name, viewer)))


@router.post(
    "/people/{name}/calendar/reset", summary="A new address for a person's calendar", responses=problems(403, 404)
)
async def reset_person_calendar(name: Person, calendars: Given, caller: Serving) -> CalendarAddress:
    """The address before is no longer good."""
    return CalendarAddress(url=await calendars.reset(_of_person(name, caller)))


@at_their_address.head("/calendars/{token}.ics", include_in_schema=False)
@at_their_address.get(
    "/calendars/{token}.ics",
    summary="A calendar",
    response_class=Response,
    responses={200: {"content": {_CALENDAR: {"schema": {"type": "string"}}}}, 304: {"description": "As before"}, **_NO},
)
async def read_calendar(
    token: Annotated[str, Path(description="The secret part of the address.")], calendars: Given, request: Request
) -> Response:
    """The shifts of the last 30 and the next 180 days, and what was cancelled, as iCalendar; no sign-in is needed."""
    copy = await calendars.read(token)
    tag = f'"{copy.tag}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    headers["content-disposition"] = 'inline; filename="on-call.ics"'
    return Response(copy.text(), media_type=_CALENDAR, headers=headers)


def _of_schedule(name: str, viewer: Viewer) -> Publication:
    if not viewer.standing.may_somewhere(Permission.SERVE):
        raise _forbidden("a stakeholder may look at a schedule, not pass it on")
    return Publication(kind=PublicationKind.SCHEDULE, name=name)


def _of_person(name: str, viewer: Viewer) -> Publication:
    own = viewer.person is not None and viewer.person.name == name
    if not own and not viewer.manages:
        raise _forbidden("this calendar is somebody else's")
    return Publication(kind=PublicationKind.PERSON, name=name)


def _forbidden(detail: str) -> Forbidden:
    return Forbidden(detail, known=True, hint="ask a manager or an administrator")


def _has(asked: str, tag: str) -> bool:
    """True when a copy that the asker has is the one that there is; on its way it may have been marked as weak."""
    known = {one.strip().removeprefix("W/") for one in asked.split(",")}
    return tag in known or "*" in known
