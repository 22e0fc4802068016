"""The keeper of the rota: several nodes, trouble, and rounds that come late."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tocsin.core.directory import Directory
from tocsin.core.errors import Unavailable
from tocsin.core.schedules import Layer, Rotation, Schedule, Turn, Unit
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, utc
from tocsin.engine.keeper import EVERY, Chore, Keeper
from tocsin.testing import MemoryStore

START = utc(2026, 1, 5, 12)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
ROTA = ScheduleName("rota")


def known(revision: int, *people: str, hours: int = 1) -> Directory:
    """People who take turns hour by hour."""
    rotation = Rotation(
        every=Turn(count=hours, unit=Unit.HOURS),
        anchor=datetime.fromisoformat("2026-01-05"),
        participants=tuple((PersonName(name),) for name in people),
    )
    layer = Layer(name="hourly", rotation=rotation)
    schedule = Schedule(name=ROTA, time_zone=ZoneInfo("UTC"), layers=(layer,))
    return Directory(revision=revision, schedules={ROTA: schedule})


class Store(MemoryStore):
    """A store that can be away in the middle of a round, or be at another node's service."""

    away = False
    taken = False

    async def record_duty(self, entries: object, *, until: Instant) -> None:
        """Fails while the store is away."""
        if self.away:
            raise Unavailable("the store is away")
        await super().record_duty(entries, until=until)  # type: ignore[arg-type]

    @asynccontextmanager
    async def alone(self, chore: str) -> AsyncIterator[bool]:
        """Lets nobody in while another node is."""
        if self.taken:
            yield False
            return
        async with super().alone(chore) as let_in:
            yield let_in


class House:
    """One store, and as many nodes as wanted, of which each knows its own configuration."""

    def __init__(self) -> None:
        self.now = START
        self.store = Store(now=lambda: self.now)

    def node(self, directory: Directory, *chores: Chore) -> Node:
        """One more node."""
        return Node(self, directory, chores)

    async def recorded(self) -> list[tuple[float, tuple[str, ...]]]:
        """Who was on call from which second on."""
        found = await self.store.duty_in((ROTA,), Span(START, START + 1000 * HOUR))
        return [((entry.since - START) / SECOND, entry.people) for entry in found.entries[ROTA]]


class Node:
    """One node."""

    def __init__(self, house: House, directory: Directory, chores: tuple[Chore, ...] = ()) -> None:
        self.house, self.directory = house, directory
        self.keeper = Keeper(house.store, lambda: self.directory, chores=chores)

    async def round_at(self, seconds: float) -> timedelta:
        """A round, so long after the start."""
        self.house.now = START + seconds * SECOND
        return await self.keeper.round()


async def test_two_nodes_write_an_edit_once() -> None:
    """The node that comes second does not bring back for a moment what was in force before."""
    house, old, new = House(), known(1, "ada"), known(2, "linus")
    one, other = house.node(old), house.node(old)
    await one.round_at(0)
    await other.round_at(5)
    one.directory = other.directory = new
    await one.round_at(10)
    await one.round_at(15)
    await other.round_at(20)
    assert await house.recorded() == [(0, ("ada",)), (10, ("linus",))]


async def test_an_edit_that_another_node_has_not_written_is_written_from_now_on() -> None:
    """Although the last word is another node's: it was the word of the rota before."""
    house, old, new = House(), known(1, "ada"), known(2, "linus")
    one, other = house.node(old), house.node(old)
    await one.round_at(0)
    await other.round_at(5)
    other.directory = new
    await one.round_at(15)
    await other.round_at(20)
    assert await house.recorded() == [(0, ("ada",)), (20, ("linus",))]


async def test_a_node_that_was_frozen_goes_on_where_the_others_are() -> None:
    """It knows of two edits less than they do, and brings neither of their rotas back."""
    house = House()
    frozen, other = house.node(known(1, "ada")), house.node(known(1, "ada"))
    await frozen.round_at(0)
    for number, name in enumerate(("linus", "grace"), start=1):
        other.directory = known(1 + number, name)
        await other.round_at(number * 3600)
    frozen.directory = other.directory
    await frozen.round_at(7210)
    assert await house.recorded() == [(0, ("ada",)), (3600, ("linus",)), (7200, ("grace",))]


async def test_a_round_while_another_node_is_in_loses_no_news() -> None:
    """What was in force before is remembered until this node has told of it."""
    heard: list[tuple[int, int]] = []

    async def tell(before: Directory, directory: Directory, now: Instant) -> None:
        heard.append((before.revision, directory.revision))

    house = House()
    node = house.node(known(1, "ada"), tell)
    await node.round_at(0)
    node.directory, house.store.taken = known(2, "linus"), True
    await node.round_at(10)
    house.store.taken = False
    await node.round_at(20)
    assert heard == [(1, 1), (1, 2)]


async def test_an_edit_while_no_node_ran_is_written() -> None:
    """Also where the last entry stands at the very instant up to which the record is known."""
    house = House()
    await house.node(known(1, "ada")).round_at(0)
    await house.node(known(2, "linus")).round_at(60)
    assert [people for _, people in await house.recorded()] == [("ada",), ("linus",)]


async def test_a_late_round_writes_every_change_at_its_instant() -> None:
    """However long the loop or the machine stood still."""
    house = House()
    node = house.node(known(1, "ada", "grace"))
    await node.round_at(0)
    await node.round_at(3 * 3600 + 5)
    assert [since for since, _ in await house.recorded()] == [0, 3600, 7200, 10800]


async def test_a_clock_that_goes_back_writes_nothing_twice() -> None:
    """After a database was moved to a machine whose clock is behind, the record goes on after its newest entry."""
    house = House()
    node = house.node(known(1, "ada"))
    await node.round_at(100)
    node.directory = known(2, "linus")
    for seconds in (50, 60, 70):
        await node.round_at(seconds)
    found = await house.recorded()
    assert [people for _, people in found] == [("ada",), ("linus",)]


async def test_a_store_that_was_away_misses_nothing() -> None:
    """The round fails; the next one writes the time of both by the rota that was in force."""
    house = House()
    node = house.node(known(1, "ada", "grace"))
    await node.round_at(0)
    house.store.away, node.directory = True, known(2, "linus")
    with pytest.raises(Unavailable):
        await node.round_at(3600)
    house.store.away = False
    await node.round_at(3660)
    assert await house.recorded() == [(0, ("ada",)), (3600, ("grace",)), (3660, ("linus",))]


async def test_trouble_in_a_chore_keeps_no_other_from_being_done() -> None:
    """The record is written, the others are done, and the trouble is counted."""
    done: list[str] = []

    async def bad(before: Directory, directory: Directory, now: Instant) -> None:
        raise ValueError("a bug")

    async def good(before: Directory, directory: Directory, now: Instant) -> None:
        done.append("good")

    house = House()
    node = house.node(known(1, "ada"), bad, good)
    await node.round_at(0)
    assert (done, node.keeper.pulse.stumbles, len(await house.recorded())) == (["good"], 1, 1)


async def test_the_next_round_comes_with_the_next_shift() -> None:
    """Or after the longest rest."""
    house = House()
    node = house.node(known(1, "ada", "grace"))
    assert await node.round_at(0) == EVERY
    assert await node.round_at(3595) == 5 * SECOND


class Watched(dict[ScheduleName, Schedule]):
    """Schedules that know which threads have gone through them."""

    threads: set[threading.Thread]

    def __iter__(self) -> Iterator[ScheduleName]:
        """Note who does."""
        self.threads.add(threading.current_thread())
        return super().__iter__()


async def test_a_large_rota_is_gone_through_beside_the_loop() -> None:
    """Hundreds of schedules take half a second, in which no page may be late."""
    house, directory = House(), known(1, "ada")
    schedules = Watched(directory.schedules)
    schedules.threads = set()
    directory = Directory(revision=1, schedules=schedules)
    schedules.threads.clear()
    await house.node(directory).round_at(0)
    await house.node(directory).round_at(10)
    assert schedules.threads
    assert threading.main_thread() not in schedules.threads
