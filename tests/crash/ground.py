"""What the crash tests stand on: PostgreSQL servers, nodes as processes, careful senders, a slow provider, counts."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, TypeVar

import asyncpg

from served import KEY, Served, free_port
from tocsin.store.binaries import find_binaries
from tocsin.store.cluster import prepare_cluster
from tocsin.store.launcher import choose_launcher

T = TypeVar("T")

#: So many crashes in the long form; None: the short form.
CRASHES = int(os.environ["TOCSIN_CRASHES"]) if os.environ.get("TOCSIN_CRASHES") else None
#: Where the figures go, one JSON document a line, for docs/reliability.md.
REPORT = os.environ.get("TOCSIN_CRASH_REPORT")

#: A node whose deliveries are free again sooner, so that a test need not wait for half a minute.
SHORT_LEASE = """
import datetime
import tocsin.app.wiring
tocsin.app.wiring.LEASE = datetime.timedelta(seconds=6)
from tocsin.app.cli import main
main()
"""
#: Little is bundled here: as a rule each alert has a page of its own.
AT_ONCE, EVERY = 1_000, "1s"


def report(name: str, **figures: object) -> None:
    """Say a figure, and keep it where it is asked for."""
    line = json.dumps({"test": name, **figures})
    print(line)
    if REPORT:
        with Path(REPORT).open("a", encoding="utf-8") as kept:
            kept.write(line + "\n")


def soon(happens: Callable[[], T], *, seconds: float, what: str) -> T:
    """What it came to, once it is true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = happens()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


class Postgres:
    """One server on 127.0.0.1 with a data folder of its own. Start it from the main thread: it ends with that."""

    def __init__(self, folder: Path, **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)
        self.folder = folder
        self.port = free_port()
        self.settings = settings
        self._cluster = folder / "postgres"
        self._binaries = find_binaries()
        self._launcher = choose_launcher(self._binaries / "postgres", self._cluster)
        self._process: subprocess.Popen[bytes] | None = None

    def address(self, database: str = "tocsin", user: str = "tocsin") -> str:
        """Where it is reached."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def make(self) -> None:
        """Make its data folder."""
        prepare_cluster(self._cluster, self._binaries, self._launcher)

    def follow(self, primary: Postgres) -> None:
        """Make its data folder a standby's."""
        self._launcher.run("mkdir", self.folder / "copy")
        self._cluster.mkdir(mode=0o700)
        self._launcher.give(self._cluster)
        copied = self._launcher.run(
            self._binaries / "pg_basebackup", "-h", "127.0.0.1", "-p", str(primary.port), "-U", "tocsin",
            "-D", self._cluster, "-R", "-X", "stream", "--checkpoint=fast", "--no-sync",
        )  # fmt: skip
        assert copied.returncode == 0, copied.stderr

    def start(self) -> None:
        """Start, or start again on what is there, and wait until it answers."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "80",
            "shared_buffers": "32MB",
            "dynamic_shared_memory_type": "mmap",
            **self.settings,
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        with (self.folder / "postgres.log").open("ab") as log:
            program = self._binaries / "postgres"
            self._process = self._launcher.start(program, "-D", self._cluster, *options, log=log.fileno())
        soon(self.answers, seconds=60, what=f"PostgreSQL starts: {self.log()[-800:]}")

    def answers(self) -> bool:
        """True when it takes connections."""
        try:
            self.ask("SELECT 1", database="postgres")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True

    def ask(self, statement: str, *values: object, database: str = "tocsin", user: str = "postgres") -> list[Any]:
        """The rows of a statement."""

        async def asked() -> list[Any]:
            connection = await asyncpg.connect(self.address(database, user), timeout=5)
            try:
                return await connection.fetch(statement, *values)
            finally:
                await connection.close()

        return apart(asked())

    def kill(self) -> None:
        """End the server and all its children without a word."""
        if self._process is None or self._process.poll() is not None:
            return
        children = _children(self._process.pid)
        for pid in (self._process.pid, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(30)
        soon(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), seconds=10, what="children end")

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(60)

    def lives(self) -> bool:
        """True while its process runs."""
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        """What it has said."""
        path = self.folder / "postgres.log"
        return path.read_text(errors="replace") if path.exists() else ""


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a loop of its own, wherever the caller stands."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a provider, when it arrived."""

    at: float
    alert_ids: tuple[str, ...]
    repeat: bool


class Provider:
    """Takes every call, and answers after a while: at each moment some calls are under way."""

    def __init__(self, *, delay: float = 0.2) -> None:
        self.port = free_port()
        self.delay = delay
        self._calls: list[Call] = []
        self._lock = Lock()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
                call = Call(at=time.monotonic(), alert_ids=tuple(body["alert_ids"]), repeat=body["repeat"])
                with provider._lock:
                    provider._calls.append(call)
                time.sleep(provider.delay)
                with contextlib.suppress(OSError):
                    self.send_response(200)
                    self.send_header("Content-Length", "2")
                    self.end_headers()
                    self.wfile.write(b"ok")

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 512

            def handle_error(self, *_: object) -> None:
                """A node that was killed hangs up in the middle."""

        self._server = Server(("127.0.0.1", self.port), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()

    def calls(self) -> list[Call]:
        """Everything so far, in order of arrival."""
        with self._lock:
            return list(self._calls)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class Node(Served):
    """One of several nodes on one PostgreSQL."""

    def __init__(self, folder: Path, *, sink: int, database: str, lease: str | None = None, role: str = "all") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder, sink=sink, at_once=AT_ONCE, every=EVERY)
        self.settings = {"TOCSIN_DATABASE_URL": database, "TOCSIN_ROLE": role}
        if lease is not None:
            self.program = lease

    @property
    def pid(self) -> int:
        """Of its process."""
        assert self.process is not None
        return self.process.pid

    def freeze(self) -> None:
        """Let it stand still."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def readiness(self) -> tuple[int, list[str]]:
        """What it says of itself; 0: it does not answer."""
        try:
            status, answer = self.call("GET", "/readyz")
        except OSError:
            return 0, []
        return status, answer["troubles"]


def start_all(*nodes: Node) -> None:
    """Start nodes at the same time, on an empty database as it may be, and wait until each is ready."""
    with ThreadPoolExecutor(len(nodes)) as starting:
        for started in [starting.submit(node.start) for node in nodes]:
            started.result()


@dataclass
class Load:
    """Careful senders: what is not answered 2xx is sent again, to the next node. Each event is a new condition."""

    ports: Sequence[int]
    senders: int = 4
    pause: float = 0.05
    #: The alert of each number that was answered, and when.
    answered: dict[int, tuple[str, float]] = field(default_factory=dict)
    #: How often each status was answered; 0: there was no answer.
    statuses: Counter[int] = field(default_factory=Counter)
    #: Answers 503 that did not say when to come again.
    without_retry: int = 0
    _stop: Event = field(default_factory=Event)
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))
    _lock: Lock = field(default_factory=Lock)
    _threads: list[Thread] = field(default_factory=list)

    def __enter__(self) -> Load:
        self._threads = [Thread(target=self._send_all, args=(turn,), daemon=True) for turn in range(self.senders)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Begin nothing new; what was begun is sent until it is answered."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self._threads), "a sender hangs"

    @property
    def count(self) -> int:
        """How many events were answered."""
        return len(self.answered)

    def _send_all(self, turn: int) -> None:
        while not self._stop.is_set():
            with self._lock:
                number = next(self._numbers)
            turn = self._send(number, turn)
            time.sleep(self.pause)

    def _send(self, number: int, turn: int) -> int:
        """Send one event until it is answered; whose turn it is next."""
        body = json.dumps(
            {"action": "trigger", "dedup_key": f"job-{number}", "summary": f"job {number}", "severity": "error"}
        )
        until = time.monotonic() + 50
        while time.monotonic() < until:
            found = self._post(self.ports[turn % len(self.ports)], body)
            if found is not None:
                self.answered[number] = (found, time.monotonic())
                return turn
            turn += 1
            time.sleep(0.1)
        raise AssertionError(f"event {number} was never answered: {self.statuses}")

    def _post(self, port: int, body: str) -> str | None:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=8)
        try:
            connection.request("POST", "/api/v1/events", body, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            with self._lock:
                self.statuses[0] += 1
            return None
        finally:
            connection.close()
        with self._lock:
            self.statuses[answer.status] += 1
            self.without_retry += answer.status == 503 and answer.getheader("retry-after") is None
        return str(json.loads(text)["alert_id"]) if answer.status == 202 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a crash has cost. The first four must be zero."""

    #: Answered 2xx, and not stored.
    missing: int
    #: Ringing without a next instant.
    stepless: int
    #: Called more than once without the mark.
    doubled: int
    #: Answered 2xx, and nobody was called.
    unpaged: int
    answered: int
    calls: int
    repeats: int

    @property
    def is_clean(self) -> bool:
        """True when it has cost nothing."""
        return (self.missing, self.stepless, self.doubled, self.unpaged) == (0, 0, 0, 0)


_STEPLESS = """
SELECT count(*) FROM alert_groups g WHERE is_open AND due_at IS NULL
AND EXISTS (SELECT FROM alerts a WHERE a.group_id = g.id AND a.status = 'triggered')"""


def settle(database: Postgres, load: Load, provider: Provider, *, seconds: float) -> Counted:
    """Wait until every answered event has called somebody, a moment longer for doubles, and count."""
    expected = {alert_id for alert_id, _ in load.answered.values()}
    until = time.monotonic() + seconds
    while time.monotonic() < until and not expected <= _told(provider.calls()):
        time.sleep(0.1)
    time.sleep(1.5)
    return count(database, expected, provider)


def count(database: Postgres, expected: set[str], provider: Provider) -> Counted:
    """What is there, against what was answered."""
    calls = provider.calls()
    first = Counter(alert_id for call in calls if not call.repeat for alert_id in call.alert_ids)
    stored = {str(row["id"]) for row in database.ask("SELECT id FROM alerts")}
    return Counted(
        missing=len(expected - stored),
        stepless=database.ask(_STEPLESS)[0][0],
        doubled=sum(times > 1 for times in first.values()),
        unpaged=len(expected - _told(calls)),
        answered=len(expected),
        calls=len(calls),
        repeats=sum(call.repeat for call in calls),
    )


def _told(calls: Iterable[Call]) -> set[str]:
    return {alert_id for call in calls for alert_id in call.alert_ids}


_PENDING = """
SELECT array_agg(DISTINCT a) AS alerts FROM deliveries d JOIN delivery_items i ON i.delivery_id = d.id,
unnest(i.alert_ids) AS a
WHERE (d.status = 'calling' AND d.node LIKE $1) OR (d.status = 'waiting' AND d.due_at <= tocsin_now())
GROUP BY d.id"""


def pending(database: Postgres, pid: int) -> list[set[str]]:
    """What a node of this process was calling, and what is due: the alerts of each delivery."""
    return [{str(one) for one in row["alerts"]} for row in database.ask(_PENDING, f"%-{pid}-%")]


def leaving_times(provider: Provider, waiting: Sequence[set[str]], since: float, *, seconds: float) -> list[float]:
    """How long after an instant each of these deliveries was called; all must be."""

    def all_called() -> list[float]:
        calls = [call for call in provider.calls() if call.at > since]
        found = []
        for alerts in waiting:
            times = [call.at - since for call in calls if alerts & set(call.alert_ids)]
            if not times:
                return []
            found.append(min(times))
        return found

    return soon(all_called, seconds=seconds, what=f"{len(waiting)} deliveries are taken over") if waiting else []


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which so many lie."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def dice() -> random.Random:
    """Chance, from a seed that a failure shows."""
    seed = int(os.environ.get("TOCSIN_CRASH_SEED", "20261122"))
    print(f"TOCSIN_CRASH_SEED={seed}")
    return random.Random(seed)
