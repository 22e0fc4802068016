"""Who can sign in: invite people, and end their sessions. For administrators."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.core.errors import Forbidden, NotFound
from tocsin.core.people import Permission
from tocsin.core.vocabulary import PersonName
from tocsin.engine.passwords import Invitation
from tocsin.web.context import Context
from tocsin.web.pages.forms import read_own_form
from tocsin.web.pages.rendering import page, reader_for, sign_in_first
from tocsin.web.sessions import Viewer, viewer_of


def router(context: Context) -> APIRouter:
    """The page and its buttons."""
    routes = APIRouter(include_in_schema=False)

    async def shown(
        request: Request, viewer: Viewer, *, invited: PersonName | None = None, link: Invitation | None = None
    ) -> Response:
        reader = await reader_for(request, viewer)
        people = context.counter.directory.people
        values = {
            "people": sorted(people.values(), key=lambda one: reader.name(one.name).casefold()),
            "since": await context.passwords.since(),
            "invited": invited,
            "link": link,
            "ended": request.query_params.get("ended", ""),
        }
        return await page(request, "access.html", viewer=viewer, reader=reader, values=values)

    @routes.get("/access")
    async def access(request: Request) -> Response:
        viewer = await viewer_of(request)
        if viewer is None:
            return sign_in_first(request)
        _refuse_others(viewer)
        return await shown(request, viewer)

    @routes.post("/access/{name}/invite")
    async def invite(request: Request, name: str) -> Response:
        viewer, _ = await read_own_form(request, Permission.GRANT)
        _refuse_others(viewer)
        link = await context.passwords.invite(PersonName(name), by=viewer.name)
        return await shown(request, viewer, invited=PersonName(name), link=link)

    @routes.post("/access/{name}/end")
    async def end(request: Request, name: str) -> Response:
        viewer, _ = await read_own_form(request, Permission.GRANT)
        _refuse_others(viewer)
        if name not in context.counter.directory.people:
            raise NotFound(f"there is no person {name!r}", field="name")
        await context.sessions.end_all(name, by=viewer.name)
        return RedirectResponse(f"/access?ended={quote(name)}", status_code=303)

    return routes


def _refuse_others(viewer: Viewer) -> None:
    if not viewer.may(Permission.GRANT):
        raise Forbidden("only administrators invite people and end their sessions", known=True)
