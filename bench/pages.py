"""5,000 alerts, each with a page of its own: until the last is called, and what is lost at kill -9; beside a peer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvloop
from _ground import fsyncs_a_second, machine, table
from _installation import KEY, Installation, free_port
from _posting import Post, Posted, post
from _provider import Called, Provider, company, until

ALERTS = 5_000
CONNECTIONS = 64
SERVICES = 40
ROUNDS = 2
#: How long it is waited for calls of which nobody knows whether they come: for Tocsin longer than the lease of a dead
#: node's; the other one has told what it still knows at once.
PATIENCE_SECONDS = {"tocsin": 45, "peer": 8}

ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")

#: Every alert is a group of its own, told at once.
_PEER = """
route: {{receiver: sink, group_by: ["..."], group_wait: 0s, group_interval: 5m, repeat_interval: 4h}}
receivers: [{{name: sink, webhook_configs: [{{url: "http://127.0.0.1:{sink}/", send_resolved: false}}]}}]
"""


class Peer:
    """A real Alertmanager with its data, which outlive it."""

    def __init__(self, folder: Path, sink: int) -> None:
        self.port = free_port()
        self._folder = folder
        self._config = folder / "alertmanager.yml"
        self._config.write_text(_PEER.format(sink=sink), encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it; how many seconds it took until it was ready."""
        assert ALERTMANAGER is not None
        command = [ALERTMANAGER, f"--config.file={self._config}", f"--storage.path={self._folder / 'peer'}"]
        command += [f"--web.listen-address=127.0.0.1:{self.port}", "--web.route-prefix=/alertmanager"]
        command += ["--cluster.listen-address=", "--log.level=error"]
        begun = time.perf_counter()
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while time.perf_counter() < begun + 20:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/alertmanager/-/ready", timeout=2),
            ):
                return time.perf_counter() - begun
            time.sleep(0.01)
        raise SystemExit("the Alertmanager did not become ready")

    def end(self, number: int = signal.SIGTERM) -> None:
        """End it, by default in order."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(30)


@dataclass(frozen=True, slots=True)
class Run:
    """What became of 5,000 alerts."""

    answered: int
    #: Seconds from the first request until the last call.
    seconds: float
    #: Milliseconds from sending to the call, sorted.
    took: list[float]
    lost: int
    #: Alerts that were called more than once, and of those how many without the mark of a repeat.
    doubled: int
    unmarked: int


def main() -> None:
    """Take turns, then kill each in the middle, and print."""
    kinds = ("tocsin", "peer") if ALERTMANAGER is not None else ("tocsin",)
    runs: dict[str, list[Run]] = {kind: [] for kind in kinds}
    for _ in range(ROUNDS):
        for kind in kinds:
            runs[kind].append(_run(kind, _whole))
    killed = {kind: _run(kind, _killed) for kind in kinds}
    rows = [(f"{ALERTS:,} alerts, {CONNECTIONS} connections", "all called after s", "p50 ms", "p99 ms", "never called")]
    names = {"tocsin": "Tocsin, durable", "peer": "Alertmanager, in memory"}
    rows += [_row(names[kind], runs[kind]) for kind in kinds]
    print(f"{machine()}\nthis disk: {fsyncs_a_second():,.0f} fdatasync of 8 KB a second, one after the other\n")
    print(table(rows) + "\n")
    rows = [
        ("killed (kill -9) in the middle, started again", "answered", "never called", "called twice", "without mark")
    ]
    rows += [(names[kind], *_counted(run)) for kind, run in killed.items()]
    print(table(rows))
    if "peer" not in kinds:
        print("\nThe Prometheus Alertmanager is not installed: there is nothing to stand beside.")


def _row(name: str, runs: list[Run]) -> tuple[str, ...]:
    middle = sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]
    p50, p99 = (middle.took[int(share * (len(middle.took) - 1))] for share in (0.5, 0.99))
    seconds = statistics.median(run.seconds for run in runs)
    return name, f"{seconds:.1f}", f"{p50:,.0f}", f"{p99:,.0f}", str(sum(run.lost for run in runs))


def _counted(run: Run) -> tuple[str, ...]:
    return f"{run.answered:,}", f"{run.lost:,}", f"{run.doubled:,}", f"{run.unmarked:,}"


Story = Callable[[Installation | Peer, Provider], Awaitable[Posted]]


def _run(kind: str, story: Story) -> Run:
    sink = free_port()
    with _started(kind, sink) as server:
        return uvloop.run(_told(server, sink, story))


@contextlib.contextmanager
def _started(kind: str, sink: int) -> Iterator[Installation | Peer]:
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        made = company(services=SERVICES, sink=sink, protocol="alertmanager")
        server = Installation(Path(folder), made) if kind == "tocsin" else Peer(Path(folder), sink)
        server.start()
        try:
            yield server
        finally:
            server.end()


async def _told(server: Installation | Peer, sink: int, story: Story) -> Run:
    provider = Provider()
    listening = await provider.listen(sink)
    posted = await story(server, provider)
    listening.close()
    return _judged(posted, provider)


async def _whole(server: Installation | Peer, provider: Provider) -> Posted:
    posted = await post(server.port, _posts(), connections=CONNECTIONS)
    await until(lambda: len(provider.calls) >= len(posted.answered), seconds=_patience(server))
    return posted


async def _killed(server: Installation | Peer, provider: Provider) -> Posted:
    """Kill it when half is answered, start it again at once, and wait for what it still knows."""
    posted = Posted()
    posting = asyncio.create_task(post(server.port, _posts(), connections=CONNECTIONS, into=posted))
    await until(lambda: len(posted.answered) >= ALERTS // 2, seconds=60)
    await asyncio.to_thread(server.end, signal.SIGKILL)
    await posting
    await asyncio.to_thread(server.start)
    known = set(posted.answered)
    await until(lambda: known <= provider.first(_names).keys(), seconds=_patience(server))
    return posted


def _patience(server: Installation | Peer) -> float:
    return PATIENCE_SECONDS["tocsin" if isinstance(server, Installation) else "peer"]


def _posts() -> Iterator[Post]:
    for number in range(ALERTS):
        name = f"run {number} of {os.getpid()} has not finished"
        alert = {
            "labels": {"alertname": "Late", "service": f"s{number % SERVICES}", "severity": "critical", "run": name},
            "annotations": {"summary": name},
        }
        yield Post(name, _request(json.dumps([alert]).encode()))


def _request(body: bytes) -> bytes:
    """The same bytes for both: what Prometheus sends to an Alertmanager. Tocsin takes the key from the header."""
    head = "POST /alertmanager/api/v2/alerts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return f"{head}Authorization: Bearer {KEY}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _names(call: Called) -> list[str]:
    told = call.body.get("alerts")
    return [call.body["summary"]] if told is None else [one["annotations"]["summary"] for one in told]


def _judged(posted: Posted, provider: Provider) -> Run:
    first = provider.first(_names)
    count: dict[str, int] = {}
    unmarked: dict[str, int] = {}
    for call in provider.calls:
        for name in _names(call):
            count[name] = count.get(name, 0) + 1
            if not call.body.get("repeat"):
                unmarked[name] = unmarked.get(name, 0) + 1
    return Run(
        answered=len(posted.answered),
        seconds=max(first.values()) - posted.begun,
        took=sorted((at - posted.sent[name]) * 1_000 for name, at in first.items()),
        lost=len(posted.answered.keys() - first.keys()),
        doubled=sum(amount > 1 for amount in count.values()),
        unmarked=sum(amount > 1 for amount in unmarked.values()),
    )


if __name__ == "__main__":
    main()
