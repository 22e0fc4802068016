"""Editing never rewrites the past: what was on call stays what was on call (7.2 of docs/schedules.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from playbook import Playbook
from tocsin.core.directory import Directory
from tocsin.core.schedules import Rendered
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, utc
from tocsin.engine.duty import on_call_at, shifts_in
from tocsin.engine.keeper import Keeper
from tocsin.engine.rota_news import RotaNews

ROTA = ScheduleName("rota")
START = utc(2026, 1, 6, 12)
DAY = timedelta(days=1)


def configuration(*people: str, more: str = "") -> str:
    """People who take turns day by day at midnight."""
    users = "\n".join(
        f"  - {{name: {name}, reminders: [], email: {name}@example.org, contacts: [{{name: mail, channel: email,"
        f" address: {name}@example.org}}]}}"
        for name in ("ada", "grace", "linus")
    )
    return f"""
tocsin: 1
users:
{users}
schedules:
  - name: rota
    time_zone: UTC
    layers:
      - {{name: daily, rotation: {{every: 1 day, from: "2026-01-05T00:00", people: [{", ".join(people)}]}}}}
{more}
"""


class House:
    """An installation with one keeper, and what its faces show."""

    def __init__(self, text: str) -> None:
        self.book = Playbook(text, start=START)
        self.news = RotaNews(self.book.store)
        self.keeper = self.new_keeper()

    def new_keeper(self) -> Keeper:
        """As after a restart."""
        return Keeper(self.book.store, self.book.directory, chores=(self.news.remind, self.news.tell_moves))

    @property
    def directory(self) -> Directory:
        """The configuration in force."""
        return self.book.directory()

    async def edit(self, text: str) -> None:
        """Apply, and let the keeper hear of it."""
        await self.book.configure(text)
        await self.keeper.round()

    async def let_pass(self, days: float) -> None:
        """Let time pass, with a round at its end."""
        self.book.clock.move(days * DAY)
        await self.keeper.round()

    async def people(self, at: Instant) -> tuple[str, ...]:
        """Who was, is or will be on call."""
        return (await on_call_at(self.book.store, self.directory, (ROTA,), at))[ROTA].people

    async def told(self, person: str) -> list[Mapping[str, str]]:
        """What the messages to somebody speak of; all are about shifts that move."""
        records = await self.book.store.messages_to(PersonName(person), limit=10)
        assert {record.message.kind for record in records} <= {"shifts_moved"}
        return [record.message.values for record in records]

    async def shown(self, days: int) -> list[tuple[datetime, tuple[str, ...]]]:
        """The shifts from the first instant on."""
        window = Span(START, START + days * DAY)
        found: Mapping[ScheduleName, Rendered] = await shifts_in(self.book.store, self.directory, (ROTA,), window)
        return [(shift.span.start, shift.people) for shift in found[ROTA].shifts]


async def started(text: str) -> House:
    """An installation in its first minute."""
    house = House(text)
    await house.edit(text)
    return house


async def test_an_edit_counts_from_now_on() -> None:
    """After two days the rota is turned round: the past two days stay, the shift that runs changes now."""
    house = await started(configuration("ada", "grace"))
    await house.let_pass(2)
    await house.edit(configuration("linus"))
    assert await house.shown(4) == [
        (START, ("grace",)),
        (utc(2026, 1, 7), ("ada",)),
        (utc(2026, 1, 8), ("grace",)),
        (START + 2 * DAY, ("linus",)),
    ]
    assert [await house.people(START + hours * DAY) for hours in (0, 1, 1.9, 2, 3)] == [
        ("grace",),
        ("ada",),
        ("grace",),
        ("linus",),
        ("linus",),
    ]


async def test_a_round_that_comes_late_writes_the_right_instants() -> None:
    """Changes of shift that fell between two rounds, or while no node ran, stand at their own instants."""
    house = await started(configuration("ada", "grace"))
    before = await house.shown(5)
    house.keeper = house.new_keeper()
    await house.let_pass(4.5)
    await house.edit(configuration("linus"))
    assert (await house.shown(5))[:5] == before[:5]


async def test_an_edit_is_not_seen_before_its_instant_by_a_late_keeper() -> None:
    """What was on call up to the edit is written by the rota before it, although the edit is in force by then."""
    house = await started(configuration("ada", "grace"))
    house.book.clock.move(DAY)
    await house.edit(configuration("linus"))
    assert await house.people(START + 0.75 * DAY) == ("ada",)


async def test_a_schedule_that_is_dropped_and_made_anew() -> None:
    """In between nobody was on call, and so it stays."""
    house = await started(configuration("ada"))
    await house.let_pass(1)
    await house.edit("tocsin: 1\nusers: [{name: ada}]\n")
    await house.let_pass(1)
    await house.edit(configuration("linus"))
    asked = [await house.people(START + days * DAY) for days in (0.5, 1.5, 2.5)]
    assert asked == [("ada",), (), ("linus",)]


async def test_those_whose_shifts_move_are_told() -> None:
    """Ada and Linus hear of it, once; Grace, for whom nothing changes, does not; neither does anybody at the start."""
    house = await started(configuration("ada", "grace"))
    await house.let_pass(0.1)
    assert await house.told("ada") == []
    await house.edit(configuration("linus", "grace"))
    await house.keeper.round()
    [lost] = await house.told("ada")
    [gained] = await house.told("linus")
    first = "2026-01-07T00:00:00Z/2026-01-08T00:00:00Z"
    assert (lost["gained"], lost["lost"].split("\n")[0]) == ("", first)
    assert (gained["gained"].split("\n")[0], gained["lost"]) == (first, "")
    assert await house.told("grace") == []
