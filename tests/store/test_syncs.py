"""What is kept of syncs, on memory and on PostgreSQL alike."""

from __future__ import annotations

from datetime import timedelta

from store.scene import START, Scene
from tocsin.core.syncs import Entry, Missed, State, SyncName, Unmatched, Verdict

NAME, OTHER = SyncName("data-oncall"), SyncName("another")

STATE = State(
    name=NAME,
    setup="slack\ndata-oncall",
    wanted=("ada", "linus"),
    wanted_since=START,
    applied=("ada",),
    applied_at=START,
    members=("ada", "U0G9QF9C6"),
    tried_at=START,
    next_at=START + timedelta(minutes=5),
    verdict=Verdict.REPAIRED,
    text="last changed by grace",
    missed=(Missed(person="linus", why="unknown", since=START),),
    failing_since=None,
    failures=2,
    alarmed=True,
)


def line(number: int, sync: SyncName = NAME) -> Entry:
    """A line of a log."""
    return Entry(
        sync=sync,
        at=START + timedelta(seconds=number),
        verdict=Verdict.CHANGED,
        before=("grace",),
        after=("ada",),
        text=str(number),
        unmatched=(Unmatched(person="linus", why="nobody\x00 by that address" if number == 0 else "unknown"),),
    )


async def test_what_is_known_is_kept_whole(scene: Scene) -> None:
    """Every field comes back as it was, and the newest state counts."""
    await scene.store.put_sync(STATE, None, keep=5)
    assert await scene.store.sync_states() == (STATE,)
    fresh = State(
        name=OTHER, setup="", wanted=(), wanted_since=START, tried_at=START, next_at=START, verdict=Verdict.KEPT
    )
    await scene.store.put_sync(fresh, None, keep=5)
    again = State(**{name: getattr(STATE, name) for name in State.__slots__} | {"failures": 3})
    await scene.store.put_sync(again, None, keep=5)
    assert await scene.store.sync_states() == (fresh, again)


async def test_a_log_keeps_its_newest_lines(scene: Scene) -> None:
    """Of each sync as many as are wanted, newest first; another's log is another."""
    for number in range(1, 8):
        await scene.store.put_sync(STATE, line(number), keep=3)
    await scene.store.put_sync(STATE, line(1, OTHER), keep=3)
    assert await scene.store.sync_log(NAME, limit=10) == (line(7), line(6), line(5))
    assert await scene.store.sync_log(NAME, limit=1) == (line(7),)
    assert await scene.store.sync_log(OTHER, limit=10) == (line(1, OTHER),)
    assert await scene.store.sync_log(SyncName("none"), limit=10) == ()


async def test_what_the_other_side_said_can_be_kept(scene: Scene) -> None:
    """No text from outside keeps a line from being written."""
    await scene.store.put_sync(STATE, line(0), keep=3)
    [kept] = await scene.store.sync_log(NAME, limit=3)
    assert kept.unmatched[0].why.startswith("nobody")


async def test_ids_are_remembered_for_a_while(scene: Scene) -> None:
    """What was learned last counts, what was forgotten is gone, and what is too old is not given out."""
    await scene.store.learn_sync_ids("slack", [("ada@example.org", "U1"), ("linus@example.org", "U2")])
    await scene.store.learn_sync_ids("other", [("ada@example.org", "X1")])
    await scene.let_pass(hours=2)
    await scene.store.learn_sync_ids("slack", [("ada@example.org", "U3"), ("grace@example.org", None)])
    assert await scene.store.sync_ids("slack", since=START) == {"ada@example.org": "U3", "linus@example.org": "U2"}
    assert await scene.store.sync_ids("slack", since=START + timedelta(hours=1)) == {"ada@example.org": "U3"}
    await scene.store.learn_sync_ids("slack", [("ada@example.org", None)])
    assert await scene.store.sync_ids("slack", since=START) == {"linus@example.org": "U2"}
    await scene.store.learn_sync_ids("slack", [("linus@example.org", None), ("linus@example.org", "U9")])
    assert await scene.store.sync_ids("slack", since=START) == {"linus@example.org": "U9"}
    assert await scene.store.sync_ids("other", since=START) == {"ada@example.org": "X1"}
