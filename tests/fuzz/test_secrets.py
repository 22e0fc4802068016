"""What a server writes and shows to people carries no secret, whatever fails: every secret here holds one word."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fuzz.town import Town
from served import ADMIN, Sink, free_port
from tocsin.app import logs

WORD = "SESAME"
#: Where it stands: in settings, and in the addresses of the configuration.
SETTINGS = {
    "TOCSIN_CHANNEL_EMAIL_HOST": "127.0.0.1",
    "TOCSIN_CHANNEL_EMAIL_USER": "tocsin",
    "TOCSIN_CHANNEL_EMAIL_PASSWORD": f"mail-{WORD}-1",
    "TOCSIN_CHANNEL_WEBHOOK_SECRET": f"hook-{WORD}-2",
    "TOCSIN_SYNC_SLACK_TOKEN": f"xoxb-{WORD}-3",
    "TOCSIN_SYNC_SLACK_API_URL": "http://127.0.0.1:9/",
}
CONFIGURATION = """
tocsin: 1
users:
  - {{name: ada, full_name: Ada, email: ada@example.org, role: admin, contacts: [
      {{name: dead, channel: webhook, address: "http://u:{word}@127.0.0.1:{dead}/services/{word}?token={word}"}},
      {{name: rude, channel: webhook, address: "http://127.0.0.1:{rude}/services/{word}"}},
      {{name: mail, channel: email, address: ada@example.org}}],
     rules: {{high: [{{contact: dead}}, {{contact: rude}}, {{contact: mail}}], low: [{{contact: dead}}]}}}}
  - {{name: stan, full_name: Stan, email: stan@example.org, role: stakeholder}}
teams: [{{name: data, members: [ada]}}]
schedules: [{{name: primary, team: data, time_zone: UTC, layers: [{{name: fed, calendar: elsewhere}}]}}]
calendars: [{{name: elsewhere, url: "http://127.0.0.1:{dead}/private-{word}/basic.ics"}}]
policies: [{{name: climb, steps: [{{page: [{{user: ada}}, {{webhook: "http://127.0.0.1:{dead}/{word}"}}]}}]}}]
services: [{{name: pipelines, team: data, policy: climb}}]
syncs: [{{name: told, schedule: primary, webhook: "http://127.0.0.1:{dead}/{word}"}}]
integrations: [{{name: native, protocol: tocsin, service: pipelines, key: "native-{word}-key"}}]
settings: {{dead_man_url: "http://127.0.0.1:{dead}/ping/{word}"}}
"""


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """A server full of secrets, none of whose providers works."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TOCSIN_CHANNEL_EMAIL_PORT", str(free_port()))
    rude = Sink()  # takes whatever comes; hung up on below
    rude.close()
    town = Town(tmp_path, sink=9)
    text = CONFIGURATION.format(word=WORD, dead=free_port(), rude=rude.port)
    (tmp_path / "tocsin.yaml").write_text(text, encoding="utf-8")
    town.start()
    yield town
    town.kill(15)


def test_no_secret_is_written(town: Town) -> None:
    """Neither the log, nor the metrics, nor `doctor`, nor what others are shown tells any of it while all fails."""
    event = {"action": "trigger", "summary": "disk full", "severity": "critical"}
    status, answer = town.call("POST", "/api/v1/events", event, bearer=f"native-{WORD}-key")
    assert status == 202, answer
    for path in (f"/in/wrong-{WORD}", f"/in/native-{WORD}-key/{WORD}", f"/sign-in/{WORD}", f"/a/{WORD}", f"/{WORD}"):
        for query in ("", f"?key={WORD}", f"?token={WORD}"):
            town.send(
                "POST", path + query, {"Authorization": f"Bearer {WORD}-x", "Cookie": f"tocsin_session={WORD}"}, b"{"
            )
    tried = wait_for_deliveries(town, answer["alert_id"])
    assert {one["status"] for one in tried} <= {"failed", "uncertain", "waiting", "due", "not_now", "claimed"}
    assert WORD not in json.dumps([one["answer"] for one in tried])
    stan = {"Cookie": town.cookie("stan", "stakeholder"), "Accept": "text/html"}
    pages = ["/", f"/alerts/{answer['alert_id']}", "/schedules/primary", "/me", "/metrics", "/api/v1/syncs"]
    shown = [town.send("GET", page, stan).body.decode() for page in pages]
    shown.append(said_by_doctor(town))
    assert not [text[max(0, text.index(WORD) - 200) : text.index(WORD) + 100] for text in shown if WORD in text]
    town.kill(15)
    lines = [line for line in town.log().splitlines() if WORD in line]
    assert not lines, lines
    assert "not delivered" in town.log()  # there was something to tell


def wait_for_deliveries(town: Town, alert_id: str) -> list[dict[str, object]]:
    """The attempts for an alert, once three have come to an end."""
    for _ in range(150):
        status, found = town.call("GET", f"/api/v1/deliveries?alert={alert_id}", bearer=ADMIN)
        assert status == 200
        over: list[dict[str, object]] = [one for one in found["items"] if one["answer"]]
        if len(over) >= 3:
            return over
        time.sleep(0.2)
    raise AssertionError(f"nothing was tried: {town.log()[-2000:]}")


def said_by_doctor(town: Town) -> str:
    """What `tocsin doctor` prints."""
    command = [
        sys.executable,
        "-c",
        "from tocsin.app.cli import main; main()",
        "doctor",
        "--data",
        str(town.folder / "data"),
    ]
    environment = {**os.environ, "TOCSIN_ADMIN_TOKEN": f"admin-{WORD}", "TOCSIN_SECRET_KEY": "k" * 43}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert "Settings in force" in done.stdout, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("GET /in/abc/def?key=1 failed", "GET /in/(secret)/def?key=(secret) failed"),
        ('{"url": "https://u:p@hooks.example:80/T0/B0?x=y"}', '{"url": "https://hooks.example:80/…"}'),
        ("Authorization: Bearer abcdefgh.ijkl", "Authorization: Bearer (secret)"),
        ("Basic things are told", "Basic things are told"),
        ("cookie tocsin_session=abc.def; x=1", "cookie tocsin_session=(secret); x=1"),
        ("postgresql://tocsin:hunter22@db:5432/tocsin is away", "postgresql://db:5432/… is away"),
        ("see https://example.org and http://example.org:80/", "see https://example.org and http://example.org:80"),
        ("password hunter22 was refused", "password (secret) was refused"),
    ],
)
def test_what_looks_like_a_secret_is_left_out(line: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys, tokens, cookies and the paths of addresses are known by shape, passwords of settings by their value."""
    monkeypatch.setattr(logs, "_known", set())
    logs.hide(["postgresql://tocsin:hunter22@db:5432/tocsin", "x"])
    assert logs.without_secrets(line.replace("tocsin:hunter22", "other:hunter33")) == told
