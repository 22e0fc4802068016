"""Stretches compared, held against sets of hours."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.insight.stretches import Held, both, length, merged, paired, together
from tocsin.core.schedules.intervals import union
from tocsin.core.vocabulary import Instant, Span, utc

ENDS = st.tuples(st.integers(0, 40), st.integers(1, 12))
TRACKS = st.lists(ENDS, max_size=8).map(lambda ends: [*union(sorted(_span(start, size) for start, size in ends))])
HELD = st.lists(st.tuples(ENDS, st.sampled_from("abc")), max_size=10).map(
    lambda found: sorted(Held(*_ends(start, size), value) for (start, size), value in found)
)


def _instant(hour: int) -> Instant:
    return utc(2026, 1, 1) + timedelta(hours=hour)


def _ends(start: int, size: int) -> tuple[Instant, Instant]:
    return _instant(start), _instant(start + size)


def _span(start: int, size: int) -> Span:
    return Span(*_ends(start, size))


def _hours(spans: list[Span]) -> set[int]:
    return {hour for hour in range(60) if any(_instant(hour) in span for span in spans)}


def _values(held: list[Held[str]], hour: int) -> set[str]:
    return {value for start, end, value in held if start <= _instant(hour) < end}


@given(TRACKS, TRACKS)
def test_both_is_every_hour_of_each(one: list[Span], other: list[Span]) -> None:
    """An hour lies in the overlap when it lies in the one and in the other."""
    found = [*both(one, other)]
    assert _hours(found) == _hours(one) & _hours(other)
    assert length(found) == timedelta(hours=len(_hours(found)))


@given(HELD)
def test_together_is_what_holds_in_each_hour(held: list[Held[str]]) -> None:
    """At every hour the set of all that holds; never the empty set, never two pieces at once."""
    found = [*together(held)]
    assert all(piece.value for piece in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    for hour in range(60):
        sets = [value for start, end, value in found if start <= _instant(hour) < end]
        assert (sets[0] if sets else set()) == _values(held, hour)


@given(HELD, HELD)
def test_paired_is_what_both_hold(one: list[Held[str]], other: list[Held[str]]) -> None:
    """Of two tracks, wherever both hold something, what each holds."""
    tracks = [[*merged(together(held))] for held in (one, other)]
    found = [*paired(*tracks)]
    for hour in range(60):
        expected = tuple(frozenset(_values(held, hour)) for held in (one, other))
        pairs = [value for start, end, value in found if start <= _instant(hour) < end]
        assert pairs == ([expected] if all(expected) else [])


def test_neighbours_that_hold_the_same_are_one() -> None:
    """Only where they touch, and only where they are equal."""
    pieces = [Held(*_ends(0, 1), "a"), Held(*_ends(1, 1), "a"), Held(*_ends(2, 1), "b"), Held(*_ends(4, 1), "b")]
    assert [*merged(pieces)] == [Held(*_ends(0, 2), "a"), Held(*_ends(2, 1), "b"), Held(*_ends(4, 1), "b")]
