"""Slack's own SDK against our twin of Slack, so that a third party checks it; then the SDK and a real `tocsin serve`.

The twin runs on a loop of its own in a thread: the SDK's plain client blocks, and a served Tocsin is another process.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from served import ADMIN, Served, Sink
from tocsin.testing.slack import EMAIL, READ, SCOPES, WRITE, SlackTwin, Token

pytestmark = pytest.mark.xdist_group("slack")

#: Ada is on call at any time; the second schedule has Grace.
CONFIGURATION = """
tocsin: 1
users:
  - {{name: ada, full_name: Ada, email: ada@example.org, role: admin,
     contacts: [{{name: hook, channel: webhook, address: "http://127.0.0.1:{sink}/ada"}}]}}
  - {{name: grace, full_name: Grace, email: grace@example.org}}
teams: [{{name: data, members: [ada, grace], lead: ada}}]
schedules:
  - {{name: data-primary, team: data, time_zone: UTC, layers: [
      {{name: weekly, rotation: {{every: 1 week, from: "2026-01-05T09:00", people: [{on_call}]}}}}]}}
syncs: [{{name: data-oncall, schedule: data-primary, slack_group: data-oncall}}]
"""


@pytest.fixture
def slack() -> Iterator[SlackTwin]:
    """The twin, listening, with three people and a group."""
    twin, ready, over = SlackTwin(), Event(), Event()
    for name in ("ada", "grace", "linus"):
        twin.workspace.add_user(f"{name}@example.org")
    twin.workspace.add_group("data-oncall", ["U00000003"])

    async def listen() -> None:
        async with twin:
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = Thread(target=asyncio.run, args=(listen(),), daemon=True)
    thread.start()
    assert ready.wait(10)
    yield twin
    over.set()
    thread.join(10)


@pytest.fixture
def client(slack: SlackTwin) -> WebClient:
    """Slack's client with the app's token."""
    return WebClient(token=slack.token, base_url=slack.url)


def refused(call: Callable[[], Any]) -> dict[str, Any]:
    """What Slack's client is told when it is refused."""
    with pytest.raises(SlackApiError) as refusal:
        call()
    said: dict[str, Any] = refusal.value.response.data
    assert said["ok"] is False
    return said


def test_the_client_is_known(client: WebClient) -> None:
    """`auth.test` tells the client who it is."""
    assert client.auth_test()["user_id"] == "U0TOCSINBOT"


def test_the_client_finds_people(client: WebClient) -> None:
    """By address, in any case; nobody, and who has left, is not found."""
    found = client.users_lookupByEmail(email="Ada@Example.org")["user"]
    assert (found["id"], found["deleted"], found["is_email_confirmed"]) == ("U00000001", False, True)
    assert refused(lambda: client.users_lookupByEmail(email="nobody@example.org"))["error"] == "users_not_found"


def test_the_client_reads_groups(slack: SlackTwin, client: WebClient) -> None:
    """All groups, those that are off only when asked for, with members and their number only when asked for."""
    slack.workspace.add_group("off")
    client.usergroups_disable(usergroup="S00000002")
    assert [group["handle"] for group in client.usergroups_list()["usergroups"]] == ["data-oncall"]
    everything = client.usergroups_list(include_disabled=True, include_users=True, include_count=True)["usergroups"]
    assert [(one["handle"], one["users"], one["user_count"]) for one in everything] == [
        ("data-oncall", ["U00000003"], "1"),
        ("off", [], "0"),
    ]
    assert "users" not in client.usergroups_list()["usergroups"][0]
    assert client.usergroups_users_list(usergroup="S00000001")["users"] == ["U00000003"]
    assert refused(lambda: client.usergroups_users_list(usergroup="S00000002"))["error"] == "no_such_subteam"
    assert client.usergroups_users_list(usergroup="S00000002", include_disabled=True)["users"] == []


def test_the_client_replaces_members(slack: SlackTwin, client: WebClient) -> None:
    """As a list or with commas; what comes back is the group as it is now."""
    answer = client.usergroups_users_update(usergroup="S00000001", users=["U00000001", "U00000002"], include_count=True)
    assert (answer["usergroup"]["users"], answer["usergroup"]["user_count"]) == (["U00000001", "U00000002"], "2")
    assert answer["usergroup"]["updated_by"] == "U0TOCSINBOT"
    client.usergroups_users_update(usergroup="S00000001", users="U00000003, U00000001")
    assert slack.workspace.group("data-oncall").users == ["U00000003", "U00000001"]


def test_the_client_sends_json_as_well(slack: SlackTwin, client: WebClient) -> None:
    """A list in JSON is what commas are in a form."""
    client.api_call("usergroups.users.update", json={"usergroup": "S00000001", "users": ["U00000001", "U00000002"]})
    assert slack.workspace.group("data-oncall").users == ["U00000001", "U00000002"]


async def test_the_asynchronous_client_asks_by_get(slack: SlackTwin) -> None:
    """It sends readings as GET, with its arguments in the query."""
    client = AsyncWebClient(token=slack.token, base_url=slack.url)
    groups = (await client.usergroups_list(include_disabled=True))["usergroups"]
    assert [group["id"] for group in groups] == ["S00000001"]
    assert (await client.users_lookupByEmail(email="grace@example.org"))["user"]["id"] == "U00000002"


def test_members_that_cannot_be_are_refused(slack: SlackTwin, client: WebClient) -> None:
    """Nobody, strangers, those who have left, bots, guests, and more than fit."""
    left, bot = slack.workspace.add_user("left@example.org"), slack.workspace.add_user("bot@example.org", is_bot=True)
    guest = slack.workspace.add_user("guest@example.org", is_restricted=True)
    single = slack.workspace.add_user("single@example.org", is_ultra_restricted=True)
    slack.workspace.deactivate(left)
    slack.workspace.largest_group = 2

    def error(users: str) -> str:
        said = refused(lambda: client.usergroups_users_update(usergroup="S00000001", users=users))
        return str(said["error"])

    assert [error(users) for users in ("", "U99999999", left, bot, guest, single, "U00000001,U00000002,U00000003")] == [
        "no_users_provided", "invalid_users", "invalid_users", "invalid_user", "invalid_user",
        "single_channel_guests_cannot_be_added", "subteam_max_users_exceeded",
    ]  # fmt: skip
    assert slack.workspace.group("data-oncall").users == ["U00000003"]


def test_a_group_is_switched_off_and_on(slack: SlackTwin, client: WebClient) -> None:
    """What is off says since when, and is not switched off twice."""
    assert client.usergroups_disable(usergroup="S00000001")["usergroup"]["date_delete"] > 0
    assert refused(lambda: client.usergroups_disable(usergroup="S00000001"))["error"] == "already_disabled"
    assert client.usergroups_enable(usergroup="S00000001")["usergroup"]["date_delete"] == 0
    assert refused(lambda: client.usergroups_enable(usergroup="S0000NONE"))["error"] == "no_such_subteam"


def test_tokens_are_looked_at(slack: SlackTwin, client: WebClient) -> None:
    """No token, a stranger's, one that was revoked, and one that lacks a scope: which, and what it has."""
    assert refused(WebClient(base_url=slack.url).usergroups_list)["error"] == "not_authed"
    assert refused(WebClient(token="xoxb-other", base_url=slack.url).usergroups_list)["error"] == "invalid_auth"
    slack.tokens["xoxb-read"] = Token(user="U00000001", scopes=SCOPES - {WRITE, EMAIL})
    reader = WebClient(token="xoxb-read", base_url=slack.url)
    reader.usergroups_list()
    said = refused(lambda: reader.usergroups_users_update(usergroup="S00000001", users="U00000001"))
    assert (said["error"], said["needed"], said["provided"]) == ("missing_scope", WRITE, f"{READ},users:read")
    assert refused(lambda: reader.users_lookupByEmail(email="ada@example.org"))["needed"] == EMAIL
    slack.tokens[slack.token].refusal = "token_revoked"
    assert refused(client.auth_test)["error"] == "token_revoked"


def test_rights_and_plans_are_looked_at(slack: SlackTwin, client: WebClient) -> None:
    """Only managers may change groups where it is set so, and a free plan has none."""
    slack.workspace.managers = {"U00000001"}
    said = refused(lambda: client.usergroups_users_update(usergroup="S00000001", users="U00000001"))
    assert said["error"] == "permission_denied"
    slack.workspace.is_paid = False
    assert refused(client.usergroups_list)["error"] == "plan_upgrade_required"


def test_the_clients_own_patience_is_understood(slack: SlackTwin) -> None:
    """The SDK waits as `Retry-After` says, and then gets its answer."""
    slack.limit("usergroups.list")
    slack.retry_after = 1
    client = WebClient(token=slack.token, base_url=slack.url)
    with pytest.raises(SlackApiError) as refusal:
        client.usergroups_list()
    assert (refusal.value.response.status_code, refusal.value.response["error"]) == (429, "ratelimited")
    assert refusal.value.response.headers["Retry-After"] == "1"
    patient = WebClient(token=slack.token, base_url=slack.url, retry_handlers=[RateLimitErrorRetryHandler(2)])
    Thread(target=lambda: (time.sleep(0.5), slack.relax())).start()
    assert patient.usergroups_list()["ok"]


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("usergroups.list", {"include_users": "perhaps"}, "invalid_arguments"),
        ("usergroups.list", {"limit": "5"}, "invalid_arguments"),
        ("usergroups.list", {"cursor": "x"}, "invalid_cursor"),
        ("usergroups.list", {"include_users[]": "1"}, "invalid_array_arg"),
        ("usergroups.users.update", {"users": "U1"}, "missing_argument"),
        ("usergroups.users.list", {}, "no_such_subteam"),
        ("users.lookupByEmail", {}, "invalid_arguments"),
        ("usergroups.delete", {}, "unknown_method"),
    ],
)
def test_arguments_are_looked_at(client: WebClient, method: str, arguments: dict[str, str], error: str) -> None:
    """What a method does not know, or cannot do without, is refused."""
    assert refused(lambda: client.api_call(method, params=arguments))["error"] == error


# A real Tocsin.


def tocsin(served: Served, *words: str, slack: SlackTwin, ok: bool = True) -> str:
    """What the command line says beside a running server."""
    program = [sys.executable, "-c", "from tocsin.app.cli import main; main()", *words]
    environment = {**os.environ, **settings(slack), "TOCSIN_SECRET_KEY": "k" * 43}
    command = [*program, "--data", str(served.folder / "data")]
    done = subprocess.run(
        command, env=environment, cwd=served.folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode == 0) is ok, done.stderr + done.stdout
    return done.stdout


def settings(slack: SlackTwin) -> dict[str, str]:
    """What Tocsin is told of Slack."""
    return {"TOCSIN_SYNC_SLACK_TOKEN": slack.token, "TOCSIN_SYNC_SLACK_URL": slack.url}


def becomes(true: Callable[[], bool], *, seconds: float = 30) -> None:
    """Wait until something has happened."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"it has not happened within {seconds} s"
        time.sleep(0.05)


def test_a_served_tocsin_keeps_the_group(
    slack: SlackTwin, client: WebClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From one line: a dry run first, the group at start, a hand's change repaired, the log, an alarm and its end."""
    for name, value in {**settings(slack), "TOCSIN_CHANNEL_WEBHOOK_MESSAGES": "true"}.items():
        monkeypatch.setenv(name, value)
    sink = Sink()
    served = Served(tmp_path, sink=sink.port)
    config = tmp_path / "tocsin.yaml"
    config.write_text(CONFIGURATION.format(sink=sink.port, on_call="ada"), encoding="utf-8")

    def members() -> list[str]:
        return list(client.usergroups_users_list(usergroup="S00000001")["users"])

    def told() -> list[str]:
        return [call["kind"] for call in sink.calls() if call["kind"].startswith("sync_")]

    try:
        said = tocsin(served, "sync", "--dry-run", "--config", str(config), slack=slack)
        assert said == "data-oncall: @data-oncall would change\n  before: U00000003\n  after:  ada\n"
        assert members() == ["U00000003"]
        served.start()
        becomes(lambda: members() == ["U00000001"])
        client.usergroups_users_update(usergroup="S00000001", users="U00000002")
        [found] = json.loads(tocsin(served, "sync", "data-oncall", "--json", slack=slack))["syncs"]
        assert (found["verdict"], found["before"], found["after"]) == ("repaired", ["U00000002"], ["ada"])
        assert members() == ["U00000001"]
        said = tocsin(served, "sync", "--dry-run", slack=slack)
        assert said == "data-oncall: @data-oncall is as it should be\n  there:  ada\n"
        config.write_text(CONFIGURATION.format(sink=sink.port, on_call="grace"), encoding="utf-8")
        tocsin(served, "apply", str(config), slack=slack)
        becomes(lambda: members() == ["U00000002"])
        log = tocsin(served, "sync", "log", slack=slack).splitlines()
        assert [line.split()[2] for line in log] == ["changed", "repaired", "changed"]
        slack.tokens[slack.token].refusal = "token_revoked"
        said = tocsin(served, "sync", slack=slack, ok=False)
        assert said.startswith("data-oncall: @data-oncall failed: the token was revoked (token_revoked): install")
        assert "sync data-oncall: fails since" in tocsin(served, "doctor", slack=slack, ok=False)
        status, answer = served.call("GET", "/api/v1/syncs", bearer=ADMIN)
        assert (status, answer["items"][0]["verdict"]) == (200, "failed")
        failing = "sync data-oncall has been failing since"  # the watchdog looks beside the pages every half minute
        becomes(lambda: failing in str(served.call("GET", "/readyz")[1]["troubles"]), seconds=60)
        for _ in range(2):
            tocsin(served, "sync", slack=slack, ok=False)
        becomes(lambda: told() == ["sync_failed"])
        slack.tokens[slack.token].refusal = None
        tocsin(served, "sync", slack=slack)
        becomes(lambda: told() == ["sync_failed", "sync_recovered"])
        assert slack.token not in served.log()
    finally:
        served.kill()
        sink.close()
