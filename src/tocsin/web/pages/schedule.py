"""One schedule: who is on call and who comes next, its shifts and where they come from, and what people do with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.core.errors import NotFound, Refused
from tocsin.core.vocabulary import ScheduleName
from tocsin.engine.commands import schedule_names
from tocsin.engine.duty import shifts_in
from tocsin.web.context import Context
from tocsin.web.pages import band, subscribing
from tocsin.web.pages.forms import local_path, read_own_form
from tocsin.web.pages.handing import is_for_next, notes_of
from tocsin.web.pages.layers import each_alone
from tocsin.web.pages.moments import LENGTHS, as_typed
from tocsin.web.pages.offers import Board
from tocsin.web.pages.outlook import Outlook
from tocsin.web.pages.overriding import NOBODY, choice, overrides_of, wish_of
from tocsin.web.pages.reader import Reader
from tocsin.web.pages.refusals import Wrong, wrong
from tocsin.web.pages.rendering import page, reader_for, sign_in_first
from tocsin.web.pages.shifts import around, detailed, rows
from tocsin.web.pages.sight import Sight, sight_of
from tocsin.web.pages.stints import stint
from tocsin.web.pages.troubles import deviation_words, troubles
from tocsin.web.sessions import Viewer, asker_of, viewer_of

_DAYS = (1, 7, 14, 28)
_USUAL_DAYS = 7
#: The rest is in the API, and on the pages of other days.
_ROWS, _NOTES = 100, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One viewer before one schedule."""

    context: Context
    name: ScheduleName
    viewer: Viewer
    reader: Reader

    @property
    def path(self) -> str:
        """The address of its page."""
        return f"/schedules/{quote(self.name)}"


def router(context: Context) -> APIRouter:
    """The page and its forms."""
    routes = APIRouter(include_in_schema=False)
    shown = _Shown(context)

    @routes.get("/schedules/{name}")
    async def schedule(request: Request, name: str) -> Response:
        viewer = await viewer_of(request)
        if viewer is None:
            return sign_in_first(request)
        return await shown.page(request, await _look(request, context, name, viewer))

    @routes.post("/schedules/{name}/overrides")
    async def override(request: Request, name: str) -> Response:
        viewer, form = await read_own_form(request)
        look = await _look(request, context, name, viewer)
        try:
            wish = wish_of(form, look.name, context.counter.directory, look.reader)
            await context.exchange.override(wish, asker_of(viewer))
        except NotFound:
            raise
        except Refused as refused:
            said = wrong(refused, look.reader, form="override")
            return await shown.page(request, look, refusal=said, typed=form)
        return RedirectResponse(f"{look.path}#overrides", status_code=303)

    @routes.post("/overrides/{override_name}/end")
    async def end_override(request: Request, override_name: str) -> Response:
        viewer, form = await read_own_form(request)
        await context.exchange.end_override(override_name, asker_of(viewer))
        return RedirectResponse(local_path(form.get("back", ""), "/schedules"), status_code=303)

    @routes.post("/schedules/{name}/notes")
    async def write_note(request: Request, name: str) -> Response:
        viewer, form = await read_own_form(request)
        look = await _look(request, context, name, viewer)
        try:
            await context.handovers.write(look.name, by=viewer.name, text=form.get("text", ""))
        except NotFound:
            raise
        except Refused as refused:
            said = wrong(refused, look.reader, form="note")
            return await shown.page(request, look, refusal=said, typed=form)
        return RedirectResponse(f"{look.path}#notes", status_code=303)

    @routes.post("/schedules/{name}/calendar")
    async def reset_calendar(request: Request, name: str) -> Response:
        viewer, _ = await read_own_form(request)
        look = await _look(request, context, name, viewer)
        await subscribing.reset_schedule(context, look.name, viewer)
        return RedirectResponse(f"{look.path}#calendar", status_code=303)

    return routes


class _Shown:
    """Gathers what the page shows."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._outlook = Outlook(context.counter.duty)
        self._board = Board(context)

    async def page(
        self,
        request: Request,
        look: Look,
        *,
        refusal: Wrong | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        """The page; with what somebody has typed and what is wrong with it, if they were refused."""
        sight = sight_of(request.query_params, look.reader, choices=_DAYS, usual=_USUAL_DAYS)
        values = {
            **await self._shifts(look, sight),
            **await self._people(look),
            **await self._outcome(look),
            "path_here": look.path,
            "sight": sight,
            "wrong": refusal,
            "typed": typed or {},
            "now_typed": as_typed(look.reader.now, look.reader),
        }
        status = 200 if refusal is None else refusal.status
        return await page(
            request, "schedule.html", viewer=look.viewer, reader=look.reader, values=values, status=status
        )

    async def _shifts(self, look: Look, sight: Sight) -> dict[str, object]:
        directory, reader, ground = self._context.counter.directory, look.reader, sight.ground
        duty, names = self._context.counter.duty, [look.name]
        rendered = (await shifts_in(duty, directory, names, ground.window))[look.name]
        wider = (await shifts_in(duty, directory, names, around(ground.window)))[look.name]
        found = rows(wider, reader.now, within=ground.window)[:_ROWS]
        found = detailed(found, directory, look.name, reader.now)
        colours = band.colours_of(directory.people)
        layers = each_alone(directory, look.name, ground.window)
        alone = [(one.name, band.served(look.name, one.rendered, ground, reader, colours)) for one in layers]
        return {
            "schedule": directory.schedules[look.name],
            "stint": stint(directory.rota, look.name, reader.now),
            "band": band.band(look.name, rendered, ground, reader, colours),
            "ground": ground,
            "layers": alone if len(alone) > 1 or any(row.override for row in found) else [],
            "rows": found,
            "gaps": [row for row in rows(rendered, reader.now) if row.gap is not None and row.span.end > reader.now],
        }

    async def _people(self, look: Look) -> dict[str, object]:
        context, reader = self._context, look.reader
        notes = await notes_of(context, look.name, look.viewer, reader.now)
        offers = await self._board.seen(look.viewer, reader.now, schedule=look.name)
        return {
            "choice": choice(context.counter.directory, look.name, look.viewer),
            "nobody": NOBODY,
            "lengths_to_choose": tuple(LENGTHS),
            "overrides": await overrides_of(context, look.name, look.viewer, reader),
            "unread": [one for one in notes if one.awaits_me],
            "notes": [one for one in notes if not one.awaits_me][:_NOTES],
            "for_next": is_for_next(context, look.name, look.viewer, reader),
            "offers": sorted((one for one in offers if one.is_open), key=lambda one: one.left),
        }

    async def _outcome(self, look: Look) -> dict[str, object]:
        directory, reader = self._context.counter.directory, look.reader
        found = await self._outlook.troubles(directory, look.name, reader.now)
        return {
            "troubles": troubles(found, reader) if found is not None else None,
            "fair": await self._outlook.fair(directory, look.name, reader.now),
            "deviation": lambda one: deviation_words(one, reader),
            "calendar": await subscribing.of_schedule(self._context, look.name, look.viewer),
        }


async def _look(request: Request, context: Context, name: str, viewer: Viewer) -> Look:
    [known] = schedule_names(context.counter.directory, name)
    return Look(context=context, name=known, viewer=viewer, reader=await reader_for(request, viewer))
