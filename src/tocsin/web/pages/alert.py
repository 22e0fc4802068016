"""One alert: what it is, who was reached about it and how, and everything that can be done with it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.core.alerts import Alert
from tocsin.core.errors import NotFound, Refused
from tocsin.core.story import why_quiet
from tocsin.core.vocabulary import Instant
from tocsin.engine.commands import Actor, Counter
from tocsin.ports.state import AlertRecord, EventRecord
from tocsin.web.context import Context
from tocsin.web.pages.climbing import whole
from tocsin.web.pages.forms import local_path, read_own_form
from tocsin.web.pages.reader import Reader
from tocsin.web.pages.rendering import page, reader_for, sign_in_first
from tocsin.web.sessions import Viewer, viewer_of

_EVENTS_SHOWN = 20
_RAW_SHOWN = 20_000
_MORNING = time(9)
_SNOOZES = {"30m": timedelta(minutes=30), "2h": timedelta(hours=2)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants done with an alert."""

    counter: Counter
    alert_id: str
    actor: Actor
    form: Mapping[str, str]
    reader: Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event as the page shows it."""

    record: EventRecord
    #: The normalised event and the raw request's body, laid out for eyes.
    event: str
    raw: str


def router(context: Context) -> APIRouter:
    """The page and its forms."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/alerts/{alert_id}")
    async def alert(request: Request, alert_id: str) -> Response:
        viewer = await viewer_of(request)
        if viewer is None:
            return sign_in_first(request)
        return await _shown(request, context, alert_id, viewer)

    @routes.post("/alerts/{alert_id}/{action}")
    async def act(request: Request, alert_id: str, action: str) -> Response:
        viewer, form = await read_own_form(request)
        todo = ACTIONS.get(action)
        if todo is None:
            raise NotFound("an alert cannot do that", field="action")
        reader = await reader_for(request, viewer)
        actor = Actor(name=viewer.name, via="web")
        wish = Wish(counter=context.counter, alert_id=alert_id, actor=actor, form=form, reader=reader)
        try:
            await todo(wish)
        except NotFound:
            raise
        except Refused as refused:
            return await _shown(request, context, alert_id, viewer, refused=refused, typed=form)
        return RedirectResponse(local_path(form.get("back", ""), f"/alerts/{alert_id}"), status_code=303)

    return routes


def next_morning(reader: Reader) -> Instant:
    """The next nine o'clock on the viewer's wall."""
    local = reader.now.astimezone(reader.zone)
    day = local.date() + timedelta(days=0 if local.time() < _MORNING else 1)
    return datetime.combine(day, _MORNING, tzinfo=reader.zone).astimezone(reader.now.tzinfo)


async def _shown(
    request: Request,
    context: Context,
    alert_id: str,
    viewer: Viewer,
    *,
    refused: Refused | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    counter = context.counter
    record = await counter.alert(alert_id)
    reader = await reader_for(request, viewer)
    climbing = await whole(counter, record)
    directory = counter.directory
    service = directory.services.get(record.alert.service) if record.alert.service is not None else None
    reason = record.alert.reason
    values = {
        "climbing": climbing,
        "record": record,
        "alert": record.alert,
        "tier": service.tier if service is not None else None,
        "reason": why_quiet(reason) if reason is not None else None,
        "members": _members(climbing.case.alerts.values() if climbing.case is not None else (), alert_id),
        "events": [_told(event) for event in await counter.reads.events_of(record.alert.id, _EVENTS_SHOWN)],
        "details": _laid_out(record.alert.details) if record.alert.details is not None else "",
        "people": sorted((p for p in directory.people.values() if p.contacts), key=lambda p: p.full_name or p.name),
        "morning": next_morning(reader),
        "refused": refused,
        "typed": typed or {},
    }
    status = 200 if refused is None else 422
    return await page(request, "alert.html", viewer=viewer, reader=reader, values=values, status=status)


def _members(alerts: Iterable[Alert], alert_id: str) -> list[Alert]:
    return [alert for alert in alerts if alert.id != alert_id]


def _told(record: EventRecord) -> Told:
    raw = record.raw.body[:_RAW_SHOWN].decode(errors="replace") if record.raw is not None else ""
    return Told(record=record, event=_laid_out(record.event), raw=_as_json(raw))


def _as_json(text: str) -> str:
    try:
        return _laid_out(json.loads(text))
    except ValueError:
        return text


def _laid_out(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


async def _acknowledge(wish: Wish) -> AlertRecord:
    return await wish.counter.acknowledge(wish.alert_id, wish.actor)


async def _unacknowledge(wish: Wish) -> AlertRecord:
    return await wish.counter.unacknowledge(wish.alert_id, wish.actor)


async def _resolve(wish: Wish) -> AlertRecord:
    return await wish.counter.resolve(wish.alert_id, wish.actor)


async def _snooze(wish: Wish) -> AlertRecord:
    chosen = wish.form.get("for", "")
    if chosen == "morning":
        return await wish.counter.snooze(wish.alert_id, wish.actor, until=next_morning(wish.reader))
    return await wish.counter.snooze(wish.alert_id, wish.actor, lasts=_SNOOZES.get(chosen))


async def _escalate(wish: Wish) -> AlertRecord:
    return await wish.counter.escalate(wish.alert_id, wish.actor)


async def _add(wish: Wish) -> AlertRecord:
    return await wish.counter.add_responder(wish.alert_id, wish.actor, wish.form.get("person", ""))


async def _reassign(wish: Wish) -> AlertRecord:
    return await wish.counter.reassign(wish.alert_id, wish.actor, wish.form.get("person", ""))


async def _note(wish: Wish) -> AlertRecord:
    return await wish.counter.note(wish.alert_id, wish.actor, wish.form.get("text", ""))


#: The last part of a form's address, and what it does.
ACTIONS: Mapping[str, Callable[[Wish], Awaitable[AlertRecord]]] = {
    "acknowledge": _acknowledge,
    "unacknowledge": _unacknowledge,
    "resolve": _resolve,
    "snooze": _snooze,
    "escalate": _escalate,
    "add": _add,
    "reassign": _reassign,
    "note": _note,
}
