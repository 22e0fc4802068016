"""Now: what rings, what somebody has, who is on call. The page to leave open."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tocsin.core.alerts.model import Status
from tocsin.core.schedules import OnCall, Rota, Schedule
from tocsin.core.vocabulary import Instant
from tocsin.ports.state import AlertQuery, AlertRecord
from tocsin.web.context import Context
from tocsin.web.pages import band
from tocsin.web.pages.climbing import glance
from tocsin.web.pages.reader import Reader
from tocsin.web.pages.rendering import duties_of, page, reader_for, sign_in_first
from tocsin.web.sessions import viewer_of

#: How many of each kind are shown here; the list has them all.
_SHOWN = 20
_SCHEDULES_SHOWN = 30
_OVER_SHOWN = 4


def router(context: Context) -> APIRouter:
    """The first page."""
    routes = APIRouter(include_in_schema=False)
    counter = context.counter

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
            **_week(context, reader),
        }
        return await page(request, "now.html", viewer=viewer, reader=reader, values=values)

    return routes


def _worst_first(record: AlertRecord) -> tuple[int, Instant]:
    return record.alert.severity.rank, record.alert.created_at


def _week(context: Context, reader: Reader) -> dict[str, object]:
    directory = context.counter.directory
    schedules = sorted(directory.schedules.values(), key=lambda one: one.name)[:_SCHEDULES_SHOWN]
    on = band.ground(reader, band.window_of(reader, days=7, before=1), desk=band.BESIDE)
    colours = band.colours_of(directory.people)
    return {
        "ground": on,
        "schedules": [_row(directory.rota, schedule, on, reader, colours) for schedule in schedules],
        "more_schedules": len(directory.schedules) > len(schedules),
    }


def _row(
    rota: Rota, schedule: Schedule, on: band.Ground, reader: Reader, colours: dict[str, int]
) -> tuple[OnCall, band.Band, Schedule]:
    return rota.on_call(schedule.name, reader.now), band.band(rota, schedule.name, on, reader, colours), schedule


def _curl(context: Context) -> str:
    """A test event to paste; the key is known only to whoever has made it."""
    body = '{"action": "trigger", "summary": "Test: somebody should hear this", "severity": "critical"}'
    return (
        f"curl -H 'Authorization: Bearer YOUR_INTEGRATION_KEY' \\\n"
        f"     -H 'Content-Type: application/json' \\\n"
        f"     -d '{body}' \\\n"
        f"     {context.links.public_url}/api/v1/events"
    )
