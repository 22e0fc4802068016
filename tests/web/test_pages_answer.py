"""Acknowledging by link: the page for somebody who was asleep a moment ago."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tocsin.core.vocabulary import DeliveryId
from tocsin.engine.commands import Actor
from tocsin.engine.links import AnswerLink, Links
from web.test_pages_world import House, Page, flaws


async def rung() -> tuple[House, str, str]:
    """An alert, and the path of the link that Grace was sent."""
    house = await House().open()
    alert_id = await house.alert(description="waits for a lock")
    return house, alert_id, house.book.providers.rang[0].link.removeprefix("http://tocsin.example")


async def test_opening_a_link_changes_nothing() -> None:
    """Programs open links too: however often the page is opened, it rings on, and one big button is shown."""
    house, alert_id, link = await rung()
    for _ in range(3):
        answer = await house.browser().get(link)
        page = Page.of(answer)
        assert answer.status == 200
        assert not flaws(page)
        assert set(page.forms) == {link}
        assert not page.all("script")
    assert "orders late" in page.text
    assert (await house.book.counter.alert(alert_id)).alert.rings


async def test_the_button_acknowledges_without_a_session() -> None:
    """One press, no cookie: the recipient has it, and the page says so."""
    house, alert_id, link = await rung()
    answer = await house.browser().post(link)
    assert answer.status == 200
    assert "You have it" in Page.of(answer).text
    assert not flaws(Page.of(answer))
    assert (await house.book.counter.alert(alert_id)).alert.holder == "grace"
    assert "You have it" in Page.of(await house.browser().get(link)).text


async def test_who_was_faster_is_named() -> None:
    """The second to press is told who has it; the first keeps it."""
    house, alert_id, link = await rung()
    await house.book.counter.acknowledge(alert_id, Actor(name="ada", via="web"))
    answer = await house.browser().post(link)
    assert "Ada Byron has it They were faster than you." in Page.of(answer).text
    assert (await house.book.counter.alert(alert_id)).alert.holder == "ada"


@pytest.mark.parametrize("action", ["resolve", "snooze"])
async def test_what_rings_no_more_needs_no_button(action: str) -> None:
    """Resolved or snoozed meanwhile: the page says so and has nothing to press."""
    house, alert_id, link = await rung()
    counter, ada = house.book.counter, Actor(name="ada", via="web")
    await (counter.resolve(alert_id, ada) if action == "resolve" else _snoozed(house, alert_id, ada))
    page = Page.of(await house.browser().get(link))
    assert not flaws(page)
    assert not page.forms
    assert ("It is over" if action == "resolve" else "It rings nobody now") in page.text


async def test_all_that_a_bundle_told_is_acknowledged() -> None:
    """One press takes everything that the message told of."""
    house = await House().open()
    for number in range(12):
        await house.book.event(f"number {number}")
    await house.book.let_pass(minutes=1)
    bundle = next(rang for rang in house.book.providers.rang if len(rang.alert_ids) > 1)
    link = bundle.link.removeprefix("http://tocsin.example")
    assert f"{len(bundle.alert_ids)} alerts ring" in Page.of(await house.browser().get(link)).text
    await house.browser().post(link)
    for alert_id in bundle.alert_ids:
        assert (await house.book.counter.alert(alert_id)).alert.holder == "grace"


async def test_a_forged_link_is_refused_plainly() -> None:
    """A link that we have not signed changes nothing and is a page of its own."""
    house, alert_id, link = await rung()
    for forged in ("/a/nonsense", f"{link[:-3]}abc"):
        for answer in (await house.browser().get(forged), await house.browser().post(forged)):
            assert answer.status == 403
            assert not flaws(Page.of(answer))
    assert (await house.book.counter.alert(alert_id)).alert.rings


async def test_a_link_of_yesterday_is_gone() -> None:
    """An expired link, and one whose delivery is not kept any more, say that they are no longer good."""
    house, _, _ = await rung()
    past = Links("k" * 40, public_url="", answers_last=timedelta(seconds=-10))
    object.__setattr__(house.context, "links", past)
    expired = past.answer_url(AnswerLink(delivery_id=DeliveryId("x"), recipient="grace"))
    assert (await house.browser().get(expired)).status == 410
    object.__setattr__(house.context, "links", house.book.links)
    unknown = house.book.links.answer_url(AnswerLink(delivery_id=DeliveryId("nowhere"), recipient="grace"))
    answer = await house.browser().get(unknown.removeprefix("http://tocsin.example"))
    assert answer.status == 410
    assert not flaws(Page.of(answer))


async def test_the_page_speaks_the_recipients_language() -> None:
    """Whoever reads Chinese is asked in Chinese, whatever the browser says."""
    house = await House().open()
    await house.alert()
    await house.book.let_pass(minutes=6)
    link = next(rang.link for rang in house.book.providers.rang if rang.person == "mei")
    page = Page.of(await house.browser(language="en").get(link.removeprefix("http://tocsin.example")))
    assert "认领" in page.text
    assert page.all("html")[0]["lang"] == "zh-Hans"


async def _snoozed(house: House, alert_id: str, actor: Actor) -> object:
    return await house.book.counter.snooze(alert_id, actor, lasts=timedelta(hours=1))
