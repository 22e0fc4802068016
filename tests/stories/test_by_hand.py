"""What people do by hand: escalate, hand over, bring somebody in, page somebody directly."""

from __future__ import annotations

import pytest

from playbook import TEAM, Playbook, by
from tocsin.core.errors import Refused


async def test_escalate_does_not_wait() -> None:
    """The next step begins at once, and the one after it keeps its distance."""
    book = Playbook()
    taken = await book.event()
    await book.counter.escalate(taken.alert_id or "", by("ada"))
    await book.work()
    book.expect("ada hook", "linus hook")


async def test_hand_over_rings_only_that_person() -> None:
    """Whoever it is handed to is rung at once, nobody else; without an answer the policy begins anew."""
    book = Playbook()
    taken = await book.event()
    await book.counter.reassign(taken.alert_id or "", by("ada"), "linus")
    await book.work()
    book.expect("ada hook", "linus hook")
    await book.let_pass(minutes=4)
    book.expect()
    await book.let_pass(minutes=2)
    book.expect("ada hook")


async def test_help_is_rung_although_somebody_has_it() -> None:
    """Somebody brought in after the acknowledgement is rung, and answering ends just their own page."""
    book = Playbook()
    taken = await book.event()
    await book.counter.acknowledge(taken.alert_id or "", by("ada"))
    book.heard()
    await book.counter.add_responder(taken.alert_id or "", by("ada"), "linus")
    await book.work()
    book.expect("linus hook")
    await book.answer_by_link(book.providers.rang[-1])
    assert (await book.alert(taken)).alert.holder == "ada"
    await book.let_pass(minutes=60)
    book.expect()


async def test_a_person_is_paged_directly() -> None:
    """A page by hand rings just these people, and becomes the administrators' when nobody answers."""
    book = Playbook()
    await book.configure()
    record = await book.counter.page(("linus",), by("ada"), summary="Please call me")
    await book.work()
    book.expect("linus hook")
    assert record.alert.summary == "Please call me"


async def test_nobody_can_be_handed_an_alert_without_a_way_to_reach_them() -> None:
    """A name that nobody has is refused, and nothing changes."""
    book = Playbook()
    taken = await book.event()
    with pytest.raises(Refused):
        await book.counter.reassign(taken.alert_id or "", by("ada"), "nobody")


async def test_nobody_is_brought_in_where_nothing_climbs() -> None:
    """An alert that was suppressed from its start has no climb: bringing somebody in is refused, not swallowed."""
    book = Playbook(TEAM + "routes: [{suppress: true}]\n")
    taken = await book.event()
    with pytest.raises(Refused):
        await book.counter.add_responder(taken.alert_id or "", by("ada"), "linus")
    book.expect()
