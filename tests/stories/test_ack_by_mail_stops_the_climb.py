"""Acknowledged by the link in a mail: nothing rings any more, and the record says who has it."""

from __future__ import annotations

from playbook import Playbook
from tocsin.core.alerts.model import Status


async def test_the_button_behind_the_mail_stops_the_climb() -> None:
    """After the button is pressed nobody is rung, however much time passes."""
    book = Playbook()
    taken = await book.event()
    await book.let_pass(minutes=2)
    book.expect("ada hook", "ada mail")
    await book.answer_by_link(book.providers.rang[-1])
    record = await book.alert(taken)
    assert (record.alert.status, record.alert.holder) == (Status.ACKNOWLEDGED, "ada")
    await book.let_pass(minutes=120)
    book.expect()


async def test_two_phones_at_once() -> None:
    """Two people who answer the same alert are both at peace, and the first of them has it."""
    book = Playbook()
    taken = await book.event()
    await book.let_pass(minutes=5)
    first, *_, last = book.providers.rang
    await book.answer_by_link(last)
    await book.answer_by_link(first)
    record = await book.alert(taken)
    assert record.alert.holder == "linus"
    story = await book.store.story(record.group_id)
    names = [type(fact).__name__ for entry in story for fact in entry.facts]
    assert names.count("AlertAcknowledged") == 1
