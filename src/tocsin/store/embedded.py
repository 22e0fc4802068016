"""The PostgreSQL that Tocsin brings along: started, owned and ended by it.

    <data>/postgres       the server's data folder, which also holds its socket
    <data>/postgres.log   what the server says; .log.1 is what it said before

Who may connect: whoever passes the folder of the socket, which has mode 0700: the server's user, and root. There is no
TCP at all. Inside, everybody is trusted: whoever passes that folder can read the data files themselves, so that a
password would guard nothing.

Who owns it: the Tocsin that holds a lock (flock) on `<data>` itself. The lock ends with its process, however that ends,
and the kernel then ends the server too (launcher.py). A server without an owner is therefore a leftover: the next owner
waits for its end, however long its last write takes, before it starts another.

Under systemd, set `KillMode=mixed`: Tocsin must finish its work before its database is told to stop.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import structlog

from tocsin.core.errors import Broken, Unavailable
from tocsin.store.binaries import find_binaries
from tocsin.store.cluster import forget_postmaster, prepare_cluster, read_postmaster
from tocsin.store.launcher import Launcher, choose_launcher, complaint
from tocsin.store.sockets import PORT, address_of, answers, clear_sockets, prepare_sockets

#: Far longer than a recovery takes: what is to be replayed is kept near a gigabyte.
PATIENCE = timedelta(minutes=10)

_GLANCE_SECONDS = 0.01
_AGAIN_SECONDS = 0.2
_REPORT_SECONDS = 3.0

#: A longer log is set aside; one is kept.
_LONGEST_LOG_BYTES = 4_000_000

#: The children of a killed server take a moment to notice. Until then a second one would damage the data.
_CHILDREN_REMAIN = "shared memory block"

#: Given on the command line, so that no file in the data folder can loosen them.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": PORT,
    "cluster_name": "tocsin",
    "max_connections": 60,
    "shared_buffers": "128MB",
    # In the data folder: containers give /dev/shm 64 MB, and logind empties it when a user logs out (RemoveIPC).
    "dynamic_shared_memory_type": "mmap",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_level": "replica",
    "autovacuum": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    # A failed statement may hold what people wrote. Whoever sent it knows it.
    "log_min_error_statement": "panic",
}

_log = structlog.get_logger(__name__)


def running(data: Path) -> str | None:
    """The address of the server that takes connections on this data folder right now, or None when there is none."""
    try:
        postmaster = read_postmaster(data.resolve() / "postgres")
    except PermissionError:
        return None
    if postmaster is None or postmaster.sockets is None or postmaster.status != "ready" or not postmaster.lives():
        return None
    return address_of(postmaster.sockets) if answers(postmaster.sockets) else None


class EmbeddedPostgres:
    """One server on one data folder, started and stopped by this process.

    Start it from the main thread: it ends when the thread that started it ends. What was committed survives any end.

        with EmbeddedPostgres(Path("tocsin-data")) as address:
            connection = await asyncpg.connect(address)
    """

    def __init__(self, data: Path, *, attach: bool = False, patience: timedelta = PATIENCE) -> None:
        """With `attach`, a server that another Tocsin runs on this folder is used, and left running by `stop`.

        `patience` bounds each wait: for another owner, for a predecessor's end, for recovery, for the shutdown.
        """
        self._data = data.resolve()
        self._cluster = self._data / "postgres"
        self._sockets = self._cluster
        self._log_file = self._data / "postgres.log"
        self._attach = attach
        self._patience = patience
        #: A descriptor of the data folder that holds or seeks its lock, or None before start and after stop.
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start unless started, and return the address: database and user `tocsin`, through the socket.

        Blocks until connections are taken. Waits while another Tocsin owns the folder, unless it may attach. Raises
        Unavailable, in a sentence for whoever installs Tocsin, when folder, programs or rights are missing.
        """
        if threading.current_thread() is not threading.main_thread():
            raise Broken("The embedded PostgreSQL would end with this thread: start it from the main thread.")
        try:
            return self._start()
        except OSError as error:
            self.stop()
            raise Unavailable(f"Tocsin cannot keep its database in {self._data}: {error.strerror}.") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server in order and give up the folder; open transactions are rolled back. Harmless when repeated."""
        process, self._process = self._process, None
        if process is not None:
            self._end(process)
            clear_sockets(self._sockets, self._cluster)
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def lives(self) -> bool:
        """True while the server that this object started runs. When it died, `start` starts it again."""
        return self._process is not None and self._process.poll() is None

    def trim_log(self) -> None:
        """Set the log aside once it is long. Each start does so; who runs for months asks for it daily."""
        with self._opened_log() as log:
            if os.fstat(log.fileno()).st_size <= _LONGEST_LOG_BYTES:
                return
            before = self._log_file.with_suffix(".log.1")
            before.unlink(missing_ok=True)
            with open(before, "xb", opener=_for_its_owner) as kept:
                log.seek(0)
                shutil.copyfileobj(log, kept)
            # The server holds the file open and appends to it: a renamed one would go on growing.
            log.truncate(0)

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _start(self) -> str:
        if self.lives():
            return address_of(self._sockets)
        # The server's user must pass through; only the server's own folder below is closed.
        self._data.mkdir(mode=0o711, parents=True, exist_ok=True)
        if address := self._own_or_attach():
            return address
        binaries = find_binaries(self._cluster)
        launcher = choose_launcher(binaries / "postgres", self._cluster)
        self._await_predecessor(launcher)
        prepare_cluster(self._cluster, binaries, launcher)
        self._sockets = prepare_sockets(self._cluster, launcher)
        self._serve(binaries / "postgres", launcher)
        return address_of(self._sockets)

    def _own_or_attach(self) -> str | None:
        """None once the data folder is ours; else the address of its owner's server, when we may attach to it."""
        if self._lock is None:
            self._lock = os.open(self._data, os.O_RDONLY | os.O_DIRECTORY)
        for _ in self._moments("another Tocsin to leave this data folder"):
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if self._attach and (address := running(self._data)):
                    self.stop()
                    return address
            else:
                break
        return None

    def _await_predecessor(self, launcher: Launcher) -> None:
        postmaster = read_postmaster(self._cluster)
        if postmaster is None:
            return
        if postmaster.lives():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(postmaster.pid, signal.SIGINT)
            for _ in self._moments("the previous PostgreSQL to end"):
                if not postmaster.lives():
                    break
        if read_postmaster(self._cluster):
            forget_postmaster(postmaster, launcher)

    def _serve(self, program: Path, launcher: Launcher) -> None:
        self.trim_log()
        self._process = None
        with self._opened_log() as log:
            launcher.give(log.fileno())
            for _ in self._moments("PostgreSQL to take connections"):
                if self._process is None:
                    said_before = log.seek(0, os.SEEK_END)
                    self._process = launcher.start(program, *self._options(), log=log.fileno())
                elif self.lives():
                    postmaster = read_postmaster(self._cluster)
                    if postmaster and postmaster.pid == self._process.pid and postmaster.status == "ready":
                        return
                else:
                    self._process = None
                    log.seek(said_before)
                    self._judge_failure(log.read().decode(errors="replace"))

    def _options(self) -> list[str | Path]:
        folder = str(self._sockets).replace('"', '""')
        settings = _SETTINGS | {"unix_socket_directories": f'"{folder}"'}
        return ["-D", self._cluster, *(f"--{name}={value}" for name, value in settings.items())]

    def _judge_failure(self, said: str) -> None:
        """Raises, unless trying again will help."""
        if _CHILDREN_REMAIN in said:
            time.sleep(_AGAIN_SECONDS)
            return
        raise Unavailable(f"PostgreSQL did not start in {self._cluster}: {complaint(said)}.")

    def _opened_log(self) -> BinaryIO:
        return open(self._log_file, "a+b", opener=_for_its_owner)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGINT)
        try:
            for _ in self._moments("PostgreSQL to stop"):
                if process.poll() is not None:
                    return
        except Unavailable:
            # Ends at once; the next start recovers what was committed.
            process.send_signal(signal.SIGQUIT)
            process.wait()

    def _moments(self, awaited: str) -> Iterator[None]:
        """Comes round every few milliseconds, says every few seconds what is awaited, and raises when patience ends."""
        began = said = time.monotonic()
        while (now := time.monotonic()) - began < self._patience.total_seconds():
            yield
            if now - said >= _REPORT_SECONDS:
                said = now
                _log.info("waiting", awaited=awaited, folder=str(self._data), seconds=round(now - began))
            time.sleep(_GLANCE_SECONDS)
        raise Unavailable(f"Waited {self._patience} in vain for {awaited} ({self._data}).")


def _for_its_owner(path: str, flags: int) -> int:
    # Follows no link: root may be working in a folder that somebody else fills.
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
