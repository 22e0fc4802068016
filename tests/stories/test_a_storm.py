"""A storm: a few pages at once, then bundles; every alert is told exactly once, and no service waits for another's."""

from __future__ import annotations

from playbook import LEASE, Playbook
from tocsin.core.alerts.model import Status
from tocsin.core.events import Action, Event
from tocsin.core.vocabulary import IntegrationName, Severity
from tocsin.ports.state import Raw


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


#: Payments and mail wake Ada, search wakes Linus.
TWO_TEAMS = """
tocsin: 1
users:
  - {name: ada, full_name: Ada, email: ada@example.org, time_zone: Europe/Berlin, role: admin,
     contacts: [{name: hook, channel: webhook, address: "http://ada.example/"}],
     rules: {high: [{contact: hook}], low: [{contact: hook}]}}
  - {name: linus, full_name: Linus, email: linus@example.org, time_zone: Europe/Berlin, role: responder,
     contacts: [{name: hook, channel: webhook, address: "http://linus.example/"}],
     rules: {high: [{contact: hook}], low: [{contact: hook}]}}
teams: [{name: data, members: [ada, linus]}]
policies:
  - {name: to-ada, steps: [{page: [{user: ada}]}]}
  - {name: to-linus, steps: [{page: [{user: linus}]}]}
services:
  - {name: payments, team: data, policy: to-ada}
  - {name: search, team: data, policy: to-linus}
  - {name: mail, team: data, policy: to-ada}
integrations: [{name: native, protocol: tocsin, service: payments, key: native-key-000000}]
"""


async def _take(book: Playbook, *services: str, run: int = 0) -> None:
    """One request with an alert of each of these services; nothing is done about it yet."""
    known = book.directory().integrations[IntegrationName("native")]
    events = tuple(
        Event(
            action=Action.TRIGGER,
            dedup_key=f"{service}-{number}-{run}",
            summary=f"{service} {number} failed",
            severity=Severity.CRITICAL,
            service=service,
        )
        for number, service in enumerate(services)
    )
    await book.taker.take(known, events, Raw(method="POST", path="/", headers={}, body=b""))


async def test_a_quiet_service_goes_before_the_thousandth_of_a_loud_one() -> None:
    """With a thousand alerts of one service ahead of it, the first of another leaves with the first round of work."""
    book = Playbook(TWO_TEAMS)
    await book.configure()
    await _take(book, *["payments"] * 1_000, "search")
    calm = book.directory().habits.calm
    first = await book.store.work(node="story", limit=64, lease=LEASE, calm=calm, decide=book.worker.decide)
    assert "linus" in [claimed.delivery.person for claimed in first.claimed]
    assert first.count < 80


async def test_a_quiet_service_is_told_at_once_to_the_same_person() -> None:
    """Services take turns for a person's first calls: that of a quiet one is no fifth of a loud one."""
    book = Playbook(TWO_TEAMS)
    await book.configure()
    await _take(book, *["payments"] * 60, "mail")
    await book.work()
    assert book.heard() == ["ada hook"] * 5
    assert "mail 60 failed" in [rang.text for rang in book.providers.rang]


async def test_a_quiet_service_is_named_first() -> None:
    """When the first calls are gone, the alert of a quiet service leaves with the next bundle, and at its head."""
    book = Playbook(TWO_TEAMS)
    await book.configure()
    await _take(book, *["payments"] * 60)
    await book.work()
    await _take(book, *["mail"])
    await book.work()
    assert book.heard() == ["ada hook"] * 5
    await book.let_pass(seconds=11)
    assert book.heard() == ["ada hook"]
    bundle = book.providers.rang[-1]
    assert (bundle.text, len(bundle.alert_ids)) == ("mail 0 failed", 56)


async def test_nobody_is_called_more_than_the_measure() -> None:
    """However much comes in, a person is called five times at once, then every ten seconds, and hears of all of it."""
    book = Playbook(TWO_TEAMS)
    await book.configure()
    for second in range(60):
        await _take(book, *["payments"] * 3, run=second)
        await book.work()
        await book.let_pass(seconds=1)
    assert len(book.heard()) <= 5 + 6
    await book.let_pass(seconds=11)
    told = {alert_id for rang in book.providers.rang for alert_id in rang.alert_ids}
    assert len(told) == len(await book.alerts()) == 180
