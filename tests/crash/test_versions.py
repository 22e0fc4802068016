"""Nodes of two neighbouring versions on one PostgreSQL, as in the middle of an upgrade.

The version before is the real one, out of the history of this repository: what it knows ends with the step that
`OLDEST` in store/migrating.py names. It shows that today's schema and today's rows can be read and written by the code
before, and the other way round.
"""

from __future__ import annotations

import io
import shutil
import signal
import subprocess
import tarfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from crash.ground import Load, Node, Postgres, Provider, report, settle, soon
from tocsin.store.migrating import OLDEST

pytestmark = [pytest.mark.crash, pytest.mark.xdist_group("alone"), pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
MIGRATIONS = "src/tocsin/store/migrations"


@pytest.fixture(scope="session")
def version_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The newest source in the history whose last step is `OLDEST`; skipped, loudly, where there is no history."""
    folder = tmp_path_factory.mktemp("before")
    commit = _newest_before()
    if commit is None:
        warnings.warn("NOT TESTED: two versions side by side. The history of the repository is not here.", stacklevel=1)
        pytest.skip("the history of the repository is not here")
    packed = subprocess.run(["git", "archive", commit, "src"], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "src"


def _newest_before() -> str | None:
    if shutil.which("git") is None:
        return None
    words = ["git", "log", "--format=%H", "-n", "300", "--", MIGRATIONS]
    changed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    # The parent of each commit that has touched the folder is the last one of what was there before it.
    for commit in ("HEAD", *(f"{one}~1" for one in changed)):
        shown = subprocess.run(
            ["git", "ls-tree", "--name-only", commit, f"{MIGRATIONS}/"], cwd=ROOT, capture_output=True, text=True,
            check=False,
        ).stdout  # fmt: skip
        numbers = [int(Path(line).name[:4]) for line in shown.split() if line.endswith(".sql")]
        if numbers and max(numbers) == OLDEST:
            return commit
    return None


def _schema(server: Postgres) -> int:
    return int(server.ask("SELECT max(number) FROM migrations")[0][0])


def test_two_versions_work_side_by_side(
    postgres: Callable[..., Postgres],
    nodes: Callable[..., Node],
    load: Callable[..., Load],
    provider: Provider,
    version_before: Path,
) -> None:
    """The version before runs, today's joins and migrates under load, the old one ends: nothing is lost or doubled."""
    server = postgres()
    server.start()
    old, new = nodes(server.address()), nodes(server.address())
    old.settings |= {"PYTHONPATH": str(version_before)}
    old.start()
    with load(old, new) as sending:
        soon(lambda: sending.count > 30, seconds=30, what="events come in by the version before")
        assert _schema(server) == OLDEST
        new.start()
        migrated = _schema(server)
        time.sleep(3)
        assert old.readiness()[0] == 200
        old.kill(signal.SIGTERM)
        time.sleep(1)
        sending.stop()
    counted = settle(server, sending, provider, seconds=60)
    report("versions", before=OLDEST, now=migrated, statuses=dict(sending.statuses), counted=str(counted))
    assert migrated > OLDEST
    assert counted.is_clean, counted
