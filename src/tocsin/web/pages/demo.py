"""The demo: one failing pipeline, three phones, a ladder that climbs. To be understood without a word about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.core.errors import Forbidden
from tocsin.core.people import Person
from tocsin.core.story import Kind
from tocsin.core.vocabulary import Instant
from tocsin.engine.links import AnswerLink
from tocsin.ports.state import AlertQuery, AlertRecord
from tocsin.web.context import Context
from tocsin.web.pages.climbing import Climbing, whole
from tocsin.web.pages.rendering import page, reader_for
from tocsin.web.sessions import is_same_origin, viewer_of

_PHONES = 3
_MESSAGES = 3
_ARRIVED = frozenset({"calling", "sent", "uncertain"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a phone shows."""

    at: Instant
    record: AlertRecord
    contact: str
    #: The address whose button acknowledges.
    answer_path: str
    #: True while this phone rings for it.
    rings: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """One person's phone."""

    person: Person
    #: Newest first; of each alert the newest.
    messages: tuple[Message, ...]
    on_call_for: tuple[str, ...]

    @property
    def rings(self) -> bool:
        """True while somebody should pick it up."""
        return any(message.rings for message in self.messages)


def router(context: Context, again: Callable[[], Awaitable[None]]) -> APIRouter:
    """The page, and the button that breaks the pipeline again."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/demo")
    async def demo(request: Request) -> Response:
        viewer = await viewer_of(request)
        owners = _owners(context)
        reader = await reader_for(request, viewer)
        if owners and (viewer is None or viewer.person is None):
            reader = replace(reader, zone=owners[0].time_zone)
        newest = (await context.counter.reads.alerts(AlertQuery(limit=1))).items
        climbing = await whole(context.counter, newest[0]) if newest else None
        values = {
            "climbing": climbing,
            "on_phones": [await _phone(context, person, reader.now, climbing) for person in owners],
            "scene": scene(climbing),
            "next_people": _next_people(climbing),
            "act": act_of(climbing),
        }
        return await page(request, "demo.html", viewer=viewer, reader=reader, values=values)

    @routes.post("/demo/again")
    async def break_again(request: Request) -> Response:
        if not is_same_origin(request):
            raise Forbidden("this button works on the demo's own page only", known=True, hint="open /demo")
        await again()
        return RedirectResponse("/demo", status_code=303)

    return routes


def scene(climbing: Climbing | None) -> str:
    """Where the little play stands: calm, ringing, unheard, answered, over."""
    if climbing is None:
        return "calm"
    alert = climbing.record.alert
    if not alert.is_open:
        return "over"
    if alert.holder is not None:
        return "answered"
    return "ringing" if climbing.rung_now or alert.rings else "quiet"


def act_of(climbing: Climbing | None) -> int:
    """Which of the four acts is on: it fails, somebody is rung, it climbs, somebody answers."""
    if climbing is None:
        return 0
    if scene(climbing) in ("answered", "over"):
        return 4
    asked = sum(rung.kind is not Kind.FUTURE and rung.number > 0 for rung in climbing.rungs)
    return 1 if not asked else 2 if asked == 1 else 3


def _owners(context: Context) -> list[Person]:
    """Three who have a phone, in the order of the configuration."""
    return [person for person in context.counter.directory.people.values() if person.contacts][:_PHONES]


async def _phone(context: Context, person: Person, now: Instant, climbing: Climbing | None) -> Phone:
    messages: dict[str, Message] = {}
    ringing_now = climbing.rung_now if climbing is not None else ()
    for told in await context.counter.reads.shown_to(person.name, 4 * _MESSAGES):
        for alert_id in (one for item in told.delivery.items for one in item.alert_ids):
            record = await context.counter.reads.alert(alert_id)
            if record is None or alert_id in messages or told.status not in _ARRIVED:
                continue
            link = AnswerLink(delivery_id=told.delivery.id, recipient=person.name)
            messages[alert_id] = Message(
                at=told.sent_at or told.claimed_at or told.delivery.due_at,
                record=record,
                contact=told.delivery.contact,
                answer_path=context.links.answer_url(link).removeprefix(context.links.public_url),
                rings=record.alert.rings and person.name in ringing_now,
            )
    directory = context.counter.directory
    on_call_for = tuple(
        name for name in sorted(directory.schedules) if person.name in (directory.on_call(name, now) or ())
    )
    return Phone(person=person, messages=tuple(messages.values())[:_MESSAGES], on_call_for=on_call_for)


def _next_people(climbing: Climbing | None) -> tuple[str, ...]:
    """Who is rung next when nobody answers."""
    if climbing is None:
        return ()
    ahead = next((rung for rung in climbing.rungs if rung.kind is Kind.FUTURE and rung.people), None)
    return tuple(asking.recipient for asking in ahead.people) if ahead is not None else ()
