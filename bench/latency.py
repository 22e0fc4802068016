"""From an event's answer to the provider being called, at 50 events a second, each a page of its own."""

from __future__ import annotations

import asyncio
import json
import time
from typing import cast

import uvloop
from _ground import Load, event, free_port, machine, request, served, table

RATE = 50
SECONDS = 20


class _Sink(asyncio.Protocol):
    """A provider that notes when it is called for which summary, and answers at once."""

    called: dict[str, float] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        at = head.lower().find(b"content-length:")
        if not found or len(body) < int(head[at + 15 :].split(b"\r\n", 1)[0]):
            return
        now = time.perf_counter()
        self._received = b""
        self.called.setdefault(json.loads(body)["summary"], now)
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


async def _post(port: int, number: int, answered: dict[str, float], sent: dict[str, float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    name = f"Orders pipeline has not finished: run {number}"
    sent[name] = time.perf_counter()
    writer.write(request(event(number)))
    head = await reader.readuntil(b"\r\n\r\n")
    answered[name] = time.perf_counter()
    assert head.startswith(b"HTTP/1.1 202"), head
    writer.close()


async def _measure(sink: int, tocsin: int) -> tuple[list[float], list[float], int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Sink, "127.0.0.1", sink)
    answered: dict[str, float] = {}
    sent: dict[str, float] = {}
    posts: list[asyncio.Task[None]] = []
    begun = time.perf_counter()
    for number in range(RATE * SECONDS):
        await asyncio.sleep(max(0.0, begun + number / RATE - time.perf_counter()))
        posts.append(asyncio.create_task(_post(tocsin, number, answered, sent)))
    await asyncio.gather(*posts)
    until = time.perf_counter() + 10
    while len(_Sink.called) < len(answered) and time.perf_counter() < until:  # noqa: ASYNC110 (a count is watched)
        await asyncio.sleep(0.05)
    server.close()
    from_answer = sorted((_Sink.called[name] - answered[name]) * 1_000 for name in _Sink.called)
    from_sending = sorted((_Sink.called[name] - sent[name]) * 1_000 for name in _Sink.called)
    return from_answer, from_sending, len(answered) - len(_Sink.called)


def main() -> None:
    """Measure and print."""
    sink = free_port()
    with served(sink=sink, at_once=1_000, every="1s") as tocsin:
        from_answer, from_sending, missing = uvloop.run(_measure(sink, tocsin))
    rows = [("at 50 events a second, ms", "p50", "p99", "most", "never called")]
    for name, took in (("from the answer to the call", from_answer), ("from sending to the call", from_sending)):
        seen = Load(answered=len(took), seconds=1, took=took, refused=0)
        rows.append((name, f"{seen.at(0.5):.1f}", f"{seen.at(0.99):.1f}", f"{took[-1]:.1f}", str(missing)))
    print(machine() + "\n")
    print(table(rows))


if __name__ == "__main__":
    main()
