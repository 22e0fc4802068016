"""Notes that go with a shift, over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from web.api_world import NOBODY, World

ADDRESS = "/api/v1/schedules/data-primary/notes"


async def test_a_note_is_written_and_opened() -> None:
    """On call, Grace writes for Ada, who comes on Monday; the list says who must open it and who has."""
    world = await World().open()
    made = await world.post(ADDRESS, {"text": "db-1 is slow"}, by="grace")
    assert made.status == 201
    note = made.json()
    assert (note["by"], note["begins"], note["readers"], note["opened"]) == (
        "grace",
        "2026-11-23T08:00:00Z",
        ["ada"],
        [],
    )
    world.clock.move(timedelta(minutes=9))
    opened = (await world.post(f"/api/v1/notes/{note['id']}/open", {}, by="grace")).json()
    assert opened["opened"] == [{"person": "grace", "at": "2026-11-22T03:20:00Z"}]
    assert (await world.get(ADDRESS)).json() == {"items": [opened], "next_cursor": None}


@pytest.mark.parametrize(
    ("address", "body", "status"),
    [
        ("/api/v1/schedules/gone/notes", {"text": "x"}, 404),
        (ADDRESS, {"text": ""}, 422),
        (ADDRESS, {"text": "  "}, 422),
        (ADDRESS, {"note": "x"}, 422),
        (f"/api/v1/notes/{NOBODY}/open", {}, 404),
        ("/api/v1/notes/x/open", {}, 404),
    ],
)
async def test_what_cannot_be_written_or_opened(address: str, body: dict[str, str], status: int) -> None:
    """It is refused, and nothing is kept."""
    world = await World().open()
    assert (await world.post(address, body, by="grace")).status == status
    assert (await world.get(ADDRESS)).json()["items"] == []


async def test_a_token_of_nobody_opens_nothing() -> None:
    """A note is opened by a person."""
    world = await World().open()
    note = (await world.post(ADDRESS, {"text": "x"})).json()
    refused = await world.post(f"/api/v1/notes/{note['id']}/open", {})
    assert (refused.status, refused.json()["hint"]) == (422, "use a token of your own")


async def test_stakeholders_write_nothing() -> None:
    """They look on."""
    world = await World().open()
    assert (await world.post(ADDRESS, {"text": "x"}, by="stan")).status == 403
