"""Rendered windows for the tests of this folder."""

from __future__ import annotations

from datetime import timedelta

from core.schedules.rotas import at, minimal, people, rota, span
from tocsin.core.schedules import NobodyReason, Rendered, Schedule, Shift, Vacancy
from tocsin.core.schedules.shown import Strip, strip_of
from tocsin.core.vocabulary import ScheduleName, Span

NAME = ScheduleName("data-primary")
#: A day of `minimal()`: nobody, then ada, then linus at night.
WINDOW = span("2026-01-05T00:00", "2026-01-06T00:00")


def rendered(schedule: Schedule, window: Span) -> Rendered:
    """The final shifts of a schedule."""
    return rota(schedule).shifts(schedule.name, window)


def a_day() -> Rendered:
    """The window above."""
    return rendered(minimal(), WINDOW)


def one_shift(*names: str, source: str = "weekly", window: Span = WINDOW) -> Rendered:
    """A rendering of one shift and nothing else."""
    return Rendered(shifts=(Shift(span=window, people=people(*names), source=source),), vacancies=())


def vacancy(reason: NobodyReason, window: Span = WINDOW) -> Rendered:
    """A rendering in which nobody is on call."""
    return Rendered(shifts=(), vacancies=(Vacancy(span=window, reason=reason),))


def in_turn(*names: str, start: str = "2026-01-05T00:00", hours: float = 24, source: str = "weekly") -> Rendered:
    """People one after the other, each for so many hours; an empty name is nobody."""
    begin, length = at(start), timedelta(hours=hours)
    turns = [(name, Span(begin + place * length, begin + (place + 1) * length)) for place, name in enumerate(names)]
    return Rendered(
        shifts=tuple(Shift(span=each, people=people(name), source=source) for name, each in turns if name),
        vacancies=tuple(Vacancy(span=each, reason=NobodyReason.NO_LAYER) for name, each in turns if not name),
    )


def strip(shown: Rendered, name: str = NAME) -> Strip:
    """What pictures are made of."""
    return strip_of(ScheduleName(name), shown)
