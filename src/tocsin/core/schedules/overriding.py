"""Overrides on top of all layers: laid flat once, so that any window finds what holds in it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from tocsin.core.schedules.intervals import Piece, altered, overlay
from tocsin.core.schedules.schedule import Override
from tocsin.core.schedules.timeline import OVERRIDE, Assigned, NobodyReason, Track, vacant
from tocsin.core.vocabulary import Instant, PersonName


class _Ruling(NamedTuple):
    """What overrides say over a stretch of time."""

    #: Instead of everybody. None: the layers count.
    whole: Override | None
    #: Made later, each instead of one person, in the order in which they were made.
    single: tuple[Override, ...]


class Overrides:
    """The overrides of one schedule."""

    def __init__(self, overrides: Iterable[Override]) -> None:
        in_order = sorted(overrides, key=lambda override: override.made)
        self._rulings = _flat([each for each in in_order if each.span.start < each.span.end])
        self._starts = [ruling[0] for ruling in self._rulings]
        self._ends = [ruling[1] for ruling in self._rulings]

    def over(self, track: Track, start: Instant, end: Instant) -> Track:
        """A track that covers the stretch of time, with the overrides on top of it."""
        rulings = self._rulings[bisect_right(self._ends, start) : bisect_left(self._starts, end)]
        return overlay(track, altered(track, rulings, _ruled)) if rulings else track


def _flat(overrides: list[Override]) -> list[Piece[_Ruling]]:
    """Stretch by stretch what holds, out of overrides in the order in which they were made."""
    begins: defaultdict[Instant, list[int]] = defaultdict(list)
    ends: defaultdict[Instant, list[int]] = defaultdict(list)
    for number, override in enumerate(overrides):
        begins[override.span.start].append(number)
        ends[override.span.end].append(number)
    cuts = sorted({*begins, *ends})
    present: list[int] = []
    found: list[Piece[_Ruling]] = []
    for start, end in pairwise(cuts):
        for number in ends.get(start, ()):
            present.remove(number)
        for number in begins.get(start, ()):
            insort(present, number)
        if present:
            found.append((start, end, _ruling(overrides, present)))
    return found


def _ruling(overrides: list[Override], present: list[int]) -> _Ruling:
    single: list[Override] = []
    for number in reversed(present):
        override = overrides[number]
        if override.instead_of is None:
            return _Ruling(override, tuple(reversed(single)))
        single.append(override)
    return _Ruling(None, tuple(reversed(single)))


def _ruled(given: Assigned, ruling: _Ruling) -> Assigned:
    if ruling.whole is not None:
        given = _overridden(ruling.whole.people)
    for override in ruling.single:
        if override.instead_of in given.people:
            people = ((name,) if name != override.instead_of else override.people for name in given.people)
            given = _overridden(tuple(dict.fromkeys(name for names in people for name in names)))
    return given


def _overridden(people: tuple[PersonName, ...]) -> Assigned:
    return Assigned(people, OVERRIDE, None) if people else vacant(OVERRIDE, NobodyReason.OVERRIDE_SAYS_NOBODY)
