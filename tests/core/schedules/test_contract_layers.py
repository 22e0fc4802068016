"""The contract, chapter 1: what a schedule is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.schedules.contract import told
from core.schedules.rotas import (
    BERLIN,
    NEW_YORK,
    TOKYO,
    at,
    away,
    booked,
    booking,
    given,
    greenwich,
    layer,
    only,
    override,
    schedule,
)
from tocsin.core.schedules import Combine, Override

ADA = layer("1 weeks", "2026-01-05T00:00", "ada", name="base")
LINUS = layer("1 days", "2026-01-05T00:00", "linus", name="upper")
BOTH = layer("1 weeks", "2026-01-05T00:00", "ada+grace", name="pair")
NOON = only("12:00", "13:00")


def test_1_1_zone_layers_overrides() -> None:
    """The hand-off is at 09:00 of the schedule's zone, layers come in order, overrides on top; without any: nobody."""
    daily = layer("1 days", "2026-01-05T09:00", "ada", "grace", name="daily")
    lunch = replace(LINUS, only=(NOON,))
    stand_in = override("joan", "2026-01-06T07:00", "2026-01-06T09:00")
    assert told(schedule(daily, lunch, overrides=(stand_in,)), "2026-01-06T00:00", "2026-01-06T12:00") == [
        "01-06 00:00 > 01-06 07:00 ada daily",
        "01-06 07:00 > 01-06 09:00 joan override",
        "01-06 09:00 > 01-06 11:00 grace daily",
        "01-06 11:00 > 01-06 12:00 linus upper",
    ]
    assert told(schedule(daily, zone=TOKYO), "2026-01-05T22:00", "2026-01-06T12:00") == [
        "01-05 22:00 > 01-06 00:00 ada daily",
        "01-06 00:00 > 01-06 12:00 grace daily",
    ]
    assert told(schedule(), "2026-01-06T00:00", "2026-01-06T12:00") == ["01-06 00:00 > 01-06 12:00 nobody"]


def test_1_2_windows_start_end_and_zone_of_a_layer() -> None:
    """A layer serves inside its windows, from its start to its end, and all local times are of its own zone."""
    lunch = layer("1 days", "2026-01-05T00:00", "ada", only=(NOON,), time_zone=NEW_YORK)
    bounded = replace(lunch, start=at("2026-01-06T17:30"), end=at("2026-01-07T17:15"))
    assert told(schedule(bounded, zone=BERLIN), "2026-01-05T12:00", "2026-01-09T00:00") == [
        "01-05 12:00 > 01-06 17:30 nobody",
        "01-06 17:30 > 01-06 18:00 ada layer",
        "01-06 18:00 > 01-07 17:00 nobody",
        "01-07 17:00 > 01-07 17:15 ada layer",
        "01-07 17:15 > 01-09 00:00 nobody",
    ]


def test_1_2_two_layers_meet_at_a_boundary() -> None:
    """Where one layer ends and the next one starts there is neither an overlap nor a hole, at a clock change too."""
    meeting = at("2026-03-29T01:00")
    rota = schedule(replace(ADA, end=meeting), replace(LINUS, start=meeting))
    assert told(rota, "2026-03-28T00:00", "2026-03-30T00:00") == [
        "03-28 00:00 > 03-29 01:00 ada base",
        "03-29 01:00 > 03-30 00:00 linus upper",
    ]


def test_1_3_one_several_or_nobody() -> None:
    """A participant is one person, several together, or nobody on purpose."""
    daily = layer("1 days", "2026-01-05T00:00", "ada", "grace+linus", "")
    assert told(greenwich(daily), "2026-01-05T00:00", "2026-01-09T00:00") == [
        "01-05 00:00 > 01-06 00:00 ada layer",
        "01-06 00:00 > 01-07 00:00 grace+linus layer",
        "01-07 00:00 > 01-08 00:00 nobody: participant_is_nobody",
        "01-08 00:00 > 01-09 00:00 ada layer",
    ]


def test_1_4_a_later_layer_lies_on_top() -> None:
    """The later layer wins while it has somebody, and the earlier one is back when it has not."""
    lunch = replace(LINUS, only=(NOON,))
    expected = ["01-06 00:00 > 01-06 12:00 ada base", "01-06 12:00 > 01-06 13:00 linus upper"]
    assert told(greenwich(ADA, lunch), "2026-01-06T00:00", "2026-01-06T13:00") == expected
    assert told(greenwich(lunch, ADA), "2026-01-06T00:00", "2026-01-06T13:00") == ["01-06 00:00 > 01-06 13:00 ada base"]


@pytest.mark.parametrize("combine", Combine)
def test_1_4_whatever_the_reason_for_nobody(combine: Combine) -> None:
    """Nobody on purpose, everybody away, the end of a layer or of a window: the layer below shows."""
    linus = layer("1 days", "2026-01-05T00:00", "", "linus", name="upper", end=at("2026-01-10T00:00"))
    around = given(away("linus", "2026-01-08T06:00", "2026-01-08T09:00"))
    rota = greenwich(ADA, replace(linus, only=(only("00:00", "12:00"),)), combine=combine)
    both = {Combine.STACKED: "linus upper", Combine.UNION: "ada+linus base + upper"}[combine]
    assert told(rota, "2026-01-07T00:00", "2026-01-11T00:00", around=around) == [
        "01-07 00:00 > 01-08 00:00 ada base",
        f"01-08 00:00 > 01-08 06:00 {both}",
        "01-08 06:00 > 01-08 09:00 ada base",
        f"01-08 09:00 > 01-08 12:00 {both}",
        "01-08 12:00 > 01-11 00:00 ada base",
    ]


def test_1_5_everybody_of_a_union_once() -> None:
    """All are on call together in the order of the layers, each once, and the source names those that have anybody."""
    rota = greenwich(ADA, replace(LINUS, only=(NOON,)), BOTH, combine=Combine.UNION)
    assert told(rota, "2026-01-06T00:00", "2026-01-06T13:00") == [
        "01-06 00:00 > 01-06 12:00 ada+grace base + pair",
        "01-06 12:00 > 01-06 13:00 ada+linus+grace base + upper + pair",
    ]


EARLY = override("grace", "2026-01-06T08:00", "2026-01-06T16:00", made=1)
LATE = override("linus", "2026-01-06T10:00", "2026-01-06T12:00", made=2)


@pytest.mark.parametrize("overrides", [(EARLY, LATE), (LATE, EARLY)])
def test_1_6_the_override_made_later_wins(overrides: tuple[Override, ...]) -> None:
    """Of two overrides that overlap the one made later wins, whichever is written first or starts first."""
    assert told(greenwich(ADA, LINUS, overrides=overrides), "2026-01-06T07:00", "2026-01-06T17:00") == [
        "01-06 07:00 > 01-06 08:00 linus upper",
        "01-06 08:00 > 01-06 10:00 grace override",
        "01-06 10:00 > 01-06 12:00 linus override",
        "01-06 12:00 > 01-06 16:00 grace override",
        "01-06 16:00 > 01-06 17:00 linus upper",
    ]


def test_1_6_of_two_made_together_the_later_in_the_list() -> None:
    """Overrides that were made together are decided by their position."""
    overrides = (replace(LATE, made=1), EARLY)
    assert told(greenwich(ADA, overrides=overrides), "2026-01-06T09:00", "2026-01-06T13:00") == [
        "01-06 09:00 > 01-06 13:00 grace override"
    ]


def test_1_6_many_overrides_are_no_tower() -> None:
    """A thousand overrides on one another are laid out flat, the last one on top."""
    tower = tuple(override(f"p{number}", "2026-01-06T08:00", "2026-01-06T09:00", made=number) for number in range(1000))
    assert told(greenwich(overrides=tower), "2026-01-06T08:00", "2026-01-06T09:00") == [
        "01-06 08:00 > 01-06 09:00 p999 override"
    ]


def test_1_7_nobody_on_purpose() -> None:
    """An override by nobody makes a gap that says so, and a person may stand in where an earlier one said nobody."""
    overrides = (
        override("", "2026-01-06T08:00", "2026-01-06T16:00", made=1),
        override("grace", "2026-01-06T15:00", "2026-01-06T17:00", made=2),
    )
    assert told(greenwich(ADA, overrides=overrides), "2026-01-06T07:00", "2026-01-06T18:00") == [
        "01-06 07:00 > 01-06 08:00 ada base",
        "01-06 08:00 > 01-06 15:00 nobody: override_says_nobody",
        "01-06 15:00 > 01-06 17:00 grace override",
        "01-06 17:00 > 01-06 18:00 ada base",
    ]


def swap(who: str, instead_of: str, made: int, *, start: str = "08:00", end: str = "16:00") -> Override:
    """On 6 January somebody instead of one person."""
    return override(who, f"2026-01-06T{start}", f"2026-01-06T{end}", made=made, instead_of=instead_of)


@pytest.mark.parametrize(
    ("overrides", "who"),
    [
        ([swap("linus", "ada", 1)], "linus+grace override"),
        ([swap("linus", "grace", 1)], "ada+linus override"),
        ([swap("linus+joan", "ada", 1)], "linus+joan+grace override"),
        ([swap("grace", "ada", 1)], "grace override"),
        ([swap("", "ada", 1)], "grace override"),
        ([swap("", "ada", 1), swap("", "grace", 2)], "nobody: override_says_nobody"),
        ([swap("linus", "joan", 1)], "ada+grace pair"),
    ],
    ids=["first", "second", "by two", "by the other", "by nobody", "both by nobody", "not on call"],
)
def test_1_8_instead_of_one_person(overrides: list[Override], who: str) -> None:
    """One person is replaced and everybody else left alone; whoever would come twice comes once."""
    assert told(greenwich(BOTH, overrides=tuple(overrides)), "2026-01-06T08:00", "2026-01-06T09:00") == [
        f"01-06 08:00 > 01-06 09:00 {who}"
    ]


@pytest.mark.parametrize(
    ("overrides", "who"),
    [
        ([swap("linus", "ada", 1), swap("ada", "linus", 2)], "ada override"),
        ([swap("linus", "ada", 1), swap("grace", "linus", 2)], "grace override"),
        ([swap("grace", "linus", 1), swap("linus", "ada", 2)], "linus override"),
        ([replace(swap("linus", "ada", 1), instead_of=None), swap("grace", "linus", 2)], "grace override"),
        ([swap("grace", "linus", 1), replace(swap("linus", "ada", 2), instead_of=None)], "linus override"),
        ([replace(swap("", "ada", 1), instead_of=None), swap("grace", "ada", 2)], "nobody: override_says_nobody"),
    ],
    ids=[
        "there and back",
        "swap of a swapped shift",
        "swap made before",
        "swap of an override",
        "override of a swap",
        "nothing to swap",
    ],
)
def test_1_8_an_override_of_an_override(overrides: list[Override], who: str) -> None:
    """A swap holds for whom an earlier override put there, and not for whom a later one does."""
    for order in (overrides, overrides[::-1]):
        assert told(greenwich(ADA, overrides=tuple(order)), "2026-01-06T08:00", "2026-01-06T16:00") == [
            f"01-06 08:00 > 01-06 16:00 {who}"
        ]


def test_1_8_wherever_they_would_be_on_call() -> None:
    """Within its span a swap follows the person through turns and layers, and is silent where they are not on call."""
    turns = layer("4 hours", "2026-01-06T00:00", "ada", "grace", name="turns")
    late = layer("1 days", "2026-01-06T00:00", "ada", name="late", only=(only("14:00", "15:00"),))
    assert told(
        greenwich(turns, late, overrides=(swap("linus", "ada", 1, start="02:00", end="20:00"),)),
        "2026-01-06T00:00",
        "2026-01-07T00:00",
    ) == [
        "01-06 00:00 > 01-06 02:00 ada turns",
        "01-06 02:00 > 01-06 04:00 linus override",
        "01-06 04:00 > 01-06 08:00 grace turns",
        "01-06 08:00 > 01-06 12:00 linus override",
        "01-06 12:00 > 01-06 14:00 grace turns",
        "01-06 14:00 > 01-06 15:00 linus override",
        "01-06 15:00 > 01-06 16:00 grace turns",
        "01-06 16:00 > 01-06 20:00 linus override",
        "01-06 20:00 > 01-07 00:00 grace turns",
    ]


def test_1_9_whoever_the_calendar_books() -> None:
    """A layer out of a calendar has whoever is booked, all of them where bookings overlap, within its windows."""
    calendar = [
        booking("ada", "2026-01-06T08:00", "2026-01-06T12:00"),
        booking("grace+ada", "2026-01-06T10:00", "2026-01-06T14:00"),
        booking("linus", "2026-01-06T15:00", "2026-01-06T17:00"),
    ]
    rota = greenwich(booked(only=(only("09:00", "16:00"),)))
    assert told(rota, "2026-01-06T00:00", "2026-01-07T00:00", around=given(calendar=calendar)) == [
        "01-06 00:00 > 01-06 09:00 nobody",
        "01-06 09:00 > 01-06 10:00 ada calendar",
        "01-06 10:00 > 01-06 12:00 ada+grace calendar",
        "01-06 12:00 > 01-06 14:00 grace+ada calendar",
        "01-06 14:00 > 01-06 15:00 nobody",
        "01-06 15:00 > 01-06 16:00 linus calendar",
        "01-06 16:00 > 01-07 00:00 nobody",
    ]
