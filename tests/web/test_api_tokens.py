"""API tokens and the audit log over HTTP: who may, and what is never told."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tocsin.ports.state import Document
from web.api_world import World


async def given(world: World, *, by: str, **body: Any) -> dict[str, Any]:
    """A token that was given out."""
    answer = await world.post("/api/v1/tokens", {"name": "laptop", "role": "responder", **body}, by=by)
    assert answer.status == 201, answer.json()
    found: dict[str, Any] = answer.json()
    return found


async def test_a_token_of_ones_own_works_and_ends() -> None:
    """Its secret calls until it is ended; it is listed without it, and in the log."""
    world = await World().open()
    token = await given(world, by="grace", person="grace", expires_in_days=90)
    assert token["secret"].startswith("tocsin_")
    assert (await world.get("/api/v1/alerts", by=token["secret"])).status == 200
    listed = (await world.get("/api/v1/tokens", by="grace")).json()["items"]
    assert [one["name"] for one in listed] == ["grace", "laptop"]
    assert not any("secret" in one or "hash" in one for one in listed)
    assert (await world.call("DELETE", "/api/v1/tokens/laptop", by="grace")).status == 204
    assert [one["name"] for one in (await world.get("/api/v1/tokens", by="grace")).json()["items"]] == ["grace"]
    log = (await world.get("/api/v1/audit?kind=token")).json()["items"]
    assert [(one["verb"], one["by"], one["name"]) for one in log] == [
        ("delete", "grace", "laptop"),
        ("create", "grace", "laptop"),
    ]


async def test_a_narrow_token_does_what_it_is_for() -> None:
    """One for looking cannot silence; what it lacks is said."""
    world = await World().open()
    token = await given(world, by="admin", name="wall screen", scope=["look"])
    refused = await world.post("/api/v1/silences", {"match": ["host=db-1"], "minutes": 5}, by=token["secret"])
    assert refused.status == 403
    assert refused.json()["detail"] == "this token is for: look"
    assert refused.json()["hint"] == "use a token with the scope 'silence'"
    assert (await world.get("/api/v1/alerts", by=token["secret"])).status == 200


@pytest.mark.parametrize(
    ("by", "body", "status", "field"),
    [
        ("grace", {"person": "ada"}, 403, "person"),
        ("grace", {}, 403, "person"),
        ("grace", {"person": "grace", "role": "admin"}, 403, "role"),
        ("stan", {"person": "stan", "role": "responder"}, 403, "role"),
        ("admin", {"person": "gone"}, 404, "person"),
        ("admin", {"name": "grace"}, 422, "name"),
        ("admin", {"scope": []}, 422, "scope"),
        ("admin", {"scope": ["everything"]}, 422, "scope[0]"),
        ("admin", {"role": "emperor"}, 422, "role"),
    ],
)
async def test_what_is_not_given(by: str, body: dict[str, Any], status: int, field: str) -> None:
    """Not for others, not more than one may, not what cannot be meant; and nothing is stored."""
    world = await World().open()
    before = await world.store.tokens()
    answer = await world.post("/api/v1/tokens", {"name": "laptop", "role": "responder", **body}, by=by)
    assert answer.status == status, answer.json()
    assert answer.json()["field"] == field
    assert [one.name for one in await world.store.tokens()] == [one.name for one in before]


async def test_nobody_ends_another_ones_token() -> None:
    """Theirs is theirs; one that is not there is not there."""
    world = await World().open()
    assert (await world.call("DELETE", "/api/v1/tokens/stan", by="grace")).status == 403
    assert (await world.call("DELETE", "/api/v1/tokens/gone", by="grace")).status == 404
    assert (await world.call("DELETE", "/api/v1/tokens/stan")).status == 204


async def test_an_override_is_for_tokens_that_serve() -> None:
    """Answering for alerts is one thing, changing the rota another."""
    world = await World().open()
    token = await given(world, by="grace", person="grace", scope=["look", "answer"])
    body = {"people": ["grace"], "from": "2026-11-23T08:00:00Z", "to": "2026-11-23T09:00:00Z"}
    refused = await world.post("/api/v1/schedules/data-primary/overrides", body, by=token["secret"])
    assert refused.status == 403
    assert refused.json()["hint"] == "use a token with the scope 'serve'"


async def changed(world: World) -> None:
    """A policy made by ada and changed by linus, who writes formulas."""
    body = {"name": "climb", "repeat": 1}
    await world.store.change(put=[Document(kind="policy", name="climb", body=body)], drop=[], by="ada", at_revision=0)
    body = {"name": "climb", "repeat": 2, "description": "=1+1", "key_hash": "abc"}
    await world.store.change(put=[Document(kind="policy", name="climb", body=body)], drop=[], by="linus", at_revision=1)


async def test_the_log_tells_before_and_after() -> None:
    """Field by field, newest first, with secrets hidden; in parts, by what is asked."""
    world = await World().open()
    await changed(world)
    first = (await world.get("/api/v1/audit?limit=1")).json()
    assert first["items"][0]["by"] == "linus"
    assert {one["path"]: (one["before"], one["after"]) for one in first["items"][0]["fields"]} == {
        "repeat": (1, 2),
        "description": (None, "=1+1"),
        "key": (None, "(hidden)"),
    }
    rest = (await world.get(f"/api/v1/audit?limit=1&cursor={first['next_cursor']}")).json()
    assert [one["verb"] for one in rest["items"]] == ["create"]
    assert rest["next_cursor"] is None
    assert [one["by"] for one in (await world.get("/api/v1/audit?by=ada")).json()["items"]] == ["ada"]
    assert (await world.get("/api/v1/audit?text=nothing%20like%20it")).json()["items"] == []


async def test_the_log_is_a_table_too() -> None:
    """A line for each field; what a spreadsheet would run is text."""
    world = await World().open()
    await changed(world)
    answer = await world.get("/api/v1/audit.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert [(row["by"], row["path"], row["after"]) for row in rows] == [
        ("linus", "repeat", "2"),
        ("linus", "description", "'=1+1"),
        ("linus", "key", "(hidden)"),
        ("ada", "name", "climb"),
        ("ada", "repeat", "1"),
    ]


@pytest.mark.parametrize("address", ["/api/v1/audit", "/api/v1/audit.csv"])
@pytest.mark.parametrize(("by", "status"), [("grace", 403), ("stan", 403), (None, 401), ("admin", 200)])
async def test_the_log_is_for_managers(address: str, by: str | None, status: int) -> None:
    """Responders and those who look on are told whom to ask."""
    world = await World().open()
    assert (await world.get(address, by=by)).status == status


async def test_a_wrong_cursor_is_told() -> None:
    """It is no fault of ours."""
    world = await World().open()
    answer = await world.get("/api/v1/audit?cursor=x")
    assert answer.status == 422
    assert answer.json()["field"] == "cursor"
