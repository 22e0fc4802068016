"""A real Alertmanager, configured for all three of its ways, sends to a real Tocsin."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from served import Served, Sink, free_port

ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")

CONFIGURATION = """
global: {{resolve_timeout: 1m}}
route:
  receiver: none
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 2s
  routes:
    - {{receiver: webhook, continue: true}}
    - {{receiver: opsgenie, continue: true}}
    - {{receiver: pagerduty, continue: true}}
receivers:
  - name: none
  - name: webhook
    webhook_configs: [{{url: "{url}/in/webhook-key-000000", send_resolved: true}}]
  - name: opsgenie
    opsgenie_configs:
      - {{api_url: "{url}/", api_key: 11111111-2222-3333-4444-555555555555, priority: P1}}
  - name: pagerduty
    pagerduty_configs:
      - {{url: "{url}/v2/enqueue", routing_key: 0123456789abcdef0123456789abcdef, severity: critical}}
"""


def _demand() -> None:
    if ALERTMANAGER is None:
        if os.environ.get("TOCSIN_REQUIRE_ALERTMANAGER"):
            pytest.fail("prometheus-alertmanager is not installed, and it is demanded here")
        pytest.skip("NOT TRIED: prometheus-alertmanager is not installed (Debian's package of this name)")


@pytest.fixture
def tocsin(tmp_path: Path) -> Iterator[Served]:
    """A running Tocsin whose pages go to a sink."""
    _demand()
    sink = Sink()
    server = Served(tmp_path, sink=sink.port)
    try:
        server.start()
        yield server
    finally:
        server.kill(15)
        sink.close()


@pytest.fixture
def alertmanager(tocsin: Served, tmp_path: Path) -> Iterator[str]:
    """A running Alertmanager that sends to it; its address."""
    assert ALERTMANAGER is not None
    config = tmp_path / "alertmanager.yml"
    config.write_text(CONFIGURATION.format(url=tocsin.url), encoding="utf-8")
    address = f"127.0.0.1:{free_port()}"
    command = [ALERTMANAGER, f"--config.file={config}", f"--storage.path={tmp_path / 'am'}"]
    command += [f"--web.listen-address={address}", "--cluster.listen-address="]
    with (tmp_path / "am.log").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        _await(lambda: _reachable(f"http://{address}/-/ready"), (tmp_path / "am.log"))
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(10)


def _reachable(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _await(holds: Any, log: Path | None = None, *, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come true in time" + (": " + log.read_text()[-1500:] if log else ""))


def _fire(alertmanager: str, *, ends: str | None) -> None:
    alert: dict[str, Any] = {
        "labels": {"alertname": "OrdersLate", "severity": "critical", "dag": "orders"},
        "annotations": {"summary": "Orders pipeline has not finished"},
        "generatorURL": "http://prometheus.example/graph",
    }
    if ends is not None:
        alert["endsAt"] = ends
    request = urllib.request.Request(
        f"{alertmanager}/api/v2/alerts", data=json.dumps([alert]).encode(), headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.status == 200


@pytest.mark.alertmanager
def test_firing_and_resolved_arrive_by_all_three_ways(tocsin: Served, alertmanager: str) -> None:
    """One firing condition is one alert by each way, counted when it is sent again, and resolved when it is over."""
    _fire(alertmanager, ends=None)
    _await(lambda: len(tocsin.alerts()) == 3)
    _await(lambda: all(alert["count"] >= 2 for alert in tocsin.alerts()))
    alerts = tocsin.alerts()
    assert len(alerts) == 3, "repeats make no further alerts"
    assert {alert["status"] for alert in alerts} == {"triggered"}
    assert {alert["severity"] for alert in alerts} == {"critical"}
    _fire(alertmanager, ends="2026-01-01T00:00:00Z")
    _await(lambda: {alert["status"] for alert in tocsin.alerts()} == {"resolved"})
