"""Who is on call: the final shifts of any window, and the answer for any instant, with its source or its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tocsin.core.schedules.intervals import Piece, intersection, joined, overlay, union
from tocsin.core.schedules.schedule import Layer, Override, Schedule
from tocsin.core.schedules.turns import turns
from tocsin.core.schedules.wallclock import within_calendar
from tocsin.core.schedules.windows import windows
from tocsin.core.vocabulary import Instant, PersonName, Span

#: The source of a shift that no layer gave.
OVERRIDE = "override"

#: How far `on_call` looks for the end of a shift; a leap year, so that "every year" is always found.
SEARCH = timedelta(days=366)


class NobodyReason(StrEnum):
    """Why nobody is on call."""

    NO_LAYER = "no_layer"
    OVERRIDE_SAYS_NOBODY = "override_says_nobody"
    PARTICIPANT_IS_NOBODY = "participant_is_nobody"
    EVERYBODY_IS_AWAY = "everybody_is_away"
    #: Everybody who could serve is on call in a schedule that this one keeps apart from.
    ON_CALL_ELSEWHERE = "on_call_elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """The answer for one instant. Nobody is an answer, with its reason."""

    people: tuple[PersonName, ...]
    #: The layer's name or "override"; empty when nothing covers the instant.
    source: str
    #: When people or source change; with nobody on call, when somebody comes. None: not within `SEARCH`.
    until: Instant | None
    #: None when somebody is on call.
    reason: NobodyReason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """People who are on call without a break, out of one source."""

    span: Span
    people: tuple[PersonName, ...]
    #: The layer's name or "override"; layers that are on call together are joined by " + ".
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacancy:
    """A stretch in which nobody is on call, for one reason."""

    span: Span
    reason: NobodyReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A window of a schedule. Shifts and vacancies together cover it exactly, each in order of time."""

    shifts: tuple[Shift, ...]
    #: Where nobody is on call; neighbours have different reasons.
    vacancies: tuple[Vacancy, ...]

    @property
    def gaps(self) -> tuple[Span, ...]:
        """Where nobody is on call, whatever the reason."""
        return tuple(union(vacancy.span for vacancy in self.vacancies))


class _Assigned(NamedTuple):
    """What is in force for a while."""

    people: tuple[PersonName, ...]
    source: str
    reason: NobodyReason | None


_UNCOVERED = _Assigned((), "", NobodyReason.NO_LAYER)


def on_call(schedule: Schedule, at: Instant) -> OnCall:
    """Who is on call at `at`, from which source, and until when."""
    at = within_calendar(at, field="at")
    horizon = at + SEARCH
    present = next(_final(schedule, Span(at, horizon)))
    return OnCall(
        people=present.value.people,
        source=present.value.source,
        until=present.end if present.end < horizon else None,
        reason=present.value.reason,
    )


def shifts(schedule: Schedule, window: Span) -> Rendered:
    """The final shifts and gaps of a window, clipped to it; an empty window has neither."""
    window = Span(within_calendar(window.start, field="from"), within_calendar(window.end, field="to"))
    if window.end <= window.start:
        return Rendered(shifts=(), vacancies=())
    served: list[Shift] = []
    vacant: list[Vacancy] = []
    for start, _, end, assigned in _final(schedule, window):
        if assigned.reason is None:
            served.append(Shift(span=Span(start, end), people=assigned.people, source=assigned.source))
        else:
            vacant.append(Vacancy(span=Span(start, end), reason=assigned.reason))
    return Rendered(shifts=tuple(served), vacancies=tuple(vacant))


def _final(schedule: Schedule, window: Span) -> Iterator[Piece[_Assigned]]:
    """What is in force in every instant of the window, joined. The ranks are the order in which things lie:

    nothing, below layers that have nobody, below layers that have somebody, below overrides.
    """
    height = len(schedule.layers)
    tracks: list[Iterator[Piece[_Assigned]]] = [iter((Piece(window.start, 0, window.end, _UNCOVERED),))]
    for position, layer in enumerate(schedule.layers, start=1):
        tracks.append(_of_layer(layer, schedule.time_zone, window=window, ranks=(position, height + position)))
    tracks.append(_of_overrides(schedule.overrides, window, lowest=2 * height + 1))
    return joined(overlay(*tracks), _same)


def _same(first: _Assigned, second: _Assigned) -> bool:
    """True when a reader would see one shift, or one gap."""
    return (
        first.people == second.people
        and (first.source == second.source or not first.people)
        and first.reason == second.reason
    )


def _of_layer(layer: Layer, zone: ZoneInfo, *, window: Span, ranks: tuple[int, int]) -> Iterator[Piece[_Assigned]]:
    """The layer's own pieces; `ranks` are those of a participant who is nobody, and of one who is somebody."""
    within = _in_force(layer, window)
    if within is None:
        return iter(())
    people = layer.rotation.participants
    assigned = [_Assigned(names, layer.name, _reason_in_rotation(names)) for names in people]
    rank = [ranks[bool(names)] for names in people]
    served = (
        Piece(turn.start, rank[turn.participant], turn.end, assigned[turn.participant])
        for turn in turns(layer.rotation, zone, within=within)
    )
    return intersection(served, windows(layer.only, zone, within=within)) if layer.only else served


def _reason_in_rotation(names: tuple[PersonName, ...]) -> NobodyReason | None:
    return None if names else NobodyReason.PARTICIPANT_IS_NOBODY


def _in_force(layer: Layer, window: Span) -> Span | None:
    """The part of the window in which the layer counts."""
    start = window.start if layer.start is None else max(window.start, layer.start)
    end = window.end if layer.end is None else min(window.end, layer.end)
    return Span(start, end) if start < end else None


def _of_overrides(overrides: tuple[Override, ...], window: Span, *, lowest: int) -> Iterator[Piece[_Assigned]]:
    """Each override as one piece, clipped; the one made later has the larger rank. They may overlap."""
    pieces = []
    for rank, override in enumerate(sorted(overrides, key=lambda override: override.made), start=lowest):
        span = override.span.clipped(window)
        if span is not None:
            reason = None if override.people else NobodyReason.OVERRIDE_SAYS_NOBODY
            pieces.append(Piece(span.start, rank, span.end, _Assigned(override.people, OVERRIDE, reason)))
    return iter(sorted(pieces))
