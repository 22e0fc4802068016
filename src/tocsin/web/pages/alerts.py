"""The list of alerts: its filters stand in the URL, so that a view can be kept and shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tocsin.core.alerts.model import Status
from tocsin.core.directory import Directory
from tocsin.core.vocabulary import ServiceName
from tocsin.engine.commands import services_of_team
from tocsin.ports.state import AlertQuery
from tocsin.web.context import Context
from tocsin.web.pages.rendering import page, reader_for, sign_in_first
from tocsin.web.sessions import viewer_of

_ROWS = 50
_OPEN = (Status.TRIGGERED, Status.ACKNOWLEDGED, Status.SNOOZED, Status.SUPPRESSED)
#: What may be chosen, and what it stands for; the first is chosen when nothing is.
VIEWS: Mapping[str, tuple[Status, ...]] = {
    "open": _OPEN,
    "triggered": (Status.TRIGGERED,),
    "acknowledged": (Status.ACKNOWLEDGED,),
    "snoozed": (Status.SNOOZED,),
    "suppressed": (Status.SUPPRESSED,),
    "resolved": (Status.RESOLVED,),
    "all": (),
}
_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the URL asks for; what is not known counts as not said."""

    status: str = "open"
    service: str = ""
    team: str = ""
    text: str = ""
    cursor: str = ""

    @property
    def narrowed(self) -> bool:
        """True when more than a status was chosen."""
        return bool(self.service or self.team or self.text)

    def url(self, **changes: str) -> str:
        """The address of this list with something changed."""
        values = {
            "status": self.status,
            "service": self.service,
            "team": self.team,
            "text": self.text,
            "cursor": self.cursor,
            **changes,
        }
        said = {key: value for key, value in values.items() if value and (key, value) != ("status", "open")}
        return "/alerts" + (f"?{urlencode(said)}" if said else "")


def router(context: Context) -> APIRouter:
    """The list."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/alerts")
    async def alerts(request: Request) -> Response:
        viewer = await viewer_of(request)
        if viewer is None:
            return sign_in_first(request)
        directory = context.counter.directory
        filters = filters_of(request.query_params, directory)
        reader = await reader_for(request, viewer)
        found = await context.counter.reads.alerts(query_of(filters, directory))
        values = {
            "filters": filters,
            "views": tuple(VIEWS),
            "records": found.items,
            "next_cursor": found.next_cursor,
            "services": sorted(directory.services),
            "teams": sorted(directory.teams),
            "back": filters.url(),
        }
        return await page(request, "alerts.html", viewer=viewer, reader=reader, values=values)

    return routes


def filters_of(asked: Mapping[str, str], directory: Directory) -> Filters:
    """The filters of a URL."""
    status, service, team = (asked.get(name, "") for name in ("status", "service", "team"))
    return Filters(
        status=status if status in VIEWS else "open",
        service=service if service in directory.services else "",
        team=team if team in directory.teams else "",
        text=asked.get("text", "").strip()[:_LONGEST_TEXT],
        cursor=asked.get("cursor", ""),
    )


def query_of(filters: Filters, directory: Directory) -> AlertQuery:
    """What to ask the store."""
    services: tuple[ServiceName, ...] | None = None
    if filters.team:
        services = services_of_team(directory, filters.team)
    if filters.service:
        chosen = ServiceName(filters.service)
        services = (chosen,) if services is None or chosen in services else ()
    return AlertQuery(
        statuses=VIEWS[filters.status],
        services=services,
        text=filters.text,
        limit=_ROWS,
        cursor=filters.cursor or None,
    )
