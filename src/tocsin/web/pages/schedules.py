"""Who is on call: every schedule's band over one, two or four weeks, its shifts, and its gaps in words."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tocsin.core.directory import Directory
from tocsin.core.schedules import Rendered, Schedule
from tocsin.core.vocabulary import ScheduleName
from tocsin.engine.duty import shifts_in
from tocsin.web.context import Context
from tocsin.web.pages import band
from tocsin.web.pages.reader import Reader
from tocsin.web.pages.rendering import page, reader_for, sign_in_first
from tocsin.web.pages.shifts import Row, rows
from tocsin.web.pages.sight import sight_of
from tocsin.web.pages.stints import Stint, stint
from tocsin.web.sessions import viewer_of

_DAYS = (7, 14, 28)
_ROWS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One schedule as the page shows it."""

    schedule: Schedule
    band: band.Band
    now: Stint
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
        sight = sight_of(request.query_params, reader, choices=_DAYS, usual=_DAYS[0])
        directory = context.counter.directory
        names = sorted(directory.schedules)
        rendered = await shifts_in(context.counter.duty, directory, names, sight.ground.window)
        values = {
            "shown": [_shown(directory, name, rendered[name], sight.ground, reader) for name in names],
            "sight": sight,
        }
        return await page(request, "schedules.html", viewer=viewer, reader=reader, values=values)

    return routes


def _shown(directory: Directory, name: ScheduleName, rendered: Rendered, on: band.Ground, reader: Reader) -> Shown:
    found = rows(rendered, reader.now)
    return Shown(
        schedule=directory.schedules[name],
        band=band.band(name, rendered, on, reader, band.colours_of(directory.people)),
        now=stint(directory.rota, name, reader.now),
        rows=found[:_ROWS],
        gaps=tuple(row for row in found if row.gap is not None and row.span.end > reader.now),
    )
