"""Schedules that cannot be meant are told what is wrong, where, and what to write instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.schedules.rotas import minimal, only, override, rotation, schedule
from tocsin.core.schedules import Layer, Override, Rotation, Schedule, Weekday, check
from tocsin.core.vocabulary import utc

GOOD = rotation("1 days", "2026-01-05T09:00", "ada")
SATURDAYS = (only("09:00", "17:00", Weekday.SATURDAY),)


def of(rota: Rotation) -> Schedule:
    """A schedule of one layer."""
    return schedule(Layer(name="days", rotation=rota))


def overridden(start: str, end: str) -> tuple[Override, ...]:
    """A sound override before the one in question."""
    return (override("ada", "2026-01-06T00:00", "2026-01-07T00:00"), override("ada", start, end))


WRONG = [
    (of(rotation("1 days", "2026-01-05T09:00")), "layers[0].rotation.people", "nobody takes part"),
    (of(rotation("0 days", "2026-01-05T09:00", "ada")), "layers[0].rotation.every", "a turn of 0 days has no length"),
    (of(rotation("-8 hours", "2026-01-05T09:00", "ada")), "layers[0].rotation.every", "turn of -8 hours has no length"),
    (of(rotation("99999999999 weeks", "2026-01-05T09:00", "ada")), "layers[0].rotation.every", "a hundred years"),
    (
        of(replace(GOOD, anchor=datetime.fromisoformat("0001-01-01"))),
        "layers[0].rotation.from",
        "the year 1 is outside the calendar",
    ),
    (of(replace(GOOD, anchor=datetime(2026, 1, 1, tzinfo=UTC))), "layers[0].rotation.from", "a zone of its own"),
    (
        schedule(Layer(name="days", rotation=GOOD, start=utc(2026, 3, 1), end=utc(2026, 2, 1))),
        "layers[0].end",
        "the layer ends before it starts",
    ),
    (
        schedule(Layer(name="days", rotation=GOOD, end=utc(2026, 1, 5, 8))),
        "layers[0].end",
        "the layer ends before its rotation begins",
    ),
    (
        schedule(Layer(name="days", rotation=GOOD, end=utc(2026, 1, 9), only=SATURDAYS)),
        "layers[0].only[0]",
        "never matches",
    ),
    (
        schedule(
            Layer(
                name="days",
                rotation=GOOD,
                start=utc(2026, 3, 28, 12),
                end=utc(2026, 3, 29, 12),
                only=(only("09:00", "17:00"), only("02:00", "03:00")),
            )
        ),
        "layers[0].only[1]",
        "never matches",
    ),
    (
        schedule(overrides=overridden("2026-01-06T00:00", "2026-01-05T00:00")),
        "overrides[1].to",
        "ends before it starts",
    ),
    (
        schedule(overrides=overridden("2026-01-06T00:00", "2026-01-06T00:00")),
        "overrides[1].to",
        "ends before it starts",
    ),
    (schedule(Layer(name="override", rotation=GOOD)), "layers[0].name", "what overrides are called"),
    (
        schedule(Layer(name="days", rotation=GOOD), Layer(name="days", rotation=GOOD)),
        "layers[1].name",
        "two layers are called 'days'",
    ),
]


@pytest.mark.parametrize(("rota", "path", "detail"), WRONG, ids=[f"{path}-{detail}" for _, path, detail in WRONG])
def test_what_cannot_be_meant_is_told(rota: Schedule, path: str, detail: str) -> None:
    """Each fault yields one problem, at its path, with a detail and a hint."""
    (problem,) = check(rota)
    assert problem.path == path
    assert detail in problem.detail
    assert problem.hint


def test_a_sound_schedule_has_no_problem() -> None:
    """The contract's own schedule has nothing wrong, nor has one whose restriction matches once."""
    assert check(minimal()) == ()
    assert check(schedule(Layer(name="days", rotation=GOOD, end=utc(2026, 1, 11), only=SATURDAYS))) == ()


def test_all_problems_are_told_at_once() -> None:
    """Several faults are told together, in the order in which they were written."""
    rota = schedule(
        Layer(name="one", rotation=rotation("0 days", "2026-01-05T09:00")),
        Layer(name="two", rotation=GOOD, end=utc(2026, 1, 1)),
        overrides=overridden("2026-01-06T00:00", "2026-01-05T00:00"),
    )
    paths = [problem.path for problem in check(rota)]
    assert paths == ["layers[0].rotation.people", "layers[0].rotation.every", "layers[1].end", "overrides[1].to"]
