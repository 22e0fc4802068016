"""Who is on call, what is configured, the evidence and the silences, over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from pydantic_core import PydanticCustomError

from tocsin.core.vocabulary import rfc3339, utc
from tocsin.web.api.instants import read_instant
from tocsin.web.api.privacy import veiled, veiled_address
from web.api_world import NOBODY, World

DELIVERY = {
    "id", "page_id", "alert_id", "person", "channel", "address", "status", "attempt", "repeat", "due_at", "claimed_at",
    "sent_at", "answer",
}  # fmt: skip


async def test_who_is_on_call_now() -> None:
    """Each schedule with its people, where they come from, and until when."""
    world = await World().open()
    answer = (await world.get("/api/v1/oncall")).json()
    assert answer == {
        "at": "2026-11-22T03:11:00Z",
        "schedules": [
            {
                "schedule": "data-primary",
                "people": ["grace"],
                "source": "weekly",
                "until": "2026-11-23T08:00:00Z",
                "reason": None,
            }
        ],
    }


async def test_who_was_on_call_then() -> None:
    """An instant may be asked for with any offset, also with a plus that came as a space; nobody has a reason."""
    world = await World().open()
    for at in ("2025-01-01T00:00:00Z", quote("2025-01-01T01:00:00+01:00"), "2025-01-01T01:00:00+01:00"):
        answer = (await world.get(f"/api/v1/oncall?at={at}&schedule=data-primary")).json()
        (schedule,) = answer["schedules"]
        assert answer["at"] == "2025-01-01T00:00:00Z"
        assert (schedule["people"], schedule["source"], schedule["reason"]) == ([], "", "no_layer")


@pytest.mark.parametrize(
    "at", ["now", "2026-01-05", "2026-01-05T09:00:00", "2026-13-01T00:00:00Z", "1200-01-01T00:00Z"]
)
async def test_a_wrong_instant_is_told(at: str) -> None:
    """What is no instant, has no offset or lies outside the calendar is refused with its field."""
    answer = await (await World().open()).get(f"/api/v1/oncall?at={at}")
    assert (answer.status, answer.json()["field"]) == (422, "at")


async def test_an_unknown_schedule_is_not_found() -> None:
    """A schedule that does not exist is 404 by query and by path."""
    world = await World().open()
    assert (await world.get("/api/v1/oncall?schedule=nights")).status == 404
    assert (await world.get("/api/v1/schedules/nights/shifts")).status == 404


async def test_shifts_have_the_shape_of_the_contract() -> None:
    """Shifts and gaps of the window, clipped to it, in UTC."""
    world = await World().open()
    query = "from=2026-01-04T08:00:00Z&to=2026-01-13T00:00:00+01:00"
    assert (await world.get(f"/api/v1/schedules/data-primary/shifts?{query}")).json() == {
        "schedule": "data-primary",
        "from": "2026-01-04T08:00:00Z",
        "to": "2026-01-12T23:00:00Z",
        "shifts": [
            {"start": "2026-01-05T08:00:00Z", "end": "2026-01-12T08:00:00Z", "people": ["ada"], "source": "weekly"},
            {"start": "2026-01-12T08:00:00Z", "end": "2026-01-12T23:00:00Z", "people": ["grace"], "source": "weekly"},
        ],
        "gaps": [{"start": "2026-01-04T08:00:00Z", "end": "2026-01-05T08:00:00Z"}],
        "vacancies": [{"start": "2026-01-04T08:00:00Z", "end": "2026-01-05T08:00:00Z", "reason": "no_layer"}],
    }


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-01-01T00:00:00Z&to=2027-01-03T00:00:00Z", "to"),
        ("from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", "to"),
        ("from=2999-12-31T00:00:00Z", "to"),
        ("from=9999-12-31T00:00:00Z", "from"),
        ("from=yesterday", "from"),
    ],
)
async def test_a_wrong_window_is_told(query: str, field: str) -> None:
    """Too long, empty, or beyond the calendar: refused with the end that is wrong."""
    answer = await (await World().open()).get(f"/api/v1/schedules/data-primary/shifts?{query}")
    assert (answer.status, answer.json()["field"]) == (422, field)


async def test_a_window_of_a_year_is_given() -> None:
    """366 days are allowed, and without bounds the next two weeks are meant."""
    world = await World().open()
    address = "/api/v1/schedules/data-primary/shifts"
    year = (await world.get(f"{address}?from=2026-01-05T08:00:00Z&to=2027-01-06T08:00:00Z")).json()
    usual = (await world.get(address)).json()
    assert len(year["shifts"]) == 53
    assert (usual["from"], usual["to"]) == ("2026-11-22T03:11:00Z", "2026-12-06T03:11:00Z")


async def test_the_catalog_is_listed() -> None:
    """Services, teams, people and schedules are lists, and no key and no hash is among them."""
    world = await World().open()
    lists = {name: await world.get(f"/api/v1/{name}") for name in ("services", "teams", "people", "schedules")}
    items = {name: answer.json()["items"] for name, answer in lists.items()}
    assert items["services"][0] == {"name": "pipelines", "team": "data", "policy": "climb", "tier": 1}
    assert items["teams"] == [
        {"name": "data", "members": ["ada", "grace", "linus"], "lead": "linus", "services": ["pipelines"]}
    ]
    assert [one["name"] for one in items["people"]] == ["ada", "grace", "linus", "stan"]
    assert items["people"][0]["contacts"][0]["address"] == "https://chat.example.org/secret/ada"
    assert items["schedules"][0]["people"] == ["ada", "grace"]
    assert all(answer.json()["next_cursor"] is None for answer in lists.values())
    assert not any(b"hash" in answer.body for answer in lists.values())


async def test_deliveries_have_the_shape_of_the_contract() -> None:
    """A page that was decided is there with its times, whom it goes to, and no answer yet."""
    world = await World().open()
    alert_id = await world.trigger()
    await world.work()
    answer = (await world.get(f"/api/v1/deliveries?alert={alert_id}")).json()
    (delivery,) = answer["items"]
    assert answer["next_cursor"] is None
    assert delivery.keys() >= DELIVERY
    assert (delivery["alert_id"], delivery["person"], delivery["channel"]) == (alert_id, "grace", "webhook")
    assert (delivery["attempt"], delivery["repeat"], delivery["answer"]) == (1, False, None)
    assert delivery["due_at"] == "2026-11-22T03:11:00Z"


async def test_events_are_kept_as_they_came() -> None:
    """What was understood and what had come; those who look on do not see the latter."""
    world = await World().open()
    alert_id = await world.trigger("disk full", key="disk")
    whole = (await world.get(f"/api/v1/events?alert={alert_id}", by="grace")).json()["items"]
    cut = (await world.get(f"/api/v1/events?alert={alert_id}", by="stan")).json()["items"]
    assert (whole[0]["dedup_key"], whole[0]["action"], whole[0]["outcome"]) == ("disk", "trigger", "created")
    assert whole[0]["event"]["summary"] == "disk full"
    assert whole[0]["raw"] == {
        "method": "POST",
        "path": "/api/v1/events",
        "headers": {"user-agent": "test"},
        "body": '{"summary": "x"}',
        "encoding": "utf-8",
    }
    assert cut == [{**whole[0], "raw": None}]


@pytest.mark.parametrize("list_name", ["deliveries", "events"])
@pytest.mark.parametrize(
    ("alert", "status"), [(f"?alert={NOBODY}", 404), ("?alert=x", 404), ("?alert=", 404), ("", 422)]
)
async def test_evidence_is_of_an_alert(list_name: str, alert: str, status: int) -> None:
    """Evidence is asked for by alert: one that is not there is not found, and none at all is told by its field."""
    answer = await (await World().open()).get(f"/api/v1/{list_name}{alert}")
    assert answer.status == status
    assert status != 422 or answer.json()["field"] == "alert"


async def test_a_silence_is_made_and_ended() -> None:
    """A silence has matchers, an end and an author; ending it twice says that it is not there."""
    world = await World().open()
    body = {"name": "deploy", "match": ["host=db-1", "job=~night.*"], "minutes": 60, "comment": "rolling restart"}
    made = await world.post("/api/v1/silences", body, by="grace")
    assert (made.status, made.json()) == (
        201,
        {
            "name": "deploy",
            "match": ["host=db-1", "job=~night.*"],
            "starts_at": "2026-11-22T03:11:00Z",
            "ends_at": "2026-11-22T04:11:00Z",
            "comment": "rolling restart",
            "by": "grace",
        },
    )
    assert (await world.get("/api/v1/silences", by="stan")).json() == {"items": [made.json()], "next_cursor": None}
    assert (await world.call("DELETE", "/api/v1/silences/deploy", by="stan")).status == 403
    ended = await world.call("DELETE", "/api/v1/silences/deploy")
    assert (ended.status, ended.body) == (204, b"")
    assert (await world.call("DELETE", "/api/v1/silences/deploy")).status == 404


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"match": []}, "match"),
        ({"match": ["host=a", "nonsense"]}, "match[1]"),
        ({"match": ["host=~("]}, "match[0]"),
        ({"match": [7]}, "match[0]"),
        ({"minutes": None}, "until"),
        ({"until": "2027-01-01T00:00:00Z"}, "until"),
        ({"minutes": None, "until": "2020-01-01T00:00:00Z"}, "until"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 10**30}, "minutes"),
        ({"mach": []}, "mach"),
    ],
)
async def test_a_wrong_silence_is_told(changed: dict[str, object], field: str) -> None:
    """A matcher that cannot be read, no end, two ends, an end that is past: refused with the field, none is made."""
    world = await World().open()
    answer = await world.post("/api/v1/silences", {"match": ["host=db-1"], "minutes": 5, **changed})
    assert (answer.status, answer.json()["field"]) == (422, field)
    assert not world.silences.kept


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-05T09:00:00Z",
        "2026-01-05t09:00:00z",
        "2026-01-05 09:00Z",
        "2026-01-05T10:00:00+01:00",
        "2026-01-05T10:00:00 01:00",
        "2026-01-05T04:00:00.000-05:00",
    ],
)
def test_an_instant_is_read_in_every_way_of_writing(text: str) -> None:
    """Letters of either case, a space for the T, a space for a lost plus, with and without seconds."""
    assert read_instant(text) == utc(2026, 1, 5, 9)


@pytest.mark.parametrize(
    "text", ["", "0001-01-01T00:00:00+23:59", "2026-02-30T00:00:00Z", "2026-01-01T24:01:00Z", None, 7]
)
def test_what_is_no_instant_is_refused(text: object) -> None:
    """Days that do not exist, instants before the calendar, and what is no text at all."""
    with pytest.raises(PydanticCustomError):
        read_instant(text)


def test_an_instant_is_written_in_utc() -> None:
    """With a Z, and a fraction only where there is one."""
    assert rfc3339(read_instant("2026-01-05T10:00:00+01:00")) == "2026-01-05T09:00:00Z"
    assert rfc3339(utc(2026, 1, 5) + timedelta(milliseconds=5)) == "2026-01-05T00:00:00.005000Z"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ada@example.org", "ad…@example.org"),
        ("https://user:pw@chat.example.org:8443/hook/SECRET?x=1", "https://chat.example.org:8443/…"),
        ("https://chat.example.org", "https://chat.example.org"),
        ("+4915112345678", "+49…78"),
        ("topic", "…"),
        ("", "…"),
    ],
)
def test_an_address_is_veiled(address: str, shown: str) -> None:
    """Enough is left to know which one is meant, not enough to use it."""
    assert veiled_address(address) == shown


def test_a_sentence_is_veiled() -> None:
    """Addresses inside words are cut, the words stay."""
    said = "550 <ada.byron@example.org> unknown, see https://mail.example.org/help/550"
    assert veiled(said) == "550 <ad…@example.org> unknown, see https://mail.example.org/…"
    assert veiled("schedule data-primary") == "schedule data-primary"


async def test_a_person_who_left_is_left_out() -> None:
    """The answer follows the configuration in force."""
    world = await World().open()
    people = {name: one for name, one in world.directory.people.items() if name != "stan"}
    world.directory = replace(world.directory, people=people)
    assert len((await world.get("/api/v1/people")).json()["items"]) == 3
    assert (await world.get("/api/v1/people", by="stan")).status == 401
