"""The contract, chapters 7 and 8: planned changes, and why nobody is on call."""

from __future__ import annotations

import pytest

from core.schedules.contract import told
from core.schedules.rotas import (
    at,
    away,
    booked,
    booking,
    follow,
    given,
    greenwich,
    layer,
    only,
    override,
    rota,
    span,
)
from tocsin.core.schedules import Change, Combine, Layer, NobodyReason, Schedule
from tocsin.core.vocabulary import ScheduleName

BEFORE = layer("1 weeks", "2026-01-05T00:00", "ada", "grace", name="before")
AFTER = layer("1 days", "2026-01-05T00:00", "linus", "joan", name="after")
EVENING = layer("1 days", "2026-01-05T00:00", "mary", name="evening", only=(only("18:00", "20:00"),))
NOON = at("2026-01-08T12:00")


def test_7_1_from_the_instant_of_a_change_on() -> None:
    """A change in the middle of a turn ends it there, and the new rotation is where it would be had it always been."""
    changed = greenwich(BEFORE, changes=(Change(at=NOON, layers=(AFTER,)),))
    assert told(changed, "2026-01-08T00:00", "2026-01-10T00:00") == [
        "01-08 00:00 > 01-08 12:00 ada before",
        "01-08 12:00 > 01-09 00:00 joan after",
        "01-09 00:00 > 01-10 00:00 linus after",
    ]


def test_7_1_combine_and_follows_change_with_the_layers() -> None:
    """A change says anew how layers go together and what is followed; overrides lie on top of both."""
    primary = greenwich(AFTER, name="primary")
    overrides = (override("joan", "2026-01-08T11:00", "2026-01-08T13:00"),)
    union = Change(at=NOON, layers=(BEFORE, EVENING), combine=Combine.UNION)
    following = Change(at=at("2026-01-08T19:00"), layers=(), follows=follow(1))
    changed = greenwich(BEFORE, EVENING, changes=(union, following), overrides=overrides)
    assert told(changed, "2026-01-08T00:00", "2026-01-09T00:00", primary) == [
        "01-08 00:00 > 01-08 11:00 ada before",
        "01-08 11:00 > 01-08 13:00 joan override",
        "01-08 13:00 > 01-08 18:00 ada before",
        "01-08 18:00 > 01-08 19:00 ada+mary before + evening",
        "01-08 19:00 > 01-09 00:00 linus after",
    ]


def test_7_1_what_was_before_stays_as_it_was() -> None:
    """A turn is passed on for an absence that lies after a change, as it was before the change was planned."""
    daily = layer("1 days", "2026-01-05T00:00", "ada", "grace", "linus", name="daily")
    around = given(away("ada", "2026-01-08T20:00", "2026-01-08T21:00"))
    for changes in ((), (Change(at=NOON, layers=(AFTER,)),)):
        asked = greenwich(daily, changes=changes)
        assert told(asked, "2026-01-08T00:00", "2026-01-08T12:00", around=around) == [
            "01-08 00:00 > 01-08 12:00 grace daily"
        ]


def test_7_1_a_change_of_the_schedule_that_is_followed() -> None:
    """Who follows a schedule follows its changes, too."""
    primary = greenwich(AFTER, name="primary", changes=(Change(at=NOON, layers=(BEFORE,)),))
    assert told(greenwich(follows=follow(1)), "2026-01-08T00:00", "2026-01-09T00:00", primary) == [
        "01-08 00:00 > 01-08 12:00 linus after",
        "01-08 12:00 > 01-09 00:00 grace before",
    ]


REST = layer("1 days", "2026-01-05T00:00", "", "grace", name="rest")


def test_8_1_every_instant_has_an_answer() -> None:
    """Before all turns, after the end of a layer, and of a schedule without any: nobody, because nothing covers it."""
    ended = layer("1 days", "2026-01-05T00:00", "ada", end=NOON)
    for asked in (greenwich(), greenwich(ended)):
        for instant in ("1950-01-01T00:00", "2026-01-04T23:59", "2026-01-08T12:00", "2500-01-01T00:00"):
            answer = rota(asked).on_call(asked.name, at(instant))
            assert (answer.people, answer.reason) == ((), NobodyReason.NO_LAYER)
    answer = rota(greenwich(ended)).on_call(ScheduleName("rota"), at("2026-01-08T11:59"))
    assert (answer.people, answer.source, answer.until, answer.reason) == (("ada",), "layer", NOON, None)


@pytest.mark.parametrize(
    ("asked", "source", "reason"),
    [
        (greenwich(), "", "no_layer"),
        (greenwich(REST), "rest", "participant_is_nobody"),
        (greenwich(overrides=(override("", "2026-01-07T00:00", "2026-01-08T00:00"),)), "override",
         "override_says_nobody"),
        (greenwich(layer("1 days", "2026-01-05T00:00", "mary")), "layer", "everybody_is_away"),
        (greenwich(layer("1 days", "2026-01-05T00:00", "ada"), apart_from=(ScheduleName("primary"),)), "layer",
         "on_call_elsewhere"),
    ],
)  # fmt: skip
def test_8_1_the_five_reasons(asked: Schedule, source: str, reason: str) -> None:
    """Nobody is an answer, with its reason and with what says so."""
    primary = greenwich(BEFORE, name="primary")
    around = given(away("mary", "2026-01-07T00:00", "2026-01-08T00:00"))
    window = span("2026-01-07T00:00", "2026-01-08T00:00")
    (vacancy,) = rota(asked, primary, around=around).shifts(asked.name, window).vacancies
    assert (vacancy.span, vacancy.reason) == (window, reason)
    answer = rota(asked, primary, around=around).on_call(asked.name, window.start)
    assert (answer.people, answer.source, answer.reason) == ((), source, reason)


MARY = layer("1 days", "2026-01-05T00:00", "mary", name="mary")
OUTSIDE = layer("1 days", "2026-01-05T00:00", "mary", name="outside", only=(only("18:00", "20:00"),))
ENDED = layer("1 days", "2026-01-05T00:00", "mary", name="ended", end=at("2026-01-07T00:00"))
LATER = layer("1 days", "2026-01-15T00:00", "mary", name="later")


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        ((REST, MARY), ": everybody_is_away"),
        ((MARY, REST), ": participant_is_nobody"),
        ((REST, OUTSIDE, ENDED, LATER, booked()), ": participant_is_nobody"),
        ((MARY, OUTSIDE), ": everybody_is_away"),
        ((OUTSIDE, ENDED, LATER, booked()), ""),
    ],
)
@pytest.mark.parametrize("combine", Combine)
def test_8_2_the_topmost_that_has_a_say(layers: tuple[Layer, ...], reason: str, combine: Combine) -> None:
    """Of several reasons that of the topmost layer counts, unless it is outside its windows or its time."""
    around = given(
        away("mary", "2026-01-07T00:00", "2026-01-08T00:00"),
        calendar=[booking("ada", "2026-01-08T00:00", "2026-01-09T00:00")],
    )
    asked = greenwich(*layers, combine=combine)
    assert told(asked, "2026-01-07T00:00", "2026-01-07T12:00", around=around) == [
        f"01-07 00:00 > 01-07 12:00 nobody{reason}"
    ]


def test_8_2_an_override_has_the_first_say_and_what_is_followed_the_last() -> None:
    """The reason is that of the override, else of the own layers, else of what is followed."""
    primary = greenwich(REST, name="primary")
    own = layer("1 days", "2026-01-05T00:00", "mary", name="own", only=(only("06:00", "12:00"),))
    asked = greenwich(own, follows=follow(2), overrides=(override("", "2026-01-07T10:00", "2026-01-07T11:00"),))
    around = given(away("mary", "2026-01-07T00:00", "2026-01-08T00:00"))
    assert told(asked, "2026-01-07T00:00", "2026-01-07T12:00", primary, around=around) == [
        "01-07 00:00 > 01-07 06:00 nobody: participant_is_nobody",
        "01-07 06:00 > 01-07 10:00 nobody: everybody_is_away",
        "01-07 10:00 > 01-07 11:00 nobody: override_says_nobody",
        "01-07 11:00 > 01-07 12:00 nobody: everybody_is_away",
    ]
