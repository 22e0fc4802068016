"""Overrides, absences and swaps over HTTP, on an installation whose configuration is kept as it really is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from tocsin.engine.links import token_hash
from tocsin.ports.state import Token
from web.api_world import Answer, called
from web.test_pages_world import House

ROTA = """
tocsin: 1
users:
  - {name: ada, role: admin, contacts: [{name: mail, channel: email, address: ada@example.org}]}
  - {name: grace, contacts: [{name: mail, channel: email, address: grace@example.org}]}
  - {name: stan, role: stakeholder}
teams: [{name: data, members: [ada, grace]}]
schedules:
  - name: rota
    team: data
    time_zone: UTC
    layers: [{name: weekly, rotation: {every: 1 week, from: "2026-11-16T00:00", people: [grace, ada]}}]
"""
#: The house opens on Sunday 2026-11-22 at 02:11; Grace is on call until Monday.
TODAY = {"from": "2026-11-22T12:00:00Z", "to": "2026-11-22T18:00:00Z"}


@dataclass
class World:
    """The house and who calls it."""

    house: House = field(default_factory=lambda: House(ROTA))

    async def open(self) -> World:
        """Apply the files, and give the tokens out."""
        await self.house.open()
        for name, role in (("ada", "admin"), ("grace", "responder"), ("stan", "stakeholder")):
            await self.house.book.store.put_token(Token(hash=token_hash(name * 9), name=name, role=role, person=name))
        return self

    async def call(self, method: str, path: str, body: object = None, *, by: str = "grace") -> Answer:
        """One request."""
        sent = json.dumps(body).encode() if body is not None else b""
        headers = {
            "host": "tocsin.example",
            "content-type": "application/json",
            "content-length": str(len(sent)),
            "authorization": f"Bearer {by * 9}",
        }
        return await called(self.house.app, method, f"/api/v1{path}", sent, headers)

    async def on_call(self, at: str) -> list[str]:
        """Who is on call."""
        answer = (await self.call("GET", f"/oncall?schedule=rota&at={at}")).json()
        people: list[str] = answer["schedules"][0]["people"]
        return people


async def test_an_override_is_made_listed_and_ended() -> None:
    """It is in force between its instants, and gone after its end."""
    world = await World().open()
    made = await world.call("POST", "/schedules/rota/overrides", {"people": ["ada"], "note": "x", **TODAY}, by="ada")
    assert made.status == 201
    kept = made.json()
    assert (kept["people"], kept["from"], kept["to"], kept["made_by"]) == (
        ["ada"],
        TODAY["from"],
        TODAY["to"],
        "ada",
    )
    assert await world.on_call("2026-11-22T13:00:00Z") == ["ada"]
    assert (await world.call("GET", "/overrides?schedule=rota")).json()["items"] == [kept]
    assert (await world.call("DELETE", f"/overrides/{kept['name']}", by="ada")).status == 204
    assert await world.on_call("2026-11-22T13:00:00Z") == ["grace"]


async def test_an_absence_is_entered_listed_and_ended() -> None:
    """The next in the rotation is on call meanwhile."""
    world = await World().open()
    made = await world.call("POST", "/people/grace/absences", {"note": "ill", **TODAY})
    assert made.status == 201
    assert await world.on_call("2026-11-22T13:00:00Z") == ["ada"]
    [kept] = (await world.call("GET", "/absences?person=grace")).json()["items"]
    assert (kept["person"], kept["note"]) == ("grace", "ill")
    assert (await world.call("DELETE", f"/absences/{kept['name']}")).status == 204
    assert (await world.call("GET", "/absences")).json()["items"] == []


async def test_a_swap_from_offer_to_end() -> None:
    """Offered, taken in part, the rest withdrawn; each answer shows where it stands."""
    world = await World().open()
    offered = (await world.call("POST", "/swaps", {"schedule": "rota", **TODAY})).json()
    assert (offered["standing"], offered["offered_to"], offered["left"]) == ("open", ["ada"], [TODAY])
    part = {"from": "2026-11-22T12:00:00Z", "to": "2026-11-22T14:00:00Z"}
    taken = (await world.call("POST", f"/swaps/{offered['id']}/take", part, by="ada")).json()
    assert [(one["by"], one["to"]) for one in taken["taken"]] == [("ada", part["to"])]
    assert await world.on_call("2026-11-22T13:00:00Z") == ["ada"]
    declined = (await world.call("POST", f"/swaps/{offered['id']}/decline", {}, by="ada")).json()
    assert (declined["standing"], declined["declined"]) == ("declined", ["ada"])
    withdrawn = (await world.call("POST", f"/swaps/{offered['id']}/withdraw", {})).json()
    assert withdrawn["standing"] == "withdrawn"
    assert (await world.call("GET", "/swaps?schedule=rota")).json()["items"] == [withdrawn]


async def test_cover_me() -> None:
    """One call asks everybody; who takes it has it from then on."""
    world = await World().open()
    [asked] = (await world.call("POST", "/cover", {"minutes": 120})).json()["items"]
    assert (asked["from"], asked["to"]) == ("2026-11-22T02:11:00Z", "2026-11-22T04:11:00Z")
    assert (await world.call("POST", f"/swaps/{asked['id']}/take", by="ada")).status == 200
    assert await world.on_call("2026-11-22T03:00:00Z") == ["ada"]


@pytest.mark.parametrize(
    ("address", "body", "by", "status"),
    [
        ("/schedules/gone/overrides", {"people": ["ada"], **TODAY}, "ada", 404),
        ("/schedules/rota/overrides", {"people": ["ada"], **TODAY}, "grace", 403),
        ("/schedules/rota/overrides", {"people": ["ada"], **TODAY}, "stan", 403),
        ("/schedules/rota/overrides", {"people": ["nobody"], **TODAY}, "ada", 422),
        ("/schedules/rota/overrides", {"people": ["ada"]}, "ada", 422),
        ("/schedules/rota/overrides", {"people": ["ada"], "minutes": 5, **TODAY}, "ada", 422),
        ("/schedules/rota/overrides", {"people": ["ada"], "who": 1, **TODAY}, "ada", 422),
        ("/people/nobody/absences", TODAY, "ada", 422),
        ("/people/ada/absences", TODAY, "grace", 403),
        ("/swaps", {"schedule": "rota", "person": "ada", **TODAY}, "ada", 422),
        ("/swaps", {"schedule": "rota", "in_return": {"minutes": 5}, **TODAY}, "grace", 422),
        ("/swaps/gone/take", {}, "ada", 404),
        ("/people/ada/absences", {"from": "9999-12-31T23:00:00Z", "minutes": 120}, "ada", 422),
        ("/cover", {"minutes": 0}, "grace", 422),
        ("/cover", {"minutes": 5}, "ada", 422),
    ],
)
async def test_what_is_refused(address: str, body: dict[str, Any], by: str, status: int) -> None:
    """With a reason, and nothing is kept."""
    world = await World().open()
    before = world.house.book.directories.current().revision
    refused = await world.call("POST", address, body, by=by)
    assert (refused.status, bool(refused.json()["detail"])) == (status, True)
    assert (await world.house.book.store.documents())[0] == before


async def test_half_a_part_is_no_part() -> None:
    """A part of an offer has both ends, or is all of it."""
    world = await World().open()
    offered = (await world.call("POST", "/swaps", {"schedule": "rota", **TODAY})).json()
    half = await world.call("POST", f"/swaps/{offered['id']}/take", {"from": TODAY["from"]}, by="ada")
    assert (half.status, half.json()["field"]) == (422, "from")
