"""Layers, restrictions and overrides laid on each other: the final shifts, case by case."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from core.schedules.rotas import (
    APIA,
    BERLIN,
    CASABLANCA,
    WORKDAYS,
    at,
    minimal,
    only,
    override,
    people,
    rotation,
    schedule,
    span,
    told,
)
from tocsin.core.errors import Refused
from tocsin.core.schedules import Layer, NobodyReason, OnCall, Weekday, on_call, shifts
from tocsin.core.vocabulary import utc

ALWAYS_ADA = Layer(name="base", rotation=rotation("1 weeks", "2026-01-05T09:00", "ada"))
ALWAYS_LINUS = Layer(name="upper", rotation=rotation("1 days", "2026-01-05T09:00", "linus"))
NOBODY_ON_TURN = Layer(name="rest", rotation=rotation("1 days", "2026-01-05T09:00", "", "grace"))


# The schedule of the contract


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


def test_minimal_on_call() -> None:
    """Who is on call, from where, and until when, at an instant of the minimal schedule."""
    assert on_call(minimal(), at("2026-02-03T07:59")) == OnCall(
        people=people("ada"), source="weekly", until=at("2026-02-03T08:00"), reason=None
    )
    assert on_call(minimal(), at("2026-02-03T08:00")) == OnCall(
        people=people("grace"), source="override", until=at("2026-02-03T16:00"), reason=None
    )


# Restrictions


def test_friday_night_belongs_to_friday() -> None:
    """A Friday window that crosses midnight lasts into Saturday, and none starts on Saturday or reaches into Friday."""
    rota = schedule(replace(ALWAYS_ADA, only=(only("22:00", "06:00", Weekday.FRIDAY),)))
    assert told(rota, "2026-01-15T00:00", "2026-01-19T00:00") == [
        "01-15 00:00 > 01-16 21:00 nobody",
        "01-16 21:00 > 01-17 05:00 ada base",
        "01-17 05:00 > 01-19 00:00 nobody",
    ]


def test_equal_times_are_a_day() -> None:
    """A restriction whose end equals its beginning lasts until the same time of the next day: 23 hours in spring."""
    rota = schedule(replace(ALWAYS_ADA, only=(only("09:00", "09:00", Weekday.SATURDAY),)))
    assert told(rota, "2026-03-27T00:00", "2026-03-30T00:00") == [
        "03-27 00:00 > 03-28 08:00 nobody",
        "03-28 08:00 > 03-29 07:00 ada base",
        "03-29 07:00 > 03-30 00:00 nobody",
    ]


def test_days_on_end_leave_no_seam() -> None:
    """Windows of 24 hours on every day are the whole week, as one shift."""
    rota = schedule(replace(ALWAYS_ADA, only=(only("03:00", "03:00"),)))
    assert told(rota, "2026-03-20T00:00", "2026-04-20T00:00") == ["03-20 00:00 > 04-20 00:00 ada base"]


def test_several_restrictions_are_alternatives() -> None:
    """Several windows of one layer add up, and those that overlap or touch are one."""
    rota = schedule(replace(ALWAYS_ADA, only=(only("08:00", "12:00"), only("12:00", "13:00"), only("11:00", "12:30"))))
    assert told(rota, "2026-01-08T00:00", "2026-01-09T00:00") == [
        "01-08 00:00 > 01-08 07:00 nobody",
        "01-08 07:00 > 01-08 12:00 ada base",
        "01-08 12:00 > 01-09 00:00 nobody",
    ]


def test_a_window_between_skipped_times_is_empty() -> None:
    """A window from 02:00 to 03:00 has no length on the day that skips this hour."""
    rota = schedule(replace(ALWAYS_ADA, only=(only("02:00", "03:00"),)))
    assert told(rota, "2026-03-28T12:00", "2026-03-29T12:00") == ["03-28 12:00 > 03-29 12:00 nobody"]


def test_a_window_over_doubled_times_is_long() -> None:
    """A window from 02:00 to 03:00 has two hours on the day that shows this hour twice."""
    rota = schedule(replace(ALWAYS_ADA, only=(only("02:00", "03:00"),)))
    assert told(rota, "2026-10-25T00:00", "2026-10-25T02:00") == ["10-25 00:00 > 10-25 02:00 ada base"]


def test_a_window_of_tomorrow_may_start_today() -> None:
    """Where the clock goes back over midnight, the window of the new day has begun before the old day is over."""
    zone = ZoneInfo("America/St_Johns")
    rota = schedule(
        Layer(name="early", rotation=rotation("1 days", "2010-01-01T00:00", "ada"), only=(only("00:00", "01:00"),)),
        zone=zone,
    )
    assert told(rota, "2010-11-07T02:00", "2010-11-07T03:00") == [
        "11-07 02:00 > 11-07 02:30 nobody",
        "11-07 02:30 > 11-07 03:00 ada early",
    ]
    assert on_call(rota, at("2010-11-07T03:00")).until == at("2010-11-07T04:30")


def test_a_window_of_the_skipped_day_starts_after_it() -> None:
    """In Apia the night of Friday 30 December 2011, a day that never was, is the morning of Saturday the 31st."""
    friday = Layer(
        name="friday",
        rotation=rotation("1 days", "2011-01-01T00:00", "ada"),
        only=(only("22:00", "06:00", Weekday.FRIDAY),),
    )
    assert told(schedule(friday, zone=APIA), "2011-12-29T12:00", "2011-12-31T12:00") == [
        "12-29 12:00 > 12-30 10:00 nobody",
        "12-30 10:00 > 12-30 16:00 ada friday",
        "12-30 16:00 > 12-31 12:00 nobody",
    ]


def test_nights_of_ramadan_have_their_hours() -> None:
    """The night in which Morocco's clock goes back has one hour more, the one in which it returns one less."""
    nights = Layer(
        name="nights", rotation=rotation("1 days", "2026-01-01T22:00", "ada"), only=(only("22:00", "06:00"),)
    )
    rendered = shifts(schedule(nights, zone=CASABLANCA), span("2026-02-13T12:00", "2026-03-23T12:00"))
    hours = [(shift.span.end - shift.span.start).total_seconds() / 3600 for shift in rendered.shifts]
    assert hours == [8, 9, *[8] * 34, 7, 8]


def test_a_turn_may_change_within_a_window() -> None:
    """A hand-off inside a restriction window splits it at one instant."""
    rota = schedule(
        Layer(
            name="nights",
            rotation=rotation("1 days", "2026-01-05T00:00", "ada", "grace"),
            only=(only("22:00", "06:00"),),
        )
    )
    assert told(rota, "2026-01-06T20:00", "2026-01-07T06:00") == [
        "01-06 20:00 > 01-06 21:00 nobody",
        "01-06 21:00 > 01-06 23:00 grace nights",
        "01-06 23:00 > 01-07 05:00 ada nights",
        "01-07 05:00 > 01-07 06:00 nobody",
    ]


# Layers


def test_layers_meet_at_one_instant() -> None:
    """Where one layer ends and the next starts at the same time, there is neither an overlap nor a hole."""
    meeting = at("2026-03-29T01:00")
    rota = schedule(replace(ALWAYS_ADA, end=meeting), replace(ALWAYS_LINUS, start=meeting))
    assert told(rota, "2026-03-28T00:00", "2026-03-30T00:00") == [
        "03-28 00:00 > 03-29 01:00 ada base",
        "03-29 01:00 > 03-30 00:00 linus upper",
    ]


def test_a_later_layer_lies_on_top() -> None:
    """The later of two layers wins while it has somebody, and the earlier one is back when it has not."""
    rota = schedule(ALWAYS_ADA, replace(ALWAYS_LINUS, only=(only("12:00", "13:00"),)))
    assert told(rota, "2026-01-06T00:00", "2026-01-07T00:00") == [
        "01-06 00:00 > 01-06 11:00 ada base",
        "01-06 11:00 > 01-06 12:00 linus upper",
        "01-06 12:00 > 01-07 00:00 ada base",
    ]


def test_nobody_on_top_hides_nobody() -> None:
    """A participant who is nobody on purpose lets the layer below through."""
    assert told(schedule(ALWAYS_ADA, NOBODY_ON_TURN), "2026-01-06T00:00", "2026-01-08T00:00") == [
        "01-06 00:00 > 01-06 08:00 ada base",
        "01-06 08:00 > 01-07 08:00 grace rest",
        "01-07 08:00 > 01-08 00:00 ada base",
    ]


def test_the_same_people_and_source_are_one_shift() -> None:
    """Neighbouring turns of the same people are joined; the same people out of another source are not."""
    twice = Layer(name="twice", rotation=rotation("1 days", "2026-01-05T09:00", "ada", "ada", "grace"))
    rota = schedule(twice, overrides=(override("ada", "2026-01-06T00:00", "2026-01-06T04:00"),))
    assert told(rota, "2026-01-05T08:00", "2026-01-08T00:00") == [
        "01-05 08:00 > 01-06 00:00 ada twice",
        "01-06 00:00 > 01-06 04:00 ada override",
        "01-06 04:00 > 01-07 08:00 ada twice",
        "01-07 08:00 > 01-08 00:00 grace twice",
    ]


def test_several_people_serve_together() -> None:
    """A participant of two people is on call as both."""
    pair = Layer(name="pair", rotation=rotation("1 weeks", "2026-01-05T09:00", "ada+grace", "linus"))
    assert on_call(schedule(pair), at("2026-01-06T00:00")).people == people("ada", "grace")


# Overrides


def test_the_later_made_override_wins() -> None:
    """Of two overrides that overlap the one made later wins, whichever is written first or starts first."""
    early, late = (
        override("grace", "2026-01-06T08:00", "2026-01-06T16:00", made=1),
        override("linus", "2026-01-06T10:00", "2026-01-06T12:00", made=2),
    )
    expected = [
        "01-06 08:00 > 01-06 10:00 grace override",
        "01-06 10:00 > 01-06 12:00 linus override",
        "01-06 12:00 > 01-06 16:00 grace override",
        "01-06 16:00 > 01-06 17:00 ada base",
    ]
    for overrides in ((early, late), (late, early)):
        assert told(schedule(ALWAYS_ADA, overrides=overrides), "2026-01-06T08:00", "2026-01-06T17:00") == expected


def test_of_two_made_at_once_the_one_written_later_wins() -> None:
    """Overrides with the same `made` are decided by their position."""
    both = (
        override("grace", "2026-01-06T08:00", "2026-01-06T16:00"),
        override("linus", "2026-01-06T08:00", "2026-01-06T16:00"),
    )
    assert on_call(schedule(overrides=both), at("2026-01-06T09:00")).people == people("linus")


def test_an_override_of_a_nobody_override() -> None:
    """A person may stand in where an earlier override said nobody."""
    overrides = (
        override("", "2026-01-06T08:00", "2026-01-06T16:00", made=1),
        override("grace", "2026-01-06T15:00", "2026-01-06T17:00", made=2),
    )
    assert told(schedule(ALWAYS_ADA, overrides=overrides), "2026-01-06T07:00", "2026-01-06T18:00") == [
        "01-06 07:00 > 01-06 08:00 ada base",
        "01-06 08:00 > 01-06 15:00 nobody: override_says_nobody",
        "01-06 15:00 > 01-06 17:00 grace override",
        "01-06 17:00 > 01-06 18:00 ada base",
    ]


def test_many_overrides_are_no_tower() -> None:
    """A thousand overrides on one another are laid out flat, the last one on top."""
    overrides = tuple(
        override(f"p{number}", "2026-01-06T08:00", "2026-01-06T16:00", made=number) for number in range(1000)
    )
    assert told(schedule(overrides=overrides), "2026-01-06T08:00", "2026-01-06T16:00") == [
        "01-06 08:00 > 01-06 16:00 p999 override"
    ]


# Nobody, and how far the answer looks


@pytest.mark.parametrize(
    ("rota", "source", "until", "reason"),
    [
        (schedule(), "", None, NobodyReason.NO_LAYER),
        (schedule(replace(ALWAYS_ADA, end=utc(2026, 1, 6))), "", None, NobodyReason.NO_LAYER),
        (schedule(NOBODY_ON_TURN), "rest", "2026-01-08T08:00", NobodyReason.PARTICIPANT_IS_NOBODY),
        (
            schedule(ALWAYS_ADA, NOBODY_ON_TURN, overrides=(override("", "2026-01-07T00:00", "2026-01-07T20:00"),)),
            "override",
            "2026-01-07T20:00",
            NobodyReason.OVERRIDE_SAYS_NOBODY,
        ),
    ],
)
def test_nobody_has_a_reason(rota: object, source: str, until: str | None, reason: NobodyReason) -> None:
    """Nobody on call is an answer with a source and a named reason, and it ends when somebody comes."""
    assert on_call(rota, at("2026-01-07T12:00")) == OnCall(  # type: ignore[arg-type]
        people=(), source=source, until=None if until is None else at(until), reason=reason
    )


def test_a_gap_ends_when_somebody_comes() -> None:
    """Where one reason for nobody follows another, it is one gap, and `until` is its end."""
    rota = schedule(NOBODY_ON_TURN, overrides=(override("", "2026-01-07T00:00", "2026-01-08T20:00"),))
    assert told(rota, "2026-01-07T08:00", "2026-01-09T00:00") == [
        "01-07 08:00 > 01-08 20:00 nobody: override_says_nobody",
        "01-08 20:00 > 01-09 00:00 grace rest",
    ]
    assert on_call(rota, at("2026-01-07T12:00")).until == at("2026-01-08T20:00")


def test_no_change_within_a_year() -> None:
    """A shift whose end is not within the search has no `until`."""
    assert on_call(schedule(ALWAYS_ADA), at("2026-01-07T12:00")).until is None
    ending = schedule(replace(ALWAYS_ADA, end=utc(2026, 12, 31)))
    assert on_call(ending, at("2026-01-07T12:00")).until == utc(2026, 12, 31)


def test_an_empty_window_has_nothing() -> None:
    """A window that ends where it starts, or before, has neither shifts nor gaps."""
    for window in (span("2026-01-07T12:00", "2026-01-07T12:00"), span("2026-01-07T12:00", "2026-01-06T12:00")):
        rendered = shifts(minimal(), window)
        assert (rendered.shifts, rendered.gaps) == ((), ())


def test_windows_outside_the_calendar_are_refused() -> None:
    """A window in a year that no schedule knows is refused with its field, as is an instant."""
    with pytest.raises(Refused, match="outside the calendar"):
        shifts(minimal(), span("2026-01-01T00:00", "9999-12-31T23:59"))
    with pytest.raises(Refused, match="outside the calendar"):
        on_call(minimal(), at("0001-01-01T00:00"))


def test_workdays_are_five() -> None:
    """A restriction to the workdays leaves the weekend open."""
    days = Layer(
        name="days", rotation=rotation("1 days", "2026-01-01T00:00", "ada"), only=(only("00:00", "00:00", *WORKDAYS),)
    )
    assert told(schedule(days, zone=BERLIN), "2026-01-08T23:00", "2026-01-12T23:00") == [
        "01-08 23:00 > 01-09 23:00 ada days",
        "01-09 23:00 > 01-11 23:00 nobody",
        "01-11 23:00 > 01-12 23:00 ada days",
    ]
