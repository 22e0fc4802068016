"""Who is looking: a session cookie or an API token becomes a viewer, or nobody.

- What a person may do is looked up each time: a session outlives neither the person nor their role.
- A request that carries an `Authorization` header is judged by that alone. A wrong token is nobody, cookie or not.
- A browser sends its cookie along wherever a request comes from. Calls that change something must show that
  they come from our own pages; a token shows it by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from tocsin.core.directory import Directory
from tocsin.core.errors import Forbidden, NotFound, Unavailable
from tocsin.core.overriding import Asker
from tocsin.core.people import Permission, Person, Role, Standing, lesser
from tocsin.core.vocabulary import PersonName, TeamName
from tocsin.engine import clock
from tocsin.engine.links import Session, token_hash
from tocsin.ports.state import Token
from tocsin.ports.tokens import Tokens
from tocsin.web.context import SESSION_LASTS, Context
from tocsin.web.limits import client_of

#: The name of the session cookie.
COOKIE = "tocsin_session"
#: The subject of a session that came by the link which the server prints.
SETUP = "setup"
#: A token that was taken back is good for so long at most.
_TOKENS_LAST_SECONDS = 5.0
#: A token that is not known may be new: so often, at most, it is looked for.
_LOOK_AGAIN_SECONDS = 1.0
#: That a token is used is written down so often, at most.
_NOTED_SECONDS = 60.0
_ROLES = frozenset(role.value for role in Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Somebody, or a program, that is known."""

    #: The person's name, else the token's, or "setup".
    name: str
    role: str
    #: None: no person, but a token of its own or the first sign-in.
    person: Person | None
    via: Literal["session", "token"]
    teams: frozenset[TeamName] = frozenset()
    #: Those of their teams that they lead.
    leads: frozenset[TeamName] = frozenset()
    #: What their token is for; None: everything that they may.
    scope: frozenset[Permission] | None = None

    def may(self, permission: Permission, *, team: TeamName | None = None, owner: PersonName | None = None) -> bool:
        """Whether the table of permissions lets them."""
        return self.standing.may(permission, team=team, owner=owner)

    @property
    def standing(self) -> Standing:
        """Who asks, as the table sees them."""
        person = None if self.person is None else self.person.name
        return Standing(role=Role(self.role), person=person, teams=self.teams, leads=self.leads, scope=self.scope)

    @property
    def may_act(self) -> bool:
        """True for those who answer for alerts."""
        return self.may(Permission.ANSWER)

    @property
    def manages(self) -> bool:
        """True for those who may change what is others', whoever they are."""
        return self.may(Permission.ARRANGE)


class TokenRing:
    """The API tokens as they were a few seconds ago."""

    def __init__(self, store: Tokens) -> None:
        self._store = store
        self._tokens: tuple[Token, ...] = ()
        self._read_at: float | None = None
        #: When the use of a token was written down last, by name.
        self._noted: dict[str, float] = {}

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
        if found is None or (found.expires_at is not None and found.expires_at <= clock.now()):
            return None
        await self._note(found)
        return found

    def forget(self) -> None:
        """Tokens have changed: they are read anew when the next one is asked for."""
        self._read_at = None

    async def _refresh(self, allowed_age: float) -> bool:
        now = asyncio.get_running_loop().time()
        if self._read_at is not None and now - self._read_at < allowed_age:
            return False
        self._tokens = await self._store.tokens()
        self._read_at = now
        return True

    async def _note(self, token: Token) -> None:
        """Write down that it is used. It is none of the caller's trouble when that cannot be done."""
        now = asyncio.get_running_loop().time()
        if now - self._noted.get(token.name, -_NOTED_SECONDS) < _NOTED_SECONDS:
            return
        self._noted[token.name] = now
        with contextlib.suppress(Unavailable):
            await self._store.use_token(token.name)

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
    session = session_of(request)
    return None if session is None or not await context.sessions.goes_on(session) else _by_session(context, session)


def session_of(request: HTTPConnection) -> Session | None:
    """What the cookie says, be its session over; None: nothing that we have signed, or something too old."""
    context, text = _context(request), request.cookies.get(COOKIE)
    try:
        return context.links.read_session(text, lasts=SESSION_LASTS) if text else None
    except Forbidden:
        return None


def tokens_changed(request: HTTPConnection) -> None:
    """What was given out or ended here counts here at once; on other nodes within seconds."""
    _ring(request, _context(request)).forget()


def asker_of(viewer: Viewer) -> Asker:
    """The viewer as somebody who wants the rota changed."""
    person = PersonName(viewer.person.name) if viewer.person is not None else None
    leads = viewer.leads if viewer.standing.may_somewhere(Permission.ARRANGE) else frozenset[TeamName]()
    return Asker(name=viewer.name, person=person, manages=viewer.manages, leads=leads)


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


async def require_actor(request: Request, permission: Permission = Permission.ANSWER) -> Viewer:
    """Who asks, and may change things of this kind, be it their own.

    Raises:
        Forbidden: nobody who is known, or somebody whose role or token is not for this.
    """
    viewer = await require_viewer(request)
    if not viewer.standing.may_somewhere(permission):
        raise _not_for(permission, viewer)
    return viewer


async def require_caller(request: Request, permission: Permission) -> Viewer:
    """Who calls the API to change things: an actor, and by session only from our own pages.

    Raises:
        Forbidden: nobody who is known, somebody who may not, or a foreign page that uses somebody's session.
    """
    viewer = await require_actor(request, permission)
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


async def begin_session(request: Request, response: Response, session: Session) -> None:
    """Sign in: the session begins, and its cookie goes out with this response."""
    context = _context(request)
    agent, address = request.headers.get("user-agent", ""), client_of(request.scope) or ""
    set_session(response, context, await context.sessions.open(session, agent=agent, address=address))


async def leave_session(request: Request, response: Response) -> None:
    """Sign out: the session ends, and its cookie with this response. While the store is away the cookie alone does."""
    session = session_of(request)
    if session is not None and session.id is not None:
        with contextlib.suppress(Unavailable, NotFound):
            await _context(request).sessions.end(session.subject, session.id, by=None)
    clear_session(response)


def set_session(response: Response, context: Context, session: Session) -> None:
    """The cookie of a session goes out with this response."""
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
    """The cookie ends with this response."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


def _context(request: HTTPConnection) -> Context:
    return cast(Context, request.app.state.context)


def _by_session(context: Context, session: Session) -> Viewer | None:
    directory = context.counter.directory
    person = _person(directory, session.subject)
    if person is not None:
        return _somebody(directory, person, role=person.role, via="session")
    if session.subject != SETUP or session.role not in _ROLES:
        return None
    return Viewer(name=SETUP, role=session.role, person=None, via="session")


async def _by_token(request: HTTPConnection, context: Context, authorization: str) -> Viewer | None:
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        return None
    token = await _ring(request, context).find(secret.strip())
    if token is None or token.role not in _ROLES:
        return None
    scope = None if token.scope is None else _known(token.scope)
    if token.person is None:
        return Viewer(name=token.name, role=token.role, person=None, via="token", scope=scope)
    directory = context.counter.directory
    person = _person(directory, token.person)
    if person is None:
        return None
    return _somebody(directory, person, role=lesser(Role(token.role), person.role), via="token", scope=scope)


def _somebody(
    directory: Directory,
    person: Person,
    *,
    role: Role,
    via: Literal["session", "token"],
    scope: frozenset[Permission] | None = None,
) -> Viewer:
    teams = [team for team in directory.teams.values() if person.name in (*team.members, team.lead)]
    return Viewer(
        name=person.name,
        role=role.value,
        person=person,
        via=via,
        teams=frozenset(team.name for team in teams),
        leads=frozenset(team.name for team in teams if team.lead == person.name),
        scope=scope,
    )


def _known(scope: Iterable[str]) -> frozenset[Permission]:
    """What a token is for, as far as this version knows it."""
    names = {permission.value: permission for permission in Permission}
    return frozenset(names[name] for name in scope if name in names)


def _not_for(permission: Permission, viewer: Viewer) -> Forbidden:
    if viewer.scope is not None and permission not in viewer.scope:
        told = ", ".join(sorted(viewer.scope)) or "nothing"
        hint = f"use a token with the scope {permission.value!r}"
        return Forbidden(f"this token is for: {told}", known=True, hint=hint)
    hint = "ask an administrator for a role that may"
    return Forbidden(f"your role, {viewer.role}, does not allow this ({permission.value})", known=True, hint=hint)


def _ring(request: HTTPConnection, context: Context) -> TokenRing:
    state = request.app.state
    ring = getattr(state, "token_ring", None)
    if not isinstance(ring, TokenRing):
        ring = state.token_ring = TokenRing(context.tokens)
    return ring


def _person(directory: Directory, name: str) -> Person | None:
    return directory.people.get(PersonName(name))


def _host(origin: str) -> str:
    """The host and port of an origin; empty when it has none ("null")."""
    try:
        return urlsplit(origin).netloc.rpartition("@")[2]
    except ValueError:
        return ""
