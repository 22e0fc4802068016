"""A provider on this machine: takes every call at once, and notes when it came, for whom, and what it spoke of."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from _installation import KEY

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass(frozen=True, slots=True)
class Called:
    """One call that came in."""

    at: float
    #: Whom it is for: the path of the address.
    path: str
    body: dict[str, Any]


class Provider:
    """Everything that was called, in order of arrival."""

    def __init__(self) -> None:
        self.calls: list[Called] = []

    async def listen(self, port: int) -> asyncio.Server:
        """Take calls on this port until the server is closed."""
        return await asyncio.get_running_loop().create_server(lambda: _Line(self), "127.0.0.1", port)

    def first(self, named: Callable[[Called], Iterable[str]]) -> dict[str, float]:
        """When each was first named."""
        times: dict[str, float] = {}
        for call in self.calls:
            for name in named(call):
                times.setdefault(name, call.at)
        return times


class _Line(asyncio.Protocol):
    """One connection of a caller."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        at = head.lower().find(b"content-length:")
        if not found or len(body) < int(head[at + 15 :].split(b"\r\n", 1)[0]):
            return
        path = head.split(b" ", 2)[1].decode()
        self._received = b""
        self._transport.write(OK)
        self._provider.calls.append(Called(time.perf_counter(), path, json.loads(body)))


async def until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Wait for something; False when it has not come about within so many seconds."""
    end = time.perf_counter() + seconds
    while not condition():
        if time.perf_counter() > end:
            return False
        await asyncio.sleep(0.02)
    return True


def company(
    *,
    services: int,
    sink: int,
    at_once: int = 1_000,
    every: str = "1s",
    delay: str = "0s",
    protocol: str = "tocsin",
) -> str:
    """A configuration of so many services, each with a person of its own on duty, whose calls go to the sink."""
    numbers = range(services)
    hook = f"http://127.0.0.1:{sink}"
    people = [
        f"  - {{name: p{n}, full_name: P{n}, email: p{n}@example.org, time_zone: UTC, role: responder,"
        f' contacts: [{{name: hook, channel: webhook, address: "{hook}/p{n}"}}],'
        f" rules: {{high: [{{contact: hook}}], low: [{{contact: hook}}]}}}}"
        for n in numbers
    ]
    lines = ["tocsin: 1", "users:", *people, "teams: [{name: data, members: [p0]}]", "policies:"]
    lines += [f"  - {{name: climb{n}, steps: [{{after: {delay}, page: [{{user: p{n}}}]}}]}}" for n in numbers]
    lines += ["services:", *(f"  - {{name: s{n}, team: data, policy: climb{n}}}" for n in numbers)]
    lines += [f"integrations: [{{name: door, protocol: {protocol}, service: s0, key: {KEY}}}]"]
    lines += [f"settings: {{calm: {{at_once: {at_once}, every: {every}}}}}", ""]
    return "\n".join(lines)
