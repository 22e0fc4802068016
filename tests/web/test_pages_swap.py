"""The page of one offered shift: opening it changes nothing, and one press answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tocsin.core.overriding import Asker
from tocsin.core.swapping import Offer
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, utc
from tocsin.ports.exchange import OfferWish
from web.test_pages_schedule import OUTSIDER
from web.test_pages_world import Browser, House, Page, flaws

ROTA = ScheduleName("primary")
#: On call in `primary`: Grace until Monday 23 at 09:00, then Ada until Monday 30 but for Mei's night in between.
MONDAY = Span(utc(2026, 11, 23, 8), utc(2026, 11, 24, 8))


async def house() -> House:
    """An installation on the night of Sunday 2026-11-22, 03:11 in Berlin."""
    return await House(OUTSIDER).open()


async def offered(home: House, by: str = "ada", span: Span = MONDAY, **more: Any) -> Offer:
    """An offer of somebody's."""
    asker = Asker(name=by, person=PersonName(by), manages=False)
    return await home.context.exchange.offer(OfferWish(schedule=ROTA, by=PersonName(by), span=span, **more), asker)


async def page(browser: Browser, path: str) -> Page:
    """A page that stands."""
    answer = await browser.get(path)
    assert answer.status == 200, path
    read = Page.of(answer)
    assert not flaws(read), path
    assert "%(" not in read.text
    return read


def on_call(home: House, at: Instant) -> tuple[str, ...]:
    """Who is on call at an instant."""
    return home.book.directory().rota.on_call(ROTA, at).people


def actions(read: Page, known: Offer) -> set[str]:
    """What can be done with an offer on a page."""
    start = f"/swaps/{known.id}/"
    return {action.removeprefix(start) for action in read.forms if action.startswith(start)}


async def test_opening_it_changes_nothing() -> None:
    """Programs open links, too: only a button answers."""
    home = await house()
    known = await offered(home)
    for _ in range(2):
        await page(home.browser("grace"), f"/swaps/{known.id}")
    assert await home.context.exchange.offers() == [known]


async def test_it_tells_whose_shift_and_when_on_the_viewers_clock() -> None:
    """Whose, when in the viewer's zone, until when to answer; a zone that differs is named."""
    home = await house()
    known = await offered(home, note="school play")
    text = (await page(home.browser("grace"), f"/swaps/{known.id}")).text
    assert "Ada Byron offers a shift" in text
    assert "Mon 23 Nov 09:00 – Tue 24 Nov 09:00 24 h · Europe/Berlin" in text
    assert "school play" in text
    assert "Until somebody takes it, Ada Byron stays on call." in text
    mei = (await page(home.browser("mei"), f"/swaps/{known.id}")).text
    assert "Ada Byron 让出一个班次" in mei
    assert "11月23日周一 16:00 至 11月24日周二 16:00" in mei
    assert "Asia/Shanghai · 按 Europe/Berlin 排班" in mei


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("grace", {"take", "part", "decline"}),
        ("mei", {"take", "part", "decline", "withdraw"}),
        ("ada", {"withdraw"}),
        ("otto", set()),
        ("stan", set()),
        ("setup", {"withdraw"}),
    ],
)
async def test_each_role_sees_what_it_can_do(name: str, may: set[str]) -> None:
    """Who was asked answers, who offered withdraws, managers withdraw anybody's, and the others look on."""
    home = await house()
    known = await offered(home)
    assert actions(await page(home.browser(name), f"/swaps/{known.id}"), known) == may


@pytest.mark.parametrize("name", ["otto", "stan"])
@pytest.mark.parametrize("action", ["take", "part", "decline", "withdraw"])
async def test_a_stranger_is_refused(name: str, action: str) -> None:
    """Whoever was not asked, or only looks on, changes nothing with a form of their own."""
    home = await house()
    known = await offered(home)
    browser = home.browser(name)
    proof = (await page(browser, f"/swaps/{known.id}")).forms["/sign-out"]["proof"]
    form = {"proof": proof, "from": "2026-11-23T10:00", "to": "2026-11-23T12:00"}
    assert (await browser.post(f"/swaps/{known.id}/{action}", form)).status == 403
    assert (await home.browser("grace").post(f"/swaps/{known.id}/{action}", {})).status == 403
    assert await home.context.exchange.offers() == [known]


async def test_one_press_takes_all_of_it() -> None:
    """The taker is on call at once, both sides see it, and nothing is left to press."""
    home = await house()
    known = await offered(home)
    path = f"/swaps/{known.id}"
    answer = await home.browser("grace").press(path, f"{path}/take")
    assert (answer.status, answer.headers["location"]) == (303, path)
    assert on_call(home, MONDAY.start) == ("grace",)
    for name in ("grace", "ada"):
        read = await page(home.browser(name), path)
        assert "Taken" in read.text
        assert "Grace Hopper Mon 23 Nov 09:00 – Tue 24 Nov 09:00" in read.text
        assert not actions(read, known)
    row = (await page(home.browser("stan"), "/schedules/primary")).text
    assert "Mon 23 Nov 09:00 – Tue 24 Nov 09:00 Grace Hopper instead of Ada Byron" in row


async def test_a_part_is_taken_and_the_rest_is_left() -> None:
    """Two times give a part; the page then offers the rest."""
    home = await house()
    known = await offered(home)
    path = f"/swaps/{known.id}"
    read = await page(home.browser("grace"), path)
    assert (read.fields["from"], read.fields["to"]) == ("2026-11-23T09:00", "2026-11-24T09:00")
    times = {"from": "2026-11-23T09:00", "to": "2026-11-23T12:00"}
    assert (await home.browser("grace").press(path, f"{path}/part", **times)).status == 303
    assert on_call(home, utc(2026, 11, 23, 10)) == ("grace",)
    assert on_call(home, utc(2026, 11, 23, 12)) == ("ada",)
    read = await page(home.browser("mei"), path)
    assert "Grace Hopper 11月23日周一 16:00 至 19:00" in read.text
    assert read.fields["from"] == "2026-11-23T19:00"
    await home.browser("mei").press(path, f"{path}/take")
    assert on_call(home, utc(2026, 11, 23, 12)) == ("mei",)


@pytest.mark.parametrize(
    ("times", "field", "said"),
    [
        ({"from": "", "to": "2026-11-23T12:00"}, "from", "Choose a date and a time."),
        ({"from": "2026-11-23T12:00", "to": "2026-11-23T11:00"}, "to", "It ends before it begins."),
        ({"from": "2026-11-24T12:00", "to": "2026-11-24T13:00"}, "from", "That part is not left any more."),
    ],
)
async def test_a_part_that_cannot_be_is_refused_beside_its_field(times: dict[str, str], field: str, said: str) -> None:
    """The form stays open with what was typed; nothing is taken."""
    home = await house()
    known = await offered(home)
    path = f"/swaps/{known.id}"
    answer = await home.browser("grace").press(path, f"{path}/part", **times)
    read = Page.of(answer)
    assert (answer.status, set(read.wrong)) == (422, {f"wrong-part-{field}"})
    assert read.wrong[f"wrong-part-{field}"].startswith(said)
    assert (read.fields["from"], read.fields["to"]) == (times["from"], times["to"])
    assert "open" in next(one for one in read.all("details") if one.get("id") == "part")
    assert not flaws(read)
    assert await home.context.exchange.offers() == [known]


async def test_what_has_begun_is_taken_from_the_next_minute_on() -> None:
    """Cover that was asked for a moment ago begins within a minute: the field shows the minute, and that is fine."""
    home = await house()
    home.book.clock.move(timedelta(seconds=37))
    asker = Asker(name="grace", person=PersonName("grace"), manages=False)
    [known] = await home.context.exchange.cover(asker, lasts=timedelta(hours=2), schedule=None, note="")
    home.book.clock.move(timedelta(seconds=5))
    path = f"/swaps/{known.id}"
    read = await page(home.browser("ada"), path)
    assert "Grace Hopper asks you to take over" in read.text
    times = {"from": read.fields["from"], "to": read.fields["to"]}
    assert (await home.browser("ada").press(path, f"{path}/part", **times)).status == 303
    [after] = await home.context.exchange.offers()
    assert after.taken[0].span == Span(utc(2026, 11, 22, 2, 12), known.span.end)


async def test_saying_no_leaves_the_door_open() -> None:
    """Whoever cannot may still change their mind; whoever offered sees who cannot."""
    home = await house()
    known = await offered(home, to=(PersonName("grace"),))
    path = f"/swaps/{known.id}"
    assert (await home.browser("grace").press(path, f"{path}/decline")).status == 303
    read = await page(home.browser("grace"), path)
    assert "You have said that you cannot." in read.text
    assert actions(read, known) == {"take", "part"}
    assert "Nobody can" in (await page(home.browser("ada"), path)).text
    await home.browser("grace").press(path, f"{path}/take")
    assert on_call(home, MONDAY.start) == ("grace",)


async def test_a_withdrawn_offer_cannot_be_taken_any_more() -> None:
    """Who presses too late reads what has become of it, on the same page."""
    home = await house()
    known = await offered(home)
    path = f"/swaps/{known.id}"
    grace = home.browser("grace")
    form = (await page(grace, path)).forms[f"{path}/take"]
    assert (await home.browser("ada").press(path, f"{path}/withdraw")).status == 303
    answer = await grace.post(f"{path}/take", form)
    read = Page.of(answer)
    assert answer.status == 422
    assert "This offer was withdrawn." in read.text
    assert not actions(read, known)
    assert on_call(home, MONDAY.start) == ("ada",)


async def test_who_was_slower_reads_that_it_is_taken() -> None:
    """Two press at once: the second one is told, and the rota has the first."""
    home = await house()
    known = await offered(home)
    path = f"/swaps/{known.id}"
    mei = home.browser("mei")
    form = (await page(mei, path)).forms[f"{path}/take"]
    await home.browser("grace").press(path, f"{path}/take")
    answer = await mei.post(f"{path}/take", form)
    assert "已有人全部接下。" in Page.of(answer).text
    assert on_call(home, MONDAY.start) == ("grace",)


async def test_an_exchange_is_taken_whole_and_shown_on_both_sides() -> None:
    """No part of an exchange can be taken; taken, each serves the other's shift."""
    home = await house()
    back = Span(utc(2026, 11, 30, 8), utc(2026, 12, 1, 8))
    known = await offered(home, to=(PersonName("grace"),), in_return=back)
    path = f"/swaps/{known.id}"
    grace = home.browser("grace")
    read = await page(grace, path)
    assert "In exchange Mon 30 Nov 09:00 – Tue 1 Dec 09:00" in read.text
    assert actions(read, known) == {"take", "decline"}
    proof = read.forms[f"{path}/take"]["proof"]
    times = {"proof": proof, "from": "2026-11-23T09:00", "to": "2026-11-23T12:00"}
    assert "An exchange is taken as a whole." in Page.of(await grace.post(f"{path}/part", times)).text
    await grace.press(path, f"{path}/take")
    assert (on_call(home, MONDAY.start), on_call(home, back.start)) == (("grace",), ("ada",))


async def test_an_offer_ends_with_its_time() -> None:
    """What nobody has taken in time is over, and cannot be pressed."""
    home = await house()
    known = await offered(home)
    home.book.clock.move(timedelta(days=2))
    read = await page(home.browser("grace"), f"/swaps/{known.id}")
    assert "Expired" in read.text
    assert not actions(read, known)


async def test_an_offer_that_is_not_there_is_missing() -> None:
    """An unknown id, an unknown action, an offer of a schedule that is gone: each is a page that says so."""
    home = await house()
    known = await offered(home)
    grace = home.browser("grace")
    proof = (await page(grace, "/me")).forms["/sign-out"]["proof"]
    assert (await grace.get("/swaps/x")).status == 404
    assert (await grace.post("/swaps/x/take", {"proof": proof})).status == 404
    assert (await grace.post(f"/swaps/{known.id}/sing", {"proof": proof})).status == 404
    answer = await home.browser().get(f"/swaps/{known.id}")
    assert answer.headers["location"] == f"/sign-in?next=/swaps/{known.id}"


async def test_an_answer_leads_back_to_where_it_was_given() -> None:
    """From the schedule's page and from one's own one comes back there, and nowhere else."""
    home = await house()
    known = await offered(home)
    grace = home.browser("grace")
    for path in ("/schedules/primary", "/me"):
        read = await page(grace, path)
        assert {"take", "decline"} <= actions(read, known), path
        assert read.forms[f"/swaps/{known.id}/take"]["back"] == path
    answer = await grace.press("/me", f"/swaps/{known.id}/decline", back="//evil.example/")
    assert answer.headers["location"] == f"/swaps/{known.id}"


async def test_open_offers_stand_on_the_schedules_page() -> None:
    """Soonest first, each with what its viewer can do; what is over is not there."""
    home = await house()
    later = await offered(home, span=Span(utc(2026, 11, 28, 8), utc(2026, 11, 29, 8)))
    sooner = await offered(home)
    text = (await page(home.browser("grace"), "/schedules/primary")).text
    assert "Offered shifts Mon 23 Nov 09:00" in text
    assert text.index("Mon 23 Nov 09:00 – Tue") < text.index("Sat 28 Nov 09:00 – Sun")
    await home.browser("ada").press("/me", f"/swaps/{sooner.id}/withdraw")
    await home.browser("ada").press("/me", f"/swaps/{later.id}/withdraw")
    assert "Offered shifts" not in (await page(home.browser("grace"), "/schedules/primary")).text
