"""A careful client: posts over kept connections, notes when each was answered, sends again what was refused for now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast


@dataclass(frozen=True, slots=True)
class Post:
    """One request to be sent."""

    name: str
    request: bytes
    #: When it is sent, in seconds since the beginning; those of an iterable come in this order.
    at: float = 0.0


@dataclass(slots=True)
class Posted:
    """What a run came to."""

    #: When each was first sent and when it was answered with 2xx, by its name, by the clock `time.perf_counter`.
    sent: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    #: How often the answer was 503.
    put_off: int = 0
    #: Other answers that are not 2xx.
    refused: int = 0
    begun: float = 0.0
    ended: float = 0.0

    @property
    def took(self) -> list[float]:
        """Milliseconds from sending to the answer, sorted."""
        return sorted((at - self.sent[name]) * 1_000 for name, at in self.answered.items())


async def post(port: int, posts: Iterable[Post], *, connections: int, into: Posted | None = None) -> Posted:
    """Send all of them, each when it is due and a connection is free; ends early when the server hangs up."""
    posted = into if into is not None else Posted()
    loop = asyncio.get_running_loop()
    coming = iter(posts)
    posted.begun = time.perf_counter()
    ends = [loop.create_future() for _ in range(connections)]
    for end in ends:
        await loop.create_connection(lambda end=end: _Line(coming, posted, end), "127.0.0.1", port)
    await asyncio.wait(ends)
    posted.ended = time.perf_counter()
    return posted


class _Line(asyncio.Protocol):
    """One connection: sends its next request as soon as the last is answered and the next is due."""

    def __init__(self, coming: Iterable[Post], posted: Posted, end: asyncio.Future[None]) -> None:
        self._coming = iter(coming)
        self._posted = posted
        self._end = end
        self._received = b""
        self._post: Post | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def _next(self) -> None:
        self._post = next(self._coming, None)  # type: ignore[call-overload]
        if self._post is None:
            self._transport.close()
            return
        wait = self._posted.begun + self._post.at - time.perf_counter()
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self._send)
        else:
            self._send()

    def _send(self) -> None:
        assert self._post is not None
        self._posted.sent.setdefault(self._post.name, time.perf_counter())
        self._transport.write(self._post.request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        at = head.lower().find(b"content-length:")
        if not found or (at >= 0 and len(body) < int(head[at + 15 :].split(b"\r\n", 1)[0])):
            return
        assert self._post is not None
        self._received = b""
        if head[9:12] == b"503":
            self._posted.put_off += 1
            asyncio.get_running_loop().call_later(1.0, self._send)
            return
        if head[9:10] == b"2":
            self._posted.answered[self._post.name] = time.perf_counter()
        else:
            self._posted.refused += 1
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._end.done():
            self._end.set_result(None)
