"""Events that come twice, too late, or in the wrong order."""

from __future__ import annotations

from datetime import timedelta

from playbook import TEAM, Playbook, by
from tocsin.core.alerts.model import Status, Why
from tocsin.core.events import Action
from tocsin.core.vocabulary import Severity
from tocsin.ports.doors import Outcome


async def test_repeats_are_counted_and_ring_nobody_again() -> None:
    """Ten triggers of one key are one alert that rings once."""
    book = Playbook()
    for _ in range(10):
        taken = await book.event()
    book.expect("ada hook")
    assert (await book.alert(taken)).count == 10


async def test_a_resolve_that_overtakes_its_trigger() -> None:
    """When the source's resolve comes in before its trigger, nobody is rung for what is already over."""
    book = Playbook()
    begun = book.clock() - timedelta(minutes=2)
    resolve = await book.event(action=Action.RESOLVE, at=begun + timedelta(minutes=1))
    assert resolve.outcome is Outcome.NOTHING_OPEN
    taken = await book.event(at=begun)
    book.expect()
    alert = (await book.alert(taken)).alert
    assert alert.status is Status.RESOLVED
    assert alert.reason is not None
    assert alert.reason.why is Why.OVERTAKEN


async def test_a_trigger_after_the_resolve_rings() -> None:
    """A trigger that speaks of a later time than the resolve before it rings."""
    book = Playbook()
    await book.event(action=Action.RESOLVE, at=book.clock() - timedelta(minutes=2))
    await book.event(at=book.clock())
    book.expect("ada hook")


async def test_it_comes_back_soon() -> None:
    """A trigger soon after the end opens the same alert again, and climbs from the start."""
    book = Playbook()
    first = await book.event()
    await book.event(action=Action.RESOLVE)
    await book.let_pass(minutes=2)
    again = await book.event()
    assert (again.alert_id, again.outcome) == (first.alert_id, Outcome.REOPENED)
    book.expect("ada hook", "ada hook")


async def test_it_comes_back_late() -> None:
    """A trigger long after the end is a new alert."""
    book = Playbook()
    first = await book.event()
    await book.event(action=Action.RESOLVE)
    await book.let_pass(minutes=30)
    again = await book.event()
    assert again.alert_id != first.alert_id
    assert again.outcome is Outcome.CREATED


async def test_worse_news_start_the_climb_anew() -> None:
    """A low alert that becomes critical rings by the rules for high urgency at once."""
    book = Playbook(TEAM + "routes: [{when: 'severity == \"info\"', urgency: low}]\n")
    await book.event(severity=Severity.INFO)
    book.expect("ada mail")
    await book.event(severity=Severity.CRITICAL)
    book.expect("ada hook")


async def test_alerts_of_one_group_page_together() -> None:
    """Alerts that a route groups ring once together, and the climb goes on until the last of them is answered."""
    grouped = TEAM + "routes: [{group_by: [dag], group_window: 10m}]\n"
    book = Playbook(grouped)
    one = await book.event("task one", labels={"dag": "orders"})
    two = await book.event("task two", labels={"dag": "orders"})
    other = await book.event("task three", labels={"dag": "billing"})
    book.expect("ada hook", "ada hook")
    groups = [(await book.alert(taken)).group_id for taken in (one, two, other)]
    assert groups[0] == groups[1] != groups[2]
    await book.counter.acknowledge(one.alert_id or "", by("ada"))
    await book.counter.acknowledge(other.alert_id or "", by("ada"))
    await book.let_pass(minutes=5)
    assert "linus hook" in book.heard()


async def test_the_source_keeps_it_alive() -> None:
    """An alert with an expiry is over when the source stops repeating it, not before."""
    book = Playbook()
    taken = await book.event(expires_at=book.clock() + timedelta(minutes=4))
    await book.let_pass(minutes=3)
    await book.event(expires_at=book.clock() + timedelta(minutes=4))
    await book.let_pass(minutes=3)
    assert (await book.alert(taken)).alert.is_open
    await book.let_pass(minutes=2)
    alert = (await book.alert(taken)).alert
    assert alert.reason is not None
    assert alert.reason.why is Why.EXPIRED
