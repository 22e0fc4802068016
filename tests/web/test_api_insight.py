"""Fairness, operations share and previews over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tocsin.app.configuring import apply_text
from tocsin.app.directories import Directories
from tocsin.app.previews import StoredPreviews
from tocsin.core.vocabulary import utc
from tocsin.testing import FixedClock
from tocsin.web.server import create_app
from web.api_world import World

#: Two weeks from a Monday, 09:00 in Berlin: ada's and grace's.
FORTNIGHT = "from=2026-03-02T08:00:00Z&to=2026-03-16T08:00:00Z"

ROTA = """
tocsin: 1
users: [{name: ada, time_zone: UTC}, {name: grace, time_zone: UTC}, {name: linus, time_zone: UTC}]
teams: [{name: data, members: [ada, grace, linus]}]
schedules:
  - name: days
    team: data
    time_zone: UTC
    layers: [{name: daily, rotation: {every: 1 day, from: "2026-01-05T00:00", people: [ada, grace]}}]
"""


def days(*people: str, **more: Any) -> dict[str, Any]:
    """The schedule as somebody edits it."""
    rotation = {"every": "1 day", "from": "2026-01-05T00:00", "people": list(people)}
    return {"team": "data", "time_zone": "UTC", "layers": [{"name": "daily", "rotation": rotation}], **more}


async def previewing() -> World:
    """An installation whose schedules are kept as documents."""
    world = await World(clock=FixedClock(utc(2026, 11, 22))).open()
    await apply_text(world.store, [("rota.yaml", ROTA)], by="test", environment={})
    directories = Directories(world.store)
    await directories.refresh()
    previews = StoredPreviews(world.store, directories)
    world.app = create_app(replace(world.context, preview=previews.preview))
    return world


async def preview(world: World, document: dict[str, Any], **more: Any) -> Any:
    """What moves, as JSON."""
    answer = await world.post("/api/v1/schedules/days/preview", {"document": document, **more})
    assert answer.status == 200, answer.body
    return answer.json()


async def test_fairness_of_each_team() -> None:
    """A team's people with their hours, score and share; times woken are not known, which is not never."""
    world = await World().open()
    answer = (await world.get(f"/api/v1/insight/fairness?{FORTNIGHT}", by="stan")).json()
    assert (answer["from"], answer["to"]) == ("2026-03-02T08:00:00Z", "2026-03-16T08:00:00Z")
    (data,) = answer["items"]
    assert (data["team"], data["schedules"], data["score"], data["reason"]) == ("data", ["data-primary"], 100, None)
    assert data["people"][0] == {
        "person": "ada",
        "hours": 168,
        "night_hours": 70,
        "weekend_hours": 48,
        "holiday_hours": 0,
        "shifts": 1,
        "woken": None,
        "woken_at_night": None,
        "available_hours": 336,
        "load": 262,
        "fair_share": 262,
        "score": 100,
        "reason": None,
    }


async def test_fairness_of_one_schedule_says_what_is_uneven() -> None:
    """Over three weeks one of two has two: the reason names both and the hours."""
    world = await World().open()
    query = "schedule=data-primary&from=2026-03-02T08:00:00Z&to=2026-03-23T08:00:00Z"
    (found,) = (await world.get(f"/api/v1/insight/fairness?{query}")).json()["items"]
    assert (found["team"], found["score"]) == (None, 83.3)
    assert found["reason"] == {"most": "ada", "least": "grace", "of": "hours", "more_by": 84}


async def test_operations_share_of_a_team() -> None:
    """One of three is on duty at each time: a third is operations."""
    world = await World().open()
    (data,) = (await world.get(f"/api/v1/insight/share?team=data&{FORTNIGHT}")).json()["items"]
    assert (data["team"], data["working_hours"]) == ("data", 240)
    assert (data["operations"], data["development"], data["measured"]) == (0.3333, 0.6667, None)
    assert data["people"][2] == {"person": "linus", "working_hours": 80, "duty_hours": 0, "measured_hours": None}


async def test_windows_that_are_left_out() -> None:
    """Fairness looks back 90 days, the share ahead."""
    world = await World().open()
    fairness = (await world.get("/api/v1/insight/fairness")).json()
    share = (await world.get("/api/v1/insight/share")).json()
    assert (fairness["from"], fairness["to"]) == ("2026-08-24T03:11:00Z", "2026-11-22T03:11:00Z")
    assert (share["from"], share["to"]) == ("2026-11-22T03:11:00Z", "2027-02-20T03:11:00Z")


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("team=x", 404, "team"),
        ("from=2026-03-02T08:00:00Z&to=2026-03-02T08:00:00Z", 422, "to"),
        ("from=2026-03-02T08:00:00Z&to=2028-03-02T08:00:00Z", 422, "to"),
        ("from=soon", 422, "from"),
    ],
)
@pytest.mark.parametrize("what", ["fairness", "share"])
async def test_a_wrong_question_is_told(what: str, query: str, status: int, field: str) -> None:
    """An unknown name, an empty or endless window: refused with the field."""
    answer = await (await World().open()).get(f"/api/v1/insight/{what}?{query}")
    assert (answer.status, answer.json()["field"]) == (status, field)


async def test_insight_needs_a_viewer() -> None:
    """Nobody is 401; whoever looks on may look here too."""
    world = await previewing()
    for address in ("/api/v1/insight/fairness", "/api/v1/insight/share"):
        assert (await world.get(address, by=None)).status == 401
        assert (await world.get(address, by="stan")).status == 200
    assert (await world.post("/api/v1/schedules/days/preview", by=None)).status == 401
    body = {"document": days("ada")}
    assert (await world.post("/api/v1/schedules/days/preview", body, by="stan")).status == 200


async def test_a_preview_shows_what_moves_and_stores_nothing() -> None:
    """Two people change places over 90 days: each loses 45 days and gains as many, and no gap opens."""
    world = await previewing()
    before = await world.store.documents()
    found = await preview(world, days("grace", "ada"))
    assert await world.store.documents() == before
    assert (found["from"], found["to"]) == ("2026-11-22T00:00:00Z", "2027-02-20T00:00:00Z")
    (moved,) = found["schedules"]
    assert (moved["schedule"], len(moved["moves"]), moved["gaps_opened"], moved["gaps_closed"]) == ("days", 90, [], [])
    assert moved["moves"][0] == {
        "start": "2026-11-22T00:00:00Z",
        "end": "2026-11-23T00:00:00Z",
        "before": ["grace"],
        "after": ["ada"],
    }
    assert [(one["person"], one["hours_gained"], one["hours_lost"]) for one in found["people"]] == [
        ("ada", 1080, 1080),
        ("grace", 1080, 1080),
    ]
    assert found["people"][0]["gained"][0] == {
        "schedule": "days",
        "start": "2026-11-22T00:00:00Z",
        "end": "2026-11-23T00:00:00Z",
    }


async def test_the_same_document_moves_nothing() -> None:
    """What is in force already concerns nobody."""
    found = await preview(await previewing(), days("ada", "grace"))
    assert (found["schedules"], found["people"]) == ([], [])


async def test_a_new_schedule_can_be_previewed() -> None:
    """One that does not exist yet gives shifts to people, and shows its gaps."""
    world = await previewing()
    late = days("linus")
    late["layers"][0]["rotation"]["from"] = "2026-11-23T00:00"
    answer = (await world.post("/api/v1/schedules/late/preview", {"document": late})).json()
    assert [one["schedule"] for one in answer["schedules"]] == ["late"]
    assert answer["schedules"][0]["gaps_opened"] == [{"start": "2026-11-22T00:00:00Z", "end": "2026-11-23T00:00:00Z"}]


async def test_an_edit_may_be_planned() -> None:
    """From an instant on: what was before stays, and shifts after it are compared for 90 days."""
    found = await preview(await previewing(), days("grace", "ada"), effective_from="2026-12-01T00:00:00Z")
    assert (found["from"], found["to"]) == ("2026-11-22T00:00:00Z", "2027-03-01T00:00:00Z")
    moves = found["schedules"][0]["moves"]
    assert (moves[0]["start"], len(moves)) == ("2026-12-01T00:00:00Z", 90)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (days("ada", "zoe"), "document.layers[0].rotation.people[1]"),
        ({**days("ada"), "time_zone": "Mars/Base"}, "document.time_zone"),
        ({**days("ada"), "name": "nights"}, "document.name"),
        ({**days("ada"), "layer": []}, "document.layer"),
        (days("${HOME}"), "document.layers[0].rotation.people[0]"),
        ({}, "document.time_zone"),
    ],
)
async def test_a_wrong_document_is_told_by_its_field(document: dict[str, Any], field: str) -> None:
    """Unknown people, zones and fields are refused as in a file, and no variable of the server is read."""
    world = await previewing()
    answer = await world.post("/api/v1/schedules/days/preview", {"document": document})
    assert (answer.status, answer.json()["field"]) == (422, field)
    assert "schedules[0]" not in answer.json()["detail"]


async def test_an_edit_too_far_ahead_is_refused() -> None:
    """Nobody plans a rota years before it starts."""
    world = await previewing()
    body = {"document": days("ada"), "effective_from": "2030-01-01T00:00:00Z"}
    answer = await world.post("/api/v1/schedules/days/preview", body)
    assert (answer.status, answer.json()["field"]) == (422, "effective_from")


async def test_without_a_previewer_there_is_no_preview() -> None:
    """What a server cannot do it does not describe."""
    world = await World().open()
    assert (await world.post("/api/v1/schedules/data-primary/preview", {"document": {}})).status == 404
    assert "/api/v1/schedules/{name}/preview" not in (await world.get("/api/openapi.json")).json()["paths"]
    previews = (await (await previewing()).get("/api/openapi.json")).json()["paths"]
    assert "/api/v1/schedules/{name}/preview" in previews
