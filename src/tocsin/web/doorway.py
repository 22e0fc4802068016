"""The way in for events: plain ASGI in front of everything else, since this is the path that must never be slow.

Finds the door by path, reads the request, stores its events, and answers in the door's own dialect. Whatever is
no door's business goes on to the application behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote

import structlog

from tocsin.core.directory import Directory, Integration
from tocsin.core.errors import Broken, Forbidden, NotFound, Refused, TocsinError, Unavailable
from tocsin.engine import clock
from tocsin.engine.links import token_hash
from tocsin.engine.taking import Taker
from tocsin.ports.doors import Door, Events, Reply, Request, StatusOf
from tocsin.ports.state import Raw, Readings
from tocsin.web.limits import EVENTS_A_SECOND, Guesses, Pace, client_of

log = structlog.get_logger()

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: A larger body is refused unread. Doors have narrower limits of their own.
LARGEST_BODY = 10_000_000
#: A sender that has not finished its body by then is let go.
PATIENCE_SECONDS = 30.0
#: What may be held at a time of bodies that come in pieces and are not whole yet; beyond, the answer is 503.
READING = 16_000_000
#: Headers that carry secrets; they are not kept with the raw request.
_SECRET = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})


class Doorway:
    """An ASGI application that takes what is a door's and passes on the rest."""

    def __init__(
        self,
        app: App,
        *,
        doors: Sequence[Door],
        directory: Callable[[], Directory],
        taker: Taker,
        readings: Readings,
    ) -> None:
        self._app = app
        self._by_name = {door.name: door for door in doors}
        self._prefixes = sorted(
            ((prefix, door) for door in doors for prefix in door.paths), key=lambda pair: -len(pair[0])
        )
        self._exact = dict(self._prefixes)
        self._directory = directory
        self._taker = taker
        self._readings = readings
        self._keys: tuple[int, dict[str, Integration]] = (-1, {})
        #: Bytes of bodies that are not whole yet.
        self.reading = 0
        self._pace = Pace(what="events")
        self._guesses = Guesses()
        #: How many requests each door has answered, by status, for the metrics.
        self.counts: dict[tuple[str, int], int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection's message."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["raw_path"].decode("latin-1").partition("?")[0]
        found = self._door(path)
        if found is None or (scope["method"] in ("GET", "HEAD") and found[0].tell is None):
            await self._app(scope, receive, send)
            return
        door, rest, key = found
        reply = await self._answer(door, scope, receive, path, rest, key)
        count = (door.name, reply.status)
        self.counts[count] = self.counts.get(count, 0) + 1
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
        headers.append((b"content-length", b"%d" % len(reply.body)))
        headers.append((b"x-content-type-options", b"nosniff"))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    def _door(self, path: str) -> tuple[Door, str, str | None] | None:
        """The door of a path, what follows its prefix, and the key when it stands in the path."""
        door = self._exact.get(path)
        if door is not None:
            return door, "", None
        if path.startswith("/in/"):
            key, slash, rest = path[4:].partition("/")
            integration = self._integration_of(unquote(key))
            door = self._by_name.get(integration.protocol) if integration is not None else None
            return (door or _NO_DOOR, slash + rest, unquote(key))
        for prefix, candidate in self._prefixes:
            if path.startswith(prefix) and path[len(prefix)] == "/":
                return candidate, path[len(prefix) :], None
        return None

    async def _answer(self, door: Door, scope: Scope, receive: Receive, path: str, rest: str, key: str | None) -> Reply:
        try:
            if scope["method"] not in ("GET", "HEAD"):
                self._taker.make_room()
            body = await self._body(receive)
        except TocsinError as trouble:
            return door.refuse(_request(scope, path, rest, key), trouble)
        request = _request(scope, path, rest, key, body)
        try:
            return await self._take(door, request)
        except TocsinError as trouble:
            if isinstance(trouble, Forbidden):
                trouble = self._guesses.instead(trouble, request.client)
            return door.refuse(request, trouble)
        except Exception:
            log.exception("a request failed at the door", door=door.name, path=path)
            return door.refuse(request, Broken("the request could not be taken in; send it again"))

    async def _body(self, receive: Receive) -> bytes:
        """The whole body. It has nearly always come with the head; only what has not is waited for with a clock."""
        message = await receive()
        chunk = _chunk(message)
        if not message.get("more_body", False):
            return chunk
        body = bytearray(chunk)
        self.reading += len(body)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while await self._read_on(receive, body):
                    pass
        except TimeoutError:
            raise Unavailable("the body did not come in time") from None
        finally:
            self.reading -= len(body)
        return bytes(body)

    async def _read_on(self, receive: Receive, body: bytearray) -> bool:
        """Take in one more piece of a body; True when there is more to come."""
        message = await receive()
        chunk = _chunk(message)
        body += chunk
        self.reading += len(chunk)
        if len(body) > LARGEST_BODY:
            raise Refused(f"the body is larger than {LARGEST_BODY} bytes", hint="send less at a time")
        if self.reading > READING:
            raise Unavailable("more is coming in than can be held; send this again", retry_seconds=2)
        more: bool = message.get("more_body", False)
        return more

    async def _take(self, door: Door, request: Request) -> Reply:
        read = door.read(request)
        integration = self._integration(door, read.key)
        match read:
            case Events():
                pace = integration.events_a_second or EVENTS_A_SECOND
                self._pace.take(integration.name, len(read.events), a_second=pace)
                raw = _raw(request, read.key)
                return door.answer(request, await self._taker.take(integration, read.events, raw))
            case StatusOf():
                earlier = await self._readings.earlier(read.request_id)
                if earlier is not None and earlier.integration != integration.name:
                    earlier = None
                if door.tell is None:
                    raise NotFound("this cannot be asked here")
                return door.tell(request, earlier)

    def _integration(self, door: Door, key: str | None) -> Integration:
        found = self._integration_of(key) if key else None
        if found is None or found.protocol != door.name:
            hint = "use the key of an integration with this protocol"
            raise Forbidden("the key is missing or not known", known=False, field="key", hint=hint)
        return found

    def _integration_of(self, key: str) -> Integration | None:
        """The integration of a key. A look-up by hash tells nothing about a key by its time."""
        directory = self._directory()
        if self._keys[0] != directory.revision:
            by_hash = {integration.key_hash: integration for integration in directory.integrations.values()}
            self._keys = (directory.revision, by_hash)
        return self._keys[1].get(token_hash(key))


def _request(scope: Scope, path: str, rest: str, key: str | None, body: bytes = b"") -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    text = scope["query_string"]
    query = dict(parse_qsl(text.decode("latin-1"), keep_blank_values=True)) if text else {}
    return Request(
        method=scope["method"],
        path=path,
        rest=rest,
        query=query,
        headers=headers,
        body=body,
        received_at=clock.now(),
        key=key,
        client=client_of(scope),
    )


def _chunk(message: MutableMapping[str, Any]) -> bytes:
    if message["type"] == "http.disconnect":
        raise Unavailable("the sender went away before its request was whole")
    chunk: bytes = message.get("body", b"")
    return chunk


def _raw(request: Request, key: str | None) -> Raw:
    """The request as it is kept: whole, but for its secrets."""
    body = request.body.replace(key.encode(), b"(key)") if key else request.body
    path = request.path.replace(key, "(key)") if key else request.path
    headers = {name: value for name, value in request.headers.items() if name not in _SECRET}
    return Raw(method=request.method, path=path, headers=headers, body=body)


def _refuse(request: Request, trouble: TocsinError) -> Reply:
    return Reply(
        status=404, body=b'{"title":"Not found","status":404,"detail":"there is no integration with this key"}'
    )


def _nothing(request: Request) -> Events:
    return Events(key=None, events=())


#: Stands where a key in the path belongs to no integration.
_NO_DOOR = Door(
    name="none",
    paths=(),
    read=_nothing,
    answer=lambda request, taken: _refuse(request, Broken()),
    refuse=_refuse,
)
