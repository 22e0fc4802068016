"""Shifts that people hand to each other: offered, taken whole or in part, declined, withdrawn."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from tocsin.core.directory import Directory
from tocsin.core.errors import Refused
from tocsin.core.swapping import Offer, OfferId, Standing, addressed, left, standing
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span
from tocsin.ports.exchange import OfferWish
from tocsin.web.api.access import BY_TOKEN_OR_SESSION, Here, Looking, Serving, Text, problems
from tocsin.web.api.actions import Strict
from tocsin.web.api.asking import NotedBody, SpanBody, SpanShape, span_of
from tocsin.web.api.instants import Asked, Written
from tocsin.web.api.shapes import NextCursor
from tocsin.web.context import Context
from tocsin.web.sessions import asker_of

router = APIRouter(tags=["on call"], dependencies=BY_TOKEN_OR_SESSION)

OfferPath = Annotated[Text, Path(description="The offer's id.")]


class OfferBody(NotedBody):
    """Which part of whose duty, to whom."""

    schedule: Text = Field(examples=["data-primary"])
    person: Text | None = Field(default=None, description="Whose duty; left out: your own. Others' is for managers.")
    to: list[Text] = Field(default=[], max_length=50, alias="offer_to", description="Empty: everybody.")
    in_return: SpanBody | None = Field(default=None, description="A stretch of the other's duty, in exchange.")
    expires_at: Asked | None = Field(default=None, description="Left out: when the stretch begins.")


class CoverBody(Strict):
    """For how long from now on."""

    minutes: int = Field(gt=0, le=10_080, examples=[120])
    schedule: Text | None = Field(default=None, description="Left out: all in which you are on call now.")
    note: Text = Field(default="", max_length=2_000)


class PartBody(Strict):
    """A part of an offer; both left out: all that is left."""

    begins: Asked | None = Field(default=None, alias="from")
    ends: Asked | None = Field(default=None, alias="to")


class TakenShape(SpanShape):
    """Who took what."""

    by: str = Field(examples=["grace"])
    at: Written


class OfferShape(SpanShape):
    """A stretch of somebody's duty that others may take."""

    id: str
    schedule: str = Field(examples=["data-primary"])
    person: str = Field(description="Whose duty it is.", examples=["ada"])
    offered_to: list[str] = Field(examples=[["grace", "linus"]])
    in_return: SpanShape | None
    note: str
    made_at: Written
    expires_at: Written
    standing: Standing
    left: list[SpanShape] = Field(description="What can still be taken.")
    taken: list[TakenShape]
    declined: list[str]


class OfferList(BaseModel):
    """Offers, newest first."""

    items: list[OfferShape]
    next_cursor: NextCursor


@router.get("/swaps", summary="List offers of shifts", responses=problems())
async def list_swaps(
    here: Here,
    viewer: Looking,
    schedule: Annotated[Text | None, Query(description="Only of this schedule.")] = None,
) -> OfferList:
    """Those that are open, and those that ended within the last thirty days."""
    now = await here.counter.reads.now()
    found = await here.exchange.offers(schedule=ScheduleName(schedule) if schedule else None)
    return OfferList(items=[_shape(one, here.counter.directory, now) for one in found], next_cursor=None)


@router.post("/swaps", status_code=201, summary="Offer a shift", responses=problems(403))
async def offer_shift(body: OfferBody, here: Here, caller: Serving) -> OfferShape:
    """You stay on call until somebody takes it. Those to whom it is offered are told."""
    now = await here.counter.reads.now()
    asker = asker_of(caller)
    person = body.person or asker.person
    if person is None:
        raise Refused("whose shift it is is not said", field="person", hint="the name of a person")
    wish = OfferWish(
        schedule=ScheduleName(body.schedule),
        by=PersonName(person),
        span=span_of(body, now),
        to=tuple(dict.fromkeys(map(PersonName, body.to))),
        in_return=span_of(body.in_return, now) if body.in_return is not None else None,
        note=body.note.strip(),
        expires_at=body.expires_at,
    )
    return await _told(here, await here.exchange.offer(wish, asker))


@router.post("/cover", status_code=201, summary="Cover me", responses=problems(403))
async def cover_me(body: CoverBody, here: Here, caller: Serving) -> OfferList:
    """Ask everybody who could to take over from now on. You stay on call until somebody does."""
    made = await here.exchange.cover(
        asker_of(caller),
        lasts=timedelta(minutes=body.minutes),
        schedule=ScheduleName(body.schedule) if body.schedule else None,
        note=body.note.strip(),
    )
    return OfferList(items=[await _told(here, one) for one in made], next_cursor=None)


@router.post("/swaps/{offer_id}/take", summary="Take a shift", responses=problems(403, 404))
async def take_shift(offer_id: OfferPath, here: Here, caller: Serving, body: PartBody | None = None) -> OfferShape:
    """All that is left of it, or a part: you are on call for it at once."""
    part = _part(body) if body is not None else None
    return await _told(here, await here.exchange.take(OfferId(offer_id), asker_of(caller), part=part))


@router.post("/swaps/{offer_id}/decline", summary="Decline a shift", responses=problems(403, 404))
async def decline_shift(offer_id: OfferPath, here: Here, caller: Serving) -> OfferShape:
    """Say no; you may change your mind while the offer lasts."""
    return await _told(here, await here.exchange.decline(OfferId(offer_id), asker_of(caller)))


@router.post("/swaps/{offer_id}/withdraw", summary="Withdraw an offer", responses=problems(403, 404))
async def withdraw_offer(offer_id: OfferPath, here: Here, caller: Serving) -> OfferShape:
    """What is left of it stays yours; what was taken stays taken."""
    return await _told(here, await here.exchange.withdraw(OfferId(offer_id), asker_of(caller)))


def _part(body: PartBody) -> Span | None:
    if body.begins is None and body.ends is None:
        return None
    if body.begins is None or body.ends is None:
        raise Refused("a part has a beginning and an end", field="from", hint="give both `from` and `to`, or neither")
    return Span(body.begins, body.ends)


async def _told(here: Context, known: Offer) -> OfferShape:
    return _shape(known, here.counter.directory, await here.counter.reads.now())


def _shape(known: Offer, directory: Directory, now: Instant) -> OfferShape:
    return OfferShape(
        id=known.id,
        schedule=known.schedule,
        person=known.by,
        offered_to=list(addressed(directory, known)),
        begins=known.span.start,
        ends=known.span.end,
        in_return=_span_shape(known.in_return) if known.in_return is not None else None,
        note=known.note,
        made_at=known.made_at,
        expires_at=known.expires_at,
        standing=standing(directory, known, now),
        left=[_span_shape(span) for span in left(known, now)],
        taken=[TakenShape(by=one.by, begins=one.span.start, ends=one.span.end, at=one.at) for one in known.taken],
        declined=sorted(known.declined),
    )


def _span_shape(span: Span) -> SpanShape:
    return SpanShape(begins=span.start, ends=span.end)
