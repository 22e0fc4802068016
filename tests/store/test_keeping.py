"""Configuration, tokens, links, retention and health, on memory and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from store.scene import START, Scene, trigger
from tocsin.core.alerts.model import Status
from tocsin.core.errors import Refused
from tocsin.ports.state import Document, Token

ADA = Document(kind="user", name="ada", body={"zone": "Europe/Berlin", "contacts": [1, None, 2.5]})
LINUS = Document(kind="user", name="linus", body={"b": 1, "a": 2}, origin="api")


async def test_documents_are_versioned(scene: Scene) -> None:
    """Each change is a revision; what was dropped is gone from the newest, what was put again is there."""
    store = scene.store
    assert await store.documents() == (0, ())
    assert await store.change(put=[LINUS, ADA], drop=[], by="ada", at_revision=0) == 1
    assert await store.documents() == (1, (ADA, LINUS))
    assert await store.change(put=[], drop=[("user", "ada")], by="ada", at_revision=1) == 2
    assert await store.documents() == (2, (LINUS,))
    await store.change(put=[ADA], drop=[("user", "linus"), ("user", "nobody")], by="ada", at_revision=2)
    assert await store.documents() == (3, (ADA,))


async def test_a_body_keeps_its_order(scene: Scene) -> None:
    """A document is exported as it was written: its keys stay in their order."""
    await scene.store.change(put=[LINUS], drop=[], by="ada", at_revision=0)
    _, [document] = await scene.store.documents()
    assert list(document.body) == ["b", "a"]


async def test_a_change_on_an_old_revision_is_refused(scene: Scene) -> None:
    """Whoever has not seen the newest revision cannot overwrite it."""
    await scene.store.change(put=[ADA], drop=[], by="ada", at_revision=0)
    with pytest.raises(Refused, match="revision 1"):
        await scene.store.change(put=[LINUS], drop=[], by="linus", at_revision=0)
    assert await scene.store.documents() == (1, (ADA,))


async def test_tokens_are_replaced_by_name(scene: Scene) -> None:
    """A token of a name that exists takes its place."""
    old, new = (Token(hash=letter * 64, name="ci", role="manager", person="ada") for letter in "ab")
    for token in (old, new):
        await scene.store.put_token(token)
    assert await scene.store.tokens() == (replace(new, made_at=scene.now),)


async def test_a_link_is_good_once(scene: Scene) -> None:
    """A nonce is used once for as long as it is remembered."""
    used = [await scene.store.use_once(nonce, lasts=timedelta(minutes=1)) for nonce in ("a", "a", "b")]
    assert used == [True, False, True]


async def test_old_events_are_forgotten(scene: Scene) -> None:
    """Events go by age, in portions; their alerts stay."""
    alert_id = await scene.one(trigger())
    await scene.take(trigger(), trigger())
    await scene.let_pass(minutes=10)
    await scene.take(trigger())
    age = timedelta(minutes=5)
    assert [await scene.store.forget_events(older_than=age, limit=2) for _ in range(3)] == [2, 1, 0]
    assert len(await scene.store.events_of(alert_id, 10)) == 1


async def test_health_tells_what_is_late(scene: Scene) -> None:
    """A case that nobody decides is late; once decided, its delivery waits; once called, all is well."""
    allowed = timedelta(seconds=30)
    await scene.one(trigger())
    await scene.let_pass(minutes=1)
    health = await scene.store.health(allowed=allowed)
    assert (health.late_cases, health.lateness, dict(health.open_alerts)) == (1, timedelta(minutes=1), {"triggered": 1})
    await scene.store.finish([], scene.calm)
    [claimed] = (await scene.work()).claimed
    await scene.finish(claimed)
    health = await scene.store.health(allowed=allowed)
    assert (health.now, health.late_cases, health.stuck_deliveries) == (scene.now, 0, 0)
    assert health.cases_without_next_step == 0
    assert await scene.store.repair() == 0


async def test_everything_open_is_woken(scene: Scene) -> None:
    """After a change of the configuration every open case is looked at, and is then due when it was."""
    one, two = await scene.one(trigger("one")), await scene.one(trigger("two"))
    await scene.work()
    await scene.command(one)
    await scene.command(two, "resolve")
    assert (await scene.work()).count == 0
    await scene.store.wake_all()
    assert (await scene.work()).count == 1
    assert (await scene.work()).idle is None
    assert (await scene.case_of(one)).alerts[one].status is Status.ACKNOWLEDGED


async def test_what_a_person_was_sent(scene: Scene) -> None:
    """A person's deliveries are listed newest first, with what each carried."""
    first = await scene.one(trigger("a"))
    await scene.work()
    await scene.let_pass(seconds=1)
    second = await scene.one(trigger("b"))
    await scene.work()
    shown = await scene.store.shown_to("ada", 5)
    assert [one.delivery.items[0].alert_ids for one in shown] == [(second,), (first,)]
    assert [one.claimed_at for one in shown] == [START + timedelta(seconds=1), START]
    assert await scene.store.delivery(shown[0].delivery.id) == shown[0]
    assert len(await scene.store.shown_to("ada", 1)) == 1
