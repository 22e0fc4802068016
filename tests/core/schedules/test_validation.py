"""Schedules that cannot be meant are told what is wrong, where, and what to write instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from core.schedules.rotas import (
    FRI,
    MON,
    REGION,
    SAT,
    TOKYO,
    at,
    booked,
    follow,
    layer,
    minimal,
    only,
    override,
    rotation,
    schedule,
)
from tocsin.core.schedules import Change, Layer, Override, Restriction, Rotation, Schedule, Unequal, check
from tocsin.core.vocabulary import utc

GOOD = rotation("1 days", "2026-01-05T09:00", "ada")
NEW_YEAR = at("2027-01-01T00:00")
SATURDAYS = (only("09:00", "17:00", SAT),)


def of(rota: Rotation) -> Schedule:
    """A schedule of one layer."""
    return schedule(Layer(name="days", rotation=rota))


def restricted(window: Restriction) -> Schedule:
    """A schedule of one layer with one window."""
    return schedule(Layer(name="days", rotation=GOOD, only=(window,)))


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
    (
        schedule(overrides=(override("ada", "2026-01-06T00:00", "2026-01-07T00:00", instead_of="ada"),)),
        "overrides[0].instead_of",
        "ada comes instead of ada",
    ),
    (schedule(Layer(name="override", rotation=GOOD)), "layers[0].name", "what overrides are called"),
    (
        schedule(Layer(name="days", rotation=GOOD), Layer(name="days", rotation=GOOD)),
        "layers[1].name",
        "two layers are called 'days'",
    ),
    (of(rotation("0 months", "2026-01-31T09:00", "ada")), "layers[0].rotation.every", "a turn of 0 months"),
    (of(rotation("1201 months", "2026-01-31T09:00", "ada")), "layers[0].rotation.every", "a hundred years"),
    (of(replace(GOOD, every=Unequal(lengths=()))), "layers[0].rotation.every", "no turn"),
    (of(rotation("8+0 hours", "2026-01-05T09:00", "ada")), "layers[0].rotation.every[1]", "turn 2 has no length"),
    (of(rotation("8+-8 hours", "2026-01-05T09:00", "ada")), "layers[0].rotation.every[1]", "turn 2 has no length"),
    (
        of(replace(GOOD, every=Unequal(lengths=(timedelta(hours=8), timedelta(seconds=1))))),
        "layers[0].rotation.every[1]",
        "turn 2 is too short",
    ),
    (of(rotation("8+900000 hours", "2026-01-05T09:00", "ada")), "layers[0].rotation.every", "a hundred years"),
    (
        schedule(layer("1 days", "2026-01-05T09:00", "ada", end=utc(2026, 1, 5), time_zone=TOKYO)),
        "layers[0].end",
        "the layer ends before its rotation begins",
    ),
    (schedule(booked(start=utc(2026, 2, 1), end=utc(2026, 1, 1))), "layers[0].end", "ends before it starts"),
    (
        restricted(only("09:00", "17:00", first=date(2026, 3, 2), last=date(2026, 3, 1))),
        "layers[0].only[0].dates",
        "the last day is before the first",
    ),
    (restricted(only("09:00", "17:00", last=date(2026, 1, 4))), "layers[0].only[0]", "never matches"),
    (
        restricted(only("09:00", "17:00", MON, first=date(2026, 1, 6), last=date(2026, 1, 11))),
        "layers[0].only[0]",
        "never matches",
    ),
    (restricted(only("09:00", "17:00", until=MON)), "layers[0].only[0]", "begins on no day of its own"),
    (schedule(follows=follow(0)), "follows.behind", "the same people would be on call in both"),
    (schedule(changes=(Change(at=NEW_YEAR, layers=(), follows=follow(0)),)), "changes[0].follows.behind", "in both"),
    (
        schedule(changes=(Change(at=NEW_YEAR, layers=(layer("1 days", "2026-01-05T09:00"),)),)),
        "changes[0].layers[0].rotation.people",
        "nobody takes part",
    ),
    (
        schedule(changes=(Change(at=NEW_YEAR, layers=()), Change(at=NEW_YEAR, layers=()))),
        "changes[1].from",
        "two changes are at the same time",
    ),
    (
        schedule(changes=(Change(at=NEW_YEAR, layers=()), Change(at=at("2026-01-01T00:00"), layers=()))),
        "changes[1].from",
        "before the one above it",
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


@pytest.mark.parametrize(
    "window",
    [
        only("17:00", "09:00", FRI, until=MON),
        only("09:00", "09:00", first=date(2026, 2, 28), last=date(2026, 2, 28)),
        only("09:00", "17:00", on_holidays=REGION),
        only("09:00", "17:00", SAT, except_holidays=REGION, first=date(2030, 1, 1)),
    ],
)
def test_windows_that_come_late_or_on_holidays_are_sound(window: Restriction) -> None:
    """A window that comes once, in years, or on holidays that nobody has told yet, may be meant."""
    assert check(restricted(window)) == ()


def test_what_is_new_is_sound_too() -> None:
    """Months, unequal turns, a calendar, a schedule that is followed and planned changes have nothing wrong."""
    monthly, unequal = (
        layer(length, "2026-01-31T09:00", "ada", name=length) for length in ("1 months", "104+64 hours")
    )
    change = Change(at=NEW_YEAR, layers=(unequal,), follows=follow(-1))
    assert check(schedule(monthly, unequal, booked(), follows=follow(0, may_repeat=True), changes=(change,))) == ()


def test_all_problems_are_told_at_once() -> None:
    """Several faults are told together, in the order in which they were written."""
    rota = schedule(
        Layer(name="one", rotation=rotation("0 days", "2026-01-05T09:00")),
        Layer(name="two", rotation=GOOD, end=utc(2026, 1, 1)),
        overrides=overridden("2026-01-06T00:00", "2026-01-05T00:00"),
    )
    paths = [problem.path for problem in check(rota)]
    assert paths == ["layers[0].rotation.people", "layers[0].rotation.every", "layers[1].end", "overrides[1].to"]
