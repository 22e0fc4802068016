"""The record of duty: who really was on call, written as it happens, so that no later edit rewrites the past.

An entry holds from its instant until the next one of its schedule; the newest until `until`, the instant up to which
the record is known. Before a schedule's first entry, and after `until`, the schedule itself is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from tocsin.core.schedules.intervals import Piece, joined
from tocsin.core.schedules.rota import Rota
from tocsin.core.schedules.timeline import NobodyReason, OnCall, Rendered, Shift, Vacancy
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span

#: The shortest time that there is.
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """From `since` on these people were on call, until the next entry of the schedule."""

    schedule: ScheduleName
    since: Instant
    #: Empty: nobody was.
    people: tuple[PersonName, ...]
    #: The layer's name or "override"; empty when nothing covered the time.
    source: str
    #: None: somebody was on call.
    reason: NobodyReason | None

    @property
    def told(self) -> _Told:
        """What it says, whenever it says it."""
        return _Told(self.people, self.source, self.reason)


class _Told(NamedTuple):
    """What is said of a stretch of time."""

    people: tuple[PersonName, ...]
    source: str
    reason: NobodyReason | None


_GONE = _Told((), "", NobodyReason.NO_LAYER)


def entries(rota: Rota, newest: Mapping[ScheduleName, Served], window: Span) -> tuple[Served, ...]:
    """What is to be written about a window in which `rota` was in force, after the newest entry of each schedule.

    A schedule that is no longer there is closed with an entry that says so. No two entries of a schedule share an
    instant: what contradicts the newest one at its own instant holds from the moment after.
    """
    found: list[Served] = []
    for name in sorted({*rota.schedules, *newest}):
        last = newest.get(name)
        for since, _, told in _computed(rota, name, window):
            if last is None or told != last.told:
                free = since if last is None else max(since, last.since + MOMENT)
                last = Served(schedule=name, since=free, **told._asdict())
                found.append(last)
    return tuple(found)


def stitched(recorded: Sequence[Served], computed: Rendered, window: Span, *, until: Instant | None) -> Rendered:
    """A window in which the record counts where there is one, and what is computed counts elsewhere.

    `recorded`: in order, with the last entry before the window; `computed`: the window as the schedule has it now.
    """
    known = Span(recorded[0].since, until).clipped(window) if recorded and until is not None else None
    if known is None:
        return computed
    pieces = [*_recorded(recorded, known), *_outside(_pieces(computed), known)]
    return _rendered(joined(sorted(pieces)))


def was_on_call(recorded: Sequence[Served], ongoing: OnCall, at: Instant, *, until: Instant) -> OnCall | None:
    """The answer for an instant that the record knows; None: it does not know it.

    `recorded`: the last entry before the instant, and those after it; `ongoing`: what the schedule says of `until`.
    """
    before = [entry for entry in recorded if entry.since <= at]
    if not before or at >= until:
        return None
    entry = before[-1]
    later = (after.since for after in recorded if after.since > at and (entry.people or after.people))
    same = (ongoing.people, ongoing.source) == (entry.people, entry.source) or not (ongoing.people or entry.people)
    end = next(later, ongoing.until if same else until)
    return OnCall(people=entry.people, source=entry.source, until=end, reason=entry.reason)


def _computed(rota: Rota, name: ScheduleName, window: Span) -> Iterable[Piece[_Told]]:
    if name not in rota.schedules:
        return ((window.start, window.end, _GONE),)
    return sorted(_pieces(rota.shifts(name, window)))


def _pieces(rendered: Rendered) -> Iterator[Piece[_Told]]:
    for shift in rendered.shifts:
        yield shift.span.start, shift.span.end, _Told(shift.people, shift.source, None)
    for vacancy in rendered.vacancies:
        yield vacancy.span.start, vacancy.span.end, _Told((), "", vacancy.reason)


def _recorded(recorded: Sequence[Served], known: Span) -> Iterator[Piece[_Told]]:
    ends = [*(entry.since for entry in recorded[1:]), known.end]
    for entry, end in zip(recorded, ends, strict=True):
        span = Span(entry.since, end).clipped(known)
        if span is not None:
            yield span.start, span.end, entry.told


def _outside(pieces: Iterable[Piece[_Told]], known: Span) -> Iterator[Piece[_Told]]:
    """The parts of the pieces that the record does not know."""
    for start, end, told in pieces:
        if start < known.start:
            yield start, min(end, known.start), told
        if end > known.end:
            yield max(start, known.end), end, told


def _rendered(pieces: Iterable[Piece[_Told]]) -> Rendered:
    shifts: list[Shift] = []
    vacancies: list[Vacancy] = []
    for start, end, told in pieces:
        if told.reason is None:
            shifts.append(Shift(span=Span(start, end), people=told.people, source=told.source))
        else:
            vacancies.append(Vacancy(span=Span(start, end), reason=told.reason))
    return Rendered(shifts=tuple(shifts), vacancies=tuple(vacancies))
