"""The full circle: a node under load is backed up, dies, and stands up again somewhere else, from the file alone."""

from __future__ import annotations

import signal
import stat
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from app.conftest import PROGRAM, Terminal
from served import KEY, Served, Sink

pytestmark = pytest.mark.postgres

#: Two steps: the second one is what must not be forgotten.
CLIMB = """
tocsin: 1
users:
  - {{name: ada, role: admin, contacts: [{{name: hook, channel: webhook, address: "http://127.0.0.1:{sink}/ada"}}]}}
  - {{name: bob, contacts: [{{name: hook, channel: webhook, address: "http://127.0.0.1:{sink}/bob"}}]}}
teams: [{{name: data, members: [ada, bob]}}]
policies: [{{name: climb, steps: [{{page: [{{user: ada}}]}}, {{after: 3s, page: [{{user: bob}}]}}], repeat_after: 1h}}]
services: [{{name: pipelines, team: data, policy: climb}}]
integrations: [{{name: native, protocol: tocsin, service: pipelines, key: native-key-0000000000000000}}]
settings: {{calm: {{at_once: 500, every: 1s}}}}
"""


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A provider that outlives machines."""
    provider = Sink()
    yield provider
    provider.close()


def installed(folder: Path, sink: Sink) -> Served:
    """An installation in a folder of its own."""
    folder.mkdir()
    served = Served(folder, sink=sink.port)
    (folder / "tocsin.yaml").write_text(CLIMB.format(sink=sink.port))
    return served


def typed(folder: Path) -> Terminal:
    """A terminal beside an installation."""
    return Terminal(folder=folder, environment={"TOCSIN_DATA": "data", "TOCSIN_SECRET_KEY": "k" * 43})


class Load:
    """A monitoring system that goes on sending until it is told to stop."""

    def __init__(self, served: Served) -> None:
        self.accepted: list[str] = []
        self._served = served
        self._over = Event()
        self._thread = Thread(target=self._send)
        self._thread.start()

    def _send(self) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            event = {"action": "trigger", "dedup_key": f"job-{number}", "summary": f"job {number}", "severity": "error"}
            if self._served.call("POST", "/api/v1/events", event, bearer=KEY)[0] == 202:
                self.accepted.append(event["dedup_key"])
            self._over.wait(0.05)

    def stop(self) -> None:
        """No more events."""
        self._over.set()
        self._thread.join()


def people_paged(sink: Sink, *, since: int) -> set[tuple[str, str]]:
    """Who was paged for which alert, from the so-manieth call on."""
    return {(alert, call["person"]) for call in sink.calls()[since:] for alert in call["alert_ids"]}


def unmarked_doubles(sink: Sink) -> list[tuple[str, int]]:
    """Pages that came more than once without saying so."""
    first = Counter((call["page_id"], call["attempt"]) for call in sink.calls() if not call["repeat"])
    return [page for page, count in first.items() if count > 1]


@pytest.mark.timeout(180)
def test_full_circle(tmp_path: Path, sink: Sink) -> None:
    """All that was accepted before the backup is there afterwards and climbs on; what may be a repeat says so."""
    before, after = installed(tmp_path / "before", sink), installed(tmp_path / "after", sink)
    before.start()
    load = Load(before)
    try:
        time.sleep(2)
        accepted = list(load.accepted)
        answer = typed(before.folder).run("backup", "kept.zip")
        assert answer.returncode == 0, answer
    finally:
        load.stop()
        before.kill(signal.SIGKILL)
    known = len(sink.calls())

    told = typed(after.folder).run("restore", str(before.folder / "kept.zip"))
    assert told.returncode == 0, told
    assert "Open alerts: " in told.stdout
    assert len(sink.calls()) == known
    after.start()
    try:
        alerts = {alert["dedup_key"]: alert for alert in after.alerts()}
        assert set(accepted) <= set(alerts)
        open_ones = {alert["id"] for alert in alerts.values() if alert["status"] == "triggered"}
        assert len(open_ones) == len(alerts)
        until = time.monotonic() + 30
        wanted = {(alert, "bob") for alert in open_ones}
        while not wanted <= people_paged(sink, since=0) and time.monotonic() < until:
            time.sleep(0.1)
        assert wanted <= people_paged(sink, since=0)
        assert {person for _, person in people_paged(sink, since=known)} >= {"bob"}
        assert unmarked_doubles(sink) == []
    finally:
        after.kill(signal.SIGTERM)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A node at work."""
    provider = Sink()
    served = installed(tmp_path_factory.mktemp("running") / "here", provider)
    served.start()
    yield served
    served.kill(signal.SIGTERM)
    provider.close()


def test_backup_beside_a_node_in_a_folder(running: Served) -> None:
    """In a folder it is named by the time, for its owner alone, and can be looked into; the node goes on."""
    terminal = typed(running.folder)
    (running.folder / "backups").mkdir()
    answer = terminal.run("backup", "backups")
    assert (answer.returncode, answer.stderr) == (
        0,
        "TOCSIN_SECRET_KEY is not inside: keep it in a safe place, too. Links, sign-ins and signatures hang on it.\n",
    )
    [path] = (running.folder / "backups").iterdir()
    assert path.name.startswith("tocsin-")
    assert path.suffix == ".zip"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    looked = terminal.run("restore", "--check", str(path))
    assert (looked.returncode, looked.stdout.split(":")[0].endswith("is whole")) == (0, True)
    assert running.call("GET", "/readyz")[0] == 200


def test_backup_into_a_pipe(running: Served) -> None:
    """`tocsin backup - | ...` has the file on its standard output and nothing else."""
    terminal = typed(running.folder)
    with (running.folder / "piped.zip").open("wb") as out:
        answer = subprocess.run(
            [*PROGRAM, "backup", "-"],
            cwd=running.folder,
            env=terminal._all({}),
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert answer.returncode == 0, answer
    assert answer.stderr.startswith("Written: ")
    assert terminal.run("restore", "--check", "piped.zip").returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk at hand")
def test_backup_onto_a_full_disk(running: Served) -> None:
    """A backup that could not be written is no backup, and says so in one sentence."""
    with Path("/dev/full").open("wb") as full:
        answer = subprocess.run(
            [*PROGRAM, "backup", "-"],
            cwd=running.folder,
            env=typed(running.folder)._all({}),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (answer.returncode, answer.stderr) == (3, "The backup cannot be written: No space left on device.\n")


def test_restore_waits_for_no_node(running: Served) -> None:
    """Under a running node nothing is restored, and it says what to do."""
    terminal = typed(running.folder)
    assert terminal.run("backup", "for-later.zip").returncode == 0
    answer = terminal.run("restore", "for-later.zip", "--replace")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "stop it, then restore" in answer.stderr
    assert running.call("GET", "/readyz")[0] == 200


def test_stopped_node_is_backed_up_with_its_key(tmp_path: Path) -> None:
    """Without a server the database is run for as long as it takes; the key that Tocsin made goes along."""
    terminal = Terminal(folder=tmp_path)
    (tmp_path / "a.yaml").write_text(CLIMB.format(sink=1))
    (tmp_path / "tocsin-data").mkdir()
    (tmp_path / "tocsin-data" / "secret-key").write_text("s" * 43)
    assert terminal.run("apply", "a.yaml").returncode == 0
    answer = terminal.run("backup", "kept.zip")
    assert (answer.returncode, answer.stderr) == (
        0,
        "The secret key is inside: guard this file as you guard a password.\n",
    )
    answer = terminal.run("restore", "kept.zip", "--data", "other")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert (tmp_path / "other" / "secret-key").read_text() == f"{'s' * 43}\n"
    export = terminal.run("export", "--data", "other")
    assert export.stdout == terminal.run("export").stdout
    assert "name: climb" in export.stdout
