"""Who is looking: a session cookie or an API token becomes a viewer, or nobody.

- What a person may do is looked up each time: a session outlives neither the person nor their role.
- A request that carries an `Authorization` header is judged by that alone. A wrong token is nobody, cookie or not.
- A browser sends its cookie along wherever a request comes from. Calls that change something must show that
  they come from our own pages; a token shows it by itself.
"""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from tocsin.core.directory import Directory
from tocsin.core.errors import Forbidden
from tocsin.core.overriding import Asker
from tocsin.core.people import Person, Role
from tocsin.core.vocabulary import PersonName
from tocsin.engine.links import Session, token_hash
from tocsin.ports.state import Token, Upkeep
from tocsin.web.context import SESSION_LASTS, Context

#: The name of the session cookie.
COOKIE = "tocsin_session"
#: The subject of a session that came by the link which the server prints.
SETUP = "setup"
#: Who may acknowledge, resolve, page. Stakeholders look on.
ACTING = frozenset({Role.ADMIN.value, Role.MANAGER.value, Role.RESPONDER.value})

_MANAGING = frozenset({Role.ADMIN.value, Role.MANAGER.value})
#: A token that was taken back is good for so long at most.
_TOKENS_LAST_SECONDS = 5.0
#: A token that is not known may be new: so often, at most, it is looked for.
_LOOK_AGAIN_SECONDS = 1.0
_RANKS = {role.value: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Somebody, or a program, that is known."""

    #: The person's name, else the token's, or "setup".
    name: str
    role: str
    #: None: no person, but a token of its own or the first sign-in.
    person: Person | None
    via: Literal["session", "token"]

    @property
    def may_act(self) -> bool:
        """True for everybody but stakeholders."""
        return self.role in ACTING

    @property
    def manages(self) -> bool:
        """True for managers and administrators, who may change what is others'."""
        return self.role in _MANAGING


class TokenRing:
    """The API tokens as they were a few seconds ago."""

    def __init__(self, upkeep: Upkeep) -> None:
        self._upkeep = upkeep
        self._tokens: tuple[Token, ...] = ()
        self._read_at: float | None = None

    async def find(self, secret: str) -> Token | None:
        """The token of this secret; None: there is none.

        Raises:
            Unavailable: the store cannot be asked now.
        """
        await self._refresh(_TOKENS_LAST_SECONDS)
        digest = token_hash(secret)
        found = self._match(digest)
        if found is None and await self._refresh(_LOOK_AGAIN_SECONDS):
            found = self._match(digest)
        return found

    async def _refresh(self, allowed_age: float) -> bool:
        now = asyncio.get_running_loop().time()
        if self._read_at is not None and now - self._read_at < allowed_age:
            return False
        self._tokens = await self._upkeep.tokens()
        self._read_at = now
        return True

    def _match(self, digest: str) -> Token | None:
        """All are compared, each in constant time, so that the time tells nothing."""
        found = None
        for token in self._tokens:
            if hmac.compare_digest(token.hash, digest):
                found = token
        return found


async def viewer_of(request: HTTPConnection) -> Viewer | None:
    """Who asks; None: nobody who is known."""
    context = _context(request)
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return await _by_token(request, context, authorization)
    text = request.cookies.get(COOKIE)
    return None if not text else _by_session(context, text)


def asker_of(viewer: Viewer) -> Asker:
    """The viewer as somebody who wants the rota changed."""
    person = PersonName(viewer.person.name) if viewer.person is not None else None
    return Asker(name=viewer.name, person=person, manages=viewer.manages)


async def require_viewer(request: Request) -> Viewer:
    """Who asks.

    Raises:
        Forbidden: nobody who is known.
    """
    viewer = await viewer_of(request)
    if viewer is None:
        hint = "send `Authorization: Bearer <API token>`, or sign in"
        raise Forbidden("this needs a token or a session", known=False, hint=hint)
    return viewer


async def require_actor(request: Request) -> Viewer:
    """Who asks, and may change things.

    Raises:
        Forbidden: nobody who is known, or a stakeholder.
    """
    viewer = await require_viewer(request)
    if not viewer.may_act:
        hint = "ask an administrator for the role of a responder"
        raise Forbidden("a stakeholder may look, not act", known=True, hint=hint)
    return viewer


async def require_caller(request: Request) -> Viewer:
    """Who calls the API to change things: an actor, and by session only from our own pages.

    Raises:
        Forbidden: nobody who is known, a stakeholder, or a foreign page that uses somebody's session.
    """
    viewer = await require_actor(request)
    if viewer.via == "session" and not is_same_origin(request):
        hint = "use an API token, or call from a page of this server"
        raise Forbidden("a session may be used from our own pages only", known=True, hint=hint)
    return viewer


def is_same_origin(request: HTTPConnection) -> bool:
    """True when the browser says that one of our own pages asks; saying nothing is not enough."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    if origin is None:
        return False
    ours = {request.headers.get("host", ""), _host(_context(request).links.public_url)}
    return _host(origin) in ours - {""}


def set_session(response: Response, context: Context, session: Session) -> None:
    """Sign in: the cookie goes out with this response."""
    response.set_cookie(
        COOKIE,
        context.links.session_text(session),
        max_age=int(SESSION_LASTS.total_seconds()),
        path="/",
        secure=context.secure,
        httponly=True,
        samesite="lax",
    )


def clear_session(response: Response) -> None:
    """Sign out: the cookie ends with this response."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


def _context(request: HTTPConnection) -> Context:
    return cast(Context, request.app.state.context)


def _by_session(context: Context, text: str) -> Viewer | None:
    try:
        session = context.links.read_session(text, lasts=SESSION_LASTS)
    except Forbidden:
        return None
    person = _person(context.counter.directory, session.subject)
    if person is not None:
        return Viewer(name=person.name, role=person.role.value, person=person, via="session")
    if session.subject != SETUP or session.role not in _RANKS:
        return None
    return Viewer(name=SETUP, role=session.role, person=None, via="session")


async def _by_token(request: HTTPConnection, context: Context, authorization: str) -> Viewer | None:
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        return None
    token = await _ring(request, context).find(secret.strip())
    if token is None or token.role not in _RANKS:
        return None
    if token.person is None:
        return Viewer(name=token.name, role=token.role, person=None, via="token")
    person = _person(context.counter.directory, token.person)
    if person is None:
        return None
    role = max(token.role, person.role.value, key=_RANKS.__getitem__)  # the lesser right of the two
    return Viewer(name=person.name, role=role, person=person, via="token")


def _ring(request: HTTPConnection, context: Context) -> TokenRing:
    state = request.app.state
    ring = getattr(state, "token_ring", None)
    if not isinstance(ring, TokenRing):
        ring = state.token_ring = TokenRing(context.upkeep)
    return ring


def _person(directory: Directory, name: str) -> Person | None:
    return directory.people.get(PersonName(name))


def _host(origin: str) -> str:
    """The host and port of an origin; empty when it has none ("null")."""
    try:
        return urlsplit(origin).netloc.rpartition("@")[2]
    except ValueError:
        return ""
