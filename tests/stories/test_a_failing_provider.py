"""A provider that fails at 3 a.m.: the next contact at once, nobody passed over for good, and its recovery is seen."""

from __future__ import annotations

import pytest

from playbook import Playbook
from tocsin.core.events import Action
from tocsin.core.paging.attempt import AttemptSucceeded, ContactPassed
from tocsin.core.story import story
from tocsin.ports.channels import Answer, NoAnswer
from tocsin.ports.doors import Taken

#: Ada by a program on a host that Linus shares, then after two minutes by mail; Linus by that host alone.
SHARED = """
tocsin: 1
users:
  - {name: ada, full_name: Ada, time_zone: Europe/Berlin, role: admin,
     contacts: [{name: hook, channel: webhook, address: "http://hooks.example/ada"},
                {name: mail, channel: email, address: ada@example.org}],
     rules: {high: [{contact: hook}, {after: 2m, contact: mail}], low: [{contact: mail}]}}
  - {name: linus, full_name: Linus, time_zone: Europe/Berlin, role: responder,
     contacts: [{name: hook, channel: webhook, address: "http://hooks.example/linus"}],
     rules: {high: [{contact: hook}], low: [{contact: hook}]}}
teams: [{name: data, members: [ada, linus], lead: linus}]
policies:
  - {name: climb, steps: [{page: [{user: ada}]}, {after: 10m, page: [{user: linus}]}], last_resort: [{team: data}]}
  - {name: other, steps: [{page: [{user: linus}]}, {after: 10m, page: [{user: ada}]}], last_resort: [{team: data}]}
services: [{name: pipelines, team: data, policy: climb}, {name: web, team: data, policy: other}]
integrations:
  - {name: native, protocol: tocsin, service: pipelines, key: native-key-000000}
  - {name: linus, protocol: tocsin, service: web, key: linus-key-0000000}
"""

DEAD = NoAnswer(why="cannot connect", may_have_arrived=False)
SLOW = NoAnswer(why="no answer within 10 seconds", may_have_arrived=True)


def down(book: Playbook, *parts: str, answer: Answer | NoAnswer = DEAD) -> None:
    """From now on these addresses do not answer."""
    book.providers.answers = lambda address: answer if any(part in address for part in parts) else None


async def over(book: Playbook, key: str) -> None:
    """The source says that it is over."""
    await book.event(key, action=Action.RESOLVE)


async def broken(*parts: str, answer: Answer | NoAnswer = DEAD) -> Playbook:
    """An installation that has just learned that these do not answer; an alert of before is over and forgotten."""
    book = Playbook(SHARED)
    down(book, *parts, answer=answer)
    await book.event("the first to notice")
    await book.let_pass(seconds=40)
    await over(book, "the first to notice")
    book.heard()
    book.providers.tried.clear()
    return book


async def facts(book: Playbook, taken: Taken) -> list[object]:
    """What happened."""
    record = await book.alert(taken)
    return [fact for entry in await book.store.story(record.group_id) for fact in entry.facts]


async def told(book: Playbook, taken: Taken) -> list[str]:
    """What the story says, by the ids of its texts."""
    record = await book.alert(taken)
    entries = await book.store.story(record.group_id)
    return [line.told.text for line in story((entry.at, entry.facts) for entry in entries)]


async def test_the_next_contact_comes_without_waiting_for_the_dead_one() -> None:
    """At 3 a.m. the mail leaves in the same moment, and the dead provider is not even called; the story says why."""
    book = await broken("hooks.example")
    taken = await book.event()
    book.expect("ada mail")
    assert book.providers.tried == ["ada@example.org"]
    assert "story.contact_passed" in await told(book, taken)
    passed = next(fact for fact in await facts(book, taken) if isinstance(fact, ContactPassed))
    assert (passed.why, passed.failing_since <= passed.at) == ("cannot connect", True)


async def test_a_dead_provider_is_still_tried() -> None:
    """While it is down, a page that has passed it over calls it all the same, now and then and not each time."""
    book = await broken("hooks.example")
    await book.event()
    await book.let_pass(minutes=2)
    assert 1 <= book.providers.tried.count("http://hooks.example/ada") <= 4
    assert book.heard() == ["ada mail"]


async def test_its_recovery_is_seen_and_told() -> None:
    """Once the provider takes a call again it takes the page, the story tells it, and the next page goes by it."""
    book = await broken("hooks.example")
    taken = await book.event()
    book.expect("ada mail")
    down(book)
    await book.let_pass(seconds=45)
    book.expect("ada hook")
    recovered = [fact for fact in await facts(book, taken) if isinstance(fact, AttemptSucceeded) and fact.failing_since]
    assert len(recovered) == 1
    assert "story.attempt_succeeded.recovered" in await told(book, taken)
    assert book.courier.providers.present().records == {}
    await book.event("another")
    book.expect("ada hook")


async def test_after_a_quiet_while_it_has_a_fair_try() -> None:
    """What failed in the evening is tried first at 3 a.m., and left at once when it still fails."""
    book = await broken("hooks.example")
    await book.let_pass(minutes=5)
    await book.event()
    assert book.providers.tried == ["http://hooks.example/ada", "ada@example.org"]
    book.expect("ada mail")


async def test_the_only_contact_is_never_passed_over() -> None:
    """Linus has one contact: it is called as ever although it is failing, again and again, and the climb moves on."""
    book = await broken("hooks.example")
    taken = await book.event(integration="linus")
    assert book.providers.tried[0] == "http://hooks.example/linus"
    book.expect("ada mail")
    assert "story.attempt_made.failing" in await told(book, taken)
    down(book)
    await book.let_pass(seconds=15)
    assert "linus hook" in book.heard()


async def test_when_everything_fails_everything_is_tried() -> None:
    """With all ways down nobody is passed over for good: each contact is called, and whoever recovers first rings."""
    book = await broken("hooks.example", "@")
    await book.event()
    assert {"http://hooks.example/ada", "ada@example.org", "http://hooks.example/linus"} <= set(book.providers.tried)
    down(book, "@")
    await book.let_pass(minutes=2)
    assert "ada hook" in book.heard()


async def test_when_the_next_contact_fails_too_the_one_passed_over_is_called() -> None:
    """The mail was to stand in and fails: the contact that was passed over is called in the same moment."""
    book = await broken("hooks.example")
    down(book, "@")
    await book.event()
    book.expect("ada hook")


async def test_two_people_keep_their_order() -> None:
    """Falling over to a person's next contact is no reason to ring the next person: Linus comes after ten minutes."""
    book = await broken("hooks.example")
    await book.event()
    await book.let_pass(minutes=9)
    assert [rang for rang in book.heard() if rang.startswith("linus")] == []


async def test_nobody_is_rung_twice_by_one_contact() -> None:
    """However often a contact was passed over, once the provider is back it rings once."""
    book = await broken("hooks.example")
    await book.event()
    await book.let_pass(seconds=5)
    down(book)
    await book.let_pass(minutes=9)
    assert sorted(book.heard()) == ["ada hook", "ada mail"]


async def test_an_answer_stops_what_was_passed_over() -> None:
    """Ada answers the mail: the contact that was passed over rings no more."""
    book = await broken("hooks.example")
    await book.event()
    [rang] = [one for one in book.providers.rang if one.contact == "mail" and "orders" in one.text]
    await book.answer_by_link(rang)
    down(book)
    book.heard()
    await book.let_pass(minutes=5)
    book.expect()


async def test_a_slow_provider_is_left_like_a_dead_one() -> None:
    """One that takes calls and never answers holds up nobody; what it was never asked to ring bears no mark later."""
    book = await broken("hooks.example", answer=SLOW)
    await book.event()
    book.expect("ada mail")
    down(book)
    await book.let_pass(seconds=45)
    hooks = [rang for rang in book.providers.rang if rang.person == "ada" and rang.contact == "hook"]
    assert not hooks[-1].repeat


@pytest.mark.parametrize("failures", [1, 2])
async def test_a_stumble_is_no_failure(failures: int) -> None:
    """One failure or two say nothing: the next page goes by the first contact."""
    book = Playbook(SHARED)
    down(book, "hooks.example")
    await book.event("the first to notice")
    await book.let_pass(seconds=1 if failures == 1 else 15)
    down(book)
    await over(book, "the first to notice")
    book.heard()
    await book.event()
    book.expect("ada hook")


async def test_another_host_is_another_provider() -> None:
    """That one host is down says nothing about another on the same channel."""
    book = await broken("hooks.example")
    text = SHARED.replace("http://hooks.example/ada", "http://other.example/ada")
    await book.configure(text)
    await book.event()
    book.expect("ada hook")
