"""A PostgreSQL data folder: how it is made, and what `postmaster.pid` says about the process that serves it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tocsin.core.errors import Unavailable
from tocsin.store.binaries import major_of
from tocsin.store.launcher import Launcher, complaint

#: Tocsin works as a user who owns its database and is no superuser: a hole in a query must not become a shell.
_FIRST_WORDS = "CREATE ROLE tocsin LOGIN CREATEDB REPLICATION;\nCREATE DATABASE tocsin OWNER tocsin;\n"

#: PostgreSQL 17 brought sorting and case that are the same on every machine; before, only plain C is.
_FIRST_MAJOR_WITH_BUILTIN_LOCALE = 17
_BUILTIN_LOCALE = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")

#: No process has this id: Linux ends at 4,194,304.
_NO_PID = 2_147_483_647

#: Root writes no file in a folder that somebody else may fill with links: the server's own user does.
_FORGET = '{ echo "$1"; tail -n +2 "$0"; } > "$0.new" && mv "$0.new" "$0"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmaster:
    """What a server wrote into `postmaster.pid`; it may be long dead."""

    cluster: Path
    pid: int
    #: Where its socket is, or None while it has none.
    sockets: Path | None
    #: PostgreSQL's word: `starting`, `ready`, `standby`, `stopping`, or empty at the very beginning.
    status: str

    def lives(self) -> bool:
        """True when the process exists and is a server of this folder; an id may have got another bearer."""
        program, *arguments = _command_of(self.pid)
        return Path(program).name == "postgres" and str(self.cluster) in " ".join(arguments)


def read_postmaster(cluster: Path) -> Postmaster | None:
    """The server that last wrote down that it serves this folder, or None when the last one ended in order."""
    try:
        # A line each: id, data folder, start, port, socket folder, address, shared memory, status.
        lines = os.fsdecode((cluster / "postmaster.pid").read_bytes()).split("\n")
    except (FileNotFoundError, NotADirectoryError):
        return None
    lines += [""] * (8 - len(lines))
    return Postmaster(
        cluster=cluster,
        pid=int(lines[0]) if lines[0].isdigit() else _NO_PID,
        sockets=Path(lines[4]) if lines[4] else None,
        status=lines[7].strip(),
    )


def forget_postmaster(postmaster: Postmaster, launcher: Launcher) -> None:
    """Take the id of a dead server out of `postmaster.pid`, lest its new bearer keep PostgreSQL from starting.

    The file stays, and with it the key of the shared memory by which PostgreSQL sees children that the dead one left.
    """
    rewritten = launcher.run("sh", "-c", _FORGET, postmaster.cluster / "postmaster.pid", str(_NO_PID))
    if rewritten.returncode != 0:
        raise Unavailable(f"A stale postmaster.pid in {postmaster.cluster} stays: {complaint(rewritten.stderr)}.")


def prepare_cluster(cluster: Path, binaries: Path, launcher: Launcher) -> None:
    """Make the data folder with the role and the database `tocsin`, unless it exists; all of it or nothing.

    Only one process at a time may do so: what an interrupted one left behind is removed.
    """
    _sweep(cluster)
    if (cluster / "PG_VERSION").exists():
        if cluster.stat().st_uid != launcher.uid:
            _give_whole(cluster, launcher)
        return
    if cluster.exists() and not (cluster.is_dir() and not any(cluster.iterdir())):
        raise Unavailable(f"{cluster} is no PostgreSQL data folder and not empty: move it away, Tocsin makes its own.")
    staged = Path(tempfile.mkdtemp(dir=cluster.parent, prefix=f"{cluster.name}.unfinished-"))
    try:
        launcher.give(staged)
        _initialise(staged, binaries, launcher)
        staged.replace(cluster)
        _sync(cluster.parent)
    finally:
        _sweep(cluster)


def _sweep(cluster: Path) -> None:
    # An interrupted initdb may still be clearing up by itself; what it leaves goes the next time.
    for unfinished in cluster.parent.glob(f"{cluster.name}.unfinished-*"):
        shutil.rmtree(unfinished, ignore_errors=True)


def _initialise(staged: Path, binaries: Path, launcher: Launcher) -> None:
    builtin = (major_of(binaries) or 0) >= _FIRST_MAJOR_WITH_BUILTIN_LOCALE
    made = launcher.run(
        binaries / "initdb",
        f"--pgdata={staged}",
        "--username=postgres",
        "--auth=trust",  # Why this is safe stands at the top of embedded.py.
        "--encoding=UTF8",
        *(_BUILTIN_LOCALE if builtin else ("--no-locale",)),
        "--data-checksums",
        "--no-instructions",
    )
    if made.returncode == 0:
        alone = ("--single", "-D", staged, "-c", "exit_on_error=on", "postgres")
        made = launcher.run(binaries / "postgres", *alone, words=_FIRST_WORDS)
    if made.returncode != 0:
        raise Unavailable(f"PostgreSQL could not make its folder in {staged.parent}: {complaint(made.stderr)}.")


def _give_whole(cluster: Path, launcher: Launcher) -> None:
    # From the leaves up, so that an interrupted start finds the folder still to be given.
    for folder, _, files in os.walk(cluster, topdown=False):
        for name in files:
            launcher.give(Path(folder, name))
        launcher.give(Path(folder))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _command_of(pid: int) -> list[str]:
    if Path("/proc/self").exists():
        try:
            return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).split("\0")
        except OSError:
            return [""]
    command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split() or [""]
