"""Signing in with a password or by a link that works once, and signing out."""

from __future__ import annotations

from urllib.parse import quote, unquote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.core.errors import Forbidden, TooMany
from tocsin.engine.links import Session
from tocsin.web.context import SIGN_IN_LASTS, Context
from tocsin.web.limits import client_of
from tocsin.web.pages.forms import local_path, read_form, require_proof, require_same_origin
from tocsin.web.pages.refusals import Wrong, hasty
from tocsin.web.pages.rendering import plain_page, reader_for
from tocsin.web.sessions import begin_session, leave_session, viewer_of

#: Where to go after signing in, kept by the browser for as long as somebody looks for the link.
_NEXT_COOKIE = "tocsin_next"
_NEXT_SECONDS = 900


def router(context: Context) -> APIRouter:
    """The ways in and out."""
    routes = APIRouter(include_in_schema=False)

    async def shown(
        request: Request, target: str, *, refusal: Wrong | None = None, who: str = "", spent: bool = False
    ) -> Response:
        values = {"spent": spent, "wrong": refusal, "typed": {"who": who}, "target": target}
        status = 403 if spent else 200 if refusal is None else refusal.status
        reader = await reader_for(request, None)
        response = plain_page("sign_in.html", reader=reader, values=values, status=status)
        response.set_cookie(_NEXT_COOKIE, quote(target), max_age=_NEXT_SECONDS, httponly=True, samesite="lax")
        return response

    @routes.get("/sign-in")
    async def tell(request: Request) -> Response:
        target = local_path(request.query_params.get("next", ""), "/")
        if await viewer_of(request) is not None:
            return RedirectResponse(target, status_code=303)
        return await shown(request, target)

    @routes.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        form = await read_form(request)
        require_same_origin(request)
        who, target = form.get("who", ""), local_path(form.get("next", ""), "/")
        try:
            address = client_of(request.scope) or ""
            person = await context.passwords.sign_in(who, form.get("password", ""), address=address)
        except TooMany as refused:
            refusal = hasty(refused, await reader_for(request, None), form="sign-in")
            response = await shown(request, target, refusal=refusal, who=who)
            response.headers["Retry-After"] = str(int(refused.retry_seconds) + 1)
            return response
        if person is None:
            text = (await reader_for(request, None)).t("wrong.sign_in")
            refusal = Wrong(form="sign-in", field=None, text=text, status=403)
            return await shown(request, target, refusal=refusal, who=who)
        response = RedirectResponse(target, status_code=303)
        response.delete_cookie(_NEXT_COOKIE)
        await begin_session(request, response, Session(subject=person.name, role=person.role.value))
        return response

    @routes.get("/sign-in/{token}")
    async def enter(request: Request, token: str) -> Response:
        try:
            link = context.links.read_sign_in(token, lasts=SIGN_IN_LASTS)
            fresh = await context.upkeep.use_once(link.nonce, lasts=SIGN_IN_LASTS)
        except Forbidden:
            fresh = False
        if not fresh:
            return await shown(request, _target(request), spent=True)
        response = RedirectResponse(_target(request), status_code=303)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.delete_cookie(_NEXT_COOKIE)
        await begin_session(request, response, link.session)
        return response

    @routes.post("/sign-out")
    async def leave(request: Request) -> Response:
        require_proof(request, await read_form(request))
        response = RedirectResponse("/sign-in", status_code=303)
        await leave_session(request, response)
        return response

    return routes


def _target(request: Request) -> str:
    """Where the link itself says, else where somebody wanted to go when they were asked to sign in."""
    remembered = unquote(request.cookies.get(_NEXT_COOKIE, ""))
    return local_path(request.query_params.get("next", ""), local_path(remembered, "/"))
