"""Where the embedded server's socket lies, and the address by which it is reached.

It lies in the data folder of the server, which PostgreSQL itself keeps at mode 0700. Where that path is too long for a
socket, or holds a comma (which separates addresses) or no text, it lies in a folder of the same mode among the system's
passing files, whose name is made from the path.
"""

from __future__ import annotations

import hashlib
import os
import socket
import stat
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from tocsin.core.errors import Unavailable
from tocsin.store.launcher import Launcher

#: PostgreSQL names its socket after a port, even without TCP.
PORT = 5432
_SOCKET = f".s.PGSQL.{PORT}"

#: A socket's address holds 107 bytes on Linux, 103 on macOS.
_LONGEST_PATH_BYTES = 103


def prepare_sockets(cluster: Path, launcher: Launcher) -> Path:
    """The folder for the socket, open to the server's user alone; what a dead server left in it is removed.

    Raises Unavailable when somebody else already made a folder of that name.
    """
    folder = cluster if _fits(cluster) else _private_folder(cluster, launcher)
    # Its bearer is dead, but the process id in it may be taken again, and PostgreSQL would then refuse to start.
    (folder / f"{_SOCKET}.lock").unlink(missing_ok=True)
    return folder


def clear_sockets(folder: Path, cluster: Path) -> None:
    """Remove the folder again, unless it is the data folder, or a server that was killed left its socket there."""
    if folder != cluster:
        with suppress(OSError):
            folder.rmdir()


def address_of(folder: Path) -> str:
    """What asyncpg and libpq connect to."""
    return f"postgresql://tocsin@/tocsin?host={quote(str(folder), safe='/')}&port={PORT}"


def answers(folder: Path) -> bool:
    """True when a server listens and lets this process in."""
    with socket.socket(socket.AF_UNIX) as knock:
        try:
            knock.connect(str(folder / _SOCKET))
        except OSError:
            return False
    return True


def _fits(cluster: Path) -> bool:
    plain = str(cluster).isprintable() and "," not in str(cluster)
    return plain and len(os.fsencode(cluster / _SOCKET)) <= _LONGEST_PATH_BYTES


def _private_folder(cluster: Path, launcher: Launcher) -> Path:
    folder = _passing_files() / f"tocsin-{hashlib.sha256(os.fsencode(cluster)).hexdigest()[:16]}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    closed = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if not closed or found.st_uid not in {os.geteuid(), launcher.uid}:
        raise Unavailable(f"{folder}, where the database's socket belongs, is open to others or theirs: remove it.")
    launcher.give(folder)
    return folder


def _passing_files() -> Path:
    # Nobody but root writes to /run, so nobody can take the name first; /tmp is what every system has.
    own = Path("/run") if os.geteuid() == 0 else Path(os.environ.get("XDG_RUNTIME_DIR", "/tmp"))  # noqa: S108
    return own if os.access(own, os.W_OK | os.X_OK) else Path("/tmp")  # noqa: S108
