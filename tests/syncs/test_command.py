"""`tocsin sync` as somebody types it; beside a running server it is tried in tests/compat/test_real_slack_client.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.conftest import Terminal
from syncs.scene import ONE_LINE, PEOPLE


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A terminal in a folder with a configuration."""
    made = Terminal(folder=tmp_path, environment={"TOCSIN_SECRET_KEY": "k" * 43})
    made.write("tocsin.yaml", PEOPLE + ONE_LINE)
    made.write("without.yaml", PEOPLE)
    return made


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("data-oncall", "another"), "tocsin sync [NAME] | tocsin sync log [NAME]"),
        (("log", "data-oncall", "another"), "tocsin sync [NAME] | tocsin sync log [NAME]"),
        (("log", "--dry-run"), "tocsin sync [NAME] | tocsin sync log [NAME]"),
        (("--config", "tocsin.yaml"), "add --dry-run, or `tocsin apply` them"),
        (("data", "--dry-run", "--config", "tocsin.yaml"), "syncs: data-oncall"),
    ],
)
def test_what_cannot_be_meant_is_refused(terminal: Terminal, words: tuple[str, ...], told: str) -> None:
    """Bad input is exit code 2, with what to type instead."""
    done = terminal.run("sync", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"{told}\n")


def test_a_dry_run_of_files_needs_no_server(terminal: Terminal) -> None:
    """What would fail is found out before anything is applied: exit code 1, and what to do."""
    done = terminal.run("sync", "--dry-run", "--config", "tocsin.yaml")
    assert done.returncode == 1
    assert done.stdout == (
        "data-oncall: @data-oncall would fail: there is no token for Slack: "
        "set the app's token: syncs.slack.token, or TOCSIN_SYNC_SLACK_TOKEN\n"
    )


def test_one_document_for_programs(terminal: Terminal) -> None:
    """`--json` prints one document, whatever came of it."""
    done = terminal.run(
        "sync", "--dry-run", "--config", "tocsin.yaml", "--json",
        TOCSIN_SYNC_SLACK_TOKEN="xoxb-1", TOCSIN_SYNC_SLACK_URL="http://127.0.0.1:9/",
    )  # fmt: skip
    [found] = json.loads(done.stdout)["syncs"]
    assert found["verdict"] == "failed"
    assert found["text"] == "Slack cannot be asked: cannot connect to 127.0.0.1, port 9: Connection refused"
    assert "xoxb-1" not in done.stdout + done.stderr


def test_nothing_to_do_is_said(terminal: Terminal) -> None:
    """A configuration without syncs is no mistake."""
    done = terminal.run("sync", "--dry-run", "--config", "without.yaml")
    assert (done.returncode, done.stdout) == (0, "There is no sync yet: see `syncs:` in docs/configuration.md.\n")
