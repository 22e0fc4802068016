"""A small storm through a real server: two teams, thousands of events, and who is called how often and when."""

from __future__ import annotations

import time
import urllib.parse
from collections import Counter
from pathlib import Path

import pytest

from served import KEY, Served, Sink

AT_ONCE, EVERY_SECONDS = 3, 2
ALERTS, REPEATS = 600, 3

#: Payments and mail wake Ada, search wakes Linus.
TEAMS = """
tocsin: 1
users:
  - {{name: ada, full_name: Ada, email: ada@example.org, time_zone: UTC, role: admin,
     contacts: [{{name: hook, channel: webhook, address: "http://127.0.0.1:{sink}/ada"}}],
     rules: {{high: [{{contact: hook}}], low: [{{contact: hook}}]}}}}
  - {{name: linus, full_name: Linus, email: linus@example.org, time_zone: UTC, role: responder,
     contacts: [{{name: hook, channel: webhook, address: "http://127.0.0.1:{sink}/linus"}}],
     rules: {{high: [{{contact: hook}}], low: [{{contact: hook}}]}}}}
teams: [{{name: data, members: [ada, linus]}}]
policies:
  - {{name: to-ada, steps: [{{page: [{{user: ada}}]}}]}}
  - {{name: to-linus, steps: [{{page: [{{user: linus}}]}}]}}
services:
  - {{name: payments, team: data, policy: to-ada}}
  - {{name: mail, team: data, policy: to-ada}}
  - {{name: search, team: data, policy: to-linus}}
integrations: [{{name: door, protocol: alertmanager, service: payments, key: {key}}}]
settings: {{calm: {{at_once: {at_once}, every: {every}s}}}}
"""


def _alerts(service: str, numbers: range) -> list[dict[str, object]]:
    return [
        {"labels": {"alertname": "Late", "service": service, "run": str(number), "severity": "critical"},
         "annotations": {"summary": f"{service} {number} is late"}}
        for number in numbers
    ]  # fmt: skip


def _post(server: Served, alerts: list[dict[str, object]]) -> None:
    assert server.call("POST", "/alertmanager/api/v2/alerts", alerts, bearer=KEY)[0] == 200


@pytest.mark.postgres
@pytest.mark.timeout(120)
def test_a_storm_keeps_its_measure(tmp_path: Path) -> None:
    """Everything is counted, told once and in calm; a quiet service is at the head; one answer answers its bundle."""
    sink = Sink()
    server = Served(tmp_path, sink=sink.port)
    made = TEAMS.format(sink=sink.port, key=KEY, at_once=AT_ONCE, every=EVERY_SECONDS)
    (tmp_path / "tocsin.yaml").write_text(made, encoding="utf-8")
    try:
        server.start()
        begun = time.monotonic()
        for _ in range(REPEATS):
            for start in range(0, ALERTS, 100):
                _post(server, _alerts("payments", range(start, start + 100)))
        _post(server, [*_alerts("mail", range(1)), *_alerts("search", range(1))])
        _await_told(sink, ALERTS + 2)
        lasted = time.monotonic() - begun
        calls = sink.calls()
        told = Counter(alert_id for call in calls for alert_id in call["alert_ids"])
        assert (len(told), set(told.values())) == (ALERTS + 2, {1})
        assert Counter(alert["count"] for alert in server.alerts()) == {REPEATS: ALERTS, 1: 2}
        people = Counter(call["person"] for call in calls)
        assert people["linus"] == 1
        assert AT_ONCE < people["ada"] <= AT_ONCE + lasted / EVERY_SECONDS + 1
        assert "mail 0 is late" in {call["summary"] for call in calls}
        _answer_largest(server, calls)
    finally:
        server.kill()
        sink.close()


def _await_told(sink: Sink, amount: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if len({alert_id for call in sink.calls() for alert_id in call["alert_ids"]}) >= amount:
            return
        time.sleep(0.1)


def _answer_largest(server: Served, calls: list[dict[str, object]]) -> None:
    bundle = max(calls, key=lambda call: len(call["alert_ids"]))
    assert len(bundle["alert_ids"]) > 100
    path = urllib.parse.urlsplit(bundle["acknowledge_url"]).path
    assert server.call("POST", path)[0] == 200
    held = {alert["id"] for alert in server.alerts() if alert["status"] == "acknowledged"}
    assert held == set(bundle["alert_ids"])
