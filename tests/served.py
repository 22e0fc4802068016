"""A real `tocsin serve` as a process of its own, and a provider that notes every call."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

ADMIN = "admin-" + "t" * 40
KEY = "native-key-" + "0" * 16

CONFIGURATION = """
tocsin: 1
users:
  - {{name: ada, full_name: Ada, email: ada@example.org, time_zone: UTC, role: admin,
     contacts: [{{name: hook, channel: webhook, address: "http://127.0.0.1:{sink}/ada"}}],
     rules: {{high: [{{contact: hook}}], low: [{{contact: hook}}]}}}}
teams: [{{name: data, members: [ada]}}]
policies: [{{name: climb, steps: [{{page: [{{user: ada}}]}}], repeat_after: 1h}}]
services: [{{name: pipelines, team: data, policy: climb}}]
integrations:
  - {{name: native, protocol: tocsin, service: pipelines, key: native-key-0000000000000000}}
  - {{name: webhook, protocol: alertmanager, service: pipelines, key: webhook-key-000000}}
  - {{name: opsgenie, protocol: opsgenie, service: pipelines, key: 11111111-2222-3333-4444-555555555555}}
  - {{name: pagerduty, protocol: pagerduty, service: pipelines, key: 0123456789abcdef0123456789abcdef}}
settings: {{calm: {{at_once: {at_once}, every: {every}}}}}
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Sink:
    """A webhook provider that takes every call and keeps it."""

    def __init__(self) -> None:
        self.port = free_port()
        self._calls: list[dict[str, Any]] = []
        self._lock = Lock()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with sink._lock:
                    sink._calls.append(json.loads(body))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, daemon=True).start()

    def calls(self) -> list[dict[str, Any]]:
        """Everything so far, in order of arrival."""
        with self._lock:
            return list(self._calls)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class Served:
    """One node, which can be killed and started again; alone on an embedded database, unless told otherwise."""

    #: What the process runs.
    program = "from tocsin.app.cli import main; main()"

    def __init__(self, folder: Path, *, sink: int, at_once: int = 5, every: str = "2s") -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._config = folder / "tocsin.yaml"
        self._config.write_text(CONFIGURATION.format(sink=sink, at_once=at_once, every=every), encoding="utf-8")
        self._log = folder / "log"
        #: What its environment holds besides.
        self.settings: dict[str, str] = {}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, seconds: float = 60) -> None:
        """Start, and wait until it takes events."""
        command = [sys.executable, "-c", self.program, "serve"]
        command += ["--config", str(self._config), "--data", str(self.folder / "data"), "--port", str(self.port)]
        environment = {**os.environ, "TOCSIN_ADMIN_TOKEN": ADMIN, "TOCSIN_SECRET_KEY": "k" * 43, **self.settings}
        with self._log.open("ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, env=environment, cwd=self.folder)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError(f"serve ended: {self.log()[-3000:]}")
            with contextlib.suppress(OSError):
                if self.call("GET", "/readyz")[0] == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"serve did not become ready: {self.log()[-3000:]}")

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End it, by default without a word."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(30)

    def log(self) -> str:
        """What it has printed so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def call(self, method: str, path: str, body: object = None, *, bearer: str | None = None) -> tuple[int, Any]:
        """One request; status and decoded answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, method=method, data=data)
        request.add_header("Content-Type", "application/json")
        if bearer:
            request.add_header("Authorization", f"Bearer {bearer}")
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                return answer.status, _decoded(answer.read())
        except urllib.error.HTTPError as refusal:
            return refusal.code, _decoded(refusal.read())

    def alerts(self) -> list[dict[str, Any]]:
        """Every alert there is."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            status, answer = self.call("GET", f"/api/v1/alerts?limit=200{cursor}", bearer=ADMIN)
            assert status == 200, answer
            found += answer["items"]
            if answer["next_cursor"] is None:
                return found
            cursor = f"&cursor={answer['next_cursor']}"


def _decoded(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")
