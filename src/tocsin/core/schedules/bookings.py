"""Whoever an imported calendar books, laid flat: where bookings overlap, all of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import pairwise

from tocsin.core.schedules.circumstances import Booking
from tocsin.core.schedules.intervals import Piece
from tocsin.core.vocabulary import Instant, PersonName


class Bookings:
    """The bookings of one calendar."""

    def __init__(self, bookings: Iterable[Booking]) -> None:
        self._pieces = _flat(sorted(bookings, key=lambda booking: booking.span.start))
        self._starts = [piece[0] for piece in self._pieces]
        self._ends = [piece[1] for piece in self._pieces]

    @property
    def people(self) -> frozenset[PersonName]:
        """Everybody who is ever booked."""
        return frozenset(name for _, _, people in self._pieces for name in people)

    def between(self, start: Instant, end: Instant) -> list[Piece[tuple[PersonName, ...]]]:
        """Who is booked between two instants, not clipped."""
        return self._pieces[bisect_right(self._ends, start) : bisect_left(self._starts, end)]


def _flat(bookings: list[Booking]) -> list[Piece[tuple[PersonName, ...]]]:
    """Everybody whom any of the bookings has, in the order of the bookings, each person once."""
    bookings = [booking for booking in bookings if booking.span.start < booking.span.end]
    cuts = sorted({cut for booking in bookings for cut in (booking.span.start, booking.span.end)})
    found: list[Piece[tuple[PersonName, ...]]] = []
    waiting, present = iter(bookings), list[Booking]()
    arriving = next(waiting, None)
    for start, end in pairwise(cuts):
        present = [booking for booking in present if booking.span.end > start]
        while arriving is not None and arriving.span.start <= start:
            present.append(arriving)
            arriving = next(waiting, None)
        if present:
            found.append((start, end, tuple(dict.fromkeys(name for each in present for name in each.people))))
    return found
