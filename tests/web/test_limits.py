"""Limits: far above any storm, for each by themselves, bounded in memory, and never a bar to who has a right key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import Forbidden, TooMany
from tocsin.web.limits import AHEAD_SECONDS, EVENTS_A_SECOND, GUESSES_A_MINUTE, KNOWN, Guesses, Pace
from web.api_world import World


class Watch:
    """A stopwatch that stands still."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def taken(pace: Pace, who: str, count: int, *, a_second: float = EVENTS_A_SECOND) -> bool:
    """True when it may go on."""
    try:
        pace.take(who, count, a_second=a_second)
    except TooMany:
        return False
    return True


def test_the_largest_storm_is_never_refused() -> None:
    """200,000 events a minute through one key go on for hours, and a batch of all of them is taken at once."""
    watch = Watch()
    pace = Pace(what="events", now=watch)
    assert taken(pace, "batch", 200_000)
    for _ in range(4 * 60 * 60):
        assert taken(pace, "storm", 3_334)
        watch.seconds += 1


def test_a_program_that_has_run_away_is_slowed_down() -> None:
    """Beyond its allowance it is told when to come again; then it goes on; its neighbour never notices."""
    watch = Watch()
    pace = Pace(what="events", now=watch)
    assert sum(taken(pace, "mad", 1, a_second=10) for _ in range(5_000)) == pytest.approx(10 * AHEAD_SECONDS, abs=2)
    with pytest.raises(TooMany) as refused:
        pace.take("mad", 1, a_second=10)
    assert 0 < refused.value.retry_seconds < 1
    assert taken(pace, "calm", 1, a_second=10)
    watch.seconds += refused.value.retry_seconds
    assert taken(pace, "mad", 1, a_second=10)


@given(st.lists(st.tuples(st.integers(1, 500), st.floats(0, 30)), max_size=60))
def test_no_pace_is_ever_exceeded(steps: list[tuple[int, float]]) -> None:
    """Whatever comes and whenever: no more is let in than the pace for the time, the head start, and one request."""
    watch = Watch()
    pace = Pace(what="events", now=watch)
    begun, let_in = watch.seconds, 0
    for count, pause in steps:
        watch.seconds += pause
        if taken(pace, "one", count, a_second=5):
            let_in += count
            assert let_in <= 5 * (watch.seconds - begun + AHEAD_SECONDS) + count + 1e-6


def guessed(guesses: Guesses, address: str | None, times: int) -> int:
    """How many of so many wrong keys are answered as such."""
    wrong = Forbidden("not known", known=False)
    return sum(guesses.instead(wrong, address) is wrong for _ in range(times))


def test_a_guesser_is_told_to_slow_down() -> None:
    """After so many wrong keys in a minute; all of a network of IPv6 is one, and other addresses never notice."""
    watch = Watch()
    guesses = Guesses(now=watch)
    assert guessed(guesses, "192.0.2.1", 500) == GUESSES_A_MINUTE
    assert guessed(guesses, "192.0.2.2", 5) == 5
    assert guessed(guesses, "2001:db8::1", 500) == GUESSES_A_MINUTE
    assert guessed(guesses, "2001:db8::ffff:2", 5) == 0
    assert guessed(guesses, "2001:db8:0:1::2", 5) == 5
    assert guessed(guesses, None, 5) == 5
    watch.seconds += 61
    assert guessed(guesses, "192.0.2.1", 5) == 5


def test_strangers_fill_no_memory() -> None:
    """However many addresses and callers come by, so many are known at a time."""
    guesses, pace = Guesses(now=Watch()), Pace(what="calls", now=Watch())
    for number in range(3 * KNOWN):
        guessed(guesses, f"address-{number}", 1)
        pace.take(f"caller-{number}", 1, a_second=1)
    assert len(guesses._wrong) == len(pace._paid_until) == KNOWN


async def test_wrong_tokens_never_bar_a_right_one() -> None:
    """Who guesses is told to wait; whoever has a token is served from the same address all the while."""
    world = await World().open()
    answers = [await world.get("/api/v1/alerts", by=f"wrong-{number}") for number in range(GUESSES_A_MINUTE + 1)]
    assert {answer.status for answer in answers[:-1]} == {401}
    assert answers[-1].status == 429
    assert int(answers[-1].headers["retry-after"]) <= 60
    assert answers[-1].headers["content-type"] == "application/problem+json"
    assert answers[-1].json()["status"] == 429
    assert (await world.get("/api/v1/alerts")).status == 200
    assert (await world.get("/healthz", by=None)).status == 200
