"""Setting a password by the link of an invitation or a recovery, and asking for such a link.

Opening a link changes nothing: programs that look into mails do not use it up. What is answered to whoever asks for one
is the same whether there is such a person or not.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.core.errors import Forbidden, Refused, TooMany
from tocsin.core.people import SHORTEST_PASSWORD
from tocsin.engine.links import Session
from tocsin.engine.passwords import TooWeak
from tocsin.web.context import Context
from tocsin.web.limits import client_of
from tocsin.web.pages.forms import read_form, require_same_origin
from tocsin.web.pages.reader import Reader
from tocsin.web.pages.refusals import Wrong, hasty, weak, wrong
from tocsin.web.pages.rendering import plain_page, reader_for
from tocsin.web.sessions import begin_session, viewer_of

#: What is wrong with a field, where there is but one thing that can be.
_BESIDE = {"again": "wrong.passwords_differ", "present": "wrong.present_password"}


def router(context: Context) -> APIRouter:
    """The pages and their forms."""
    routes = APIRouter(include_in_schema=False)

    async def shown(request: Request, token: str, *, refusal: Wrong | None = None) -> Response:
        reader = await reader_for(request, None)
        try:
            link, person = await context.passwords.allowed(token)
        except Forbidden:
            return plain_page("password.html", reader=reader, values={"spent": True, "wrong": None}, status=403)
        values = {
            "spent": False,
            "wrong": refusal,
            "person": person,
            "link": link,
            "token": token,
            "least": SHORTEST_PASSWORD,
        }
        return plain_page(
            "password.html", reader=reader, values=values, status=200 if refusal is None else refusal.status
        )

    @routes.get("/password/{token}")
    async def open_link(request: Request, token: str) -> Response:
        return await shown(request, token)

    @routes.post("/password/{token}")
    async def set_password(request: Request, token: str) -> Response:
        form = await read_form(request)
        require_same_origin(request)
        try:
            password = chosen(form.get("password", ""), form.get("again", ""))
            person = await context.passwords.set_by_link(token, password)
        except Forbidden:
            return await shown(request, token)
        except Refused as refused:
            reader = await reader_for(request, None)
            return await shown(request, token, refusal=told(refused, reader))
        context.sessions.forget()
        response = RedirectResponse("/", status_code=303)
        await begin_session(request, response, Session(subject=person.name, role=person.role.value))
        return response

    async def asked(request: Request, *, refusal: Wrong | None = None, who: str = "", sent: bool = False) -> Response:
        reader = await reader_for(request, await viewer_of(request))
        values = {"mails": context.passwords.mails, "sent": sent, "wrong": refusal, "typed": {"who": who}}
        status = 200 if refusal is None else refusal.status
        return plain_page("forgotten.html", reader=reader, values=values, status=status)

    @routes.get("/forgotten")
    async def tell(request: Request) -> Response:
        return await asked(request)

    @routes.post("/forgotten")
    async def recover(request: Request) -> Response:
        who = (await read_form(request)).get("who", "").strip()
        require_same_origin(request)
        try:
            context.passwords.refuse_hasty_mail(who, address=client_of(request.scope) or "")
        except TooMany as refused:
            refusal = hasty(refused, await reader_for(request, None), form="forgotten")
            response = await asked(request, refusal=refusal, who=who)
            response.headers["Retry-After"] = str(int(refused.retry_seconds) + 1)
            return response
        response = await asked(request, sent=True)
        response.background = BackgroundTask(context.passwords.recover, who)
        return response

    return routes


def chosen(password: str, again: str) -> str:
    """The password that was typed twice.

    Raises:
        Refused: the two differ.
    """
    if password != again:
        raise Refused("the two passwords differ", field="again")
    return password


def told(refused: Refused, reader: Reader) -> Wrong:
    """Why a password was not taken."""
    if isinstance(refused, TooWeak):
        return weak(refused.why, reader)
    if refused.field not in _BESIDE:
        return wrong(refused, reader, form="password")
    return Wrong(form="password", field=refused.field, text=reader.t(_BESIDE[refused.field]), status=422)
