"""What the handlers of the API ask for: the context, who calls, an id that can be one, text that can be kept."""

from __future__ import annotations

import re
from typing import Annotated, Any, cast

from fastapi import Depends, Path, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from tocsin.core.errors import NotFound
from tocsin.core.people import Permission
from tocsin.engine.commands import Actor
from tocsin.web.context import Context
from tocsin.web.problems import MEDIA_TYPE, TITLES
from tocsin.web.sessions import COOKIE, Viewer, require_caller, require_viewer

_TOKEN = HTTPBearer(auto_error=False, scheme_name="token", description="An API token of Tocsin.")
_SESSION = APIKeyCookie(
    name=COOKIE, auto_error=False, scheme_name="session", description="The cookie of whoever is signed in."
)
#: Tells in the description of the API by which keys its addresses open; who asks is decided by `Looking`, `Acting`.
BY_TOKEN_OR_SESSION = [Security(_TOKEN), Security(_SESSION)]

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def context_of(request: Request) -> Context:
    """Everything that a face needs."""
    return cast(Context, request.app.state.context)


async def alert_id_of(
    alert_id: Annotated[str, Path(description="The alert's id.", json_schema_extra={"format": "uuid"})],
) -> str:
    """The id in the path.

    Raises:
        NotFound: it cannot be the id of anything.
    """
    return known_id(alert_id, what="alert")


#: The context, as a parameter of a handler.
Here = Annotated[Context, Depends(context_of)]
#: Whoever looks: any role.
Looking = Annotated[Viewer, Depends(require_viewer)]


async def answering(request: Request) -> Viewer:
    """Who calls, and may answer for alerts."""
    return await require_caller(request, Permission.ANSWER)


async def silencing(request: Request) -> Viewer:
    """Who calls, and may keep alerts from ringing."""
    return await require_caller(request, Permission.SILENCE)


async def serving(request: Request) -> Viewer:
    """Who calls, and may change duty: their own at least."""
    return await require_caller(request, Permission.SERVE)


async def granting(request: Request) -> Viewer:
    """Who calls, and may give out tokens: for themselves at least."""
    return await require_caller(request, Permission.GRANT)


#: Whoever answers for alerts, by a role and a token that are for it, and not from a foreign page. The others likewise.
Acting = Annotated[Viewer, Depends(answering)]
Silencing = Annotated[Viewer, Depends(silencing)]
Serving = Annotated[Viewer, Depends(serving)]
Granting = Annotated[Viewer, Depends(granting)]
#: The alert that the path names.
AlertPath = Annotated[str, Depends(alert_id_of)]


def known_id(text: str, *, what: str) -> str:
    """The id in its one way of writing.

    Raises:
        NotFound: it cannot be the id of anything.
    """
    if _UUID.fullmatch(text.lower()) is None:
        raise NotFound(f"there is no {what} of this id", field="id", hint="an id is a UUID, as lists give it")
    return text.lower()


def actor_of(viewer: Viewer) -> Actor:
    """Under which name a command is written down."""
    return Actor(name=viewer.name, via="api")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How an address may say no, for its description."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": TITLES[status], "content": content}
        for status in sorted({400, 401, 413, *statuses, 422, 429, 500, 503})
    }


def _keepable(text: str) -> str:
    """Text that every store can keep: PostgreSQL has no NUL, and half a surrogate pair is no character."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise PydanticCustomError("text", "has a character that cannot be kept", {"hint": "leave out NUL and the like"})
    return text


#: Text that can be stored and looked for.
Text = Annotated[str, AfterValidator(_keepable)]
