"""What is answered: who is on call at an instant, and the final shifts and vacancies of a window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from tocsin.core.schedules.intervals import Piece, union
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


class Shift(NamedTuple):
    """People who are on call without a break, out of one source. A named tuple: a year has hundreds of them."""

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


class Assigned(NamedTuple):
    """What is in force for a while: people out of a source, or nobody for a reason."""

    people: tuple[PersonName, ...]
    source: str
    reason: NobodyReason | None


#: Who is on call over a stretch of time, piece by piece.
Track: TypeAlias = list[Piece[Assigned]]

#: Where nothing says anything.
UNCOVERED = Assigned((), "", NobodyReason.NO_LAYER)


def assigned(people: tuple[PersonName, ...], source: str) -> Assigned:
    """People whom a layer has; none: its rotation has nobody in this turn."""
    return Assigned(people, source, None if people else NobodyReason.PARTICIPANT_IS_NOBODY)


def vacant(source: str, reason: NobodyReason) -> Assigned:
    """Nobody, although the source had a say."""
    return Assigned((), source, reason)


def rendered(track: Track) -> Rendered:
    """The pieces of a window as shifts and vacancies."""
    shifts: list[Shift] = []
    vacancies: list[Vacancy] = []
    for start, end, (people, source, reason) in track:
        if reason is None:
            shifts.append(Shift(Span(start, end), people, source))
        elif vacancies and vacancies[-1].reason is reason and vacancies[-1].span.end == start:
            vacancies[-1] = Vacancy(span=Span(vacancies[-1].span.start, end), reason=reason)
        else:
            vacancies.append(Vacancy(span=Span(start, end), reason=reason))
    return Rendered(shifts=tuple(shifts), vacancies=tuple(vacancies))
