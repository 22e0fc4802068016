"""Connections of those who speak no HTTP, too much of it, or nothing: they are let go, and others are answered."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn

from fuzz.town import Town
from served import KEY
from tocsin.app import listening
from tocsin.app.listening import LARGEST_HEAD, LONGEST_TARGET, MOST_HEADERS, Listener, most_connections

GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
EVENT = b'{"action":"trigger","summary":"smuggled","severity":"info"}'
POST = (
    b"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + KEY.encode() + b"\r\n"
)


async def alive(scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    """Answers everybody."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[int]:
    """A server that listens as ours does; its port."""
    listening_at = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(alive, http=Listener, ws="none", lifespan="off", log_config=None))
    task = asyncio.create_task(server.serve(sockets=[listening_at]))
    try:
        yield listening_at.getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def said(port: int, *pieces: bytes, pause: float = 0) -> bytes:
    """What comes back to these pieces until the server hangs up or has nothing more to say."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        with contextlib.suppress(ConnectionError, TimeoutError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause)
            async with asyncio.timeout(2):
                return await reader.read(65_536)
        return b""
    finally:
        writer.close()


async def test_a_usual_head_is_answered() -> None:
    """In one piece or in several, once and again on the same connection."""
    async with served() as port:
        assert (await said(port, GET + b"\r\n")).startswith(b"HTTP/1.1 200")
        assert (await said(port, GET[:9], GET[9:], b"\r\n")).startswith(b"HTTP/1.1 200")
        assert (await said(port, (GET + b"\r\n") * 3, pause=0.2)).count(b"HTTP/1.1 200") == 3


@pytest.mark.parametrize(
    "pieces",
    [
        [GET, *[b"X: " + b"a" * 10_000 + b"\r\n"] * 10],
        [b"GET /" + b"a" * (LONGEST_TARGET + 1) + b" HTTP/1.1\r\nHost: x\r\n\r\n"],
        [GET + b"".join(b"X-%d: y\r\n" % number for number in range(MOST_HEADERS)) + b"\r\n"],
        [b"GET /" + b"a" * LARGEST_HEAD, b"a" * 9_000],
        [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
        [b"SSH-2.0-OpenSSH_9.2\r\n"],
    ],
    ids=["endless", "long target", "many headers", "endless target", "TLS", "SSH"],
)
async def test_what_is_too_much_is_refused(pieces: list[bytes]) -> None:
    """A head without end or measure, and what is no HTTP, is answered 400 and let go."""
    async with served() as port:
        answer = await said(port, *pieces, pause=0.01)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
        assert (await said(port, GET + b"\r\n")).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("pieces", [[], [GET[:7]], [GET + b"\r\n", GET[:7]]], ids=["silent", "slow", "slow later"])
async def test_a_head_that_does_not_come_is_not_waited_for(
    pieces: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever says nothing, or begins and does not end, is let go."""
    monkeypatch.setattr(listening, "HEAD_SECONDS", 0.3)
    async with served() as port, asyncio.timeout(4):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0.05)
        with contextlib.suppress(ConnectionError):
            while await reader.read(1_000):
                pass
        writer.close()


async def test_connections_leave_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """More connections than may be are closed at once; those that are there go on."""
    monkeypatch.setattr(Listener, "most", 2)
    async with served() as port:
        first = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        assert await said(port, GET + b"\r\n") == b""
        for reader, writer in first:
            writer.write(GET + b"\r\n")
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            writer.close()
    assert most_connections() >= 64


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 59\r\nTransfer-Encoding: chunked\r\n\r\n" + EVENT,
        b"Content-Length: 59\r\nContent-Length: 3\r\n\r\n" + EVENT,
        b"Content-Length: +59\r\n\r\n" + EVENT,
        b"Content-Length: 0x3b\r\n\r\n" + EVENT,
        b"Transfer-Encoding: xchunked\r\n\r\n" + EVENT,
        b"Transfer-Encoding : chunked\r\n\r\n3b\r\n" + EVENT + b"\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n" + EVENT,
        b" Content-Length: 59\r\n\r\n" + EVENT,
    ],
)
def test_a_body_of_two_lengths_is_no_request(town: Town, framing: bytes) -> None:
    """Where two programs could read two different requests out of the same bytes, ours reads none."""
    assert len(EVENT) == 59
    answer = town.send_raw(POST + framing, seconds=1)
    assert not answer.startswith(b"HTTP/1.1 202"), answer
    assert b"HTTP/1.1 5" not in answer


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "OPTIONS", "BREW", "get"])
@pytest.mark.parametrize("target", ["/", "/api/v1/alerts", "/healthz", "*", "http://evil.example/"])
def test_no_method_does_what_it_should_not(town: Town, method: str, target: str) -> None:
    """Methods that nobody needs are refused, and nothing of the request comes back."""
    answer = town.send_raw(
        f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Secret: sesame\r\n\r\n".encode()
    )
    assert answer[9:12] in (b"400", b"401", b"404", b"405", b"")
    assert b"sesame" not in answer


@pytest.mark.parametrize("path", ["/", "/sign-in", "/alerts", "/api/v1/alerts", "/healthz", "/a/x", "/nowhere"])
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_every_answer_keeps_strangers_out(town: Town, path: str, accept: str) -> None:
    """No frame, no foreign script, no guess at a type, no address told onwards; another host's name changes no link."""
    answer = town.send("GET", path, {"Accept": accept, "Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "'unsafe-inline'" not in policy
    assert "'unsafe-eval'" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer")
    assert b"evil.example" not in answer.body
    assert "evil.example" not in answer.headers.get("location", "")
