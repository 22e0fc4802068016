"""A storm of one service: a few pages at once, then bundles; every alert is told exactly once."""

from __future__ import annotations

from playbook import Playbook
from tocsin.core.alerts.model import Status
from tocsin.core.events import Action


async def test_a_storm_is_bundled() -> None:
    """Of a hundred alerts in a moment one person gets five pages at once and the other ninety-five in one bundle."""
    book = Playbook()
    ids = [(await book.event(f"job {number} failed")).alert_id for number in range(100)]
    assert book.heard() == ["ada hook"] * 5
    await book.let_pass(seconds=15)
    assert book.heard() == ["ada hook"]
    told = [alert_id for rang in book.providers.rang for alert_id in rang.alert_ids]
    assert sorted(told) == sorted(ids)


async def test_one_answer_to_a_bundle_answers_all_of_it() -> None:
    """The button behind a bundle acknowledges each of its alerts."""
    book = Playbook()
    for number in range(40):
        await book.event(f"job {number} failed")
    await book.let_pass(seconds=15)
    bundle = book.providers.rang[-1]
    assert len(bundle.alert_ids) == 35
    await book.answer_by_link(bundle)
    held = [record for record in await book.alerts() if record.alert.status is Status.ACKNOWLEDGED]
    assert len(held) == 35


async def test_what_was_answered_before_the_bundle_leaves_is_not_in_it() -> None:
    """An alert that is resolved while it waits in a bundle rings nobody."""
    book = Playbook()
    for number in range(8):
        await book.event(f"job {number} failed")
    await book.event("job 7 failed", action=Action.RESOLVE)
    await book.let_pass(seconds=15)
    assert len(book.providers.rang[-1].alert_ids) == 2
