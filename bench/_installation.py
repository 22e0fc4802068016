"""A `tocsin serve` of its own on an embedded database in a folder: started, killed, weighed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

KEY = "bench-key-0000000000000000"
ADMIN = "bench-admin-" + "a" * 32

_TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of processor time since a beginning."""

    node: float
    database: float

    def __add__(self, more: Spent) -> Spent:
        return Spent(self.node + more.node, self.database + more.database)

    def __sub__(self, before: Spent) -> Spent:
        return Spent(self.node - before.node, self.database - before.database)


NOTHING = Spent(0.0, 0.0)


class Installation:
    """One Tocsin with its data, which outlive it."""

    def __init__(self, folder: Path, configuration: str) -> None:
        self.port = free_port()
        self.data = folder / "data"
        self._config = folder / "bench.yaml"
        self._config.write_text(configuration, encoding="utf-8")
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The node's process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> float:
        """Start it; how many seconds it took until it was ready."""
        command = [sys.executable, "-c", "from tocsin.app.cli import main; main()", "serve"]
        command += ["--config", str(self._config), "--data", str(self.data), "--port", str(self.port)]
        begun = time.perf_counter()
        with self._log.open("ab") as out:
            environment = {**os.environ, "TOCSIN_ADMIN_TOKEN": ADMIN}
            self._process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        while time.perf_counter() < begun + 60:
            if self._process.poll() is not None:
                raise SystemExit(self._log.read_text(errors="replace")[-2000:])
            with contextlib.suppress(OSError), urllib.request.urlopen(self.address("/readyz"), timeout=2):
                return time.perf_counter() - begun
            time.sleep(0.01)
        raise SystemExit("the server did not become ready")

    def address(self, path: str) -> str:
        """The address of something on it."""
        return f"http://127.0.0.1:{self.port}{path}"

    def end(self, number: int = signal.SIGTERM) -> None:
        """End it, by default in order."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(30)

    def metric(self, name: str) -> float:
        """The sum of one of its metrics over all labels."""
        with urllib.request.urlopen(self.address("/metrics"), timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)

    def megabytes(self) -> float:
        """The memory of the node."""
        return _status(self.pid, "VmRSS:") / 1_024

    def most_megabytes(self) -> float:
        """The most memory that the node ever had."""
        return _status(self.pid, "VmHWM:") / 1_024

    def spent(self) -> Spent:
        """The processor time of the node and of its database so far."""
        below = _descendants(self.pid)
        return Spent(_seconds(self.pid), sum(_seconds(pid, waited=True) for pid in below))


@contextlib.contextmanager
def installed(configuration: str) -> Iterator[Installation]:
    """One that is started, and ended and gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        installation = Installation(Path(folder), configuration)
        installation.start()
        try:
            yield installation
        finally:
            installation.end()


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)


def _descendants(pid: int) -> list[int]:
    """The processes below one: the launcher, the server, its workers."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                children.setdefault(int(_stat(int(folder.name))[1]), []).append(int(folder.name))
    found, rest = [], [pid]
    while rest:
        below = children.get(rest.pop(), [])
        found += below
        rest += below
    return found


def _seconds(pid: int, *, waited: bool = False) -> float:
    """Processor time of a process; `waited`: with that of its children that have ended."""
    try:
        values = _stat(pid)
    except OSError:
        return 0.0
    return sum(int(value) for value in values[11 : 15 if waited else 13]) / _TICKS


def _stat(pid: int) -> list[str]:
    """What the kernel says of a process, from its state on."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
