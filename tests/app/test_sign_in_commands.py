"""`tocsin invite` and `tocsin sessions` as somebody types them."""

from __future__ import annotations

import json

from app.conftest import Terminal

FILE = """\
tocsin: 1
users:
  - {name: ada, email: ada@example.org, role: admin, contacts: [{name: mail, channel: email, address: a@example.org}]}
teams: [{name: data, members: [ada]}]
"""


def test_somebody_is_invited_by_a_link(terminal: Terminal) -> None:
    """It is printed, mailed where a mail server is set, and in the log without the link."""
    terminal.write("tocsin.yaml", FILE)
    assert terminal.run("apply", "tocsin.yaml").returncode == 0
    plain = terminal.run("invite", "ada")
    link, _, told = plain.stdout.splitlines()
    assert link.startswith("http://127.0.0.1:8080/password/")
    assert told == "It works once, for 7 days. No mail was sent: give it to them yourself."
    mailed = terminal.run("invite", "ada", "--json", TOCSIN_CHANNEL_EMAIL_HOST="127.0.0.1")
    assert json.loads(mailed.stdout)["mailed"] is True
    log = terminal.run("audit", "--kind", "invitation", "--json").stdout
    assert [one["by"] for one in json.loads(log)["items"]] == ["command line", "command line"]
    assert "/password/" not in log


def test_sessions_of_nobody_are_none(terminal: Terminal) -> None:
    """A name is corrected, whoever is signed in nowhere is told so, and ending nothing ends nothing."""
    terminal.write("tocsin.yaml", FILE)
    assert terminal.run("apply", "tocsin.yaml").returncode == 0
    wrong = terminal.run("invite", "adda")
    assert wrong.returncode == 2
    assert "ada" in wrong.stderr
    assert terminal.run("sessions", "list", "ada").stdout == "ada is signed in nowhere.\n"
    assert json.loads(terminal.run("sessions", "list", "ada", "--json").stdout) == {"items": []}
    assert terminal.run("sessions", "end", "ada").stdout == "0 sessions of ada ended.\n"
