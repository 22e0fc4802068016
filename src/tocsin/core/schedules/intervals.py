"""Algebra of half-open stretches of time: clip, union, subtract, overlay, join.

Every function takes stretches in order of their start and yields them so, lazily: whoever asks for the first one pays
for the first one. A stretch ends where its neighbour starts; two that touch do not overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush, merge
from typing import Generic, NamedTuple, TypeVar

from tocsin.core.vocabulary import Instant, Span

T = TypeVar("T")


class Piece(NamedTuple, Generic[T]):
    """A stretch with something in force. A named tuple, not a dataclass: a year has thousands of them.

    Pieces compare by start, then rank. Two pieces of one rank never overlap, so `value` is never compared.
    """

    start: Instant
    #: Which lies on top where two overlap: the larger.
    rank: int
    end: Instant
    value: T


def intersection(pieces: Iterable[Piece[T]], spans: Iterable[Span]) -> Iterator[Piece[T]]:
    """The parts of the pieces that lie inside a span. Both are free of overlaps in themselves."""
    rest = iter(spans)
    span = next(rest, None)
    for start, rank, end, value in pieces:
        while span is not None and span.end <= start:
            span = next(rest, None)
        while span is not None and span.start < end:
            yield Piece(max(start, span.start), rank, min(end, span.end), value)
            if span.end > end:
                break
            span = next(rest, None)
        if span is None:
            return


def union(*tracks: Iterable[Span]) -> Iterator[Span]:
    """Everything that lies in at least one span; spans that overlap or touch become one."""
    joined: Span | None = None
    for span in merge(*tracks):
        if joined is None:
            joined = span
        elif span.start <= joined.end:
            joined = Span(joined.start, max(joined.end, span.end))
        else:
            yield joined
            joined = span
    if joined is not None:
        yield joined


def subtract(whole: Span, holes: Iterable[Span]) -> Iterator[Span]:
    """What is left of `whole` without the holes, which may overlap each other."""
    start = whole.start
    for hole in holes:
        if hole.start >= whole.end:
            break
        if hole.start > start:
            yield Span(start, hole.start)
        start = max(start, hole.end)
    if start < whole.end:
        yield Span(start, whole.end)


def overlay(*tracks: Iterable[Piece[T]]) -> Iterator[Piece[T]]:
    """What is seen from above: at every instant the piece of the largest rank, cut where another covers it."""
    open_pieces: list[tuple[int, Instant, T]] = []  # a heap: the highest rank first, by its negative
    start: Instant | None = None
    for arriving in merge(*tracks):
        if start is not None:
            yield from _seen(open_pieces, start=start, end=arriving.start)
        start = arriving.start
        heappush(open_pieces, (-arriving.rank, arriving.end, arriving.value))
    if start is not None:
        yield from _seen(open_pieces, start=start, end=None)


def joined(pieces: Iterable[Piece[T]], same: Callable[[T, T], bool]) -> Iterator[Piece[T]]:
    """Pieces that touch and whose values are the same become one, with the first one's rank and value."""
    present: Piece[T] | None = None
    for piece in pieces:
        if present is None:
            present = piece
        elif present.end == piece.start and same(present.value, piece.value):
            present = Piece(present.start, present.rank, piece.end, present.value)
        else:
            yield present
            present = piece
    if present is not None:
        yield present


def _seen(open_pieces: list[tuple[int, Instant, T]], *, start: Instant, end: Instant | None) -> Iterator[Piece[T]]:
    """What lies on top between two instants (None: until nothing is open), taking off what has ended."""
    while open_pieces and (end is None or start < end):
        rank, stop, value = open_pieces[0]
        if stop <= start:
            heappop(open_pieces)
            continue
        until = stop if end is None else min(stop, end)
        yield Piece(start, -rank, until, value)
        start = until
