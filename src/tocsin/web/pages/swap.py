"""One offer of a shift, for one thumb: whose shift, when, what is left of it. Opening the page changes nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.core.errors import NotFound, Refused
from tocsin.core.overriding import Asker
from tocsin.core.swapping import Offer, OfferId, left
from tocsin.core.vocabulary import Span
from tocsin.web.context import Context
from tocsin.web.pages.forms import local_path, read_own_form
from tocsin.web.pages.moments import as_typed, meant, typed, whole_minute
from tocsin.web.pages.offers import find_offer, seen
from tocsin.web.pages.reader import Reader
from tocsin.web.pages.refusals import Wrong, wrong
from tocsin.web.pages.rendering import page, reader_for, sign_in_first
from tocsin.web.sessions import Viewer, asker_of, viewer_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody answers to an offer."""

    context: Context
    offer_id: OfferId
    asker: Asker
    form: Mapping[str, str]
    reader: Reader


def router(context: Context) -> APIRouter:
    """The page and its buttons."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/swaps/{offer_id}")
    async def swap(request: Request, offer_id: str) -> Response:
        viewer = await viewer_of(request)
        if viewer is None:
            return sign_in_first(request)
        reader = await reader_for(request, viewer)
        return await _shown(request, context, await find_offer(context, offer_id), viewer, reader)

    @routes.post("/swaps/{offer_id}/{action}")
    async def answer(request: Request, offer_id: str, action: str) -> Response:
        viewer, form = await read_own_form(request)
        todo = ACTIONS.get(action)
        if todo is None:
            raise NotFound("an offer cannot do that", field="action")
        known, reader = await find_offer(context, offer_id), await reader_for(request, viewer)
        given = Answer(context=context, offer_id=known.id, asker=asker_of(viewer), form=form, reader=reader)
        try:
            await todo(given)
        except NotFound:
            raise
        except Refused as refused:
            said = wrong(refused, reader, form=action)
            known = await find_offer(context, offer_id)
            return await _shown(request, context, known, viewer, reader, refusal=said, filled=form)
        return RedirectResponse(local_path(form.get("back", ""), f"/swaps/{quote(offer_id)}"), status_code=303)

    return routes


async def _shown(
    request: Request,
    context: Context,
    known: Offer,
    viewer: Viewer,
    reader: Reader,
    *,
    refusal: Wrong | None = None,
    filled: Mapping[str, str] | None = None,
) -> Response:
    directory = context.counter.directory
    one = seen(directory, known, viewer, reader.now)
    first = one.left[0] if one.left else known.span
    values = {
        "one": one,
        "schedule": directory.schedules[known.schedule],
        "wants_part": request.query_params.get("part", "") != "",
        "first": (as_typed(first.start, reader), as_typed(first.end, reader)),
        "wrong": refusal,
        "typed": filled or {},
    }
    status = 200 if refusal is None else refusal.status
    return await page(request, "swap.html", viewer=viewer, reader=reader, values=values, status=status)


async def _take(given: Answer) -> Offer:
    return await given.context.exchange.take(given.offer_id, given.asker)


async def _take_part(given: Answer) -> Offer:
    part = await _part(given)
    return await given.context.exchange.take(given.offer_id, given.asker, part=part)


async def _decline(given: Answer) -> Offer:
    return await given.context.exchange.decline(given.offer_id, given.asker)


async def _withdraw(given: Answer) -> Offer:
    return await given.context.exchange.withdraw(given.offer_id, given.asker)


async def _part(given: Answer) -> Span:
    """The part that somebody means; what has begun is taken from the next minute on."""
    reader = given.reader
    spans = left(await find_offer(given.context, given.offer_id), reader.now)
    begins = typed(given.form.get("from", ""), reader, field="from")
    ends = typed(given.form.get("to", ""), reader, field="to")
    begins = meant(begins, (span.start for span in spans), reader)
    ends = meant(ends, (span.end for span in spans), reader)
    if begins <= reader.now:
        begins = whole_minute(reader.now)
    if ends <= begins:
        raise Refused(reader.t("wrong.backwards"), field="to")
    return Span(begins, ends)


#: The last part of a form's address, and what it does.
ACTIONS: Mapping[str, Callable[[Answer], Awaitable[Offer]]] = {
    "take": _take,
    "part": _take_part,
    "decline": _decline,
    "withdraw": _withdraw,
}
