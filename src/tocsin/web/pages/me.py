"""My shifts: am I on call, what comes next, whom I have asked to take over, when I am away, what I was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.core.errors import Refused
from tocsin.core.messages import Message
from tocsin.core.messages.wording import word
from tocsin.core.overriding import acting_person
from tocsin.core.people import Person
from tocsin.core.schedules import Shift
from tocsin.core.swapping import LONGEST, Offer
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span
from tocsin.ports.exchange import OfferWish
from tocsin.web.context import Context
from tocsin.web.pages import handing, subscribing
from tocsin.web.pages.forms import read_own_form
from tocsin.web.pages.moments import LENGTHS, stretch_text, typed, typed_day
from tocsin.web.pages.offers import Board, SeenOffer
from tocsin.web.pages.reader import Reader
from tocsin.web.pages.refusals import Wrong, wrong
from tocsin.web.pages.rendering import duties_of, page, reader_for, sign_in_first
from tocsin.web.sessions import Viewer, asker_of, viewer_of

#: So far ahead one's shifts are listed, and so many of them at once; the rest unfolds.
AHEAD = timedelta(weeks=8)
FIRST = 8
_MESSAGES, _MESSAGES_READ = 8, 40
#: What "cover me" may be asked for by one press.
COVERS = ("1h", "2h", "4h")
#: Of a person's messages those that are to be told one day are not shown yet.
_TOLD = frozenset({"telling", "told", "failed"})
#: Among a message's values these are names of people.
_NAMES = frozenset({"by", "from", "person"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """A shift of the viewer's."""

    schedule: ScheduleName
    shift: Shift
    #: Who is on call with them.
    others: tuple[PersonName, ...]
    present: bool
    #: False: it goes on beyond what was looked at.
    ends: bool
    #: The shift as the address of a page names it.
    stretch: str
    #: An offer of it, or of a part of it, that is still open.
    offer: Offer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldMessage:
    """Something that the viewer was told."""

    title: str
    text: str
    at: Instant
    path: str
    failed: bool


def router(context: Context) -> APIRouter:
    """The page and its forms."""
    routes = APIRouter(include_in_schema=False)
    board = Board(context)

    async def shown(
        request: Request,
        viewer: Viewer,
        *,
        refusal: Wrong | None = None,
        filled: Mapping[str, str] | None = None,
    ) -> Response:
        reader = await reader_for(request, viewer)
        mine = await _mine(context, board, viewer, reader) if viewer.person is not None else {}
        values = {**mine, "covers": COVERS, "first": FIRST, "wrong": refusal, "typed": filled or {}}
        status = 200 if refusal is None else refusal.status
        return await page(request, "me.html", viewer=viewer, reader=reader, values=values, status=status)

    @routes.get("/me")
    async def me(request: Request) -> Response:
        viewer = await viewer_of(request)
        return await shown(request, viewer) if viewer is not None else sign_in_first(request)

    @routes.post("/me/cover")
    async def cover(request: Request) -> Response:
        viewer, form = await read_own_form(request)
        reader = await reader_for(request, viewer)
        try:
            for wish in _covers(context, viewer, form, reader):
                await context.exchange.offer(wish, asker_of(viewer))
        except Refused as refused:
            return await shown(request, viewer, refusal=wrong(refused, reader, form="cover"), filled=form)
        return RedirectResponse("/me#offers", status_code=303)

    @routes.post("/me/absences")
    async def absent(request: Request) -> Response:
        viewer, form = await read_own_form(request)
        reader = await reader_for(request, viewer)
        try:
            asker, note = asker_of(viewer), form.get("note", "").strip()
            await context.exchange.absent(acting_person(asker), _away(form, reader), note, asker)
        except Refused as refused:
            return await shown(request, viewer, refusal=wrong(refused, reader, form="absence"), filled=form)
        return RedirectResponse("/me#absences", status_code=303)

    @routes.post("/absences/{name}/end")
    async def end_absence(request: Request, name: str) -> Response:
        viewer, _ = await read_own_form(request)
        await context.exchange.end_absence(name, asker_of(viewer))
        return RedirectResponse("/me#absences", status_code=303)

    @routes.post("/me/calendar")
    async def reset_calendar(request: Request) -> Response:
        viewer, _ = await read_own_form(request)
        await subscribing.reset_own(context, viewer)
        return RedirectResponse("/me#calendar", status_code=303)

    return routes


async def _mine(context: Context, board: Board, viewer: Viewer, reader: Reader) -> dict[str, object]:
    """Everything that the page tells a person."""
    assert viewer.person is not None, "only people have shifts"
    offers = await board.seen(viewer, reader.now)
    own = [one for one in offers if one.is_mine]
    return {
        "on_duty": duties_of(context, viewer, reader.now),
        "shifts": _shifts(context, viewer.person, reader.now, own),
        "unread": await handing.awaiting(context, viewer, reader.now),
        "asked": await board.awaiting(viewer, reader.now),
        "offers": own,
        "absences": await context.exchange.absences(viewer.person.name),
        "calendar": await subscribing.of_viewer(context, viewer),
        "messages": await _messages(context, viewer.person, reader),
    }


def _shifts(context: Context, person: Person, now: Instant, own: Sequence[SeenOffer]) -> list[Mine]:
    window = Span(now, now + AHEAD + LONGEST)
    found = context.counter.directory.rota.shifts_of(person.name, window)
    return [
        Mine(
            schedule=name,
            shift=shift,
            others=tuple(one for one in shift.people if one != person.name),
            present=now in shift.span,
            ends=shift.span.end < window.end,
            stretch=stretch_text(shift.span),
            offer=_offer_of(name, shift.span, own),
        )
        for name, shift in found
        if shift.span.start < now + AHEAD
    ]


def _offer_of(name: ScheduleName, span: Span, own: Sequence[SeenOffer]) -> Offer | None:
    for one in own:
        if one.is_open and one.offer.schedule == name and any(part.clipped(span) is not None for part in one.left):
            return one.offer
    return None


async def _messages(context: Context, person: Person, reader: Reader) -> list[ToldMessage]:
    """The newest of what the viewer was told, or should have been, in their words."""
    records = await context.counter.messages.messages_to(person.name, limit=_MESSAGES_READ)
    recent = [record for record in records if record.status in _TOLD and record.message.due_at <= reader.now]
    found = []
    for record in recent[:_MESSAGES]:
        wording = word(_named(record.message, reader), texts=reader.catalog, zone=reader.zone)
        at = record.told_at or record.message.due_at
        failed = record.status == "failed"
        found.append(
            ToldMessage(title=wording.title, text=wording.text, at=at, path=record.message.path, failed=failed)
        )
    return found


def _named(message: Message, reader: Reader) -> Message:
    """A message that calls people by their full names, as everything on a page does."""
    values = {key: reader.name(value) if key in _NAMES else value for key, value in message.values.items()}
    return replace(message, values=values)


def _covers(context: Context, viewer: Viewer, form: Mapping[str, str], reader: Reader) -> list[OfferWish]:
    """What somebody asks others to take over from now on, in each schedule in which they are on call.

    What lies beyond their own shift is not theirs to give.

    Raises:
        Refused: the time is none, or has passed; or they are not on call, or no person.
    """
    by, now, chosen = acting_person(asker_of(viewer)), reader.now, form.get("for", "")
    until = now + LENGTHS[chosen] if chosen in LENGTHS else typed(form.get("to", ""), reader, field="to")
    if until <= now:
        raise Refused(reader.t("wrong.over"), field="to")
    duties = duties_of(context, viewer, now)
    if not duties:
        raise Refused(reader.t("wrong.not_on_call_now"))
    note = form.get("note", "").strip()
    ends = [(duty.schedule, until if duty.until is None else min(until, duty.until)) for duty in duties]
    return [OfferWish(schedule=ScheduleName(name), by=by, span=Span(now, end), note=note) for name, end in ends]


def _away(form: Mapping[str, str], reader: Reader) -> Span:
    """From when to when somebody is away: whole days, unless they name a time of day."""
    first, last = form.get("from_day", ""), form.get("to_day", "")
    begins = typed_day(first, form.get("from_clock", ""), reader, field="from", is_end=False)
    return Span(begins, typed_day(last or first, form.get("to_clock", ""), reader, field="to", is_end=True))
