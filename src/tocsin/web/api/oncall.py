"""Who is on call: at an instant, and over a window of a schedule."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from tocsin.core.errors import Refused
from tocsin.core.schedules import NobodyReason, OnCall, Schedule, as_document
from tocsin.core.vocabulary import Instant, ScheduleName, Span
from tocsin.engine.commands import schedule_names
from tocsin.engine.duty import on_call_at, shifts_in
from tocsin.web.api.access import BY_TOKEN_OR_SESSION, Here, Looking, Text, problems
from tocsin.web.api.instants import Asked, Written
from tocsin.web.api.shapes import NextCursor

#: The longest window that is rendered at once.
LONGEST_WINDOW = timedelta(days=366)
#: The window when only its start is given.
USUAL_WINDOW = timedelta(days=14)

router = APIRouter(tags=["on call"], dependencies=BY_TOKEN_OR_SESSION)


class OnCallShape(BaseModel):
    """Who is on call by one schedule; nobody is an answer, with its reason."""

    schedule: str = Field(examples=["data-primary"])
    people: list[str] = Field(examples=[["ada"]])
    source: str = Field(
        description="The layer's name or `override`; empty when nothing covers the instant.", examples=["weekly"]
    )
    until: Written | None = Field(
        description="When people or source change; with nobody on call, when somebody comes. Null: not within a year."
    )
    reason: NobodyReason | None = Field(description="Why nobody is on call; null: somebody is.", examples=[None])


class OnCallNow(BaseModel):
    """Who is on call at an instant."""

    at: Written
    schedules: list[OnCallShape]


class ScheduleShape(BaseModel):
    """A schedule as it is configured, in short."""

    name: str = Field(examples=["data-primary"])
    team: str | None = Field(examples=["data"])
    time_zone: str = Field(examples=["Europe/Berlin"])
    layers: list[str] = Field(description="From the lowest to the highest.", examples=[["weekly", "nights"]])
    people: list[str] = Field(description="Everybody whom a layer or an override names.", examples=[["ada", "grace"]])


class ScheduleList(BaseModel):
    """All schedules, by name."""

    items: list[ScheduleShape]
    next_cursor: NextCursor


class SpanShape(BaseModel):
    """A stretch of time: `start` belongs to it, `end` does not."""

    start: Written
    end: Written


class ShiftShape(SpanShape):
    """People who are on call without a break, out of one source."""

    people: list[str] = Field(examples=[["ada"]])
    source: str = Field(description="The layer's name or `override`.", examples=["weekly"])


class VacancyShape(SpanShape):
    """Nobody is on call, for one reason."""

    reason: NobodyReason


class Shifts(BaseModel):
    """A window of a schedule; shifts and gaps together cover it exactly."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    schedule: str = Field(examples=["data-primary"])
    begins: Written = Field(alias="from")
    ends: Written = Field(alias="to")
    shifts: list[ShiftShape]
    gaps: list[SpanShape] = Field(description="Where nobody is on call.")
    vacancies: list[VacancyShape] = Field(description="The same with the reasons; one gap may have several.")


@router.get("/oncall", summary="Who is on call", responses=problems(404))
async def read_oncall(
    here: Here,
    viewer: Looking,
    at: Annotated[Asked | None, Query(description="When; left out: now.")] = None,
    schedule: Annotated[Text | None, Query(description="Only by this schedule.")] = None,
) -> OnCallNow:
    """Who is on call by each schedule, or by one."""
    directory = here.counter.directory
    instant = at or await here.counter.reads.now()
    names = schedule_names(directory, schedule or None)
    found = await on_call_at(here.counter.duty, directory, names, instant)
    return OnCallNow(at=instant, schedules=[_on_call_shape(name, answer) for name, answer in found.items()])


@router.get("/schedules", summary="List schedules", responses=problems())
async def list_schedules(here: Here, viewer: Looking) -> ScheduleList:
    """All schedules, by name."""
    schedules = here.counter.directory.schedules
    return ScheduleList(items=[_schedule_shape(schedules[name]) for name in sorted(schedules)], next_cursor=None)


@router.get(
    "/schedules/{name}/shifts", response_model=Shifts, summary="The final shifts of a schedule", responses=problems(404)
)
async def read_shifts(
    here: Here,
    viewer: Looking,
    name: Annotated[Text, Path(description="The schedule's name.")],
    begins: Annotated[Asked | None, Query(alias="from", description="Left out: now.")] = None,
    ends: Annotated[
        Asked | None, Query(alias="to", description="At most 366 days later; left out: 14 days later.")
    ] = None,
) -> dict[str, Any]:
    """Layers and overrides laid on each other, in UTC, clipped to the window."""
    (known,) = schedule_names(here.counter.directory, name)
    window = _window(begins or await here.counter.reads.now(), ends)
    found = await shifts_in(here.counter.duty, here.counter.directory, (known,), window)
    return as_document(known, window, found[known])


def _window(begins: Instant, ends: Instant | None) -> Span:
    try:
        end = begins + USUAL_WINDOW if ends is None else ends
    except OverflowError:
        raise Refused("the window ends after the calendar", field="from") from None
    if end <= begins:
        raise Refused("the window ends before it begins", field="to", hint="a later instant than `from`")
    if end - begins > LONGEST_WINDOW:
        raise Refused("the window is too long", field="to", hint=f"at most {LONGEST_WINDOW.days} days after `from`")
    return Span(begins, end)


def _on_call_shape(name: ScheduleName, answer: OnCall) -> OnCallShape:
    return OnCallShape(
        schedule=name, people=list(answer.people), source=answer.source, until=answer.until, reason=answer.reason
    )


def _schedule_shape(schedule: Schedule) -> ScheduleShape:
    return ScheduleShape(
        name=schedule.name,
        team=schedule.team,
        time_zone=schedule.time_zone.key,
        layers=[layer.name for layer in schedule.layers],
        people=list(schedule.people),
    )
