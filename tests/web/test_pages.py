"""Pages as a browser gets them: empty and full, in both languages, with hostile words, by those who may and may not."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest

import tocsin.web
from tocsin.core.errors import Broken, Unavailable
from tocsin.core.vocabulary import Link, Severity
from tocsin.engine.commands import Actor
from tocsin.engine.links import Session
from tocsin.ports.state import AlertQuery
from tocsin.web.pages.forms import local_path
from tocsin.web.pages.live import changes
from tocsin.web.pages.rendering import POLICY
from tocsin.web.pages.static import shelf, static_url
from web.test_pages_world import NOBODY_YET, PAGES, House, Page, flaws

HOSTILE = "<script>alert(1)</script>\" onload='x' {{ 7*7 }} </title>"
VENDOR = Path(tocsin.web.__file__).parent / "static" / "vendor"
ADA = Actor(name="ada", via="web")


async def full() -> tuple[House, dict[str, str]]:
    """One alert in every state."""
    house = await House().open()
    ids = {"resolved": await house.alert("certificate renewed"), "acknowledged": await house.alert("disk fills up")}
    ids["snoozed"] = await house.alert("slow checkout", severity=Severity.WARNING)
    counter = house.book.counter
    await counter.resolve(ids["resolved"], ADA)
    await counter.acknowledge(ids["acknowledged"], ADA)
    await counter.snooze(ids["snoozed"], ADA, lasts=timedelta(hours=2))
    links = (Link(href="https://runbook.example/", text="Runbook"), Link(href="javascript:alert(1)", text="bad"))
    more = {"labels": {"dag": "orders"}, "links": links, "details": {"attempt": 3}, "description": "waits for a lock"}
    ids["triggered"] = await house.alert("orders late", **more)
    await house.book.let_pass(minutes=6)
    return house, ids


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("name", ["ada", "mei", "stan"])
async def test_every_page_stands_when_there_is_nothing(path: str, name: str) -> None:
    """A fresh installation shows each page without a flaw, to whoever may look."""
    house = await House(NOBODY_YET.replace("name: ada", f"name: {name}")).open()
    answer = await house.browser(None if path == "/sign-in" else name).get(path)
    assert answer.status == 200
    assert not flaws(Page.of(answer))


@pytest.mark.parametrize("name", ["ada", "mei", "stan"])
async def test_every_page_stands_when_there_is_much(name: str) -> None:
    """With alerts in every state each page is sound, in English and in Chinese, with its headers."""
    house, ids = await full()
    browser = house.browser(name)
    for path in (*PAGES[:-1], *(f"/alerts/{alert_id}" for alert_id in ids.values())):
        answer = await browser.get(path)
        page = Page.of(answer)
        assert answer.status == 200, path
        assert not flaws(page), path
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["cache-control"] == "no-store"
        assert page.all("html")[0]["lang"] == ("zh-Hans" if name == "mei" else "en")


async def test_no_bare_id_is_shown() -> None:
    """Every text that a page asks for was found: nothing that looks like an id, and no blank, is left."""
    house, ids = await full()
    for path in (*PAGES[:-1], *(f"/alerts/{alert_id}" for alert_id in ids.values())):
        text = Page.of(await house.browser("mei").get(path)).text
        assert "%(" not in text, path
        assert not [word for word in text.split() if word.startswith(("story.", "ladder.", "now.", "alert.", "why."))]


async def test_now_tells_what_rings_and_who_is_rung() -> None:
    """The first page names the alert, whom Tocsin rings, who has the others, and where nobody is on call."""
    house, _ = await full()
    text = Page.of(await house.browser("grace").get("/")).text
    assert "One thing rings. You are on call." in text
    assert "Grace Hopper and 陈梅 are being rung" in text
    assert "Ada Byron, since 03:11" in text
    assert "Nobody" in text


async def test_an_empty_first_page_teaches_the_next_step() -> None:
    """Before the first alert there is a command to paste."""
    house = await House().open()
    text = Page.of(await house.browser("ada").get("/")).text
    assert "Nothing rings." in text
    assert "http://tocsin.example/api/v1/events" in text


async def test_an_alert_shows_its_ladder() -> None:
    """Who was rung and why, what came back, who was missing, what comes next."""
    house, ids = await full()
    text = Page.of(await house.browser("ada").get(f"/alerts/{ids['triggered']}")).text
    for said in (
        "Grace Hopper on call for primary",
        "Nobody is on call for office",
        "Nobody to ask: on to the next step at once.",
        "陈梅 named by the policy",
        "Again from the first step",
        "last resort",
        "webhook sent 200",
        "dag=orders",
        "waits for a lock",
        "Runbook",
    ):
        assert said in text, said


async def test_a_link_that_runs_a_program_is_not_shown() -> None:
    """Of the links that a source sends only addresses of pages become links."""
    house, ids = await full()
    page = Page.of(await house.browser("ada").get(f"/alerts/{ids['triggered']}"))
    assert not [link for link in page.all("a") if not str(link["href"]).startswith(("/", "https://", "http://", "#"))]


async def test_hostile_words_stay_words() -> None:
    """Whatever a source or a person writes is shown, never run."""
    house = await House().open()
    alert_id = await house.alert(HOSTILE, labels={HOSTILE: HOSTILE}, description=HOSTILE, details={"a": HOSTILE})
    browser = house.browser("ada")
    await browser.press(f"/alerts/{alert_id}", f"/alerts/{alert_id}/note", text=HOSTILE)
    link = house.book.providers.rang[0].link.removeprefix("http://tocsin.example")
    for path in ("/", "/alerts", f"/alerts?text={'%3Cscript%3E'}", f"/alerts/{alert_id}", link):
        answer = await browser.get(path)
        assert not flaws(Page.of(answer)), path
        assert b"<script>alert" not in answer.body, path


async def test_the_list_is_filtered_by_its_address() -> None:
    """Status, service, team and words narrow the list; what is unknown is left out of account."""
    house, _ = await full()
    browser = house.browser("ada")

    async def shown(query: str) -> int:
        return len([row for row in Page.of(await browser.get(f"/alerts?{query}")).all("li") if "data-row" in row])

    assert await shown("") == 3
    assert await shown("status=resolved") == 1
    assert await shown("status=all&team=data") == 4
    assert await shown("status=all&text=ORDERS") == 1
    assert await shown("service=pipelines&status=nonsense&team=nobody") == 3


async def test_a_long_list_is_read_in_parts() -> None:
    """Fifty a page, and an address for the rest."""
    house = await House().open()
    for number in range(53):
        await house.book.event(f"number {number}")
    browser = house.browser("ada")
    first = Page.of(await browser.get("/alerts"))
    older = next(link["href"] for link in first.all("a") if link.get("rel") == "next")
    second = Page.of(await browser.get(str(older)))
    assert [len([row for row in page.all("li") if "data-row" in row]) for page in (first, second)] == [50, 3]


async def test_schedules_say_gaps_in_words() -> None:
    """Who is on call, where nobody is and why, in the viewer's zone, the schedule's own named."""
    house = await House().open()
    text = Page.of(await house.browser("ada").get("/schedules")).text
    assert "Grace Hopper until tomorrow 09:00" in text
    assert "Nobody is on call until tomorrow 02:00." in text
    assert "No layer of the schedule covers this time." in text
    assert "kept in Asia/Shanghai" in text
    assert "override" in text


async def test_the_zone_is_the_browsers_where_nobody_told_one() -> None:
    """Whoever is no person reads times in the browser's zone; a zone that there is not is UTC."""
    house = await House().open()
    browser = house.browser("setup")
    for cookie, zone in (("Asia%2FTokyo", "Asia/Tokyo"), ("../../etc/passwd", "UTC"), ("Nowhere", "UTC")):
        browser.cookies["tocsin_zone"] = cookie
        assert f"Times in {zone}" in Page.of(await browser.get("/schedules")).text


@pytest.mark.parametrize(
    ("action", "fields", "status"),
    [
        ("acknowledge", {}, "acknowledged"),
        ("resolve", {}, "resolved"),
        ("snooze", {"for": "30m"}, "snoozed"),
        ("snooze", {"for": "morning"}, "snoozed"),
        ("escalate", {}, "triggered"),
        ("add", {"person": "mei"}, "triggered"),
        ("reassign", {"person": "mei"}, "triggered"),
        ("note", {"text": "looked at it"}, "triggered"),
    ],
)
async def test_every_button_does_what_it_says(action: str, fields: dict[str, str], status: str) -> None:
    """A form leads back to the alert, which is then as the button promised."""
    house = await House().open()
    alert_id = await house.alert()
    page = f"/alerts/{alert_id}"
    answer = await house.browser("ada").press(page, f"{page}/{action}", **fields)
    assert (answer.status, answer.headers["location"]) == (303, page)
    assert (await house.book.counter.alert(alert_id)).alert.status.value == status


async def test_an_acknowledgement_can_be_given_back() -> None:
    """Who has it can say that they cannot take it after all."""
    house = await House().open()
    page = f"/alerts/{await house.alert()}"
    browser = house.browser("ada")
    await browser.press(page, f"{page}/acknowledge")
    assert (await browser.press(page, f"{page}/unacknowledge")).status == 303
    assert (await house.book.store.alerts(AlertQuery())).items[0].alert.rings


async def test_what_was_typed_is_kept_when_it_is_refused() -> None:
    """A refusal is told on the same page, and the text stands in its field."""
    house = await House().open()
    page = f"/alerts/{await house.alert()}"
    answer = await house.browser("ada").press(page, f"{page}/note", text="x" * 25_001)
    assert answer.status == 422
    assert "between 1 and 25,000 characters" in Page.of(answer).text
    assert b"x" * 25_001 in answer.body


async def test_a_form_without_proof_changes_nothing() -> None:
    """A foreign page that sends a form with somebody's cookie is refused; so are a stale and a stranger's proof."""
    house = await House().open()
    alert_id = await house.alert()
    grace = Page.of(await house.browser("grace").get(f"/alerts/{alert_id}")).forms["/sign-out"]["proof"]
    for proof in ("", "0" * 64, grace):
        answer = await house.browser("ada").post(f"/alerts/{alert_id}/resolve", {"proof": proof})
        assert answer.status == 403
    assert (await house.book.counter.alert(alert_id)).alert.rings


async def test_a_stakeholder_may_look_and_not_act() -> None:
    """No button is shown to them, and a form of theirs is refused."""
    house = await House().open()
    alert_id = await house.alert()
    browser = house.browser("stan")
    page = Page.of(await browser.get(f"/alerts/{alert_id}"))
    assert set(page.forms) == {"/sign-out"}
    answer = await browser.post(f"/alerts/{alert_id}/resolve", page.forms["/sign-out"])
    assert answer.status == 403
    assert not flaws(Page.of(answer))


@pytest.mark.parametrize("path", ["/", "/alerts?status=all", "/schedules", "/alerts/x"])
async def test_who_is_not_signed_in_is_asked_to(path: str) -> None:
    """Every page but those for everybody leads to the sign-in, which knows the way back."""
    house = await House().open()
    answer = await house.browser().get(path)
    assert answer.status == 303
    assert answer.headers["location"].startswith("/sign-in?next=/")


async def test_a_sign_in_link_works_once() -> None:
    """It signs in and leads to where one wanted to go; the second time it is a plain page."""
    house = await House().open()
    browser = house.browser()
    await browser.get("/sign-in?next=/schedules")
    session = Session(subject="ada", role="admin")
    url = house.book.links.sign_in_url(session).removeprefix("http://tocsin.example")
    answer = await browser.get(url)
    assert (answer.status, answer.headers["location"]) == (303, "/schedules")
    assert (await browser.get("/")).status == 200
    for again in (url, "/sign-in/forged"):
        spent = await house.browser().get(again)
        assert spent.status == 403
        assert not flaws(Page.of(spent))


async def test_signing_out_ends_the_session_here() -> None:
    """Afterwards the first page asks to sign in again."""
    house = await House().open()
    browser = house.browser("ada")
    assert (await browser.press("/", "/sign-out")).status == 303
    assert (await browser.get("/")).status == 303


@pytest.mark.parametrize("text", ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "/a\r\nx: y"])
def test_nobody_is_led_astray(text: str) -> None:
    """A way back leads to this server or nowhere."""
    assert local_path(text, "/") == "/"
    assert local_path("/alerts?status=all", "/") == "/alerts?status=all"


async def test_errors_are_pages_too() -> None:
    """What is not there is said calmly, in the reader's language, with a way on."""
    house = await House().open()
    answer = await house.browser("mei").get("/alerts/nowhere")
    assert answer.status == 404
    assert "这里没有内容" in Page.of(answer).text
    assert not flaws(Page.of(answer))


@pytest.mark.parametrize("error", [Unavailable("the database is away"), Broken("a bug")])
async def test_a_store_that_is_away_still_leaves_a_page(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that cannot be made is an error page with a sentence, and shows nothing of our insides."""
    house = await House().open()

    async def away() -> None:
        raise error

    monkeypatch.setattr(house.book.store, "now", away)
    answer = await house.browser("ada").get("/")
    page = Page.of(answer)
    assert answer.status == (503 if isinstance(error, Unavailable) else 500)
    assert not flaws(page)
    assert "a bug" not in page.text


async def test_the_demo_shows_phones_that_ring() -> None:
    """Three phones; that of whoever is on call rings, its button answers, and the others are told."""
    house = await House(phones=True).open()
    await house.alert()
    browser = house.browser()
    page = Page.of(await browser.get("/demo"))
    assert not flaws(page)
    assert "Grace is being rung." in page.text
    action = next(action for action in page.forms if action.startswith("/a/"))
    answer = await browser.post(action, page.forms[action])
    assert (answer.status, answer.headers["location"]) == (303, "/demo")
    assert "Grace Hopper has it." in Page.of(await browser.get("/demo")).text


async def test_the_demo_breaks_again_for_its_own_page_alone() -> None:
    """The button works on the page, not from elsewhere."""
    house = await House(phones=True).open()
    browser = house.browser()
    assert not flaws(Page.of(await browser.get("/demo")))
    assert (await browser.post("/demo/again", origin="http://evil.example")).status == 403
    assert (await browser.post("/demo/again")).status == 303
    assert house.broken_again == 1


async def test_there_is_no_demo_without_phones() -> None:
    """An installation in earnest has no such page."""
    house = await House().open()
    assert (await house.browser("ada").get("/demo")).status == 404


async def test_a_live_page_hears_of_its_own_group() -> None:
    """A page about one group is told of that group and of "any", not of others."""
    house = await House().open()
    told = changes(house.context, "mine")
    assert "hello" in await anext(told)
    task = asyncio.ensure_future(anext(told))
    await asyncio.sleep(0)
    house.context.live.changed("other")
    await asyncio.sleep(0.01)
    assert not task.done()
    house.context.live.changed("mine")
    assert await task == "event: changed\ndata: changed\n\n"
    await told.aclose()


async def test_static_files_are_kept_for_ever_under_their_name() -> None:
    """The present address is immutable, an older one is served and not kept, and packed where the browser can."""
    house = await House().open()
    browser = house.browser()
    fresh = await browser.get(static_url("tocsin.css"), accept_encoding="gzip")
    assert fresh.headers["cache-control"].endswith("immutable")
    assert fresh.headers["content-encoding"] == "gzip"
    assert (await browser.get("/static/0ld/tocsin.css")).headers["cache-control"] == "no-cache"
    assert (await browser.get("/static/x/../../context.py")).status == 404


def test_styles_and_scripts_name_files_that_are_there() -> None:
    """Every file that the style sheet asks for is on the shelf, and nothing comes from elsewhere."""
    css = shelf().plain["tocsin.css"].decode()
    asked = [part.split('"')[1] for part in css.split("url(")[1:]]
    assert [one for one in asked if not one.startswith("data:") and one not in shelf().plain] == []
    assert "@import" not in css


def test_vendored_files_are_what_they_were() -> None:
    """Each file of others is listed with its package, version, licence and hash, and has not been changed."""
    listed = json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))
    for one in listed:
        folder = VENDOR / one["folder"]
        found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
        assert found == one["sha256"], one["name"]
        assert "LICENSE" in found
        assert {"name", "version", "package", "licence", "origin"} <= set(one)
    assert {one["folder"] for one in listed} == {path.name for path in VENDOR.iterdir() if path.is_dir()}
