"""`tocsin token` and `tocsin audit` as somebody types them."""

from __future__ import annotations

import json

from app.conftest import Terminal

FILE = """\
tocsin: 1
users:
  - {name: ada, email: ada@example.org, role: admin, contacts: [{name: mail, channel: email, address: a@example.org}]}
teams: [{name: data, members: [ada]}]
"""


def test_a_token_is_given_listed_and_ended(terminal: Terminal) -> None:
    """Its secret is printed once; who gave it out and ended it is in the log, and so is what was applied."""
    terminal.write("tocsin.yaml", FILE)
    assert terminal.run("apply", "tocsin.yaml").returncode == 0
    given = terminal.run("token", "give", "laptop", "--role", "responder", "--person", "ada", "--for", "90d")
    assert given.returncode == 0, given.stderr
    assert given.stdout.startswith("tocsin_")
    narrow = terminal.run("token", "give", "screen", "--role", "read-only", "--scope", "look", "--json")
    assert json.loads(narrow.stdout)["scope"] == ["look"]
    listed = terminal.run("token", "list")
    assert given.stdout.strip() not in listed.stdout
    assert [line.split("  ")[0] for line in listed.stdout.splitlines()] == ["name", "laptop", "screen"]
    assert terminal.run("token", "end", "laptop").stdout == "The token 'laptop' has ended.\n"
    gone = terminal.run("token", "end", "laptop")
    assert (gone.returncode, gone.stderr) == (2, "there is no token 'laptop'\n")
    log = terminal.run("audit", "--kind", "token").stdout.splitlines()
    assert [line.split("  ", 1)[1] for line in log] == [
        "command line  deleted token laptop",
        "command line  made token screen",
        "command line  made token laptop",
    ]
    applied = json.loads(terminal.run("audit", "--kind", "user", "--json").stdout)["items"]
    assert [(one["verb"], one["name"], one["by"]) for one in applied] == [("create", "ada", "apply")]


def test_a_slip_of_the_finger_is_told(terminal: Terminal) -> None:
    """With what was probably meant."""
    wrong = terminal.run("token", "give", "x", "--role", "respnder")
    assert wrong.returncode == 2
    assert "responder" in wrong.stderr
