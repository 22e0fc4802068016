"""Who is on call: every schedule's band over one, two or four weeks, its shifts, and its gaps in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tocsin.core.schedules import NobodyReason, OnCall, Rendered, Rota, Schedule
from tocsin.core.schedules.timeline import OVERRIDE
from tocsin.core.vocabulary import Instant
from tocsin.web.context import Context
from tocsin.web.pages import band
from tocsin.web.pages.reader import Reader
from tocsin.web.pages.rendering import page, reader_for, sign_in_first
from tocsin.web.sessions import viewer_of

_WEEKS = (1, 2, 4)
_ROWS = 40

GAPS: Mapping[NobodyReason, str] = {
    NobodyReason.NO_LAYER: "gap.no_layer",
    NobodyReason.OVERRIDE_SAYS_NOBODY: "gap.override_says_nobody",
    NobodyReason.PARTICIPANT_IS_NOBODY: "gap.participant_is_nobody",
    NobodyReason.EVERYBODY_IS_AWAY: "gap.everybody_is_away",
    NobodyReason.ON_CALL_ELSEWHERE: "gap.on_call_elsewhere",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a schedule's list: a shift, or a gap with its reason."""

    start: Instant
    end: Instant
    people: tuple[str, ...]
    source: str
    override: bool = False
    #: The id of the text that says why there is nobody; None: there is somebody.
    gap: str | None = None
    present: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One schedule as the page shows it."""

    schedule: Schedule
    band: band.Band
    now: OnCall
    rows: tuple[Row, ...]
    gaps: tuple[Row, ...]


def router(context: Context) -> APIRouter:
    """The page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/schedules")
    async def schedules(request: Request) -> Response:
        viewer = await viewer_of(request)
        if viewer is None:
            return sign_in_first(request)
        reader = await reader_for(request, viewer)
        weeks = _weeks(request.query_params.get("weeks", ""))
        begins_at = _begins_at(request.query_params.get("from", ""), reader)
        on = band.ground(reader, band.window_of(reader, days=7 * weeks, begins_at=begins_at), desk=band.WHOLE)
        directory = context.counter.directory
        colours = band.colours_of(directory.people)
        first = on.window.start.astimezone(reader.zone).date()
        values = {
            "shown": [
                _shown(directory.rota, one, on, reader, colours)
                for one in sorted(directory.schedules.values(), key=_by_name)
            ],
            "ground": on,
            "weeks": weeks,
            "choices": _WEEKS,
            "earlier": _shifted(first, -7 * weeks),
            "later": _shifted(first, 7 * weeks),
            "from_day": first.isoformat() if begins_at is not None else "",
        }
        return await page(request, "schedules.html", viewer=viewer, reader=reader, values=values)

    return routes


def _weeks(asked: str) -> int:
    return int(asked) if asked in map(str, _WEEKS) else 1


def _begins_at(asked: str, reader: Reader) -> Instant | None:
    """Noon of the day that is asked for, so that its date is the same whatever the clock does; None: today."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        return None
    if not 1971 <= day.year <= 9000:
        return None
    return datetime.combine(day, time(12), tzinfo=reader.zone).astimezone(UTC)


def _shifted(day: date, days: int) -> str:
    return (day + timedelta(days=days)).isoformat()


def _by_name(schedule: Schedule) -> str:
    return schedule.name


def _shown(rota: Rota, schedule: Schedule, on: band.Ground, reader: Reader, colours: Mapping[str, int]) -> Shown:
    rows = _rows(rota.shifts(schedule.name, on.window), reader.now)
    return Shown(
        schedule=schedule,
        band=band.band(rota, schedule.name, on, reader, colours),
        now=rota.on_call(schedule.name, reader.now),
        rows=rows[:_ROWS],
        gaps=tuple(row for row in rows if row.gap is not None and row.end > reader.now),
    )


def _rows(rendered: Rendered, now: Instant) -> tuple[Row, ...]:
    served = [
        Row(
            start=shift.span.start,
            end=shift.span.end,
            people=shift.people,
            source=shift.source,
            override=shift.source == OVERRIDE,
            present=now in shift.span,
        )
        for shift in rendered.shifts
    ]
    gaps = [
        Row(
            start=vacancy.span.start,
            end=vacancy.span.end,
            people=(),
            source="",
            gap=GAPS[vacancy.reason],
            present=now in vacancy.span,
        )
        for vacancy in rendered.vacancies
    ]
    return tuple(sorted((*served, *gaps), key=lambda row: row.start))
