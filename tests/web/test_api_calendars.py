"""Calendars to subscribe to, over HTTP: their secret addresses, who gets one, and what a program reads there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import icalendar
import pytest

from tocsin.core.schedules import Layer, Override, Rotation, Schedule, Turn, Unit
from tocsin.core.vocabulary import Span, utc
from tocsin.ports.calendars import Publication, PublicationKind
from tocsin.web.server import create_app
from web.api_world import Answer, World

ROTA = "/api/v1/schedules/data-primary/calendar"
GRACE = "/api/v1/people/grace/calendar"


async def address(world: World, asked: str = ROTA, *, by: str = "admin") -> str:
    """The path of a calendar's address."""
    url = (await world.get(asked, by=by)).json()["url"]
    assert url.startswith("https://tocsin.example.org/calendars/")
    return str(url).removeprefix("https://tocsin.example.org")


def events(answer: Answer) -> list[Any]:
    """The events that a calendar program finds."""
    assert answer.status == 200
    return icalendar.Calendar.from_ical(answer.body).walk("VEVENT")


def told(answer: Answer) -> list[tuple[str, str, int, str]]:
    """Start, summary, sequence and status of the first events."""
    return [
        (f"{one.start:%Y-%m-%d %H:%M}", str(one["SUMMARY"]), one["SEQUENCE"], str(one["STATUS"]))
        for one in events(answer)
    ]


async def test_a_schedule_is_read_without_signing_in() -> None:
    """The address alone opens it: whole shifts from 30 days back to 180 ahead, on the clock of the schedule."""
    world = await World().open()
    answer = await world.get(await address(world), by=None)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"].startswith("private")
    found = told(answer)
    assert found[0] == ("2026-10-19 09:00", "Grace on call: data-primary", 0, "CONFIRMED")
    assert found[-1] == ("2027-05-17 09:00", "Grace on call: data-primary", 0, "CONFIRMED")
    assert len(found) == 31


async def test_the_address_is_the_same_until_it_is_reset() -> None:
    """Everybody who may see it gets one address; a reset gives another, and the old one is nobody's."""
    world = await World().open()
    first = await address(world)
    assert await address(world, by="grace") == first
    reset = await world.post(f"{ROTA}/reset")
    assert reset.status == 200
    second = await address(world)
    assert reset.json()["url"].endswith(second)
    assert first != second
    assert [(await world.get(path, by=None)).status for path in (first, second)] == [404, 200]


async def test_a_person_has_a_calendar_over_all_schedules() -> None:
    """Their shifts wherever they are, on their own clock, with those who serve beside them."""
    world = await World().open()
    rotation = Rotation(
        every=Turn(count=1, unit=Unit.DAYS),
        anchor=utc(2026, 11, 22).replace(tzinfo=None),
        participants=(("grace", "linus"), ("ada",)),
    )
    zone = world.directory.schedules["data-primary"].time_zone
    extra = Schedule(
        name="desk", time_zone=zone, layers=(Layer(name="daily", rotation=rotation, end=utc(2026, 11, 26)),)
    )
    world.directory = replace(world.directory, schedules={**world.directory.schedules, "desk": extra})
    found = told(await world.get(await address(world, GRACE, by="grace"), by=None))
    summaries = {summary for _, summary, _, _ in found}
    assert summaries == {"On call: data-primary", "On call: desk, with Linus"}
    assert found[0] == ("2026-10-19 09:00", "On call: data-primary", 0, "CONFIRMED")


@pytest.mark.parametrize(
    ("asked", "by", "status"),
    [
        (ROTA, "grace", 200),
        (ROTA, "stan", 403),
        (ROTA, None, 401),
        ("/api/v1/schedules/nights/calendar", "admin", 404),
        (GRACE, "grace", 200),
        (GRACE, "admin", 200),
        (GRACE, "stan", 403),
        (GRACE, None, 401),
        ("/api/v1/people/stan/calendar", "stan", 200),
        ("/api/v1/people/ada/calendar", "grace", 403),
        ("/api/v1/people/nobody/calendar", "admin", 404),
    ],
)
async def test_who_gets_an_address(asked: str, by: str | None, status: int) -> None:
    """One's own, or any as a manager or administrator; a schedule's for all who may act."""
    assert (await (await World().open()).get(asked, by=by)).status == status


@pytest.mark.parametrize(
    ("asked", "by", "status"),
    [(ROTA, "admin", 200), (ROTA, "grace", 403), (GRACE, "grace", 200), (GRACE, "stan", 403), (GRACE, None, 401)],
)
async def test_who_resets_an_address(asked: str, by: str | None, status: int) -> None:
    """One's own; a schedule's, which many have, as a manager or administrator."""
    assert (await (await World().open()).post(f"{asked}/reset", by=by)).status == status


async def test_a_foreign_page_resets_nothing() -> None:
    """With somebody's session, but from elsewhere, a reset is refused."""
    world = await World().open()
    cookie = world.cookie("grace", "responder")
    answer = await world.post(f"{GRACE}/reset", by=None, cookie=cookie, origin="https://evil.example")
    assert answer.status == 403


async def test_a_wrong_address_is_not_found() -> None:
    """Forged, cut, made for somebody else's nonce, or of somebody who has left: 404, and no word about which."""
    world = await World().open()
    path = await address(world, GRACE)
    token = path.removeprefix("/calendars/").removesuffix(".ics")
    other, unasked = (
        world.links.calendar_url(Publication(kind=PublicationKind.PERSON, name=name), "guessed").rpartition("/")[2]
        for name in ("grace", "ada")
    )
    forged = f"{token[:-9]}{'A' if token[-9] != 'A' else 'B'}{token[-8:]}"
    wrong = [f"{forged}.ics", token, "x.ics", ".ics", other, unasked]
    wrong += [f"{one}.ics" for one in ("\x00", "é", ".", "a.b.c", " ", "9" * 400, "%00", "a%2Fb")]
    answers = [await world.get(f"/calendars/{one}", by=None) for one in wrong]
    assert [answer.status for answer in answers] == [404] * len(wrong)
    assert answers[0].body == answers[2].body == answers[4].body == answers[5].body
    people = {name: one for name, one in world.directory.people.items() if name != "grace"}
    world.directory = replace(world.directory, people=people)
    assert (await world.get(path, by=None)).status == 404


async def test_what_has_not_changed_is_not_sent_again() -> None:
    """Asked with the tag that was given, also a weak one, the answer is 304 without a body, until something changes."""
    world = await World().open()
    path = await address(world)
    first = await world.get(path, by=None)
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = await world.get(path, by=None, if_none_match=known)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    world.clock.move(timedelta(minutes=10))
    assert (await world.get(path, by=None)).body == first.body
    assert (await world.get(path, by=None, if_none_match='"x"')).status == 200
    world.clock.move(timedelta(days=7))
    assert (await world.get(path, by=None, if_none_match=tag)).status == 200


async def test_a_program_may_ask_for_the_head_alone() -> None:
    """HEAD is answered as GET is, with the tag."""
    world = await World().open()
    path = await address(world)
    head = await world.call("HEAD", path, by=None)
    assert head.headers["etag"] == (await world.get(path, by=None)).headers["etag"]


async def test_an_edit_is_told_to_those_who_follow() -> None:
    """A shift that changes hands is told under the same name with the next number; what is gone is cancelled."""
    world = await World().open()
    path = await address(world)
    mine = await address(world, GRACE)
    before = {str(one["UID"]): one for one in events(await world.get(path, by=None))}
    assert ("2026-12-14 09:00", "On call: data-primary", 0, "CONFIRMED") in told(await world.get(mine, by=None))
    rota = world.directory.schedules["data-primary"]
    taken = Override(people=("ada",), span=Span(utc(2026, 12, 14, 8), utc(2026, 12, 21, 8)), made=1)
    edited = replace(rota, overrides=(taken,))
    world.directory = replace(world.directory, schedules={"data-primary": edited})
    after = {str(one["UID"]): one for one in events(await world.get(path, by=None))}
    assert after.keys() == before.keys()
    changed = [str(one["SUMMARY"]) for uid, one in after.items() if one["SEQUENCE"] != before[uid]["SEQUENCE"]]
    assert changed == ["Ada on call: data-primary"]
    assert ("2026-12-14 09:00", "On call: data-primary", 1, "CANCELLED") in told(await world.get(mine, by=None))


async def test_without_a_keeper_there_are_no_calendars() -> None:
    """What a server cannot do it does not describe."""
    world = await World().open()
    world.app = create_app(replace(world.context, calendars=None))
    assert (await world.get(ROTA)).status == 404
    assert "/calendars/{token}.ics" not in (await world.get("/api/openapi.json")).json()["paths"]
