"""Acknowledge by link: no sign-in, one button. Opening the page changes nothing, for programs open links too."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from itsdangerous import SignatureExpired
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.core.alerts.model import Status
from tocsin.core.errors import Forbidden, NotFound
from tocsin.core.vocabulary import PersonName
from tocsin.engine.links import AnswerLink
from tocsin.ports.state import AlertRecord, DeliveryRecord
from tocsin.web.context import Context
from tocsin.web.pages.forms import local_path, read_form
from tocsin.web.pages.reader import Reader, reader_of
from tocsin.web.pages.rendering import plain_page

_NAMED_AT_MOST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """How the alerts that one delivery told of stand now, for its recipient."""

    records: tuple[AlertRecord, ...]
    recipient: str

    @property
    def ringing(self) -> tuple[AlertRecord, ...]:
        """Those that still ring."""
        return tuple(record for record in self.records if record.alert.rings)

    @property
    def mine(self) -> tuple[AlertRecord, ...]:
        """Those that the recipient has."""
        return tuple(record for record in self.records if record.alert.holder == self.recipient)

    @property
    def others(self) -> tuple[str, ...]:
        """Who else has some of them."""
        holders = (record.alert.holder for record in self.records if record.alert.holder not in (None, self.recipient))
        return tuple(dict.fromkeys(holder for holder in holders if holder is not None))

    @property
    def is_over(self) -> bool:
        """True when all are resolved."""
        return all(record.alert.status is Status.RESOLVED for record in self.records)

    @property
    def name(self) -> str:
        """The state of the page: ringing, mine, taken, over, quiet."""
        if self.ringing:
            return "ringing"
        if self.mine:
            return "mine"
        if self.is_over:
            return "over"
        return "taken" if self.others else "quiet"


def router(context: Context) -> APIRouter:
    """The page and its button."""
    routes = APIRouter(include_in_schema=False)
    counter = context.counter

    @routes.get("/a/{token}")
    async def look(request: Request, token: str) -> Response:
        try:
            link = context.links.read_answer(token)
            told = await counter.told_by(link.delivery_id)
        except (Forbidden, NotFound) as error:
            return await _gone(request, context, error)
        return await _shown(request, context, link, await _records(context, told), answered=False)

    @routes.post("/a/{token}")
    async def answer(request: Request, token: str) -> Response:
        try:
            link = context.links.read_answer(token)
            records = await counter.answer(link.delivery_id, link.recipient)
        except (Forbidden, NotFound) as error:
            return await _gone(request, context, error)
        back = local_path((await read_form(request)).get("back", ""), "")
        if back:
            return RedirectResponse(back, status_code=303)
        return await _shown(request, context, link, records, answered=True)

    return routes


async def _records(context: Context, told: DeliveryRecord) -> tuple[AlertRecord, ...]:
    ids = dict.fromkeys(alert_id for item in told.delivery.items for alert_id in item.alert_ids)
    return await context.counter.reads.alerts_of(tuple(ids))


async def _shown(
    request: Request, context: Context, link: AnswerLink, records: tuple[AlertRecord, ...], *, answered: bool
) -> Response:
    situation = Situation(
        records=tuple(sorted(records, key=lambda one: (one.alert.severity.rank, one.alert.created_at))),
        recipient=link.recipient,
    )
    values = {
        "situation": situation,
        "named": situation.records[:_NAMED_AT_MOST],
        "unnamed": max(len(situation.records) - _NAMED_AT_MOST, 0),
        "answered": answered,
        "action": request.url.path,
    }
    reader = await _reader(request, context, link.recipient)
    return plain_page("answer.html", reader=reader, values=values)


async def _gone(request: Request, context: Context, error: Forbidden | NotFound) -> Response:
    """410 for what was good once, 403 for what never was."""
    once_good = isinstance(error, NotFound) or isinstance(error.__context__, SignatureExpired)
    reader = await _reader(request, context, "")
    values = {"expired": once_good}
    return plain_page("answer_gone.html", reader=reader, values=values, status=410 if once_good else 403)


async def _reader(request: Request, context: Context, recipient: str) -> Reader:
    directory = context.counter.directory
    return reader_of(
        request,
        catalogs=context.catalogs,
        now=await context.counter.reads.now(),
        person=directory.people.get(PersonName(recipient)),
        directory=directory,
    )
