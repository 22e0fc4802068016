"""Now: what rings, what somebody has, who is on call. The page to leave open."""

from __future__ import annotations

import asyncio

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tocsin.core.alerts.model import Status
from tocsin.core.errors import TocsinError
from tocsin.core.vocabulary import Instant
from tocsin.engine.duty import shifts_in
from tocsin.ports.state import AlertQuery, AlertRecord
from tocsin.web.context import Context
from tocsin.web.pages import band, handing
from tocsin.web.pages.climbing import glance
from tocsin.web.pages.offers import Board
from tocsin.web.pages.reader import Reader
from tocsin.web.pages.rendering import duties_of, page, reader_for, sign_in_first
from tocsin.web.pages.stints import stint
from tocsin.web.sessions import Viewer, viewer_of

log = structlog.get_logger()

#: How many of each kind are shown here; the list has them all.
_SHOWN = 20
_SCHEDULES_SHOWN = 30
_OVER_SHOWN = 4


def router(context: Context) -> APIRouter:
    """The first page."""
    routes = APIRouter(include_in_schema=False)
    counter, board = context.counter, Board(context)

    @routes.get("/")
    async def now(request: Request) -> Response:
        viewer = await viewer_of(request)
        if viewer is None:
            return sign_in_first(request)
        reader = await reader_for(request, viewer)
        ringing, held, over = await asyncio.gather(
            counter.reads.alerts(AlertQuery(statuses=(Status.TRIGGERED,), limit=_SHOWN)),
            counter.reads.alerts(AlertQuery(statuses=(Status.ACKNOWLEDGED, Status.SNOOZED), limit=_SHOWN)),
            counter.reads.alerts(AlertQuery(statuses=(Status.RESOLVED,), limit=_OVER_SHOWN)),
        )
        values = {
            "rings": [await glance(counter, record) for record in sorted(ringing.items, key=_worst_first)],
            "more": ringing.next_cursor is not None,
            "held": held.items,
            "over": over.items,
            "on_duty": duties_of(context, viewer, reader.now),
            "me": viewer.person.name if viewer.person is not None else None,
            "curl": _curl(context),
            **await _hints(context, board, viewer, reader.now),
            **await _week(context, reader),
        }
        return await page(request, "now.html", viewer=viewer, reader=reader, values=values)

    return routes


def _worst_first(record: AlertRecord) -> tuple[int, Instant]:
    return record.alert.severity.rank, record.alert.created_at


async def _hints(context: Context, board: Board, viewer: Viewer, now: Instant) -> dict[str, object]:
    """What waits for the viewer besides alerts; nothing of it may keep this page from showing what rings."""
    try:
        return {
            "unread": await handing.awaiting(context, viewer, now),
            "asked": await board.awaiting(viewer, now),
        }
    except (TocsinError, ValueError) as trouble:  # ValueError: an offer as only a newer version writes it
        log.warning("notes and offers are not shown", error=str(trouble))
        return {"unread": [], "asked": []}


async def _week(context: Context, reader: Reader) -> dict[str, object]:
    directory = context.counter.directory
    names = sorted(directory.schedules)[:_SCHEDULES_SHOWN]
    on = band.ground(reader, band.window_of(reader, days=7, before=1), desk=band.BESIDE)
    colours = band.colours_of(directory.people)
    rendered = await shifts_in(context.counter.duty, directory, names, on.window)
    rows = [
        (
            stint(directory.rota, name, reader.now),
            band.band(name, rendered[name], on, reader, colours),
            directory.schedules[name],
        )
        for name in names
    ]
    return {"ground": on, "schedules": rows, "more_schedules": len(directory.schedules) > len(names)}


def _curl(context: Context) -> str:
    """A test event to paste; the key is known only to whoever has made it."""
    body = '{"action": "trigger", "summary": "Test: somebody should hear this", "severity": "critical"}'
    return (
        f"curl -H 'Authorization: Bearer YOUR_INTEGRATION_KEY' \\\n"
        f"     -H 'Content-Type: application/json' \\\n"
        f"     -d '{body}' \\\n"
        f"     {context.links.public_url}/api/v1/events"
    )
