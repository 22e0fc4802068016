"""How often one person may be rung: some at once, then one at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.scene import T0, seconds
from tocsin.core.paging.calm import Calm, take
from tocsin.core.vocabulary import Instant

CALM = Calm(at_once=3, every=seconds(10))


def leaves(calm: Calm, wanted: list[float]) -> list[float]:
    """When calls leave that are wanted at these seconds, one after the other."""
    full_at: Instant | None = None
    left = []
    for second in wanted:
        now = T0 + seconds(second)
        slot = take(calm, full_at, now)
        full_at = slot.full_at
        assert slot.waits(now) == (slot.at > now)
        left.append((slot.at - T0).total_seconds())
    return left


@pytest.mark.parametrize(
    ("calm", "wanted", "left"),
    [
        (CALM, [0], [0]),
        (CALM, [0, 0, 0], [0, 0, 0]),
        (CALM, [0, 0, 0, 0, 0], [0, 0, 0, 10, 20]),
        (CALM, [0, 0, 0, 10, 20, 30], [0, 0, 0, 10, 20, 30]),
        (CALM, [0, 0, 0, 15, 15], [0, 0, 0, 15, 20]),
        (CALM, [0, 0, 0, 60, 60, 60, 60], [0, 0, 0, 60, 60, 60, 70]),
        (Calm(at_once=1, every=seconds(10)), [0, 0, 5], [0, 10, 20]),
        (Calm(at_once=3, every=seconds(0)), [0, 0, 0, 0], [0, 0, 0, 0]),
    ],
)
def test_when_calls_leave(calm: Calm, wanted: list[float], left: list[float]) -> None:
    """So many leave at once, the next one each interval; a quiet time fills the bucket again, and no further."""
    assert leaves(calm, wanted) == left


@given(st.integers(1, 6), st.integers(1, 60), st.lists(st.integers(0, 600), max_size=40))
def test_no_stretch_of_time_holds_more_than_its_measure(at_once: int, every: int, wanted: list[int]) -> None:
    """In any stretch of time no more calls leave than the bucket holds and the stretch brings; none is early."""
    wanted = sorted(wanted)
    left = leaves(Calm(at_once=at_once, every=seconds(every)), [float(second) for second in wanted])
    assert all(at >= asked for at, asked in zip(left, wanted, strict=True))
    for first, start in enumerate(left):
        for last in range(first, len(left)):
            assert last - first + 1 <= at_once + (left[last] - start) / every
