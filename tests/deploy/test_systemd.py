"""The systemd units: what systemd thinks of them, and that what they start is a node that answers and ends in time."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from deploy.conftest import DEPLOY, program, said
from served import free_port
from tocsin.app.node import DRAIN_SECONDS, MESSAGES_DRAIN_SECONDS

UNITS = DEPLOY / "systemd"
INSTALLED = "/opt/tocsin/bin/tocsin"


def settings(unit: str) -> dict[str, list[str]]:
    """Every setting of a unit, with all of its values."""
    found: dict[str, list[str]] = {}
    for line in (UNITS / unit).read_text().splitlines():
        if line and not line.startswith(("#", "[")):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@pytest.fixture
def units(tmp_path: Path, installed: Path) -> Path:
    """The units as they would be with the wheel installed elsewhere."""
    for path in UNITS.glob("*.[st]*er*"):
        (tmp_path / path.name).write_text(path.read_text().replace(INSTALLED, str(installed / "tocsin")))
    return tmp_path


@pytest.mark.parametrize("unit", ["tocsin.service", "tocsin-backup.service", "tocsin-backup.timer"])
def test_units_are_sound(unit: str, units: Path) -> None:
    """Systemd itself knows every setting, and finds every program."""
    assert said(program("systemd-analyze", "Debian: systemd"), "verify", "--man=no", units / unit) == ""


def test_little_is_open_to_a_node() -> None:
    """By systemd's own measure of exposure, 10 at the worst, the node stays below 2."""
    told = said(program("systemd-analyze", "Debian: systemd"), "security", "--offline=yes", UNITS / "tocsin.service")
    level = re.search(r"Overall exposure level for tocsin\.service: ([\d.]+)", told)
    assert level
    assert float(level[1]) < 2


def test_user_is_made(tmp_path: Path) -> None:
    """The user that the units name is one that sysusers makes."""
    (tmp_path / "etc").mkdir()
    said(program("systemd-sysusers", "Debian: systemd"), f"--root={tmp_path}", UNITS / "tocsin.sysusers.conf")
    assert (tmp_path / "etc" / "passwd").read_text().startswith("tocsin:")
    for unit in ("tocsin.service", "tocsin-backup.service"):
        assert settings(unit)["User"] == ["tocsin"]


def test_node_is_told_to_stop_before_its_database() -> None:
    """The embedded database must outlive the node, and both have the time that they take."""
    unit = settings("tocsin.service")
    assert unit["KillMode"] == ["mixed"]
    assert int(unit["TimeoutStopSec"][0]) > DRAIN_SECONDS + MESSAGES_DRAIN_SECONDS + 30
    assert (unit["Restart"], unit["StartLimitIntervalSec"]) == (["always"], ["0"])


def test_unit_starts_a_node(tmp_path: Path, installed: Path) -> None:
    """ExecStart, in the environment of the unit, is a node: ready, and gone in order when it is told to."""
    unit, port = settings("tocsin.service"), free_port()
    words = [word.replace(INSTALLED, str(installed / "tocsin")) for word in shlex.split(unit["ExecStart"][0])]
    environment = dict(pair.split("=", 1) for pair in unit["Environment"])
    assert environment == {"TOCSIN_DATA": "/var/lib/" + unit["StateDirectory"][0]}
    assert unit["WorkingDirectory"] == ["/etc/" + unit["ConfigurationDirectory"][0]]
    environment = {"TOCSIN_DATA": str(tmp_path / "data"), "PATH": "/usr/bin:/bin", "TOCSIN_PORT": str(port)}
    with (tmp_path / "log").open("wb") as log:
        node = subprocess.Popen(words, cwd=tmp_path, env=environment, stdout=log, stderr=log)
    try:
        assert answered(node, f"http://127.0.0.1:{port}/readyz") == 200
        node.send_signal(signal.SIGTERM)
        assert node.wait(float(unit["TimeoutStopSec"][0])) == 0
    finally:
        if node.poll() is None:
            node.kill()
            node.wait()
    assert "Traceback" not in (tmp_path / "log").read_text()


def answered(node: subprocess.Popen[bytes], address: str, *, seconds: float = 60) -> int:
    """The status of the first answer that a node gives."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert node.poll() is None
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            refusal.close()
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{address} did not answer")
