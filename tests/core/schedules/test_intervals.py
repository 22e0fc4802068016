"""The algebra of half-open stretches, held against sets of numbers."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.schedules.intervals import (
    Piece,
    Stretch,
    altered,
    clipped,
    intersection,
    joined,
    lies_in,
    next_in,
    overlay,
    parts,
    subtract,
    together,
    union,
    united,
)
from tocsin.core.vocabulary import Instant, Span, utc

ENDS = st.tuples(st.integers(0, 30), st.integers(1, 10))
SPANS = st.lists(ENDS, max_size=8).map(lambda ends: sorted(_span(start, start + length) for start, length in ends))


def _instant(number: int) -> Instant:
    return utc(2026, 1, 1) + timedelta(hours=number)


def _span(start: int, end: int) -> Span:
    return Span(_instant(start), _instant(end))


def _hours(spans: list[Span]) -> set[int]:
    """The hours that lie in any of the spans."""
    return {hour for hour in range(60) for span in spans if _instant(hour) in span}


def _bare(spans: list[Span]) -> list[Stretch]:
    """The same time, as stretches that do not overlap."""
    return united((span.start, span.end) for span in spans)


def _pieces(spans: list[Span], value: str = "x") -> list[Piece[str]]:
    return [(start, end, value) for start, end in _bare(spans)]


def _seen(pieces: list[Piece[str]]) -> dict[int, str]:
    """What is in force in each hour; the pieces have to be in order, with a length, and apart."""
    assert all(start < end for start, end, _ in pieces)
    assert all(before[1] <= after[0] for before, after in pairwise(pieces))
    return {hour: value for start, end, value in pieces for hour in range(60) if start <= _instant(hour) < end}


@given(SPANS, SPANS)
def test_union_is_every_hour_of_both(one: list[Span], other: list[Span]) -> None:
    """A union holds what either holds, in order, and its spans neither overlap nor touch."""
    result = list(union(one, other))
    assert _hours(result) == _hours(one) | _hours(other)
    assert all(before.end < after.start for before, after in pairwise(result))


@given(SPANS)
def test_united_is_the_union_of_one(spans: list[Span]) -> None:
    """Bare stretches are joined as spans are."""
    assert _bare(spans) == [(span.start, span.end) for span in union(spans)]


@given(SPANS)
def test_subtract_leaves_the_rest(holes: list[Span]) -> None:
    """What is left of a whole is exactly the hours that no hole has."""
    result = list(subtract(_span(5, 25), holes))
    assert _hours(result) == set(range(5, 25)) - _hours(holes)
    assert all(span.start < span.end for span in result)


@given(SPANS, SPANS)
def test_intersection_is_what_both_have(one: list[Span], other: list[Span]) -> None:
    """The pieces inside the stretches are the hours that both have, and none is empty."""
    assert _seen(intersection(_pieces(one), _bare(other))).keys() == _hours(one) & _hours(other)


@given(SPANS)
def test_clipped_is_what_lies_between(spans: list[Span]) -> None:
    """Clipping leaves the hours between two instants."""
    assert _seen(clipped(_pieces(spans), _instant(5), _instant(25))).keys() == _hours(spans) & set(range(5, 25))


@given(SPANS, SPANS)
def test_overlay_shows_what_lies_above(below: list[Span], above: list[Span]) -> None:
    """Seen from above, each hour has the upper piece where there is one, and else the lower one."""
    expected = dict.fromkeys(_hours(below), "below") | dict.fromkeys(_hours(above), "above")
    assert _seen(overlay(_pieces(below, "below"), _pieces(above, "above"))) == expected


@given(SPANS, SPANS)
def test_together_shows_both(one: list[Span], other: list[Span]) -> None:
    """Where two lists overlap both are in force, in their order, and elsewhere the one that is there."""
    expected = dict.fromkeys(_hours(one), "a") | dict.fromkeys(_hours(other), "b")
    expected |= dict.fromkeys(_hours(one) & _hours(other), "ab")
    assert _seen(together(_pieces(one, "a"), _pieces(other, "b"), str.__add__)) == expected


@given(SPANS, SPANS)
def test_altered_is_only_where_both_are(one: list[Span], other: list[Span]) -> None:
    """What is made of two pieces is in force exactly where they overlap."""
    expected = dict.fromkeys(_hours(one) & _hours(other), "ab")
    assert _seen(altered(_pieces(one, "a"), _pieces(other, "b"), str.__add__)) == expected


@given(SPANS, st.integers(0, 45))
def test_a_moment_is_found(spans: list[Span], hour: int) -> None:
    """An hour lies in the stretches when one of them has it, and the next one that does is the first from there on."""
    stretches, later = _bare(spans), [each for each in sorted(_hours(spans)) if each >= hour]
    assert lies_in(stretches, _instant(hour)) == (hour in _hours(spans))
    assert next_in(stretches, _instant(hour)) == (_instant(later[0]) if later else None)


@given(st.lists(st.integers(0, 40), unique=True).map(sorted))
def test_parts_are_the_whole(cuts: list[int]) -> None:
    """A stretch that is cut has a part more than cuts within it, and the parts follow on each other."""
    found = list(parts(_instant(5), _instant(25), [_instant(cut) for cut in cuts]))
    assert [start for start, _ in found] == [_instant(cut) for cut in (5, *(cut for cut in cuts if 5 < cut < 25))]
    assert [end for _, end in found] == [*(start for start, _ in found[1:]), _instant(25)]


def test_joined_keeps_what_differs_apart() -> None:
    """Only neighbours that touch and are the same become one."""
    hours = [(0, 1, "a"), (1, 2, "a"), (2, 3, "b"), (4, 5, "b")]
    result = joined((_instant(start), _instant(end), value) for start, end, value in hours)
    assert [(start.hour, end.hour, value) for start, end, value in result] == [(0, 2, "a"), (2, 3, "b"), (4, 5, "b")]
