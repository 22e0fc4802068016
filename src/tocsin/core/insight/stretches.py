"""Stretches of time compared and measured. Where spans come as a track, they are in order and free of overlaps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from heapq import heappop, heappush
from typing import Generic, NamedTuple, TypeVar

from tocsin.core.vocabulary import Instant, Span

V = TypeVar("V")

NOTHING = timedelta()


class Held(NamedTuple, Generic[V]):
    """A stretch in which something holds. A named tuple, not a dataclass: a large rota has very many of them."""

    start: Instant
    end: Instant
    value: V


def both(first: Iterable[Span], second: Iterable[Span]) -> Iterator[Span]:
    """Where two tracks overlap."""
    rest = iter(second)
    other = next(rest, None)
    for span in first:
        while other is not None and other.end <= span.start:
            other = next(rest, None)
        while other is not None and other.start < span.end:
            yield Span(max(span.start, other.start), min(span.end, other.end))
            if other.end > span.end:
                break
            other = next(rest, None)
        if other is None:
            return


def within(spans: Iterable[Span], whole: Span) -> Iterator[Span]:
    """The parts of the spans that lie inside `whole`."""
    return (part for span in spans if (part := span.clipped(whole)) is not None)


def length(spans: Iterable[Span]) -> timedelta:
    """How long the spans of a track are together, in elapsed time."""
    return sum((span.end - span.start for span in spans), NOTHING)


def together(held: Iterable[Held[V]]) -> Iterator[Held[frozenset[V]]]:
    """What holds at the same time: at every instant the set of all that holds, cut where it changes.

    `held`: in order of start, overlapping as it likes. Stretches in which nothing holds are left out.
    """
    waiting: list[tuple[Instant, int, V]] = []  # a heap: what ends first; the number keeps values from being compared
    present: Instant | None = None
    for number, (start, end, value) in enumerate(held):
        if present is not None:
            yield from _until(start, waiting, present)
        heappush(waiting, (end, number, value))
        present = start
    if present is not None:
        yield from _until(None, waiting, present)


def paired(first: Iterable[Held[V]], second: Iterable[Held[V]]) -> Iterator[Held[tuple[V, V]]]:
    """Where two tracks both hold something, with what each of them holds."""
    rest = iter(second)
    there = next(rest, None)
    for start, end, value in first:
        while there is not None and there.end <= start:
            there = next(rest, None)
        while there is not None and there.start < end:
            yield Held(max(start, there.start), min(end, there.end), (value, there.value))
            if there.end > end:
                break
            there = next(rest, None)
        if there is None:
            return


def merged(held: Iterable[Held[V]]) -> Iterator[Held[V]]:
    """Neighbours that touch and hold the same become one."""
    last: Held[V] | None = None
    for piece in held:
        if last is not None and last.end == piece.start and last.value == piece.value:
            last = Held(last.start, piece.end, last.value)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last


def _until(end: Instant | None, waiting: list[tuple[Instant, int, V]], start: Instant) -> Iterator[Held[frozenset[V]]]:
    """What holds between two instants (None: until nothing does), taking off what has ended."""
    while waiting and (end is None or start < end):
        first = waiting[0][0]
        if first <= start:
            heappop(waiting)
            continue
        stop = first if end is None else min(first, end)
        yield Held(start, stop, frozenset(value for _, _, value in waiting))
        start = stop
