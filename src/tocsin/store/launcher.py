"""As whom PostgreSQL's programs run, and what ends them: an unprivileged user, and the end of Tocsin.

PostgreSQL refuses to run as root. When Tocsin is root, `setpriv` (util-linux) gives its programs another user and no
capability at all. Where that user cannot get to the data or to the programs, because a folder above is closed (`/root`,
a temporary folder), nothing is opened up: the programs keep one capability, to pass and read (CAP_DAC_READ_SEARCH), or,
in containers without that one, to pass and write (CAP_DAC_OVERRIDE). They are still not root and cannot become it.

The kernel sends SIGINT, which PostgreSQL understands as a fast shutdown, when the thread that started a program ends,
even by kill -9. Only Linux can do so. Elsewhere a server outlives a killed Tocsin until the next start ends it, and
Tocsin cannot be root.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tocsin.core.errors import Unavailable

#: Whom to become instead of root, the first that exists.
_UNPRIVILEGED = ("postgres", "nobody")
_NOBODY = (65534, 65534)

#: Tocsin may have died before the kernel was asked to tell; then there is nobody left to run for.
_WHILE_OWNER_LIVES = '[ "$PPID" = "$0" ] && exec "$@"'

#: Enters the folder that must be reached, and shows that the program can be run.
_REACH = 'cd "$0" && exec "$1" --version'

#: Nothing of Tocsin's own environment, which may hold secrets, reaches PostgreSQL.
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC"}
_INHERITED = ("PATH", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Launcher:
    """Starts programs as `uid` and `gid`, for as long as the thread that starts them lives."""

    uid: int
    gid: int
    #: Stands before each program; empty where the system cannot tie a program to its owner.
    prefix: tuple[str, ...]

    def run(self, *command: str | Path, words: str = "") -> subprocess.CompletedProcess[str]:
        """Run to the end with `words` as input; the outcome is the caller's to judge."""
        return subprocess.run(
            self._tied(*command),
            input=words,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd="/",
            env=_environment(),
        )

    def start(self, *command: str | Path, log: int) -> subprocess.Popen[bytes]:
        """Start in the background, out of reach of the terminal's Ctrl-C; what it says goes to the descriptor `log`."""
        return subprocess.Popen(
            self._tied(*command),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=_environment(),
            start_new_session=True,
        )

    def give(self, path: Path | int) -> None:
        """Hand a file or folder, or an open one, to the user of the programs; no link is followed."""
        if os.geteuid() == self.uid:
            return
        if isinstance(path, int):
            os.fchown(path, self.uid, self.gid)
        else:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def _tied(self, *command: str | Path) -> list[str | Path]:
        if not self.prefix:
            return list(command)
        return [*self.prefix, "sh", "-c", _WHILE_OWNER_LIVES, str(os.getpid()), *command]


def choose_launcher(program: Path, cluster: Path) -> Launcher:
    """The launcher with the least rights that runs `program` and reaches the data folder `cluster`, made or not.

    As root, a cluster that belongs to somebody keeps its owner. Raises Unavailable, with how to mend it, if none works.
    """
    uid, gid = _user_for(cluster)
    if sys.platform != "linux":
        if uid != os.geteuid():
            raise Unavailable("Root cannot start Tocsin's own PostgreSQL on this system: be an ordinary user.")
        return Launcher(uid=uid, gid=gid, prefix=())
    if not (setpriv := shutil.which("setpriv")):
        raise Unavailable(
            "The program setpriv, with which Tocsin starts its PostgreSQL, is missing: install the package util-linux"
            " (setpriv on Alpine), or set TOCSIN_DATABASE_URL to a server of yours."
        )
    reason = ""
    for rights in _from_least_rights(uid, gid):
        launcher = Launcher(uid=uid, gid=gid, prefix=(setpriv, *rights, "--pdeathsig", "INT", "--"))
        answer = launcher.run("sh", "-c", _REACH, cluster.parent, program)
        if answer.returncode == 0:
            return launcher
        reason = reason or complaint(answer.stderr)
    raise Unavailable(
        f"PostgreSQL cannot run for {cluster} as user {uid} ({reason}): let others pass through the folders above it"
        f" and above {program} (chmod o+x), start Tocsin as the owner of both, or set TOCSIN_DATABASE_URL."
    )


def complaint(said: str) -> str:
    """Why a program failed, of all that it said: its first error, else its last line; without full stop."""
    reasons = re.findall(r"(?:FATAL|PANIC|ERROR|error):\s+(.*)", said) or said.strip().splitlines()[-1:]
    return reasons[0].strip().rstrip(".") if reasons else "no reason given"


def _user_for(cluster: Path) -> tuple[int, int]:
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    if (cluster / "PG_VERSION").exists() and (owner := cluster.stat()).st_uid != 0:
        return owner.st_uid, owner.st_gid
    for name in _UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    return _NOBODY


def _from_least_rights(uid: int, gid: int) -> Iterator[tuple[str, ...]]:
    if uid == os.geteuid():
        yield ()
        return
    other = ("--reuid", str(uid), "--regid", str(gid), "--clear-groups", "--no-new-privs")
    yield other
    # PostgreSQL asks access(2) for its own programs, which takes no account of an ordinary user's capabilities without
    # this bit. What setpriv itself keeps because of it ends when the program begins: only the ambient one lasts.
    able = ("--securebits", "+no_setuid_fixup")
    for capability in ("+dac_read_search", "+dac_override"):
        yield *other, *able, "--inh-caps", capability, "--ambient-caps", capability


def _environment() -> dict[str, str]:
    return _ENVIRONMENT | {name: os.environ[name] for name in _INHERITED if name in os.environ}
