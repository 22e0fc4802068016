"""What the benchmarks stand on: a server of its own, a loader, a sink for pages, the machine's limits, a table."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import platform
import socket
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import uvicorn
import uvloop
from _installation import ADMIN, KEY, free_port, installed

from tocsin.core.alerts.model import Status
from tocsin.core.arrivals import Outcome, Verdict
from tocsin.core.directory import Directory, Integration
from tocsin.engine.links import token_hash
from tocsin.engine.taking import Taker
from tocsin.intake import DOORS
from tocsin.ports.state import Incoming
from tocsin.web.doorway import Doorway

CONFIGURATION = """
tocsin: 1
users:
  - {{name: ada, full_name: Ada, email: ada@example.org, time_zone: UTC, role: admin,
     contacts: [{{name: hook, channel: webhook, address: "http://127.0.0.1:{sink}/ada"}}],
     rules: {{high: [{{contact: hook}}], low: [{{contact: hook}}]}}}}
teams: [{{name: data, members: [ada]}}]
policies: [{{name: climb, steps: [{{page: [{{user: ada}}]}}]}}]
services: [{{name: pipelines, team: data, policy: climb}}]
integrations: [{{name: native, protocol: tocsin, service: pipelines, key: {key}}}]
settings: {{calm: {{at_once: {at_once}, every: {every}}}}}
{more}
"""


@contextlib.contextmanager
def served(*, sink: int = 9, at_once: int = 5, every: str = "10s", more: str = "") -> Iterator[int]:
    """A `tocsin serve` on an embedded database in a temporary folder; the port."""
    with installed(CONFIGURATION.format(sink=sink, key=KEY, at_once=at_once, every=every, more=more)) as tocsin:
        yield tocsin.port


async def _empty(scope: dict, receive: Callable, send: Callable) -> None:  # type: ignore[type-arg]
    """Reads the body and answers as much as an event's answer has."""
    while (await receive()).get("more_body"):
        pass
    body = b'{"event_id":"019ab0f0-0000-7000-8000-000000000000","status":"triggered"}'
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 202, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _Forgets:
    """A store that says of every event that it made an alert, and keeps nothing."""

    async def take_in(self, incoming: list[Incoming], decide: object, calm: object) -> list[Verdict]:
        """Nothing is decided and nothing is written."""
        return [
            Verdict(
                arrival=one.arrival,
                outcome=Outcome.CREATED,
                alert_id=one.arrival.alert_id,
                status=Status.TRIGGERED,
            )
            for one in incoming
        ]


def _doorway() -> Doorway:
    """The whole way in, up to the store: authorised, read, routed, gathered, answered; and forgotten."""
    integration = Integration(name="native", protocol="tocsin", key_hash=token_hash(KEY))
    directory = Directory(revision=1, integrations={integration.name: integration})
    store = _Forgets()
    taker = Taker(store, lambda: directory)
    return Doorway(_empty, doors=DOORS, directory=lambda: directory, taker=taker, readings=store)


def _run_empty(port: int, *, bare: bool) -> None:
    uvicorn.run(
        _empty if bare else _doorway(), host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="off",
        http="httptools", loop="uvloop", server_header=False, date_header=False,
    )  # fmt: skip


@contextlib.contextmanager
def empty_server(*, bare: bool) -> Iterator[int]:
    """The same HTTP without a database; `bare`: without Tocsin as well. The port."""
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(
        target=_run_empty, args=(port,), kwargs={"bare": bare}, daemon=True
    )
    process.start()
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        time.sleep(0.05)
    try:
        yield port
    finally:
        process.terminate()
        process.join(10)


@dataclass
class Load:
    """What a run of the loader came to."""

    answered: int
    seconds: float
    #: Milliseconds from sending to the answer, sorted.
    took: list[float]
    refused: int

    @property
    def rate(self) -> float:
        """Requests answered in a second."""
        return self.answered / self.seconds

    def at(self, share: float) -> float:
        """The latency that such a share of the requests stayed below, in milliseconds."""
        return self.took[min(len(self.took) - 1, int(share * len(self.took)))] if self.took else 0.0


class _Connection(asyncio.Protocol):
    """One connection that sends its next request as soon as the last is answered."""

    def __init__(self, next_request: Callable[[], bytes | None], load: Load, done: asyncio.Future[None]) -> None:
        self._next = next_request
        self._load = load
        self._done = done
        self._received = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def _send(self) -> None:
        request = self._next()
        assert self._transport is not None
        if request is None:
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_end = self._received.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self._received[:head_end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 : head.find(b"\r\n", at) if head.find(b"\r\n", at) > 0 else None])
        if len(self._received) < head_end + 4 + length:
            return
        self._load.took.append((time.perf_counter() - self._sent_at) * 1_000)
        if head[9:10] == b"2":
            self._load.answered += 1
        else:
            self._load.refused += 1
        self._received = b""
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)


def request(body: bytes, *, path: str = "/api/v1/events") -> bytes:
    """One request of a keep-alive connection."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\nContent-Type: application/json\r\n"
    )
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def _load(port: int, connections: int, seconds: float, make: Callable[[int], bytes]) -> Load:
    load = Load(answered=0, seconds=0.0, took=[], refused=0)
    number = iter(range(100_000_000))
    begun = time.perf_counter()

    def next_request() -> bytes | None:
        return make(next(number)) if time.perf_counter() - begun < seconds else None

    loop = asyncio.get_running_loop()
    ends = [loop.create_future() for _ in range(connections)]
    for end in ends:
        await loop.create_connection(lambda end=end: _Connection(next_request, load, end), "127.0.0.1", port)
    await asyncio.wait(ends, timeout=seconds + 30)
    load.seconds = time.perf_counter() - begun
    load.took.sort()
    return load


def load(port: int, *, connections: int, seconds: float, make: Callable[[int], bytes]) -> Load:
    """Send requests over so many connections for so long; `make` gives the n-th request."""
    return uvloop.run(_load(port, connections, seconds, make))


def event(number: int, *, key: str | None = None, summary: str | None = None, service: str | None = None) -> bytes:
    """A usual event, one of its own kind for each number; without a service, as its integration says."""
    named = key or f"orders-{os.getpid()}-{number}"
    said = summary or f"Orders pipeline has not finished: run {number}"
    of = f'"service":"{service}",' if service is not None else ""
    text = (
        f'{{"action":"trigger","dedup_key":"{named}","summary":"{said}",{of}'
        f'"severity":"critical","source":"airflow","labels":{{"dag":"orders","team":"data","run":"{number}"}}}}'
    )
    return text.encode()


def fsyncs_a_second(seconds: float = 1.0) -> float:
    """How often this disk makes 8 KB durable."""
    with tempfile.NamedTemporaryFile(prefix="tocsin-bench-") as file:
        begun, count = time.perf_counter(), 0
        while time.perf_counter() - begun < seconds:
            os.pwrite(file.fileno(), b"x" * 8192, 0)
            os.fdatasync(file.fileno())
            count += 1
        return count / (time.perf_counter() - begun)


def call(port: int, method: str, path: str) -> bytes:
    """One request as the administrator."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
    asked.add_header("Authorization", f"Bearer {ADMIN}")
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return bytes(answer.read())


def machine() -> str:
    """What this runs on."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}"


def table(rows: list[tuple[str, ...]]) -> str:
    """Rows under their first as a Markdown table."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])
