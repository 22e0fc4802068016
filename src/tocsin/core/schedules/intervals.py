"""Algebra of half-open stretches of time: clip, unite, subtract, overlay, join.

A stretch ends where its neighbour starts; two that touch do not overlap. Inside this package stretches are bare tuples
and pieces are stretches with something in force: a year of a schedule has thousands of them, and a tuple is made ten
times faster than anything with a name. All functions take and give them in order of time; the pieces of one list do not
overlap each other. Everybody else speaks in `Span`s.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from typing import TypeAlias, TypeVar

from tocsin.core.vocabulary import Instant, Span

T = TypeVar("T")
U = TypeVar("U")

#: Start and end.
Stretch: TypeAlias = tuple[Instant, Instant]

#: Start, end, and what is in force between them.
Piece: TypeAlias = tuple[Instant, Instant, T]


def union(*tracks: Iterable[Span]) -> Iterator[Span]:
    """Everything that lies in at least one span; spans that overlap or touch become one. Lazy."""
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


def united(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Stretches in order of their start, which may overlap, as such that neither overlap nor touch."""
    rest = iter(stretches)
    first = next(rest, None)
    if first is None:
        return []
    found: list[Stretch] = []
    start, end = first
    for begins, ends in rest:
        if begins > end:
            found.append((start, end))
            start, end = begins, ends
        elif ends > end:
            end = ends
    found.append((start, end))
    return found


def lies_in(stretches: list[Stretch], instant: Instant) -> bool:
    """True when an instant lies in one of the stretches, which do not overlap."""
    index = bisect_right(stretches, instant, key=_start) - 1
    return index >= 0 and instant < stretches[index][1]


def next_in(stretches: list[Stretch], instant: Instant) -> Instant | None:
    """The first moment from an instant on that lies in one of the stretches; None: there is none any more."""
    index = bisect_right(stretches, instant, key=_end)
    return max(instant, stretches[index][0]) if index < len(stretches) else None


def ends_of(stretches: Iterable[Stretch]) -> set[Instant]:
    """Where the stretches begin and end."""
    return {end for stretch in stretches for end in stretch}


def parts(start: Instant, end: Instant, cuts: list[Instant]) -> Iterator[Stretch]:
    """A stretch, cut at those of the ordered instants that lie in it."""
    for cut in cuts[bisect_right(cuts, start) : bisect_left(cuts, end)]:
        yield start, cut
        start = cut
    yield start, end


def clipped(pieces: Iterable[Piece[T]], start: Instant, end: Instant) -> list[Piece[T]]:
    """What lies between two instants."""
    return [
        (begins if begins > start else start, ends if ends < end else end, value)
        for begins, ends, value in pieces
        if begins < end and ends > start
    ]


def intersection(pieces: Iterable[Piece[T]], stretches: Iterable[Stretch]) -> list[Piece[T]]:
    """The parts of the pieces that lie inside a stretch."""
    found: list[Piece[T]] = []
    rest = iter(stretches)
    stretch = next(rest, None)
    for start, end, value in pieces:
        while stretch is not None and stretch[1] <= start:
            stretch = next(rest, None)
        while stretch is not None and stretch[0] < end:
            opens, closes = stretch
            found.append((opens if opens > start else start, closes if closes < end else end, value))
            if closes > end:
                break
            stretch = next(rest, None)
        if stretch is None:
            break
    return found


def overlay(below: list[Piece[T]], above: list[Piece[T]]) -> list[Piece[T]]:
    """What is seen from above: `below` only where it is not covered."""
    if not below or not above:
        return above or below
    seen: list[Piece[T]] = []
    rest = iter(below)
    piece = next(rest, None)
    for top in above:
        start, end, _ = top
        while piece is not None and piece[1] <= start:
            seen.append(piece)
            piece = next(rest, None)
        if piece is not None and piece[0] < start:
            seen.append((piece[0], start, piece[2]))
        seen.append(top)
        while piece is not None and piece[1] <= end:
            piece = next(rest, None)
        if piece is not None and piece[0] < end:
            piece = (end, piece[1], piece[2])
    if piece is not None:
        seen.append(piece)
        seen.extend(rest)
    return seen


def together(one: list[Piece[T]], other: list[Piece[T]], both: Callable[[T, T], T]) -> list[Piece[T]]:
    """Both lists at once: where two pieces overlap, `both` says what is in force."""
    if not one or not other:
        return one or other
    return overlay(overlay(one, other), altered(one, other, both))


def altered(pieces: Iterable[Piece[T]], others: Iterable[Piece[U]], by: Callable[[T, U], T]) -> list[Piece[T]]:
    """Where a piece and one of the others overlap, what `by` makes of both; only there."""
    found: list[Piece[T]] = []
    rest = iter(others)
    other = next(rest, None)
    for start, end, value in pieces:
        while other is not None and other[1] <= start:
            other = next(rest, None)
        while other is not None and other[0] < end:
            begins, ends, change = other
            found.append((begins if begins > start else start, ends if ends < end else end, by(value, change)))
            if ends > end:
                break
            other = next(rest, None)
        if other is None:
            break
    return found


def joined(pieces: Iterable[Piece[T]]) -> list[Piece[T]]:
    """Pieces that touch and are equal become one."""
    rest = iter(pieces)
    first = next(rest, None)
    if first is None:
        return []
    found: list[Piece[T]] = []
    start, end, value = first
    for begins, ends, after in rest:
        if begins == end and (after is value or after == value):
            end = ends
        else:
            found.append((start, end, value))
            start, end, value = begins, ends, after
    found.append((start, end, value))
    return found


def _start(stretch: Stretch) -> Instant:
    return stretch[0]


def _end(stretch: Stretch) -> Instant:
    return stretch[1]
