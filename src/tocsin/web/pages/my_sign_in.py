"""One's own password and sessions: where one is signed in, and how to end what should not be."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.core.errors import Forbidden, Refused, TooMany
from tocsin.core.people import SHORTEST_PASSWORD, Permission
from tocsin.engine.passwords import OWN_PAGE
from tocsin.ports.signing_in import KeptSession
from tocsin.web.context import Context
from tocsin.web.limits import client_of
from tocsin.web.pages.browsers import Seen, browser_of
from tocsin.web.pages.forms import read_own_form
from tocsin.web.pages.password import chosen, told
from tocsin.web.pages.refusals import Wrong, hasty
from tocsin.web.pages.rendering import page, reader_for, sign_in_first
from tocsin.web.sessions import Viewer, session_of, viewer_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """One of the viewer's sessions."""

    kept: KeptSession
    browser: Seen
    present: bool


def router(context: Context) -> APIRouter:
    """The page and its forms."""
    routes = APIRouter(include_in_schema=False)

    async def shown(request: Request, viewer: Viewer, *, refusal: Wrong | None = None, done: bool = False) -> Response:
        reader = await reader_for(request, viewer)
        person = viewer.person
        values = {
            "sessions": [_mine(one, request) for one in await context.sessions.of(viewer.name)],
            "since": None if person is None else (await context.passwords.since()).get(person.name),
            "mails": context.passwords.mails,
            "least": SHORTEST_PASSWORD,
            "wrong": refusal,
            "done": done,
        }
        status = 200 if refusal is None else refusal.status
        return await page(request, "my_sign_in.html", viewer=viewer, reader=reader, values=values, status=status)

    @routes.get(OWN_PAGE)
    async def own(request: Request) -> Response:
        viewer = await viewer_of(request)
        if viewer is None or viewer.via != "session":
            return sign_in_first(request)
        return await shown(request, viewer, done="done" in request.query_params)

    @routes.post(f"{OWN_PAGE}/password")
    async def change(request: Request) -> Response:
        viewer, form = await read_own_form(request, Permission.LOOK)
        if viewer.person is None or viewer.via != "session":
            raise Forbidden("only a person has a password", known=True)
        reader, session = await reader_for(request, viewer), session_of(request)
        present, address = form.get("present", ""), client_of(request.scope) or ""
        keep = None if session is None else session.id
        try:
            password = chosen(form.get("password", ""), form.get("again", ""))
            await context.passwords.change(viewer.person, present, password, keep=keep, address=address)
        except TooMany as refused:
            return await shown(request, viewer, refusal=hasty(refused, reader, form="password"))
        except Refused as refused:
            return await shown(request, viewer, refusal=told(refused, reader))
        context.sessions.forget()
        return RedirectResponse(f"{OWN_PAGE}?done", status_code=303)

    @routes.post(f"{OWN_PAGE}/others/end")
    async def end_others(request: Request) -> Response:
        viewer, _ = await read_own_form(request, Permission.LOOK)
        session = session_of(request)
        keep = None if session is None else session.id
        await context.sessions.end_all(viewer.name, keep=keep, by=viewer.name)
        return RedirectResponse(OWN_PAGE, status_code=303)

    @routes.post(f"{OWN_PAGE}/sessions/{{name}}/end")
    async def end(request: Request, name: str) -> Response:
        viewer, _ = await read_own_form(request, Permission.LOOK)
        await context.sessions.end(viewer.name, name, by=viewer.name)
        return RedirectResponse(OWN_PAGE, status_code=303)

    return routes


def _mine(kept: KeptSession, request: Request) -> Mine:
    session = session_of(request)
    present = session is not None and session.id == kept.opening.id
    return Mine(kept=kept, browser=browser_of(kept.opening.agent), present=present)
