"""A loader that costs little, since it shares the machine with what it measures: prepared bytes over plain sockets."""

from __future__ import annotations

import itertools
import select
import socket
import time
from collections.abc import Callable, Iterator

from _ground import Load

Make = Callable[[int], bytes]


def pour(
    port: int, make: Make, *, seconds: float, connections: int = 64, rate: float | None = None, most: int | None = None
) -> Load:
    """Send `make(0)`, `make(1)` and so on for so long, at most `most` of them; each connection waits for its answer.

    With a `rate` (requests a second) each is sent when it is due, and its time runs from then on: a server that falls
    behind is not spared by a loader that waits for it.
    """
    return _Loader(port, make, connections=connections).run(seconds=seconds, rate=rate, most=most)


class _Loader:
    """Connections and what is under way on them."""

    def __init__(self, port: int, make: Make, *, connections: int) -> None:
        self._make = make
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        for _ in range(connections):
            line = socket.create_connection(("127.0.0.1", port))
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._poll.register(line.fileno(), select.EPOLLIN)
            self._sockets[line.fileno()] = line
        self._idle = list(self._sockets)
        self._sent_at: dict[int, float] = {}
        self._parts: dict[int, bytes] = {}
        self._load = Load(answered=0, seconds=0.0, took=[], refused=0)

    def run(self, *, seconds: float, rate: float | None, most: int | None) -> Load:
        numbers = iter(range(most)) if most is not None else itertools.count()
        begun = time.perf_counter()
        self._pour(numbers, begun, begun + seconds, rate)
        self._load.seconds = time.perf_counter() - begun
        self._load.took.sort()
        for line in self._sockets.values():
            line.close()
        return self._load

    def _pour(self, numbers: Iterator[int], begun: float, end: float, rate: float | None) -> None:
        sent, over = 0, False
        while not over or self._sent_at:
            now = time.perf_counter()
            over = over or now >= end
            if now > end + 30:
                return
            due = len(self._idle) if rate is None else int((now - begun) * rate) - sent
            for _ in range(0 if over else min(due, len(self._idle))):
                number = next(numbers, None)
                if number is None:
                    over = True
                    break
                self._send(number, time.perf_counter() if rate is None else begun + sent / rate)
                sent += 1
            for line, _ in self._poll.poll(0.0005 if rate is not None else 1.0):
                self._receive(line)

    def _send(self, number: int, at: float) -> None:
        line = self._idle.pop()
        self._sent_at[line] = at
        self._sockets[line].sendall(self._make(number))

    def _receive(self, line: int) -> None:
        data = self._parts.pop(line, b"") + self._sockets[line].recv(65_536)
        end = data.find(b"\r\n\r\n") + 4
        at = data.find(b"content-length: ")
        if end < 4 or len(data) < end + int(data[at + 16 : data.index(b"\r", at)]):
            self._parts[line] = data
            return
        self._load.took.append((time.perf_counter() - self._sent_at.pop(line)) * 1_000)
        if data[9:10] == b"2":
            self._load.answered += 1
        else:
            self._load.refused += 1
        self._idle.append(line)
