"""Syncs over the API: how they stand, what they did, and an attempt at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncs.scene import Scene, configured, once
from tocsin.engine.syncing import Syncing
from tocsin.web.server import create_app
from web.api_world import World

BOTH = """syncs:
  - {{name: data-oncall, schedule: data-primary, slack_group: data-oncall}}
  - {{name: tools, schedules: [data-primary, no-mail], webhook: "{url}/s3cret"}}
"""


@pytest.fixture
def node(here: Scene) -> Syncing:
    """A node that keeps a group and tells a program."""
    here.current = configured(BOTH.format(url=here.receiver.url))
    return here.node()


@pytest.fixture
async def world(node: Syncing) -> World:
    """A server over that node."""
    world = await World().open()
    world.context = replace(world.context, syncs=node)
    world.app = create_app(world.context, silences=world.silences)
    return world


async def test_a_list_tells_how_each_sync_stands(world: World, node: Syncing) -> None:
    """Before the first attempt who is wanted is known; after it, what came of it."""
    before = (await world.get("/api/v1/syncs")).json()["items"]
    assert [(one["name"], one["wanted"], one["verdict"]) for one in before] == [
        ("data-oncall", ["ada"], None),
        ("tools", ["ada", "mei"], None),
    ]
    await once(node)
    group, program = (await world.get("/api/v1/syncs")).json()["items"]
    assert group == {
        "name": "data-oncall",
        "kind": "slack",
        "target": "@data-oncall",
        "schedules": ["data-primary"],
        "wanted": ["ada"],
        "reason": None,
        "until": "2026-11-23T09:00:00Z",
        "verdict": "changed",
        "text": "",
        "applied": ["ada"],
        "applied_at": "2026-11-22T03:11:00Z",
        "members": ["ada"],
        "missed": [],
        "tried_at": "2026-11-22T03:11:00Z",
        "next_at": "2026-11-22T03:16:00Z",
        "failing_since": None,
        "failures": 0,
    }
    assert program["target"].endswith("/…")
    assert program["failing_since"] == "2026-11-22T03:11:00Z"


async def test_no_secret_is_in_an_answer(world: World, node: Syncing) -> None:
    """Neither the token nor the path of a program's address is told to anybody."""
    await once(node)
    for address in ("/api/v1/syncs", "/api/v1/syncs/tools/log", "/api/v1/syncs/data-oncall/log"):
        for by in ("admin", "stan"):
            answer = await world.get(address, by=by)
            assert answer.status == 200
            assert b"s3cret" not in answer.body
            assert b"xoxb" not in answer.body


async def test_a_log_tells_what_a_sync_did(world: World, here: Scene, node: Syncing) -> None:
    """Newest first, as many lines as are asked for."""
    await once(node)
    here.slack.workspace.group("data-oncall").users = [here.people["linus"]]
    await here.let_pass(node, minutes=5)
    lines = (await world.get("/api/v1/syncs/data-oncall/log")).json()["items"]
    assert [(line["verdict"], line["after"]) for line in lines] == [("repaired", ["ada"]), ("changed", ["ada"])]
    assert len((await world.get("/api/v1/syncs/data-oncall/log?limit=1")).json()["items"]) == 1
    assert (await world.get("/api/v1/syncs/nothing/log")).status == 404


async def test_a_dry_run_only_looks(world: World, here: Scene) -> None:
    """Before and after are told, and nothing is changed."""
    answer = await world.post("/api/v1/syncs/data-oncall/apply?dry_run=true")
    assert answer.json() == {
        "sync": "data-oncall",
        "dry_run": True,
        "verdict": "changed",
        "before": ["U00000004"],
        "after": ["ada"],
        "text": "",
        "unmatched": [],
    }
    assert here.members() == {"last-year"}


async def test_an_attempt_at_once(world: World, here: Scene) -> None:
    """It is done when the answer comes; a failure is an answer, too."""
    assert (await world.post("/api/v1/syncs/data-oncall/apply")).json()["verdict"] == "changed"
    assert here.members() == {"ada"}
    failed = await world.post("/api/v1/syncs/tools/apply")
    assert (failed.status, failed.json()["verdict"]) == (200, "failed")
    assert "answered 404" in failed.json()["text"]


async def test_who_may_ask_and_who_may_act(world: World) -> None:
    """Everybody who is signed in may look, and a stakeholder may not act."""
    assert (await world.get("/api/v1/syncs", by=None)).status == 401
    assert (await world.get("/api/v1/syncs", by="stan")).status == 200
    assert (await world.post("/api/v1/syncs/data-oncall/apply", by=None)).status == 401
    assert (await world.post("/api/v1/syncs/data-oncall/apply?dry_run=true", by="stan")).status == 403
    assert (await world.post("/api/v1/syncs/nothing/apply")).status == 404


async def test_a_server_without_syncs_has_no_such_addresses() -> None:
    """What is not there is not described either."""
    world = await World().open()
    assert (await world.get("/api/v1/syncs")).status == 404
    assert "/api/v1/syncs" not in (await world.get("/api/openapi.json")).json()["paths"]
