"""Nobody answers: the climb goes on, round after round, and never falls silent."""

from __future__ import annotations

from playbook import Playbook


async def test_the_climb_goes_from_person_to_person() -> None:
    """The first person is rung by each of their contacts in turn, then the next person, then everybody, for ever."""
    book = Playbook()
    await book.event()
    book.expect("ada hook")
    await book.let_pass(minutes=2)
    book.expect("ada mail")
    await book.let_pass(minutes=3)
    book.expect("linus hook")
    await book.let_pass(minutes=5)
    book.expect("ada hook")
    await book.let_pass(minutes=5)
    book.expect("ada mail", "linus hook")
    await book.let_pass(minutes=5)
    assert sorted(book.heard()) == ["ada hook", "linus hook"]
    await book.let_pass(minutes=15)
    assert sorted(book.heard()) == ["ada hook", "ada mail", "linus hook"]


async def test_there_is_always_a_next_step() -> None:
    """After hours without an answer an alert still has a next instant in the future."""
    book = Playbook()
    taken = await book.event()
    await book.let_pass(minutes=180)
    record = await book.alert(taken)
    case = await book.store.case(record.group_id)
    assert case is not None
    assert case.due_at is not None
    assert case.due_at > book.clock()
