"""The server: API, pages and the addresses that probes ask, behind one set of headers that keep strangers out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tocsin.web import api
from tocsin.web.api import description, node, reference
from tocsin.web.api.silences import SilenceKeeper
from tocsin.web.context import Context
from tocsin.web.limits import CallerLimits
from tocsin.web.problems import ErrorPage, install

#: A larger body is refused, signed in or not; no page and no call of the API has use for it.
LARGEST_BODY = 1_000_000

#: A body that has not come by then is not waited for.
PATIENCE_SECONDS = 30.0

#: Scripts, styles, pictures and calls come from here alone, and nobody shows us inside a frame.
SECURITY_HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}


class SecureHeaders:
    """Puts the headers on every answer that does not bring its own, and keeps answers of the API out of caches."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection's message."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimit:
    """Reads no more of a body than anybody has use for, and waits for it no longer than anybody needs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection's message."""
        read, is_whole = 0, False
        until = asyncio.get_running_loop().time() + PATIENCE_SECONDS

        async def receive_within() -> Message:
            nonlocal read, is_whole
            if is_whole:  # what comes after the body is that somebody has gone
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408) from None
            is_whole = not message.get("more_body", False)
            read += len(message.get("body", b""))
            if read > LARGEST_BODY:
                raise HTTPException(413)
            return message

        await self._app(scope, receive_within if scope["type"] == "http" else receive, send)


class Server(FastAPI):
    """The application, whose every answer carries the headers, that to a fault of ours too."""

    def build_middleware_stack(self) -> ASGIApp:
        """The headers lie around everything else."""
        return SecureHeaders(super().build_middleware_stack())

    def openapi(self) -> dict[str, Any]:
        """What the API says of itself; made once."""
        if self.openapi_schema is None:
            self.openapi_schema = description.describe(self)
        return self.openapi_schema


def create_app(
    context: Context,
    *,
    page_routers: Sequence[APIRouter] = (),
    error_page: ErrorPage | None = None,
    static: ASGIApp | None = None,
    silences: SilenceKeeper | None = None,
) -> FastAPI:
    """The whole server behind the doors. Without `silences` there are none at run time."""
    app = Server(
        title=description.TITLE,
        version=context.version,
        description=description.ABOUT,
        openapi_tags=list(description.TAGS),
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_name_of,
    )
    app.state.context = context
    app.state.silences = silences
    install(app, error_page)
    app.add_middleware(BodyLimit)
    app.add_middleware(CallerLimits)
    missing = [api.silences.router] * (silences is None) + [api.syncs.router] * (context.syncs is None)
    missing += [api.calendars.router] * (context.calendars is None)
    missing += [api.insight.previews] * (context.preview is None)
    missing += [api.audit.router] * (context.audit is None)
    for router in api.ROUTERS:
        if router not in missing:
            app.include_router(router, prefix=api.PREFIX)
    if context.calendars is not None:
        app.include_router(api.calendars.at_their_address)
    app.include_router(node.router)
    app.include_router(reference.router)
    for router in page_routers:
        app.include_router(router, include_in_schema=False)
    if static is not None:
        app.mount("/static", static)
    return app


def _name_of(route: APIRoute) -> str:
    """An operation is called as its function is."""
    return route.name
