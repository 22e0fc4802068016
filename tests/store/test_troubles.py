"""What watchdogs share, on memory and on PostgreSQL alike: the book of troubles, nodes, habits, depths."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from store.scene import Scene, trigger
from tocsin.core.schedules import CalendarName
from tocsin.core.syncs import State, SyncName, Verdict
from tocsin.core.vocabulary import IntegrationName
from tocsin.core.watch import Book, Broken, Hour, Judged, Key, Name, Trouble, judge
from tocsin.core.watch.course import LASTING
from tocsin.core.watch.inbound import joined
from tocsin.ports.feeds import Feed
from tocsin.store.troubles import read_book

ONE, TWO = IntegrationName("one"), IntegrationName("two")


def hour(first: float, last: float, *, count: int = 3, gap: float = 60, starts_at: datetime) -> Hour:
    """What came between two minutes of an hour."""
    return Hour(
        starts_at=starts_at,
        first_at=starts_at + timedelta(minutes=first),
        last_at=starts_at + timedelta(minutes=last),
        count=count,
        longest_gap=timedelta(seconds=gap),
    )


async def test_the_book_is_kept(scene: Scene) -> None:
    """What one node has judged the next one finds, every value of it."""
    now = await scene.store.now()
    late = Trouble(key=Key(name=Name.STEPS_LATE), threatens=True, since=now, values={"count": "2", "lasts": "40 s"})
    assert await scene.store.watch_book() == Book()
    await scene.store.judge_troubles(lambda book: judge(book, [late], now))
    judged = await scene.store.judge_troubles(lambda book: judge(book, [late], now + LASTING))
    assert judged.telling is not None
    assert judged.telling.began == (late,)
    assert await scene.store.watch_book() == judged.book


async def test_one_node_tells(scene: Scene) -> None:
    """Of nodes that judge in the same moment one is to tell."""
    now = await scene.store.now()
    late = Trouble(key=Key(name=Name.STEPS_LATE), threatens=True, since=now - LASTING)

    async def look() -> Judged:
        return await scene.store.judge_troubles(lambda book: judge(book, [late], now))

    judged = await asyncio.gather(*(look() for _ in range(8)))
    assert sum(one.telling is not None for one in judged) == 1


def test_a_book_of_another_version_is_begun_anew() -> None:
    """A trouble that this version does not know does not end the watch."""
    assert read_book('{"courses":[{"trouble":{"key":{"name":"of_tomorrow"}}}]}') == Book()
    assert read_book(None) == Book()


async def test_nodes_are_known_until_they_say_goodbye(scene: Scene) -> None:
    """Who lives is listed with its role, since when and until when; who ends in order is not."""
    before, nodes = await scene.store.presences()
    assert nodes == ()
    await scene.store.be_present("a", role="all", version="1")
    await scene.store.be_present("b", role="web", version="2")
    now, nodes = await scene.store.be_present("a", role="all", version="1")
    assert [(one.node, one.role, one.version) for one in nodes] == [("a", "all", "1"), ("b", "web", "2")]
    assert all(before <= one.started_at <= one.seen_at <= now for one in nodes)
    await scene.store.say_goodbye("a")
    assert [one.node for one in (await scene.store.presences())[1]] == ["b"]


async def test_depths_are_of_what_is_due(scene: Scene) -> None:
    """What is due and not claimed is counted, with its age; where nothing waits all is zero."""
    empty = await scene.store.depths()
    assert (empty.outbox.waiting, empty.outbox.overdue, empty.messages.waiting) == (0, timedelta(0), 0)
    for number in range(7):
        await scene.take(trigger(f"k{number}"))
    await scene.work()
    await scene.let_pass(minutes=1)
    depths = await scene.store.depths()
    assert (depths.outbox.waiting > 0) == (depths.outbox.overdue > timedelta(0))
    assert depths.outbox.overdue <= timedelta(minutes=1)


async def test_what_is_broken_beside_is_known_without_what_it_holds(scene: Scene) -> None:
    """Syncs that fail and calendars that cannot be read are listed with since when and why; others are not."""
    now = await scene.store.now()
    fine = State(
        name=SyncName("fine"),
        setup="x",
        wanted=(),
        wanted_since=now,
        tried_at=now,
        next_at=now,
        verdict=Verdict.CHANGED,
    )
    failing = replace(fine, name=SyncName("bad"), verdict=Verdict.FAILED, failing_since=now, text="no token")
    for state in (fine, failing):
        await scene.store.put_sync(state, None, keep=1)
    feed = Feed(calendar=CalendarName("work"), source="x", next_at=now)
    await scene.store.put_feed(feed)
    await scene.store.put_feed(replace(feed, calendar=CalendarName("home"), failing_since=now, error="gone"))
    assert await scene.store.broken_beside() == (
        (Broken(name="bad", since=now, why="no token"),),
        (Broken(name="home", since=now, why="gone"),),
    )


async def test_habits_are_added_up(scene: Scene) -> None:
    """What two nodes heard of one hour is one hour; other hours and integrations stay apart."""
    now = (await scene.store.presences())[0].replace(minute=0, second=0, microsecond=0)
    early, late = hour(0, 10, starts_at=now), hour(30, 40, count=2, gap=90, starts_at=now)
    before = hour(5, 6, starts_at=now - timedelta(hours=1))
    await scene.store.add_inbound({ONE: late, TWO: late})
    await scene.store.add_inbound({ONE: early})
    await scene.store.add_inbound({TWO: before})
    found = await scene.store.inbound_hours(since=now - timedelta(hours=1))
    both = hour(0, 40, count=5, gap=20 * 60, starts_at=now)
    assert found == {ONE: (both,), TWO: (before, late)}
    assert joined(early, late) == joined(late, early) == both
    assert await scene.store.inbound_hours(since=now) == {ONE: (both,), TWO: (late,)}


async def test_old_habits_are_forgotten(scene: Scene) -> None:
    """After four weeks an hour counts no more."""
    now = (await scene.store.presences())[0].replace(minute=0, second=0, microsecond=0)
    await scene.store.add_inbound({ONE: hour(0, 10, starts_at=now - timedelta(weeks=4, hours=2))})
    await scene.store.add_inbound({})
    assert await scene.store.inbound_hours(since=now - timedelta(weeks=9)) == {}


@given(st.lists(st.integers(0, 3_500), min_size=2, max_size=30, unique=True), st.data())
def test_two_nodes_overlook_nothing(seconds: list[int], data: st.DataObject) -> None:
    """However events are shared out over two nodes, first, last and count are right, and no gap is told too short."""
    starts_at = datetime(2026, 11, 22, 3, tzinfo=UTC)
    split = data.draw(st.lists(st.booleans(), min_size=len(seconds), max_size=len(seconds)))
    parts = [sorted(at for at, own in zip(seconds, split, strict=True) if own is side) for side in (True, False)]
    heard = [_heard(part, starts_at) for part in parts if part]
    whole = _heard(sorted(seconds), starts_at)
    found = heard[0] if len(heard) == 1 else joined(*heard)
    assert (found.first_at, found.last_at, found.count) == (whole.first_at, whole.last_at, whole.count)
    assert found.longest_gap >= whole.longest_gap


def _heard(seconds: list[int], starts_at: datetime) -> Hour:
    gaps = [later - earlier for earlier, later in itertools.pairwise(seconds)]
    return Hour(
        starts_at=starts_at,
        first_at=starts_at + timedelta(seconds=seconds[0]),
        last_at=starts_at + timedelta(seconds=seconds[-1]),
        count=len(seconds),
        longest_gap=timedelta(seconds=max(gaps, default=0)),
    )
