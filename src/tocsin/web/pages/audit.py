"""Who has changed what, newest first; what is asked for stands in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tocsin.core.errors import Forbidden, Refused
from tocsin.core.people import Permission
from tocsin.ports.audit import AuditQuery, AuditSlice
from tocsin.web.context import Context
from tocsin.web.pages.rendering import page, reader_for, sign_in_first
from tocsin.web.sessions import viewer_of

_ROWS = 50
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the URL asks for; empty: it does not matter."""

    by: str = ""
    kind: str = ""
    text: str = ""
    cursor: str = ""

    @property
    def narrowed(self) -> bool:
        """True when not everything is asked for."""
        return bool(self.by or self.kind or self.text)

    def url(self, path: str = "/audit", *, cursor: str = "") -> str:
        """The address of the same, from another place on."""
        values = {"by": self.by, "kind": self.kind, "text": self.text, "cursor": cursor}
        said = {key: value for key, value in values.items() if value}
        return path + (f"?{urlencode(said)}" if said else "")


def router(context: Context) -> APIRouter:
    """The page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/audit")
    async def audit(request: Request) -> Response:
        viewer = await viewer_of(request)
        if viewer is None:
            return sign_in_first(request)
        if not viewer.may(Permission.AUDIT):
            raise Forbidden("the audit log is for managers and administrators", known=True)
        asked = _asked(request.query_params)
        reader = await reader_for(request, viewer)
        found = await _found(context, asked)
        values = {"asked": asked, "entries": found.items, "next_cursor": found.next_cursor}
        return await page(request, "audit.html", viewer=viewer, reader=reader, values=values)

    return routes


def _asked(query: Mapping[str, str]) -> Asked:
    by, kind, text = (query.get(name, "").strip()[:_LONGEST] for name in ("by", "kind", "text"))
    return Asked(by=by, kind=kind, text=text, cursor=query.get("cursor", ""))


async def _found(context: Context, asked: Asked) -> AuditSlice:
    """What fits; an address with a place that there never was begins at the newest."""
    if context.audit is None:
        return AuditSlice(items=(), next_cursor=None)
    query = AuditQuery(by=asked.by or None, kind=asked.kind or None, text=asked.text, limit=_ROWS)
    try:
        return await context.audit.changes(replace(query, cursor=asked.cursor or None))
    except Refused:
        return await context.audit.changes(query)
