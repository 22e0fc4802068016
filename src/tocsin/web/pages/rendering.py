"""Templates become answers: the frame around every page, its security headers, and the pages for errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import cast
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tocsin.core.alerts.model import Status
from tocsin.core.errors import Forbidden, NotFound, Refused, TocsinError, Unavailable
from tocsin.core.people import Permission
from tocsin.core.vocabulary import Instant
from tocsin.ports.state import AlertQuery
from tocsin.web.context import Context
from tocsin.web.pages.forms import proof_for
from tocsin.web.pages.reader import Reader, reader_of
from tocsin.web.pages.static import static_url
from tocsin.web.pages.stints import stint
from tocsin.web.sessions import Viewer, viewer_of

#: No script and no style but our own files; nobody frames us; nothing is fetched from elsewhere.
POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'; "
    "img-src 'self' data:; script-src 'self'; style-src 'self'; connect-src 'self'"
)
#: Stands where no time is shown.
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
#: More alerts than these are not counted in the rail.
COUNTED = 99

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A schedule for which the viewer is on call."""

    schedule: str
    #: None: without an end in sight.
    until: Instant | None
    #: Who comes after; empty: nobody.
    after: tuple[str, ...] = ()


def _environment() -> Environment:
    folder = Path(str(files("tocsin.web") / "templates"))
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["static"] = static_url
    environment.filters["epoch"] = _epoch
    environment.filters["iso"] = datetime.isoformat
    environment.filters["as_json"] = partial(json.dumps, ensure_ascii=False)
    return environment


def _epoch(at: Instant) -> int:
    """Milliseconds since 1970, for scripts."""
    return int(at.timestamp() * 1000)


_TEMPLATES = _environment()


def context_of(request: Request) -> Context:
    """What the server was made with."""
    return cast(Context, request.app.state.context)


async def reader_for(request: Request, viewer: Viewer | None) -> Reader:
    """Who reads the answer to this request."""
    context = context_of(request)
    return reader_of(
        request,
        catalogs=context.catalogs,
        now=await context.counter.reads.now(),
        person=viewer.person if viewer is not None else None,
        directory=context.counter.directory,
    )


async def page(
    request: Request,
    template: str,
    *,
    viewer: Viewer | None,
    reader: Reader,
    values: Mapping[str, object],
    status: int = 200,
) -> Response:
    """A page with the frame around it: rail, count of what rings, whether the viewer is on call."""
    context = context_of(request)
    triggered = await context.counter.reads.alerts(AlertQuery(statuses=(Status.TRIGGERED,), limit=COUNTED + 1))
    frame = {
        "viewer": viewer,
        "may_act": viewer is not None and viewer.may_act,
        "may_audit": viewer is not None and viewer.may(Permission.AUDIT),
        "may_invite": viewer is not None and viewer.may(Permission.GRANT),
        "ringing": len(triggered.items),
        "duties": duties_of(context, viewer, reader.now),
        "phones": context.phones,
        "pace": context.pace,
        "path": request.url.path,
        "here": address_of(request),
        "proof": proof_for(request),
    }
    return plain_page(template, reader=reader, values={**frame, **values}, status=status)


def plain_page(template: str, *, reader: Reader, values: Mapping[str, object], status: int = 200) -> Response:
    """A page with no frame that has to be read first."""
    text = _TEMPLATES.get_template(template).render(reader=reader, t=reader.t, **values)
    return HTMLResponse(text, status_code=status, headers={**_HEADERS, "Content-Language": reader.language})


def duties_of(context: Context, viewer: Viewer | None, now: Instant) -> tuple[Duty, ...]:
    """For which schedules the viewer is on call now."""
    if viewer is None or viewer.person is None:
        return ()
    rota, person = context.counter.directory.rota, viewer.person.name
    serving = [name for name in rota.schedules if person in rota.on_call(name, now).people]
    stints = [(name, stint(rota, name, now)) for name in serving]
    return tuple(
        Duty(schedule=name, until=one.until, after=one.after.people if one.after is not None else ())
        for name, one in stints
    )


def sign_in_first(request: Request) -> Response:
    """To the page that tells how to sign in, and back here afterwards."""
    return RedirectResponse(f"/sign-in?next={quote(address_of(request), safe='/')}", status_code=303)


def address_of(request: Request) -> str:
    """Path and query of a page."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


async def error_page(request: Request, error: Exception) -> Response:
    """What a person sees instead of a page: what happened, and what they can do."""
    if isinstance(error, Forbidden) and not error.known and request.method in ("GET", "HEAD"):
        return sign_in_first(request)
    status, kind = _kind(error)
    reader = await _calm_reader(request)
    values = {
        "kind": kind,
        "detail": error.detail if isinstance(error, Refused | Unavailable) else "",
        "hint": error.hint if isinstance(error, Refused) else None,
        "retry_seconds": error.retry_seconds if isinstance(error, Unavailable) else None,
    }
    return plain_page("error.html", reader=reader, values=values, status=status)


def _kind(error: Exception) -> tuple[int, str]:
    match error:
        case NotFound():
            return 404, "missing"
        case Forbidden():
            return 403 if error.known else 401, "forbidden"
        case Refused():
            return 422, "refused"
        case Unavailable():
            return 503, "unavailable"
        case _:
            status = getattr(error, "status_code", 500)
            return status, "missing" if status == 404 else "refused" if status < 500 else "broken"


async def _calm_reader(request: Request) -> Reader:
    """A reader even when the store cannot be asked: an error page shows no time of its own."""
    context = context_of(request)
    try:
        viewer = await viewer_of(request)
    except TocsinError:
        viewer = None
    return reader_of(
        request,
        catalogs=context.catalogs,
        now=_NO_TIME,
        person=viewer.person if viewer is not None else None,
        directory=context.counter.directory,
    )
