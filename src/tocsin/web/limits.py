"""How much one sender, one caller and one guesser may ask of this node. Kept in memory, bounded, and cheap.

- A sender's pace is far above any storm of real alerts: it is for programs that have run away.
- A right key is served whatever else comes from its address: behind a proxy all the world has one, and a guesser there
  must not silence the monitoring. What keeps keys from being guessed is their length.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from ipaddress import IPv6Address

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tocsin.core.errors import Forbidden, TooMany
from tocsin.web.problems import problem_response

#: Events that one integration may bring each second for ever. The largest storm that we promise to stand is 3,334.
EVENTS_A_SECOND = 5_000
#: Calls of the API that one token or one session may make each second for ever.
CALLS_A_SECOND = 100
#: Faster is taken for a while: until it is so many seconds ahead of its pace.
AHEAD_SECONDS = 120.0
#: Wrong keys from one address each minute that are answered as such; more of them, with the advice to slow down.
GUESSES_A_MINUTE = 120
#: So many senders, callers and addresses are known at a time; the oldest are forgotten.
KNOWN = 4_096

_MINUTE = 60.0
_API = "/api/v1/"
_NOT_KNOWN = Forbidden("the token is not known", known=False)


class Pace:
    """How far each of many is ahead of the pace it may go at. One number is kept for each."""

    def __init__(self, *, what: str, now: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._now = now
        self._paid_until: dict[str, float] = {}

    def take(self, who: str, count: int, *, a_second: float) -> None:
        """Let somebody go `count` steps on.

        Raises:
            TooMany: they are too far ahead; nothing is counted.
        """
        now, known = self._now(), self._paid_until
        paid_until = known.get(who, now)
        if paid_until < now:
            paid_until = now
        if paid_until - now > AHEAD_SECONDS:
            wait = paid_until - now - AHEAD_SECONDS
            raise TooMany(f"more than {a_second:,.0f} {self._what} a second for minutes", retry_seconds=wait)
        known[who] = paid_until + count / a_second
        if len(known) > KNOWN:
            del known[next(iter(known))]


class Guesses:
    """Who brings wrong keys, and how often of late."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        #: Since when the minute runs, and how many there were in it.
        self._wrong: dict[str, tuple[float, int]] = {}

    def instead(self, refusal: Forbidden, address: str | None) -> Forbidden | TooMany:
        """What somebody is told who has shown a wrong key, or none: that, or to slow down."""
        place = _place(address)
        now = self._now()
        since, count = self._wrong.pop(place, (now, 0))
        if now - since >= _MINUTE:
            since, count = now, 0
        self._wrong[place] = (since, count + 1)
        if len(self._wrong) > KNOWN:
            del self._wrong[next(iter(self._wrong))]
        if count < GUESSES_A_MINUTE:
            return refusal
        return TooMany("too many wrong keys came from this address", retry_seconds=since + _MINUTE - now)


class CallerLimits:
    """Puts both before the API."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._pace = Pace(what="calls")
        self._guesses = Guesses()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection's message."""
        if scope["type"] != "http" or not scope["path"].startswith(_API):
            await self._app(scope, receive, send)
            return
        try:
            self._pace.take(_caller(scope), 1, a_second=CALLS_A_SECOND)
        except TooMany as refusal:
            await problem_response(refusal)(scope, receive, send)
            return
        is_told = False

        async def send_or_slow_down(message: Message) -> None:
            nonlocal is_told
            if message["type"] == "http.response.start" and message["status"] == 401:
                told = self._guesses.instead(_NOT_KNOWN, client_of(scope))
                if isinstance(told, TooMany):
                    is_told = True
                    await problem_response(told)(scope, receive, send)
            if not is_told:
                await send(message)

        await self._app(scope, receive, send_or_slow_down)


def client_of(scope: Scope) -> str | None:
    """The address at the other end of the connection: the sender's own, or that of a proxy."""
    client = scope.get("client")
    return client[0] if client else None


def _caller(scope: Scope) -> str:
    """Whoever calls, by what they show: kept as a digest, for it is a secret."""
    shown = b"\n".join(value for name, value in scope["headers"] if name in (b"authorization", b"cookie"))
    return hashlib.sha256(shown).hexdigest()


def _place(address: str | None) -> str:
    """The address, or its network: whoever has one of IPv6 has as many of them as they like."""
    if address is None or ":" not in address:
        return address or ""
    try:
        return str(IPv6Address(int(IPv6Address(address.partition("%")[0])) >> 64 << 64))
    except ValueError:
        return address
