"""The line that keeps pages live: says that something has changed, never what; the page then looks again."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from tocsin.core.errors import Forbidden
from tocsin.web.context import Context
from tocsin.web.sessions import viewer_of

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
#: A browser that lost the line tries again after this many milliseconds.
_HELLO = "retry: 2000\nevent: hello\ndata: hello\n\n"
_STILL_HERE = ": still here\n\n"


def router(context: Context) -> APIRouter:
    """The line."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/live")
    async def live(request: Request, group: str = "") -> Response:
        if not context.phones and await viewer_of(request) is None:
            raise Forbidden("this needs a session", known=True, hint="sign in")
        return StreamingResponse(changes(context, group), media_type="text/event-stream", headers=_HEADERS)

    return routes


async def changes(context: Context, group: str) -> AsyncIterator[str]:
    """The lines for a page that shows one group, or (empty) anything."""
    yield _HELLO
    async for changed in context.live.changes():
        if changed is None:
            yield _STILL_HERE
        elif not group or changed in (group, "*"):
            yield "event: changed\ndata: changed\n\n"
