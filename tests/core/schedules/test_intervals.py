"""The algebra of half-open stretches, held against sets of numbers."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.schedules.intervals import Piece, intersection, joined, overlay, subtract, union
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


def _pieces(spans: list[Span], rank: int = 0) -> list[Piece[str]]:
    return [Piece(span.start, rank, span.end, "x") for span in spans]


def _spans(pieces: list[Piece[str]]) -> list[Span]:
    return [Span(piece.start, piece.end) for piece in pieces]


@given(SPANS, SPANS)
def test_union_is_every_hour_of_both(one: list[Span], other: list[Span]) -> None:
    """A union holds what either holds, in order, and its spans neither overlap nor touch."""
    result = list(union(one, other))
    assert _hours(result) == _hours(one) | _hours(other)
    assert all(before.end < after.start for before, after in pairwise(result))


@given(SPANS)
def test_subtract_leaves_the_rest(holes: list[Span]) -> None:
    """What is left of a whole is exactly the hours that no hole has."""
    result = list(subtract(_span(5, 25), holes))
    assert _hours(result) == set(range(5, 25)) - _hours(holes)
    assert all(span.start < span.end for span in result)


@given(SPANS, SPANS)
def test_intersection_is_what_both_have(one: list[Span], other: list[Span]) -> None:
    """The pieces inside the spans are the hours that both have, and none is empty."""
    result = list(intersection(_pieces(list(union(one))), union(other)))
    assert _hours(_spans(result)) == _hours(one) & _hours(other)
    assert all(piece.start < piece.end for piece in result)


@given(st.lists(SPANS, min_size=1, max_size=4))
def test_overlay_shows_the_highest(stack: list[list[Span]]) -> None:
    """Seen from above, each hour has the highest track that covers it, and only one."""
    tracks = [_pieces(list(union(spans)), rank) for rank, spans in enumerate(stack)]
    result = list(overlay(*tracks))
    assert all(before.end <= after.start for before, after in pairwise(result))
    covered = [_hours(spans) for spans in stack]
    for hour in range(45):
        covering = [rank for rank, hours in enumerate(covered) if hour in hours]
        seen = [piece.rank for piece in result if piece.start <= _instant(hour) < piece.end]
        assert seen == covering[-1:]


def test_joined_keeps_what_differs_apart() -> None:
    """Only neighbours that touch and are the same become one."""
    hours = [(0, 1, "a"), (1, 2, "a"), (2, 3, "b"), (4, 5, "b")]
    pieces = [Piece(_instant(start), 0, _instant(end), value) for start, end, value in hours]
    result = [(piece.start.hour, piece.end.hour, piece.value) for piece in joined(pieces, str.__eq__)]
    assert result == [(0, 2, "a"), (2, 3, "b"), (4, 5, "b")]
