"""Offering a shift of one's own: to everybody or to one, all of it or a part, as a gift or in exchange."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.core.directory import Directory
from tocsin.core.errors import NotFound, Refused
from tocsin.core.overriding import acting_person
from tocsin.core.schedules.intervals import union
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span
from tocsin.ports.exchange import OfferWish
from tocsin.web.context import Context
from tocsin.web.pages.forms import read_own_form
from tocsin.web.pages.moments import as_typed, meant, stretch, stretch_text, typed
from tocsin.web.pages.reader import Reader
from tocsin.web.pages.refusals import Wrong, wrong
from tocsin.web.pages.rendering import page, reader_for, sign_in_first
from tocsin.web.sessions import Viewer, asker_of, require_actor, viewer_of

#: So far ahead others' shifts are shown that one might take in exchange.
_AHEAD = timedelta(weeks=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """The shift that is offered, as the address names it."""

    schedule: ScheduleName
    span: Span


def router(context: Context) -> APIRouter:
    """The form."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/me/offer")
    async def form(request: Request) -> Response:
        viewer = await viewer_of(request)
        if viewer is None:
            return sign_in_first(request)
        await require_actor(request)
        shift = _shift(request.query_params, context.counter.directory)
        return await _shown(request, context, viewer, shift)

    @routes.post("/me/offer")
    async def make(request: Request) -> Response:
        viewer, form = await read_own_form(request)
        shift = _shift(form, context.counter.directory)
        reader = await reader_for(request, viewer)
        try:
            made = await context.exchange.offer(_wish(form, shift, viewer, reader), asker_of(viewer))
        except NotFound:
            raise
        except Refused as refused:
            said = wrong(refused, reader, form="offer")
            return await _shown(request, context, viewer, shift, refusal=said, filled=form)
        return RedirectResponse(f"/swaps/{quote(made.id)}", status_code=303)

    return routes


async def _shown(
    request: Request,
    context: Context,
    viewer: Viewer,
    shift: Shift,
    *,
    refusal: Wrong | None = None,
    filled: Mapping[str, str] | None = None,
) -> Response:
    directory, reader = context.counter.directory, await reader_for(request, viewer)
    values = {
        "shift": shift,
        "schedule": directory.schedules[shift.schedule],
        "stretch_value": stretch_text(shift.span),
        "bounds": (as_typed(max(shift.span.start, reader.now), reader), as_typed(shift.span.end, reader)),
        "others": _others(directory, shift, viewer),
        "exchanges": _exchanges(directory, shift, viewer, reader.now),
        "wrong": refusal,
        "typed": filled or {},
    }
    status = 200 if refusal is None else refusal.status
    return await page(request, "my_offer.html", viewer=viewer, reader=reader, values=values, status=status)


def _shift(asked: Mapping[str, str], directory: Directory) -> Shift:
    """The shift that is spoken of.

    Raises:
        NotFound: it cannot be one.
    """
    name, span = ScheduleName(asked.get("schedule", "")), stretch(asked.get("shift", ""))
    if span is None or span.end <= span.start or name not in directory.schedules:
        raise NotFound("there is no such shift", hint="open `My shifts` and choose one there")
    return Shift(schedule=name, span=span)


def _others(directory: Directory, shift: Shift, viewer: Viewer) -> tuple[PersonName, ...]:
    """Who could be asked: the team and the schedule, without those who only look on."""
    schedule = directory.schedules[shift.schedule]
    members = directory.members(schedule.team) if schedule.team is not None else None
    own = viewer.person.name if viewer.person is not None else None
    names = {one for one in (*(members or ()), *schedule.people) if one in directory.people and one != own}
    return tuple(sorted(names))


def _exchanges(
    directory: Directory, shift: Shift, viewer: Viewer, now: Instant
) -> list[tuple[PersonName, list[tuple[str, Span]]]]:
    """By person, the shifts of others that the viewer could take instead."""
    own = viewer.person.name if viewer.person is not None else None
    rendered = directory.rota.shifts(shift.schedule, Span(now, now + _AHEAD))
    spans: dict[PersonName, list[Span]] = {}
    for one in rendered.shifts:
        for person in one.people if own not in one.people else ():
            spans.setdefault(person, []).append(one.span)
    found = []
    for person in sorted(spans):
        if person in directory.people:
            free = [span for span in union(spans[person]) if span.clipped(shift.span) is None]
            found.append((person, [(f"{person} {stretch_text(span)}", span) for span in free]))
    return found


def _wish(form: Mapping[str, str], shift: Shift, viewer: Viewer, reader: Reader) -> OfferWish:
    """What somebody offers, and to whom.

    Raises:
        Refused: a time is none, the exchange is somebody else's, or the viewer is no person.
    """
    by = acting_person(asker_of(viewer))
    to, (owner, in_return) = form.get("to_whom", ""), _in_return(form.get("in_return", ""))
    if owner and to and to != owner:
        raise Refused(reader.t("wrong.exchange_other", person=reader.name(owner)), field="in_return")
    whom = to or owner
    return OfferWish(
        schedule=shift.schedule,
        by=by,
        span=_part(form, shift, reader),
        to=(PersonName(whom),) if whom else (),
        in_return=in_return,
        note=form.get("note", "").strip(),
    )


def _part(form: Mapping[str, str], shift: Shift, reader: Reader) -> Span:
    begins = meant(typed(form.get("from", ""), reader, field="from"), (shift.span.start,), reader)
    return Span(begins, meant(typed(form.get("to", ""), reader, field="to"), (shift.span.end,), reader))


def _in_return(chosen: str) -> tuple[str, Span | None]:
    """Whose shift is asked for, and when it is; nobody's when it is a gift."""
    owner, _, text = chosen.rpartition(" ")
    span = stretch(text)
    return (owner, span) if owner and span is not None else ("", None)
