"""A real `tocsin serve` with something of everything in it, spoken to byte by byte."""

from __future__ import annotations

import http.client
import socket
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from served import ADMIN, KEY, Served
from tocsin.engine.links import Links, Session

TOWN = """
tocsin: 1
users:
  - {{name: ada, full_name: Ada Byron, email: ada@example.org, time_zone: Europe/Berlin, role: admin,
     contacts: [{{name: hook, channel: webhook, address: "http://127.0.0.1:{sink}/ada"}}],
     rules: {{high: [{{contact: hook}}], low: [{{contact: hook}}]}}}}
  - {{name: grace, full_name: Grace, email: grace@example.org, time_zone: Asia/Shanghai, language: zh,
     contacts: [{{name: hook, channel: webhook, address: "http://127.0.0.1:{sink}/grace"}}]}}
  - {{name: stan, full_name: Stan, email: stan@example.org, role: stakeholder}}
teams: [{{name: data, members: [ada, grace], lead: ada}}]
schedules:
  - name: primary
    team: data
    time_zone: Europe/Berlin
    layers: [{{name: weekly, rotation: {{every: 1 week, from: "2026-01-05T09:00", people: [ada, grace]}}}}]
policies: [{{name: climb, steps: [{{page: [{{schedule: primary}}]}}], repeat_after: 1h}}]
services: [{{name: pipelines, team: data, policy: climb}}]
routes: [{{when: 'summary.matches("(?i)^quiet") && labels.exists(k, k == "x")', suppress: true}}]
integrations:
  - {{name: native, protocol: tocsin, service: pipelines, key: native-key-0000000000000000}}
  - {{name: webhook, protocol: alertmanager, service: pipelines, key: webhook-key-000000}}
  - {{name: opsgenie, protocol: opsgenie, service: pipelines, key: 11111111-2222-3333-4444-555555555555}}
  - {{name: pagerduty, protocol: pagerduty, service: pipelines, key: 0123456789abcdef0123456789abcdef}}
  - {{name: slow, protocol: tocsin, service: pipelines, key: slow-key-00000000, events_a_second: 1}}
  - {{name: slow-webhook, protocol: alertmanager, service: pipelines, key: slow-webhook-key-0, events_a_second: 1}}
settings: {{calm: {{at_once: 5, every: 2s}}}}
"""
KEYS = {
    "tocsin": KEY,
    "alertmanager": "webhook-key-000000",
    "opsgenie": "11111111-2222-3333-4444-555555555555",
    "pagerduty": "0123456789abcdef0123456789abcdef",
}


class _Connection(http.client.HTTPConnection):
    """Sends a request line as it is, ASCII or not."""

    def _encode_request(self, request: str) -> bytes:
        return request.encode("latin-1")


@dataclass(frozen=True)
class Said:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


class Town(Served):
    """The server, its secrets, and what is in it."""

    def __init__(self, folder: Path, *, sink: int) -> None:
        super().__init__(folder, sink=sink)
        (folder / "tocsin.yaml").write_text(TOWN.format(sink=sink), encoding="utf-8")
        self.links = Links("k" * 43, public_url=self.url, answers_last=timedelta(days=3))
        #: Ids of alerts, of a delivery, and of whatever else addresses are made of.
        self.ids: list[str] = []

    def settle(self) -> None:
        """Alerts in several states."""
        for number, verb in enumerate(("", "acknowledge", "resolve", "snooze")):
            event = {
                "action": "trigger",
                "summary": f"disk {number}",
                "severity": "critical",
                "dedup_key": f"k{number}",
            }
            status, answer = self.call("POST", "/api/v1/events", event, bearer=KEY)
            assert status == 202, answer
            self.ids.append(answer["alert_id"])
            if verb:
                body = {"minutes": 5} if verb == "snooze" else {}
                status, answer = self.call("POST", f"/api/v1/alerts/{self.ids[-1]}/{verb}", body, bearer=ADMIN)
                assert status == 200, answer

    def cookie(self, name: str = "ada", role: str = "admin") -> str:
        """The cookie of somebody who is signed in."""
        return f"tocsin_session={self.links.session_text(Session(subject=name, role=role))}"

    def send(self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Said:
        """One request, its target and headers as they are."""
        connection = _Connection("127.0.0.1", self.port, timeout=20)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in {"Host": f"127.0.0.1:{self.port}", **(headers or {})}.items():
                connection.putheader(name, value.encode("latin-1", "replace"))
            if body or method in ("POST", "PUT", "PATCH"):
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Said(status=answer.status, headers=told, body=b"" if method == "HEAD" else answer.read())
        finally:
            connection.close()

    def send_raw(self, raw: bytes, *, seconds: float = 5) -> bytes:
        """Bytes as they are; whatever comes back until the server hangs up or falls silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            connection.sendall(raw)
            found = b""
            try:
                while chunk := connection.recv(65_536):
                    found += chunk
            except (TimeoutError, ConnectionError):
                pass
            return found

    def series(self) -> set[str]:
        """The names and labels of all metrics."""
        text = self.send("GET", "/metrics", {"Authorization": f"Bearer {ADMIN}"}).body.decode()
        return {line.rsplit(" ", 1)[0] for line in text.splitlines() if line and not line.startswith("#")}

    def memory(self) -> int:
        """How many bytes of memory the server holds."""
        assert self.process is not None
        status: Any = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) * 1024
