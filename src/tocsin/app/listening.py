"""How strangers are listened to: within bounds, before anybody knows who they are.

- A head that does not come in time, has too much in it, or never ends is not waited for.
- Connections leave room for our own: a server whose descriptors are used up calls nobody.
"""

from __future__ import annotations

import asyncio
import resource

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: From the connection, or from the first byte of a further request, until its head is whole.
HEAD_SECONDS = 20.0
#: A head may have so many bytes that come in pieces, so many headers, and a target of so many bytes.
LARGEST_HEAD = 65_536
MOST_HEADERS = 100
LONGEST_TARGET = 16_384
#: Descriptors that are kept free for the database, for providers and for files.
KEPT_FREE = 400
_DESCRIPTORS = 65_536


def most_connections() -> int:
    """How many connections may be open at a time, once this process may have as many descriptors as it can get."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return max(64, (_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft) - KEPT_FREE)


class Listener(HttpToolsProtocol):
    """One connection. What is usual, a head in one piece, costs nothing more."""

    #: Set once, before the first connection.
    most: int = 512
    _timer: asyncio.TimerHandle | None = None
    _head: int = 0
    _is_in_head: bool = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is there."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            transport.abort()
            return
        self._timer = self.loop.call_later(HEAD_SECONDS, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """They are gone."""
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """They say something."""
        super().data_received(data)
        if not self._is_in_head:
            return
        self._head += len(data)
        if self._head > LARGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")
        elif self._timer is None:
            self._timer = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def on_message_begin(self) -> None:
        """A head begins."""
        self._is_in_head, self._head = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """A head is whole. What is raised here is answered 400 by the parser's caller."""
        self._is_in_head = False
        self._rest()
        if len(self.headers) > MOST_HEADERS or len(self.url) > LONGEST_TARGET:
            raise ValueError("the head of the request is too large")
        super().on_headers_complete()

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
