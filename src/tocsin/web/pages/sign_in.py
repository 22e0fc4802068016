"""Signing in by a link that works once, and signing out."""

from __future__ import annotations

from urllib.parse import quote, unquote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.core.errors import Forbidden
from tocsin.web.context import SIGN_IN_LASTS, Context
from tocsin.web.pages.forms import local_path, read_form, require_proof
from tocsin.web.pages.rendering import plain_page, reader_for
from tocsin.web.sessions import clear_session, set_session, viewer_of

#: Where to go after signing in, kept by the browser for as long as somebody looks for the link.
_NEXT_COOKIE = "tocsin_next"
_NEXT_SECONDS = 900


def router(context: Context) -> APIRouter:
    """The ways in and out."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/sign-in")
    async def tell(request: Request) -> Response:
        reader = await reader_for(request, None)
        target = local_path(request.query_params.get("next", ""), "/")
        if await viewer_of(request) is not None:
            return RedirectResponse(target, status_code=303)
        response = plain_page("sign_in.html", reader=reader, values={"spent": False})
        response.set_cookie(_NEXT_COOKIE, quote(target), max_age=_NEXT_SECONDS, httponly=True, samesite="lax")
        return response

    @routes.get("/sign-in/{token}")
    async def enter(request: Request, token: str) -> Response:
        try:
            link = context.links.read_sign_in(token, lasts=SIGN_IN_LASTS)
            fresh = await context.upkeep.use_once(link.nonce, lasts=SIGN_IN_LASTS)
        except Forbidden:
            fresh = False
        if not fresh:
            reader = await reader_for(request, None)
            return plain_page("sign_in.html", reader=reader, values={"spent": True}, status=403)
        response = RedirectResponse(_target(request), status_code=303)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.delete_cookie(_NEXT_COOKIE)
        set_session(response, context, link.session)
        return response

    @routes.post("/sign-out")
    async def leave(request: Request) -> Response:
        require_proof(request, await read_form(request))
        response = RedirectResponse("/sign-in", status_code=303)
        clear_session(response)
        return response

    return routes


def _target(request: Request) -> str:
    """Where the link itself says, else where somebody wanted to go when they were asked to sign in."""
    remembered = unquote(request.cookies.get(_NEXT_COOKIE, ""))
    return local_path(request.query_params.get("next", ""), local_path(remembered, "/"))
