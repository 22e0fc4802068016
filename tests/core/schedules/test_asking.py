"""Asking a rota: the contract's own schedule, who is on call at an instant and until when, and at what cost."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import pytest

from core.schedules.contract import told
from core.schedules.rotas import at, greenwich, layer, minimal, only, override, people, rota, span
from tocsin.core.errors import Refused
from tocsin.core.schedules import NobodyReason, OnCall, Schedule
from tocsin.core.vocabulary import utc

ADA = layer("1 weeks", "2026-01-05T09:00", "ada", name="base")


def on_call(asked: Schedule, instant: str) -> OnCall:
    """Who is on call in a schedule alone."""
    return rota(asked).on_call(asked.name, at(instant))


def test_minimal_first_days() -> None:
    """The first days of data-primary: nobody before the anchor, Linus in the nights, Ada by day."""
    assert told(minimal(), "2026-01-05T00:00", "2026-01-07T12:00") == [
        "01-05 00:00 > 01-05 08:00 nobody",
        "01-05 08:00 > 01-05 21:00 ada weekly",
        "01-05 21:00 > 01-06 05:00 linus nights",
        "01-06 05:00 > 01-06 21:00 ada weekly",
        "01-06 21:00 > 01-07 05:00 linus nights",
        "01-07 05:00 > 01-07 12:00 ada weekly",
    ]


def test_minimal_weekend_and_hand_off() -> None:
    """Friday's night ends on Saturday morning, the weekend is Ada's, and on Monday at 09:00 Grace takes over."""
    assert told(minimal(), "2026-01-09T12:00", "2026-01-12T22:00") == [
        "01-09 12:00 > 01-09 21:00 ada weekly",
        "01-09 21:00 > 01-10 05:00 linus nights",
        "01-10 05:00 > 01-12 08:00 ada weekly",
        "01-12 08:00 > 01-12 21:00 grace weekly",
        "01-12 21:00 > 01-12 22:00 linus nights",
    ]


def test_minimal_override() -> None:
    """On 3 February Grace stands in from 09:00 to 17:00, as an override and not as her own turn."""
    assert told(minimal(), "2026-02-03T00:00", "2026-02-04T00:00") == [
        "02-03 00:00 > 02-03 05:00 linus nights",
        "02-03 05:00 > 02-03 08:00 ada weekly",
        "02-03 08:00 > 02-03 16:00 grace override",
        "02-03 16:00 > 02-03 21:00 ada weekly",
        "02-03 21:00 > 02-04 00:00 linus nights",
    ]


def test_minimal_spring() -> None:
    """Over the change to summer time every hand-off keeps its time on the wall: one hour earlier in UTC."""
    assert told(minimal(), "2026-03-27T12:00", "2026-03-31T00:00") == [
        "03-27 12:00 > 03-27 21:00 grace weekly",
        "03-27 21:00 > 03-28 05:00 linus nights",
        "03-28 05:00 > 03-30 07:00 grace weekly",
        "03-30 07:00 > 03-30 20:00 ada weekly",
        "03-30 20:00 > 03-31 00:00 linus nights",
    ]


def test_who_is_on_call_from_where_and_until_when() -> None:
    """The answer for an instant has people, source and end, and changes at the very instant of the hand-off."""
    assert on_call(minimal(), "2026-02-03T07:59") == OnCall(
        people=people("ada"), source="weekly", until=at("2026-02-03T08:00"), reason=None
    )
    assert on_call(minimal(), "2026-02-03T08:00") == OnCall(
        people=people("grace"), source="override", until=at("2026-02-03T16:00"), reason=None
    )


def test_the_same_people_and_source_are_one_shift() -> None:
    """Neighbouring turns of the same people are joined; the same people out of another source are not."""
    twice = layer("1 days", "2026-01-05T00:00", "ada", "ada", "grace", name="twice")
    asked = greenwich(twice, overrides=(override("ada", "2026-01-06T00:00", "2026-01-06T04:00"),))
    assert told(asked, "2026-01-05T00:00", "2026-01-08T00:00") == [
        "01-05 00:00 > 01-06 00:00 ada twice",
        "01-06 00:00 > 01-06 04:00 ada override",
        "01-06 04:00 > 01-07 00:00 ada twice",
        "01-07 00:00 > 01-08 00:00 grace twice",
    ]


def test_a_gap_ends_when_somebody_comes() -> None:
    """Where one reason for nobody follows another it is one gap of two vacancies."""
    rest = layer("1 days", "2026-01-05T00:00", "", "grace", name="rest")
    asked = greenwich(rest, overrides=(override("", "2026-01-07T06:00", "2026-01-08T20:00"),))
    rendered = rota(asked).shifts(asked.name, span("2026-01-07T00:00", "2026-01-09T00:00"))
    assert [(vacancy.span, vacancy.reason) for vacancy in rendered.vacancies] == [
        (span("2026-01-07T00:00", "2026-01-07T06:00"), NobodyReason.PARTICIPANT_IS_NOBODY),
        (span("2026-01-07T06:00", "2026-01-08T20:00"), NobodyReason.OVERRIDE_SAYS_NOBODY),
    ]
    assert rendered.gaps == (span("2026-01-07T00:00", "2026-01-08T20:00"),)


def test_no_change_within_a_year() -> None:
    """A shift whose end is not within the search has no `until`."""
    assert on_call(greenwich(ADA), "2026-01-07T12:00").until is None
    ending = greenwich(replace(ADA, end=utc(2026, 12, 31)))
    assert on_call(ending, "2026-01-07T12:00").until == utc(2026, 12, 31)
    assert on_call(greenwich(), "2026-01-07T12:00").until is None


def test_an_empty_window_has_nothing() -> None:
    """A window that ends where it starts, or before, has neither shifts nor vacancies."""
    for window in (span("2026-01-07T12:00", "2026-01-07T12:00"), span("2026-01-07T12:00", "2026-01-06T12:00")):
        rendered = rota(minimal()).shifts(minimal().name, window)
        assert (rendered.shifts, rendered.vacancies, rendered.gaps) == ((), (), ())


def test_windows_outside_the_calendar_are_refused() -> None:
    """A window in a year that no schedule knows is refused with its field, as is an instant."""
    with pytest.raises(Refused, match="outside the calendar") as refusal:
        rota(minimal()).shifts(minimal().name, span("2026-01-01T00:00", "9999-12-31T23:59"))
    assert refusal.value.field == "to"
    with pytest.raises(Refused, match="outside the calendar") as refusal:
        on_call(minimal(), "0001-01-01T00:00")
    assert refusal.value.field == "at"


@pytest.mark.parametrize("length", ["1 hours", "5 hours", "1 months", "7+17 hours"])
def test_age_costs_nothing(length: str) -> None:
    """Questions to a rotation of 120 years ago take no longer than those to a young one."""
    old = greenwich(layer(length, "1906-01-01T09:00", "ada", "grace", "linus", only=(only("00:00", "12:01"),)))
    asked = rota(old)
    began = perf_counter()
    for day in range(1, 29):
        assert asked.on_call(old.name, at(f"2026-02-{day:02}T12:00")).people
    assert perf_counter() - began < 0.5


@pytest.mark.parametrize(
    "broken",
    [
        layer("0 days", "2026-01-01T00:00", "ada"),
        layer("-1 weeks", "2026-01-01T00:00", "ada"),
        layer("1 days", "2026-01-01T00:00"),
    ],
)
def test_a_rotation_that_would_be_refused_has_nobody(broken: object) -> None:
    """A rotation without length or participants has nobody; asking it neither fails nor runs for ever."""
    asked = greenwich(broken)  # type: ignore[arg-type]
    assert rota(asked).shifts(asked.name, span("2026-01-01T00:00", "2026-02-01T00:00")).shifts == ()
    assert on_call(asked, "2026-01-07T12:00").people == ()
