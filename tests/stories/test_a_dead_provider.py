"""A dead provider: the next contact at once, the next person where there is none, and the dead one again later."""

from __future__ import annotations

from playbook import Playbook
from tocsin.ports.channels import Answer, NoAnswer


async def test_the_next_contact_is_tried_at_once() -> None:
    """When the webhook is refused the mail leaves in the same moment, not two minutes later."""
    book = Playbook()
    book.providers.answers = lambda address: Answer(status=503) if address.startswith("http") else None
    await book.event()
    book.expect("ada mail")


async def test_the_next_person_is_rung_at_once_when_nobody_is_reached() -> None:
    """When no contact of the first person works, the second step begins at once and the story says why."""
    book = Playbook()
    book.providers.answers = lambda address: (
        None if "linus" in address else NoAnswer(why="down", may_have_arrived=False)
    )
    taken = await book.event()
    book.expect("linus hook")
    record = await book.alert(taken)
    story = await book.store.story(record.group_id)
    assert "OutOfReach" in [type(fact).__name__ for entry in story for fact in entry.facts]


async def test_a_dead_provider_is_tried_again() -> None:
    """A provider that comes back within the retries still takes the page."""
    book = Playbook()
    book.providers.answers = lambda address: Answer(status=503) if "ada" in address else None
    await book.event()
    book.expect("linus hook")
    book.providers.answers = lambda _address: None
    await book.let_pass(seconds=30)
    assert "ada hook" in book.heard()


async def test_a_call_without_an_answer_is_repeated_with_the_mark() -> None:
    """Where the outcome of a call cannot be known it is made again, marked as a repeat."""
    book = Playbook()
    book.providers.answers = lambda address: (
        NoAnswer(why="timeout", may_have_arrived=True) if "ada.ex" in address else None
    )
    await book.event()
    book.providers.answers = lambda _address: None
    await book.let_pass(seconds=30)
    hooks = [rang for rang in book.providers.rang if (rang.person, rang.contact) == ("ada", "hook")]
    assert [rang.repeat for rang in hooks] == [False, True]
