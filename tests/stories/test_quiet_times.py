"""What does not ring, until when, and what happens afterwards: silences, maintenance, snooze, lapse."""

from __future__ import annotations

from datetime import timedelta

from playbook import TEAM, Playbook, by
from tocsin.core.alerts.model import Status, Why
from tocsin.core.events import Action

#: The story's clock begins on 2026-11-22 at 03:11 UTC.
SILENCED = (
    TEAM
    + """
silences: [{name: deploy, match: ["dag=orders"], from: "2026-11-22T03:00:00Z", to: "2026-11-22T04:00:00Z"}]
"""
)
MAINTAINED = (
    TEAM
    + """
maintenances: [{name: upgrade, services: [pipelines], from: "2026-11-22T04:00:00Z", to: "2026-11-22T05:00:00Z"}]
"""
)


async def test_a_silenced_alert_rings_when_the_silence_ends() -> None:
    """A matching alert is kept and shown with its reason, rings nobody, and rings when the silence is over."""
    book = Playbook(SILENCED)
    taken = await book.event(labels={"dag": "orders"})
    book.expect()
    alert = (await book.alert(taken)).alert
    assert alert.status is Status.SUPPRESSED
    assert alert.reason is not None
    assert (alert.reason.why, alert.reason.subject) == (Why.SILENCED, "deploy")
    await book.let_pass(minutes=48)
    book.expect()
    await book.let_pass(minutes=2)
    book.expect("ada hook")


async def test_what_resolves_under_a_silence_never_rings() -> None:
    """An alert that is over before the silence ends wakes nobody."""
    book = Playbook(SILENCED)
    await book.event(labels={"dag": "orders"})
    await book.event(action=Action.RESOLVE)
    await book.let_pass(minutes=120)
    book.expect()


async def test_other_labels_ring() -> None:
    """A silence keeps only what it names from ringing."""
    book = Playbook(SILENCED)
    await book.event(labels={"dag": "billing"})
    book.expect("ada hook")


async def test_a_planned_maintenance_begins_in_the_future() -> None:
    """Before the window alerts ring; when it begins a climb that is under way is held, and goes on after it."""
    book = Playbook(MAINTAINED)
    await book.event()
    book.expect("ada hook")
    await book.let_pass(minutes=55)
    assert book.heard()
    book.heard()
    await book.let_pass(minutes=50)
    book.expect()
    await book.let_pass(minutes=6)
    assert "ada hook" in book.heard()


async def test_a_snooze_ends_in_a_new_start() -> None:
    """A snoozed alert leaves everybody alone, then climbs from the first step again."""
    book = Playbook()
    taken = await book.event()
    await book.let_pass(minutes=6)
    book.heard()
    await book.counter.snooze(taken.alert_id or "", by("ada"), lasts=timedelta(minutes=30))
    await book.let_pass(minutes=29)
    book.expect()
    await book.let_pass(minutes=1)
    book.expect("ada hook")


async def test_an_acknowledgement_lapses_when_the_policy_says_so() -> None:
    """Whoever acknowledges and falls asleep again is rung again."""
    book = Playbook(TEAM.replace("repeat: 1,", "repeat: 1, acknowledgement_lapses_after: 30m,"))
    taken = await book.event()
    await book.counter.acknowledge(taken.alert_id or "", by("ada"))
    book.heard()
    await book.let_pass(minutes=29)
    book.expect()
    await book.let_pass(minutes=1)
    book.expect("ada hook")


async def test_an_alert_is_resolved_for_its_age_when_that_is_set() -> None:
    """An alert that nobody closed is resolved after the time that is set, and rings nobody any more."""
    book = Playbook(TEAM + "settings: {resolve_after: 1h}\n")
    taken = await book.event()
    await book.let_pass(minutes=60)
    alert = (await book.alert(taken)).alert
    assert alert.reason is not None
    assert alert.reason.why is Why.RESOLVED_BY_AGE
    book.heard()
    await book.let_pass(minutes=60)
    book.expect()
