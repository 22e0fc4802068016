"""Signing in with a password, setting one by a link, and ending sessions, page by page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import pytest

from tocsin.core.messages import Message
from tocsin.core.people import Permission
from tocsin.core.vocabulary import PersonName
from tocsin.engine import clock
from tocsin.engine.links import Links, token_hash
from tocsin.engine.memos import Memos
from tocsin.engine.passwords import FREE, FREE_AT_AN_ADDRESS, FREE_MAILS
from tocsin.ports.audit import AuditQuery
from tocsin.ports.messages import ClaimedMessage
from tocsin.ports.state import Token
from tocsin.web.pages.browsers import Seen, browser_of
from web.api_world import Answer
from web.test_pages_swap import page
from web.test_pages_world import Browser, House, Page, flaws

GOOD = "a lake of molten tin"
OTHER = "nine slow herons wade"
FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0"


async def invited(house: House, name: str = "grace") -> str:
    """The path of a link with which somebody sets their password."""
    invitation = await house.context.passwords.invite(PersonName(name), by="ada")
    return urlsplit(invitation.url).path


async def set_by(browser: Browser, path: str, password: str = GOOD, again: str | None = None) -> Answer:
    """The answer to a form that sets a password."""
    form = {"password": password, "again": password if again is None else again}
    return await browser.post(path, form, user_agent=FIREFOX)


async def with_password(house: House, name: str = "grace") -> Browser:
    """A browser in which somebody has just set their password."""
    browser = house.browser()
    assert (await set_by(browser, await invited(house, name))).status == 303
    return browser


async def tried(house: House, who: str, password: str, **form: str) -> tuple[Browser, Answer]:
    """A browser that has tried to sign in, and what was answered."""
    browser = house.browser()
    return browser, await browser.post("/sign-in", {"who": who, "password": password, **form}, user_agent=FIREFOX)


async def told(house: House, name: str) -> list[Message]:
    """What somebody was told, or will be."""
    return [one.message for one in await house.book.store.messages_to(PersonName(name), limit=20)]


async def test_an_invitation_sets_a_password_and_signs_in() -> None:
    """Opening the link changes nothing, however often; setting the password uses it up."""
    house = await House().open()
    path = await invited(house)
    for _ in range(2):
        read = await page(house.browser(), path)
        assert flaws(read) == []
        assert "Welcome, Grace Hopper" in read.text
        assert read.fields["who"] == "grace@example.org"
    assert await house.context.passwords.since() == {}
    browser = house.browser()
    assert (await set_by(browser, path)).headers["location"] == "/"
    assert (await browser.get("/")).status == 200
    spent = await house.browser().get(path)
    assert (spent.status, flaws(Page.of(spent))) == (403, [])
    assert (await set_by(house.browser(), path, OTHER)).status == 403


@pytest.mark.parametrize("who", ["grace", " GRACE ", "grace@example.org", "Grace@Example.org"])
async def test_name_or_mail_and_password_sign_in(who: str) -> None:
    """And lead to where somebody wanted to go, on this server alone."""
    house = await House().open()
    await with_password(house)
    browser, answer = await tried(house, who, GOOD, next="/alerts?status=all")
    assert (answer.status, answer.headers["location"]) == (303, "/alerts?status=all")
    assert (await browser.get("/alerts?status=all")).status == 200
    _, astray = await tried(house, who, GOOD, next="//evil.example")
    assert astray.headers["location"] == "/"


async def test_a_wrong_name_is_answered_as_a_wrong_password() -> None:
    """To the letter, but for the name that was typed; the field keeps it, the password's is empty."""
    house = await House().open()
    await with_password(house)
    names = ("grace", "mei", "stranger", "")
    answers = [(await tried(house, who, "wrong"))[1] for who in names]
    texts = [answer.body.decode().replace(who, "") for answer, who in zip(answers, names, strict=True)]
    assert {answer.status for answer in answers} == {403}
    assert len(set(texts)) == 1
    read = Page.of(answers[0])
    assert (read.fields["who"], read.fields["password"]) == ("grace", "")
    assert "do not belong together" in read.text


async def test_guesses_wait_and_are_told_how_long() -> None:
    """After a few wrong ones even the right one waits; other people go on."""
    house = await House().open()
    await with_password(house)
    await with_password(house, "mei")
    answers = [(await tried(house, "grace", "wrong"))[1] for _ in range(FREE)]
    assert [answer.status for answer in answers] == [403] * FREE
    _, answer = await tried(house, "grace", GOOD)
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "Too many tries" in Page.of(answer).text
    assert (await tried(house, "mei", GOOD))[1].status == 303
    assert house.context.passwords.counts == {"wrong": FREE, "hasty": 1, "right": 1}


async def test_an_address_that_tries_many_names_waits() -> None:
    """Right ones do not count, so that a whole office can sign in behind one proxy."""
    house = await House().open()
    await with_password(house)
    for _ in range(FREE_AT_AN_ADDRESS + 5):
        assert (await tried(house, "grace", GOOD))[1].status == 303
    answers = [(await tried(house, f"n{number}", "x"))[1].status for number in range(FREE_AT_AN_ADDRESS + 1)]
    assert answers == [403] * FREE_AT_AN_ADDRESS + [429]


async def test_a_form_from_elsewhere_signs_nobody_in() -> None:
    """Another site cannot make a browser somebody else's."""
    house = await House().open()
    await with_password(house)
    form = {"who": "grace", "password": GOOD}
    for headers in ({"origin": "http://evil.example"}, {"sec_fetch_site": "cross-site"}):
        answer = await house.browser().post("/sign-in", form, **headers)
        assert answer.status == 403
        assert "set-cookie" not in answer.headers
        path = await invited(house)
        assert (await house.browser().post(path, {"password": OTHER, "again": OTHER}, **headers)).status == 403


@pytest.mark.parametrize(
    ("password", "again", "beside", "says"),
    [
        ("short", "short", "password", "It needs 12 characters"),
        ("password2026!", "password2026!", "password", "Many people take this one"),
        ("grace hopper 1", "grace hopper 1", "password", "little more than your name"),
        ("123456789012", "123456789012", "password", "a run of keys"),
        ("x" * 1_001, "x" * 1_001, "password", "longer than a thousand"),
        (GOOD, OTHER, "again", "are not the same"),
    ],
)
async def test_what_is_wrong_with_a_password_is_said(password: str, again: str, beside: str, says: str) -> None:
    """Beside its field; nothing is set, and the link is still good."""
    house = await House().open()
    path = await invited(house)
    answer = await set_by(house.browser(), path, password, again)
    assert answer.status == 422
    assert says in Page.of(answer).wrong[f"wrong-password-{beside}"]
    assert password not in answer.body.decode()
    assert (await set_by(house.browser(), path)).status == 303


async def test_a_recovery_is_mailed_and_says_nothing_of_who_is_there() -> None:
    """The answer is the same for everybody; only whoever there is gets a mail, and only by their own address."""
    house = await House().open()
    await with_password(house)
    answers = [await house.browser().post("/forgotten", {"who": who}) for who in ("grace@example.org", "nobody")]
    assert answers[0].body == answers[1].body
    assert flaws(Page.of(answers[0])) == []
    [mail] = [one for one in await told(house, "grace") if one.kind == "recovery"]
    now = await house.book.store.now()
    claimed = ClaimedMessage(id="m", message=mail, claim=1, repeat=False, claimed_at=now)
    person = house.book.directory().people[PersonName("grace")]
    [contact] = person.by_mail
    assert (contact.channel, contact.address) == ("email", "grace@example.org")
    memo = Memos(house.book.links, house.context.catalogs).memo(claimed, person, contact, repeat=False)
    assert "/password/" not in f"{mail} {memo.text}"
    browser = house.browser()
    assert (await set_by(browser, urlsplit(memo.open_url).path, OTHER)).status == 303
    assert (await tried(house, "grace", OTHER))[1].status == 303
    assert (await tried(house, "grace", GOOD))[1].status == 403


async def test_mails_are_not_sent_for_ever() -> None:
    """Nobody's mailbox is filled by a stranger, known here or not."""
    house = await House().open()
    for who in ("grace", "nobody"):
        answers = [(await house.browser().post("/forgotten", {"who": who})).status for _ in range(FREE_MAILS + 1)]
        assert answers == [200] * FREE_MAILS + [429]
    assert len(await told(house, "grace")) == FREE_MAILS


async def test_without_a_mail_server_the_page_says_who_helps() -> None:
    """There is no form that would do nothing, and an invitation is not mailed."""
    house = await House(mails=False).open()
    read = await page(house.browser(), "/forgotten")
    assert read.forms == {}
    assert "tocsin invite" in read.text
    await house.browser().post("/forgotten", {"who": "grace"})
    await invited(house)
    assert await told(house, "grace") == []


async def test_a_link_is_good_until_the_password_is_another() -> None:
    """Of two links the second is worthless once the first was used; and one for too long ago always is."""
    house = await House().open()
    first, second = await invited(house), await invited(house)
    await set_by(house.browser(), first)
    assert (await house.browser().get(second)).status == 403
    for days, status in ((7, 403), (6, 200)):
        made_at = clock.now() - timedelta(days=days, seconds=1)
        earlier = Links("k" * 40, public_url="http://t", answers_last=timedelta(1), now=partial(lambda at: at, made_at))
        house.context.passwords._links = earlier
        path = await invited(house)
        house.context.passwords._links = house.book.links
        assert (await house.browser().get(path)).status == status


async def test_a_new_password_ends_every_other_session_and_says_so() -> None:
    """Set by oneself with the present one: this browser stays, the others are nobody, and a message tells of it."""
    house = await House().open()
    here = await with_password(house)
    there, _ = await tried(house, "grace", GOOD)
    old = house.browser("grace")
    before = len([one for one in await told(house, "grace") if one.kind == "password_set"])
    form = {"present": GOOD, "password": OTHER, "again": OTHER}
    answer = await here.press("/me/sign-in", "/me/sign-in/password", **form)
    assert (answer.status, answer.headers["location"]) == (303, "/me/sign-in?done")
    assert "Your password is set" in (await page(here, "/me/sign-in?done")).text
    assert [(await one.get("/")).status for one in (here, there, old)] == [200, 303, 303]
    assert len([one for one in await told(house, "grace") if one.kind == "password_set"]) == before + 1


async def test_the_present_password_is_asked_for() -> None:
    """A browser that was left open is not enough."""
    house = await House().open()
    here = await with_password(house)
    form = {"present": "wrong", "password": OTHER, "again": OTHER}
    answer = await here.press("/me/sign-in", "/me/sign-in/password", **form)
    assert answer.status == 422
    assert "not your present password" in Page.of(answer).wrong["wrong-password-present"]
    assert (await tried(house, "grace", GOOD))[1].status == 303


async def test_sessions_are_listed_and_ended() -> None:
    """By what they run in and where they come from; one by one, or all others."""
    house = await House().open()
    here = await with_password(house)
    there, _ = await tried(house, "grace", GOOD)
    read = await page(here, "/me/sign-in")
    assert flaws(read) == []
    assert "Firefox on Android" in read.text
    assert "127.0.0.1" in read.text
    [action] = [one for one in read.forms if one.startswith("/me/sign-in/sessions/")]
    await here.press("/me/sign-in", action)
    assert [(await one.get("/")).status for one in (here, there)] == [200, 303]
    there, _ = await tried(house, "grace", GOOD)
    await here.press("/me/sign-in", "/me/sign-in/others/end")
    assert [(await one.get("/")).status for one in (here, there)] == [200, 303]


async def test_nobody_ends_a_session_of_somebody_else() -> None:
    """Neither by its id nor with a form of another."""
    house = await House().open()
    grace, mei = await with_password(house), await with_password(house, "mei")
    [kept] = await house.context.sessions.of("grace")
    proof = (await page(mei, "/me/sign-in")).forms["/me/sign-in/others/end"]["proof"]
    answer = await mei.post(f"/me/sign-in/sessions/{kept.opening.id}/end", {"proof": proof})
    assert answer.status == 404
    assert (await grace.post("/me/sign-in/others/end", {"proof": proof})).status == 403
    assert (await grace.get("/")).status == 200


async def test_signing_out_ends_the_session_for_good() -> None:
    """A copy of the cookie is worth nothing afterwards."""
    house = await House().open()
    here = await with_password(house)
    copy = house.browser()
    copy.cookies = dict(here.cookies)
    assert (await copy.get("/")).status == 200
    await here.press("/", "/sign-out")
    assert (await copy.get("/")).status == 303


async def test_an_administrator_invites_and_ends() -> None:
    """The link is shown once and mailed; ended sessions are nobody's; all of it is in the log."""
    house = await House().open()
    ada = house.browser("ada")
    assert flaws(await page(ada, "/access")) == []
    read = Page.of(await ada.press("/access", "/access/grace/invite"))
    assert flaws(read) == []
    [url] = re.findall(r"http://\S+/password/\S+", read.text)
    assert [one.kind for one in await told(house, "grace")] == ["invitation"]
    assert "/password/" not in (await page(ada, "/access")).text
    grace = house.browser()
    await set_by(grace, urlsplit(url).path)
    answer = await ada.press("/access", "/access/grace/end")
    assert "have ended" in (await page(ada, answer.headers["location"])).text
    assert (await grace.get("/")).status == 303
    log = await house.book.store.records(AuditQuery(name="grace"))
    noted = [(one.by, one.kind) for one in log if one.kind in ("invitation", "password", "sessions")]
    assert noted == [("ada", "sessions"), ("grace", "password"), ("ada", "invitation")]
    assert GOOD not in str(log)
    assert "argon2" not in str(log)


@pytest.mark.parametrize("name", ["grace", "mei", "stan"])
async def test_only_administrators_let_people_in(name: str) -> None:
    """Whoever could invite somebody could become them."""
    house = await House().open()
    browser = house.browser(name)
    assert (await browser.get("/access")).status == 403
    proof = (await page(browser, "/me")).forms["/sign-out"]["proof"]
    for path in ("/access/ada/invite", "/access/ada/end"):
        assert (await browser.post(path, {"proof": proof})).status == 403
    assert await told(house, "ada") == []


async def test_a_token_is_no_way_to_a_password() -> None:
    """What is lent to a program neither invites beyond its scope nor opens the page of one's own sessions."""
    house = await House().open()
    look = frozenset({Permission.LOOK.value})
    narrow = Token(hash=token_hash("t"), name="t", role="admin", person="ada", scope=look)
    await house.book.store.put_token(narrow)
    for path, status in (("/access", 403), ("/me/sign-in", 303)):
        assert (await house.browser().get(path, authorization="Bearer t")).status == status


async def test_two_people_of_one_mail_address_sign_in_by_name() -> None:
    """The address is nobody's then; each name is its own."""
    house = await House().open()
    await with_password(house)
    people = house.book.directory().people
    twin = replace(people[PersonName("stan")], email="grace@example.org")
    directory = replace(house.book.directory(), people={**people, PersonName("stan"): twin})
    house.context.passwords._directory = lambda: directory
    assert (await tried(house, "grace@example.org", GOOD))[1].status == 403
    assert (await tried(house, "grace", GOOD))[1].status == 303


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        (FIREFOX, "Firefox", "Android"),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                "Version/18.1 Mobile/15E148 Safari/604.1"
            ),
            "Safari",
            "iPhone",
        ),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
                "Safari/537.36 Edg/130.0.0.0"
            ),
            "Edge",
            "Windows",
        ),
        ("curl/8.9", "curl", ""),
        ("", "", ""),
    ],
)
def test_a_browser_is_called_as_people_call_it(agent: str, browser: str, system: str) -> None:
    """Nearly all of them claim to be others as well; what says nothing is not known."""
    assert browser_of(agent) == Seen(browser=browser, system=system)


async def test_the_pages_speak_chinese() -> None:
    """To whoever's browser asks for it."""
    house = await House().open()
    path = await invited(house)
    for address, says in (("/sign-in", "登录"), ("/forgotten", "我无法登录"), (path, "设置密码")):
        answer = await house.browser(language="zh-CN").get(address)
        assert says in Page.of(answer).text
