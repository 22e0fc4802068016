"""API tokens: one's own, or as an administrator all of them; given out, looked at and ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.core.errors import Refused
from tocsin.core.people import Permission, Role, TokenWish, lesser
from tocsin.core.vocabulary import PersonName
from tocsin.engine.tokens import Given, TokenDesk
from tocsin.web.context import Context
from tocsin.web.pages.forms import read_own_form
from tocsin.web.pages.reader import Reader
from tocsin.web.pages.refusals import Wrong, wrong
from tocsin.web.pages.rendering import page, reader_for, sign_in_first
from tocsin.web.sessions import Viewer, tokens_changed, viewer_of

#: What may be chosen for how long a token lasts, in days; 0: until somebody ends it.
LASTS = (7, 90, 365, 0)


def router(context: Context) -> APIRouter:
    """The page and its forms."""
    routes = APIRouter(include_in_schema=False)
    desk = TokenDesk(context.tokens, lambda: context.counter.directory)

    async def shown(
        request: Request,
        viewer: Viewer,
        *,
        given: Given | None = None,
        refusal: Wrong | None = None,
        filled: Mapping[str, str] | None = None,
    ) -> Response:
        reader = await reader_for(request, viewer)
        values = {
            **_choices(context, viewer, reader),
            "tokens": await desk.seen_by(viewer.standing),
            "given": given,
            "wrong": refusal,
            "typed": filled or {},
        }
        status = 200 if refusal is None else refusal.status
        return await page(request, "tokens.html", viewer=viewer, reader=reader, values=values, status=status)

    @routes.get("/tokens")
    async def tokens(request: Request) -> Response:
        viewer = await viewer_of(request)
        return await shown(request, viewer) if viewer is not None else sign_in_first(request)

    @routes.post("/tokens")
    async def give(request: Request) -> Response:
        viewer, form = await read_own_form(request, Permission.GRANT)
        try:
            given = await desk.give(_wish(form), viewer.standing, by=viewer.name)
        except Refused as refused:
            reader = await reader_for(request, viewer)
            return await shown(request, viewer, refusal=wrong(refused, reader, form="token"), filled=form)
        tokens_changed(request)
        return await shown(request, viewer, given=given)

    @routes.post("/tokens/{name}/end")
    async def end(request: Request, name: str) -> Response:
        viewer, _ = await read_own_form(request, Permission.GRANT)
        await desk.end(name, viewer.standing, by=viewer.name)
        tokens_changed(request)
        return RedirectResponse("/tokens", status_code=303)

    return routes


def _choices(context: Context, viewer: Viewer, reader: Reader) -> dict[str, object]:
    """What the form offers: roles and permissions that the viewer has themself, and whose it can be."""
    everybody = viewer.may(Permission.GRANT)
    own = [viewer.person.name] if viewer.person is not None else []
    people = sorted(context.counter.directory.people, key=reader.name) if everybody else own
    return {
        "may_give": viewer.standing.may_somewhere(Permission.GRANT) and bool(everybody or own),
        "for_programs": everybody,
        "people": people,
        "roles": [role.value for role in Role if lesser(role, Role(viewer.role)) is role],
        "permissions": [one.value for one in Permission if viewer.standing.may_somewhere(one)],
        "lasts": LASTS,
    }


def _wish(form: Mapping[str, str]) -> TokenWish:
    """What the form asks for.

    Raises:
        Refused: a choice is none of those that were offered.
    """
    days, person = form.get("lasts", ""), form.get("person", "")
    scope = frozenset(one for one in Permission if form.get(f"for_{one.value}"))
    try:
        return TokenWish(
            name=form.get("name", "").strip(),
            role=Role(form.get("role", "")),
            person=PersonName(person) if person else None,
            scope=scope if form.get("narrow") else None,
            lasts=timedelta(days=int(days)) if int(days) else None,
        )
    except (ValueError, OverflowError):
        raise Refused("this form is none that was offered") from None
