"""What the rota means for people: how fair it is, what it takes of a team, and what an edit would move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from tocsin.core.errors import Refused
from tocsin.core.insight.documents import fairness_document, moves_document, share_document
from tocsin.core.insight.fairness import fairness
from tocsin.core.insight.groups import groups
from tocsin.core.insight.load import Hours, Question
from tocsin.core.insight.share import operations_share
from tocsin.core.schedules import Rendered
from tocsin.core.vocabulary import Instant, ScheduleName, Span
from tocsin.engine.duty import shifts_in
from tocsin.web.api.access import BY_TOKEN_OR_SESSION, Here, Looking, Text, problems
from tocsin.web.api.actions import Strict
from tocsin.web.api.instants import Asked, Written
from tocsin.web.api.oncall import SpanShape
from tocsin.web.api.shapes import NextCursor
from tocsin.web.context import Context

#: The longest window that is counted at once.
LONGEST_WINDOW = timedelta(days=366)
#: The window when its ends are left out: so long before now for what was, so long after now for what is planned.
USUAL_WINDOW = timedelta(days=90)


class PreviewBody(Strict):
    """A schedule as it would be, and from when on."""

    document: dict[str, Any] = Field(
        description="The schedule as it would stand in a configuration file.",
        examples=[
            {
                "time_zone": "Europe/Berlin",
                "layers": [
                    {
                        "name": "weekly",
                        "rotation": {"every": "1 week", "from": "2026-01-05T09:00", "people": ["ada", "grace"]},
                    }
                ],
            }
        ],
    )
    effective_from: Asked | None = Field(
        default=None, description="From when on its rules hold; until then those of today do. Left out: at once."
    )


class _Window(BaseModel):
    """From one instant to another."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    begins: Written = Field(alias="from")
    ends: Written = Field(alias="to")


class DeviationShape(BaseModel):
    """Of which hours there is more than an even share, and how many."""

    of: Hours
    more_by: float = Field(description="In hours; negative: less.", examples=[84.0])


class UnevenShape(DeviationShape):
    """Who carries most, and of what."""

    most: str = Field(examples=["ada"])
    least: str = Field(examples=["grace"])


class CarriedShape(BaseModel):
    """What one person carries. Hours are elapsed time; an hour may be of several kinds."""

    person: str = Field(examples=["ada"])
    hours: float = Field(examples=[336.0])
    night_hours: float = Field(description="22:00 to 08:00 on their clock.", examples=[140.0])
    weekend_hours: float = Field(description="Saturday and Sunday on their clock.", examples=[96.0])
    holiday_hours: float = Field(description="Public holidays of their region.", examples=[0.0])
    shifts: int = Field(description="Stretches without a break.", examples=[2])
    woken: int | None = Field(description="Pages; null: they cannot be counted by person and time yet.")
    woken_at_night: int | None = Field(description="Of these, at night; null likewise.")
    available_hours: float = Field(description="How long they could have been on call.", examples=[1512.0])
    load: float = Field(description="Weighed by part, night, weekend and holiday.", examples=[524.0])
    fair_share: float = Field(description="An even share of the load.", examples=[393.0])
    score: float | None = Field(
        description="100: exactly an even share; null: somebody from elsewhere, who has none.", examples=[75.0]
    )
    reason: DeviationShape | None = Field(description="What differs most; null: nothing.")


class FairnessShape(BaseModel):
    """How evenly the schedules of a team, or one schedule, are spread."""

    team: str | None = Field(description="Null: one schedule, not a team.", examples=["data"])
    schedules: list[str] = Field(examples=[["data-primary"]])
    score: float = Field(description="100 less the percentage of the load that would have to change hands.")
    reason: UnevenShape | None = Field(description="What makes it uneven; null: nothing.")
    people: list[CarriedShape]


class FairnessList(_Window):
    """Each group with its people."""

    items: list[FairnessShape]
    next_cursor: NextCursor = None


class PersonShareShape(BaseModel):
    """One member's part of a team's working time."""

    person: str = Field(examples=["ada"])
    working_hours: float = Field(description="Monday to Friday, 09:00 to 17:00 on their clock.", examples=[512.0])
    duty_hours: float = Field(description="Of these, as the primary of a schedule of the team.", examples=[104.0])
    measured_hours: float | None = Field(description="What duty really took; null: not measured.")


class ShareShape(BaseModel):
    """How a team's working time is divided, as parts of one; null where nobody works or nothing is measured."""

    team: str = Field(examples=["data"])
    working_hours: float = Field(examples=[2560.0])
    operations: float | None = Field(description="Planned, by the rota.", examples=[0.2])
    development: float | None = Field(examples=[0.8])
    measured: float | None
    people: list[PersonShareShape]


class ShareList(_Window):
    """Each team with its people."""

    items: list[ShareShape]
    next_cursor: NextCursor = None


class MoveShape(SpanShape):
    """A stretch in which other people are on call. Empty: nobody."""

    before: list[str] = Field(examples=[["ada"]])
    after: list[str] = Field(examples=[["grace"]])


class ScheduleMovesShape(BaseModel):
    """What changes in one schedule."""

    schedule: str = Field(examples=["data-primary"])
    moves: list[MoveShape]
    gaps_opened: list[SpanShape]
    gaps_closed: list[SpanShape]


class StretchShape(SpanShape):
    """Time on call in one schedule."""

    schedule: str = Field(examples=["data-primary"])


class PersonMovesShape(BaseModel):
    """What changes for one person, who is to be told of it."""

    person: str = Field(examples=["ada"])
    hours_gained: float
    hours_lost: float
    nights_gained: int = Field(description="Nights in which they are on call at all, and were not before.")
    nights_lost: int
    weekends_gained: int
    weekends_lost: int
    gained: list[StretchShape]
    lost: list[StretchShape]


class MovesShape(_Window):
    """Everything that an edit would move; nothing of it is stored."""

    schedules: list[ScheduleMovesShape]
    people: list[PersonMovesShape]


Begins = Annotated[Asked | None, Query(alias="from", description="Left out: 90 days ago, or now for what is planned.")]
Ends = Annotated[
    Asked | None, Query(alias="to", description="At most 366 days later; left out: now, or 90 days from now.")
]
Team = Annotated[Text | None, Query(description="Only of this team.")]

router = APIRouter(tags=["insight"], dependencies=BY_TOKEN_OR_SESSION)
#: Only where somebody says what an edit would move.
previews = APIRouter(tags=["insight"], dependencies=BY_TOKEN_OR_SESSION)


@router.get("/insight/fairness", response_model=FairnessList, summary="Who carries how much", responses=problems(404))
async def read_fairness(
    here: Here,
    viewer: Looking,
    team: Team = None,
    schedule: Annotated[Text | None, Query(description="Only of this schedule.")] = None,
    begins: Begins = None,
    ends: Ends = None,
) -> dict[str, Any]:
    """Hours, nights, weekends and holidays by person, with a score; the last 90 days unless asked otherwise."""
    now = await here.counter.reads.now()
    window = _window(begins or now - USUAL_WINDOW, ends or now)
    directory = here.counter.directory
    asked = groups(directory, team=team or None, schedule=schedule or None)
    served = await _served(here, (name for group in asked for name in group.schedules), window)
    items = [
        fairness_document(group, fairness(directory, Question(window=window, schedules=group.schedules), served))
        for group in asked
    ]
    return {"from": window.start, "to": window.end, "items": items}


@router.get(
    "/insight/share", response_model=ShareList, summary="What being on duty takes of a team", responses=problems(404)
)
async def read_share(
    here: Here, viewer: Looking, team: Team = None, begins: Begins = None, ends: Ends = None
) -> dict[str, Any]:
    """Operations and development as parts of a team's working time; the coming 90 days unless asked otherwise."""
    now = await here.counter.reads.now()
    window = _window(begins or now, ends or now + USUAL_WINDOW)
    directory = here.counter.directory
    asked = [group for group in groups(directory, team=team or None) if group.team in directory.teams]
    served = await _served(here, (name for group in asked for name in group.schedules), window)
    items = [
        share_document(operations_share(directory, group.team, window, served=served))
        for group in asked
        if group.team is not None
    ]
    return {"from": window.start, "to": window.end, "items": items}


@previews.post(
    "/schedules/{name}/preview",
    response_model=MovesShape,
    summary="What an edit of a schedule would move",
    responses=problems(),
)
async def preview_schedule(
    name: Annotated[Text, Path(description="The schedule's name; it need not exist yet.")],
    body: PreviewBody,
    here: Here,
    viewer: Looking,
) -> dict[str, Any]:
    """Which shifts of the coming 90 days move, who gains or loses them, which gaps open. Nothing is stored."""
    assert here.preview is not None, "without it the address is not there"
    return moves_document(await here.preview(name, body.document, body.effective_from))


async def _served(here: Context, names: Iterable[ScheduleName], window: Span) -> Mapping[ScheduleName, Rendered]:
    return await shifts_in(here.counter.duty, here.counter.directory, list(dict.fromkeys(names)), window)


def _window(begins: Instant, ends: Instant) -> Span:
    if ends <= begins:
        raise Refused("the window ends before it begins", field="to", hint="a later instant than `from`")
    if ends - begins > LONGEST_WINDOW:
        raise Refused("the window is too long", field="to", hint=f"at most {LONGEST_WINDOW.days} days after `from`")
    return Span(begins, ends)
