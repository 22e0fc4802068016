"""Alerts over HTTP: their shape, their list, their story, and what people do about them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tocsin.core.alerts.model import Reason, Why
from tocsin.core.vocabulary import utc
from tocsin.web.api.reasons import reason_text
from web.api_world import NOBODY, World

CONTRACT = {
    "id", "dedup_key", "status", "summary", "severity", "service", "count", "alert_group_id", "created_at",
    "updated_at", "reason",
}  # fmt: skip


def facts(timeline: dict[str, Any]) -> list[str]:
    """The names of all facts of a story."""
    return [fact["fact"] for entry in timeline["items"] for fact in entry["facts"]]


async def test_an_alert_has_the_shape_of_the_contract() -> None:
    """Every field of the contract is there, instants in UTC with a Z."""
    world = await World().open()
    alert_id = await world.trigger("disk full", key="disk")
    await world.trigger("disk full", key="disk")
    answer = await world.get(f"/api/v1/alerts/{alert_id}")
    alert = answer.json()
    assert answer.status == 200
    assert alert.keys() >= CONTRACT
    assert (alert["id"], alert["dedup_key"], alert["status"], alert["count"]) == (alert_id, "disk", "triggered", 2)
    assert (alert["severity"], alert["urgency"], alert["service"]) == ("critical", "high", "pipelines")
    assert alert["created_at"] == "2026-11-22T03:11:00Z"
    assert (alert["reason"], alert["reason_name"]) == (None, None)
    assert (alert["labels"], alert["source"]) == ({"host": "db-1"}, "db-1")


async def test_the_list_is_cut_into_parts() -> None:
    """A hundred and twenty alerts come in three parts, newest first, none twice and none missing."""
    world = await World().open()
    made = []
    for number in range(120):
        world.clock.move(timedelta(seconds=1))
        made.append(await world.trigger(f"alert {number}"))
    read: list[str] = []
    cursor, parts = "", 0
    while True:
        part = (await world.get(f"/api/v1/alerts?limit=50&cursor={cursor}")).json()
        read += [alert["id"] for alert in part["items"]]
        parts += 1
        if part["next_cursor"] is None:
            break
        cursor = part["next_cursor"]
    assert parts == 3
    assert read == made[::-1]


async def test_the_list_is_filtered() -> None:
    """By status, service, team and words, alone and together; several statuses by repetition or comma."""
    world = await World().open()
    first = await world.trigger("disk full", key="a")
    second = await world.trigger("memory full", key="b")
    third = await world.trigger("site down", key="c", service="website")
    await world.post(f"/api/v1/alerts/{second}/acknowledge")

    async def found(query: str) -> set[str]:
        return {alert["id"] for alert in (await world.get(f"/api/v1/alerts?{query}")).json()["items"]}

    assert await found("status=triggered") == {first, third}
    assert await found("status=triggered,acknowledged") == {first, second, third}
    assert await found("status=acknowledged&status=snoozed") == {second}
    assert await found("service=website") == {third}
    assert await found("service=never-heard-of") == set()
    assert await found("team=data") == {first, second}
    assert await found("team=data&service=website") == set()
    assert await found("text=FULL&status=triggered") == {first}
    assert await found("status=&service=&team=&text=&cursor=") == {first, second, third}


@pytest.mark.parametrize(
    ("query", "field", "hint"),
    [
        ("status=triggerd", "status", "triggered"),
        ("team=dat", "team", "data"),
        ("limit=0", "limit", None),
        ("limit=many", "limit", None),
        ("limit=501", "limit", None),
        ("text=a%00b", "text", "NUL"),
    ],
)
async def test_a_wrong_filter_is_told(query: str, field: str, hint: str | None) -> None:
    """A slip in a filter is answered with its field and the nearest known word, not with an empty list."""
    world = await World().open()
    answer = await world.get(f"/api/v1/alerts?{query}")
    assert answer.status == 422
    assert answer.json()["field"] == field
    assert (hint or "") in (answer.json()["hint"] or "")


async def test_an_acknowledgement_twice_is_one() -> None:
    """The second acknowledgement answers as the first did, and the story tells of one."""
    world = await World().open()
    alert_id = await world.trigger()
    first = await world.post(f"/api/v1/alerts/{alert_id}/acknowledge", by="grace")
    second = await world.post(f"/api/v1/alerts/{alert_id}/acknowledge", by="grace")
    assert first.status == second.status == 200
    assert first.json() == second.json()
    assert (first.json()["status"], first.json()["reason"]) == ("acknowledged", "acknowledged by grace")
    story = (await world.get(f"/api/v1/alerts/{alert_id}/timeline")).json()
    assert facts(story).count("alert_acknowledged") == 1


async def test_an_alert_is_given_back_and_resolved() -> None:
    """What is given back rings again, what is resolved is over, and resolving twice is resolving."""
    world = await World().open()
    alert_id = await world.trigger()
    await world.post(f"/api/v1/alerts/{alert_id}/acknowledge")
    back = await world.post(f"/api/v1/alerts/{alert_id}/unacknowledge")
    over = await world.post(f"/api/v1/alerts/{alert_id}/resolve")
    again = await world.post(f"/api/v1/alerts/{alert_id}/resolve")
    assert [one.json()["status"] for one in (back, over, again)] == ["triggered", "resolved", "resolved"]
    assert again.json()["reason_name"] == "resolved_by_person"
    assert (await world.post(f"/api/v1/alerts/{alert_id}/escalate")).status == 422


async def test_a_snooze_has_a_length_or_an_end() -> None:
    """Minutes or an instant in any zone, not both and not neither, not in the past."""
    world = await World().open()
    address = f"/api/v1/alerts/{await world.trigger()}/snooze"
    by_length = await world.post(address, {"minutes": 30})
    by_end = await world.post(address, {"until": "2026-11-22T06:11:00+02:00"})
    assert by_length.json()["reason"] == "snoozed by admin until 2026-11-22T03:41:00Z"
    assert by_end.json()["reason"] == "snoozed by admin until 2026-11-22T04:11:00Z"
    for wrong in ({}, {"minutes": 5, "until": "2026-11-22T06:11:00Z"}, {"until": "2020-01-01T00:00:00Z"}):
        assert (await world.post(address, wrong)).status == 422
    naive = (await world.post(address, {"until": "2026-11-22T06:11:00"})).json()
    assert (naive["status"], naive["field"], naive["hint"]) == (422, "until", "like 2026-01-05T09:00:00Z")


@pytest.mark.parametrize(
    ("action", "body", "fact"),
    [
        ("escalate", {}, "escalated_by_hand"),
        ("reassign", {"person": "linus"}, "reassigned"),
        ("responders", {"person": "linus"}, "person_added"),
        ("notes", {"text": "looking at it"}, "note_added"),
    ],
)
async def test_a_call_that_is_sent_again_acts_once(action: str, body: dict[str, str], fact: str) -> None:
    """A client that lost the answer and asks again rings nobody twice; later the same words are a new wish."""
    world = await World().open()
    alert_id = await world.trigger()
    address = f"/api/v1/alerts/{alert_id}/{action}"

    async def told() -> int:
        return facts((await world.get(f"/api/v1/alerts/{alert_id}/timeline")).json()).count(fact)

    assert [(await world.post(address, body)).status for _ in range(2)] == [200, 200]
    assert await told() == 1
    world.clock.move(timedelta(minutes=1))
    await world.post(address, body)
    assert await told() == 2


async def test_an_act_in_between_makes_it_a_new_wish() -> None:
    """Escalated, acknowledged, escalated: the second time is meant."""
    world = await World().open()
    alert_id = await world.trigger()
    for action in ("escalate", "acknowledge", "escalate"):
        await world.post(f"/api/v1/alerts/{alert_id}/{action}")
    assert (await world.get(f"/api/v1/alerts/{alert_id}")).json()["status"] == "triggered"


async def test_nobody_is_handed_an_alert_who_cannot_be_reached() -> None:
    """A name that nobody has is refused with the field that is wrong."""
    world = await World().open()
    alert_id = await world.trigger()
    for action in ("reassign", "responders"):
        answer = await world.post(f"/api/v1/alerts/{alert_id}/{action}", {"person": "nobody"})
        assert (answer.status, answer.json()["field"]) == (422, "person")


async def test_the_story_is_of_one_alert() -> None:
    """The timeline has the alert's own facts and its climb, each with a name and an instant."""
    world = await World().open()
    alert_id = await world.trigger()
    await world.work()
    await world.post(f"/api/v1/alerts/{alert_id}/notes", {"text": "looking"}, by="grace")
    story = (await world.get(f"/api/v1/alerts/{alert_id}/timeline")).json()
    told = [fact for entry in story["items"] for fact in entry["facts"]]
    assert story["next_cursor"] is None
    assert {"alert_triggered", "run_started", "step_began", "page_opened", "attempt_made", "note_added"} <= set(
        facts(story)
    )
    assert all(fact["at"].endswith("Z") for fact in told)
    assert [entry["version"] for entry in story["items"]] == sorted({entry["version"] for entry in story["items"]})
    assert told[-1] == {
        "fact": "note_added",
        "at": "2026-11-22T03:11:00Z",
        "alert_id": alert_id,
        "by": "grace",
        "text": "looking",
    }


async def test_those_who_look_on_see_no_address() -> None:
    """In a stakeholder's timeline and deliveries addresses are cut; in a responder's they are whole."""
    world = await World().open()
    alert_id = await world.trigger()
    await world.work()
    for address in (f"/api/v1/alerts/{alert_id}/timeline", f"/api/v1/deliveries?alert={alert_id}", "/api/v1/people"):
        whole = (await world.get(address, by="grace")).body.decode()
        cut = (await world.get(address, by="stan")).body.decode()
        assert "chat.example.org/secret/" in whole
        assert "chat.example.org/…" in cut
        assert "/secret/" not in cut


async def test_people_are_paged_directly() -> None:
    """A page to people makes an alert of its own; without people or words it is refused."""
    world = await World().open()
    answer = await world.post("/api/v1/pages", {"people": ["grace", "grace"], "summary": "please join"}, by="grace")
    alert = answer.json()
    assert (answer.status, alert["summary"], alert["status"], alert["service"]) == (
        202,
        "please join",
        "triggered",
        None,
    )
    assert (await world.get(f"/api/v1/alerts/{alert['id']}")).json() == alert
    for wrong, field in (
        ({"people": [], "summary": "x"}, "people"),
        ({"people": ["grace"]}, "summary"),
        ({"people": ["grace"], "summary": "x", "urgency": "loud"}, "urgency"),
        ({"people": ["nobody"], "summary": "x"}, "person"),
    ):
        refused = await world.post("/api/v1/pages", wrong)
        assert (refused.status, refused.json()["field"]) == (422, field)


@pytest.mark.parametrize("path", ["", "/timeline", "/acknowledge", "/escalate", "/notes"])
@pytest.mark.parametrize("alert_id", [NOBODY, NOBODY.upper(), "1", "x" * 300, "'; drop", "0" * 32, "%00"])
async def test_an_unknown_id_is_not_found(alert_id: str, path: str) -> None:
    """An id of nothing, or of no form that an id has, is 404 wherever it stands."""
    world = await World().open()
    acts = path not in ("", "/timeline")
    address = f"/api/v1/alerts/{alert_id}{path}"
    answer = await (world.post(address, {"text": "x"}) if acts else world.get(address))
    assert answer.status == 404
    assert answer.json()["status"] == 404


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (Reason(why=Why.ACKNOWLEDGED, subject="ada"), "acknowledged by ada"),
        (
            Reason(why=Why.SILENCED, subject="deploy", until=utc(2026, 1, 1, 10)),
            "silenced by deploy until 2026-01-01T10:00:00Z",
        ),
        (Reason(why=Why.IN_MAINTENANCE, subject="db move"), "in maintenance db move"),
        (Reason(why=Why.ROUTE_SUPPRESSES, subject="noise"), "suppressed by route noise"),
        (Reason(why=Why.RESOLVED_BY_SOURCE), "resolved"),
    ],
)
def test_a_reason_is_a_sentence(reason: Reason, text: str) -> None:
    """Why nobody is paged is said with who and until when."""
    assert reason_text(reason) == text


@pytest.mark.parametrize("why", list(Why))
def test_every_reason_has_words(why: Why) -> None:
    """No reason is told by its name alone, and none leaves a blank where nobody is named."""
    assert reason_text(Reason(why=why)).strip() == reason_text(Reason(why=why)) != ""
