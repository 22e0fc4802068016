"""The contract, chapter 6: schedules that refer to each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.schedules.contract import told
from core.schedules.rotas import (
    TOKYO,
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
    people,
    rota,
)
from tocsin.core.schedules import Circumstances, Combine, Counting, Schedule, Where, check_together
from tocsin.core.vocabulary import ScheduleName

#: Thursday 8 January is Ada's, the 9th Grace's, the 10th that of Linus.
DAILY = layer("1 days", "2026-01-05T00:00", "ada", "grace", "linus", name="daily")
PRIMARY = greenwich(DAILY, name="primary")
BEHIND = greenwich(name="secondary", follows=follow(1))


def on_the_8th(asked: Schedule, *others: Schedule, around: Circumstances | None = None) -> list[str]:
    """What is told of 8 January, without the date: `00:00 > 00:00 linus daily`."""
    lines = told(asked, "2026-01-08T00:00", "2026-01-09T00:00", *others, around=around)
    return [f"{line[6:14]}{line[20:]}" for line in lines]


@pytest.mark.parametrize(
    ("behind", "expected"),
    [
        (1, ["linus", "ada", "grace"]),
        (2, ["grace", "linus", "ada"]),
        (-1, ["grace", "linus", "ada"]),
        (4, ["linus", "ada", "grace"]),
    ],
)
def test_6_1_so_many_turns_before(behind: int, expected: list[str]) -> None:
    """One behind is whoever had the turn before, minus one whoever has the next one, from the first turn on."""
    secondary = greenwich(follows=follow(behind))
    for first in (5, 8):
        start, end = f"2026-01-{first:02}T00:00", f"2026-01-{first + 3:02}T00:00"
        lines = told(secondary, start, end, PRIMARY)
        assert [line[26:] for line in lines] == [f"{who} daily" for who in expected]
    assert told(secondary, "2026-01-04T00:00", "2026-01-05T00:00", PRIMARY) == ["01-04 00:00 > 01-05 00:00 nobody"]


def test_6_1_within_the_same_windows() -> None:
    """The windows, the start and the end of the other's layer hold for who is behind, too."""
    office = replace(DAILY, only=(only("09:00", "17:00"),), end=at("2026-01-08T15:00"))
    assert on_the_8th(BEHIND, greenwich(office, name="primary")) == [
        "00:00 > 09:00 nobody",
        "09:00 > 15:00 linus daily",
        "15:00 > 00:00 nobody",
    ]


def test_6_1_active_turns_behind() -> None:
    """With active turns the turn before is the last one that was served."""
    twice = only("00:00", "00:00", first=at("2026-01-08T00:00").date())
    active = layer("1 days", "2026-01-05T00:00", "ada", "grace", "linus", only=(twice,), counting=Counting.ACTIVE)
    assert told(BEHIND, "2026-01-08T00:00", "2026-01-10T00:00", greenwich(active, name="primary")) == [
        "01-08 00:00 > 01-09 00:00 linus layer",
        "01-09 00:00 > 01-10 00:00 ada layer",
    ]


@pytest.mark.parametrize(
    ("combine", "theirs", "ours"),
    [
        (Combine.STACKED, "mary nights", "joan nights"),
        (Combine.UNION, "ada+mary daily + nights", "linus+joan daily + nights"),
    ],
)
def test_6_1_the_layers_go_together_as_they_do_there(combine: Combine, theirs: str, ours: str) -> None:
    """Each layer of the other is behind on its own, and they are stacked or together as they are there."""
    nights = layer("1 days", "2026-01-05T00:00", "joan", "mary", name="nights", only=(only("20:00", "00:00"),))
    primary = greenwich(DAILY, nights, name="primary", combine=combine)
    assert on_the_8th(primary) == ["00:00 > 20:00 ada daily", f"20:00 > 00:00 {theirs}"]
    assert on_the_8th(BEHIND, primary) == ["00:00 > 20:00 linus daily", f"20:00 > 00:00 {ours}"]


def test_6_1_below_its_own_layers() -> None:
    """What is followed shows where the schedule's own layers have nobody."""
    own = layer("1 days", "2026-01-05T00:00", "joan", "", name="own", only=(only("08:00", "20:00"),))
    secondary = greenwich(own, follows=follow(1), combine=Combine.UNION)
    assert told(secondary, "2026-01-07T00:00", "2026-01-09T00:00", PRIMARY) == [
        "01-07 00:00 > 01-07 08:00 grace daily",
        "01-07 08:00 > 01-07 20:00 joan own",
        "01-07 20:00 > 01-08 00:00 grace daily",
        "01-08 00:00 > 01-09 00:00 linus daily",
    ]


def test_6_1_overrides_and_absences_of_the_other_are_not_followed() -> None:
    """Who stood in yesterday, by an override or for an absence, is not behind today: whose turn it was is."""
    primary = replace(PRIMARY, overrides=(override("joan", "2026-01-07T00:00", "2026-01-08T00:00"),))
    assert on_the_8th(BEHIND, primary) == ["00:00 > 00:00 linus daily"]
    around = given(away("linus", "2026-01-07T00:00", "2026-01-07T12:00"))
    assert told(PRIMARY, "2026-01-07T00:00", "2026-01-09T00:00", around=around) == [
        "01-07 00:00 > 01-08 00:00 ada daily",
        "01-08 00:00 > 01-09 00:00 linus daily",
    ]
    assert told(BEHIND, "2026-01-09T00:00", "2026-01-10T00:00", PRIMARY, around=around) == [
        "01-09 00:00 > 01-10 00:00 ada daily"
    ]


def test_6_1_a_third_follows_the_second() -> None:
    """What a schedule follows is behind by the turns of both when it is followed itself."""
    tertiary = greenwich(name="tertiary", follows=follow(1, name="secondary"))
    assert on_the_8th(tertiary, BEHIND, PRIMARY) == ["00:00 > 00:00 grace daily"]


def test_6_1_a_calendar_has_no_turns() -> None:
    """Of a layer out of a calendar nothing is followed: nobody comes before or after anybody."""
    primary = greenwich(booked(), DAILY, name="primary", combine=Combine.UNION)
    around = given(calendar=[booking("joan", "2026-01-08T00:00", "2026-01-09T00:00")])
    assert on_the_8th(primary, around=around) == ["00:00 > 00:00 joan+ada calendar + daily"]
    assert on_the_8th(BEHIND, primary, around=around) == ["00:00 > 00:00 linus daily"]


def test_6_1_each_in_their_own_windows() -> None:
    """With windows on each one's own clock, whoever is behind serves in their own."""
    office = replace(DAILY, only=(only("09:00", "17:00"),), only_where=Where.PARTICIPANT)
    around = given(zones={"linus": TOKYO})
    assert on_the_8th(BEHIND, greenwich(office, name="primary"), around=around) == [
        "00:00 > 08:00 linus daily",
        "08:00 > 00:00 nobody",
    ]


#: On the 8th Linus, who is behind, takes the primary for two hours.
LINUS = override("linus", "2026-01-08T10:00", "2026-01-08T12:00")


def test_6_2_the_primary_overridden_by_the_secondary() -> None:
    """When the secondary's person takes the primary by an override, the next in the rotation is secondary meanwhile."""
    primary = replace(PRIMARY, overrides=(LINUS,))
    assert on_the_8th(BEHIND, primary) == [
        "00:00 > 10:00 linus daily",
        "10:00 > 12:00 ada daily",
        "12:00 > 00:00 linus daily",
    ]
    repeating = replace(BEHIND, follows=follow(1, may_repeat=True))
    assert on_the_8th(repeating, primary) == ["00:00 > 00:00 linus daily"]


def test_6_2_the_secondary_is_away() -> None:
    """Whoever is behind and away is replaced for just that time by the next one who is not the primary."""
    around = given(away("linus", "2026-01-08T10:00", "2026-01-08T12:00"))
    assert on_the_8th(BEHIND, PRIMARY, around=around) == [
        "00:00 > 10:00 linus daily",
        "10:00 > 12:00 grace daily",
        "12:00 > 00:00 linus daily",
    ]


@pytest.mark.parametrize("may_repeat", [False, True])
def test_6_2_absences_count_where_people_may_repeat(may_repeat: bool) -> None:
    """Who is away is not on call, whether or not people may be on call in both."""
    around = given(away("linus", "2026-01-08T00:00", "2026-01-09T00:00"))
    shadow = replace(BEHIND, follows=follow(1, may_repeat=may_repeat))
    who = "ada" if may_repeat else "grace"
    assert on_the_8th(shadow, PRIMARY, around=around) == [f"00:00 > 00:00 {who} daily"]


def test_6_2_nobody_is_left() -> None:
    """Where everybody is on call in the other already, or away, the layer has nobody, and says which of the two."""
    pair = layer("1 days", "2026-01-05T00:00", "grace", "ada", name="pair")
    both = override("ada+grace", "2026-01-08T08:00", "2026-01-08T10:00")
    around = given(
        away("grace", "2026-01-08T11:00", "2026-01-08T14:00", known="2026-01-08T11:00"),
        away("ada", "2026-01-08T13:00", "2026-01-08T14:00", known="2026-01-08T11:00"),
    )
    assert on_the_8th(BEHIND, greenwich(pair, name="primary", overrides=(both,)), around=around) == [
        "00:00 > 08:00 grace pair",
        "08:00 > 10:00 nobody: on_call_elsewhere",
        "10:00 > 11:00 grace pair",
        "11:00 > 13:00 nobody: on_call_elsewhere",
        "13:00 > 14:00 nobody: everybody_is_away",
        "14:00 > 00:00 grace pair",
    ]


def test_6_2_several_who_share_one() -> None:
    """A pair of whom one is the other's primary is passed over as a pair."""
    pairs = layer("1 days", "2026-01-05T00:00", "ada+grace", "linus", "ada+mary", "joan", name="pairs")
    assert on_the_8th(BEHIND, greenwich(pairs, name="primary")) == ["00:00 > 00:00 ada+mary pairs"]
    overridden = greenwich(pairs, name="primary", overrides=(override("mary", "2026-01-08T00:00", "2026-01-08T12:00"),))
    assert on_the_8th(BEHIND, overridden) == ["00:00 > 12:00 joan pairs", "12:00 > 00:00 ada+mary pairs"]


APART = (ScheduleName("primary"),)


def test_6_3_apart_from_for_part_of_a_turn() -> None:
    """A rotation of its own passes over whoever is on call in the other, for as long as that."""
    weekly = layer("1 weeks", "2026-01-05T00:00", "grace", "joan", name="weekly")
    support = greenwich(weekly, name="support", apart_from=APART)
    assert told(support, "2026-01-08T12:00", "2026-01-10T12:00", PRIMARY) == [
        "01-08 12:00 > 01-09 00:00 grace weekly",
        "01-09 00:00 > 01-10 00:00 joan weekly",
        "01-10 00:00 > 01-10 12:00 grace weekly",
    ]


def test_6_3_against_final_answers() -> None:
    """What counts is who is on call there in the end: by an override, or for somebody who is away."""
    weekly = layer("1 weeks", "2026-01-05T00:00", "grace", "linus", name="weekly")
    support = greenwich(weekly, name="support", apart_from=APART)
    around = given(away("ada", "2026-01-08T10:00", "2026-01-08T11:00", known="2026-01-08T10:00"))
    primary = replace(PRIMARY, overrides=(replace(LINUS, people=people("grace", "linus")),))
    assert on_the_8th(support, PRIMARY, around=around) == [
        "00:00 > 10:00 grace weekly",
        "10:00 > 11:00 linus weekly",
        "11:00 > 00:00 grace weekly",
    ]
    assert on_the_8th(support, primary) == [
        "00:00 > 10:00 grace weekly",
        "10:00 > 12:00 nobody: on_call_elsewhere",
        "12:00 > 00:00 grace weekly",
    ]


def test_6_3_what_is_followed_is_kept_apart_too() -> None:
    """A tertiary two turns behind is never the one who has become secondary."""
    four = greenwich(layer("1 days", "2026-01-05T00:00", "ada", "joan", "grace", "linus"), name="primary")
    primary = replace(four, overrides=(override("linus", "2026-01-05T00:00", "2026-01-05T12:00"),))
    tertiary = greenwich(name="tertiary", follows=follow(2), apart_from=(ScheduleName("secondary"),))
    found = {
        asked.name: told(asked, "2026-01-05T00:00", "2026-01-06T00:00", primary, BEHIND) for asked in (BEHIND, tertiary)
    }
    assert found == {
        "secondary": ["01-05 00:00 > 01-05 12:00 ada layer", "01-05 12:00 > 01-06 00:00 linus layer"],
        "tertiary": ["01-05 00:00 > 01-06 00:00 grace layer"],
    }
    behind = replace(tertiary, follows=follow(0, may_repeat=True))
    assert told(behind, "2026-01-05T00:00", "2026-01-06T00:00", primary, BEHIND) == [
        "01-05 00:00 > 01-05 12:00 joan layer",
        "01-05 12:00 > 01-06 00:00 ada layer",
    ]


def test_6_3_whoever_a_calendar_books_is_on_call() -> None:
    """A calendar has no next one who could take it: its people stay, also when they are on call elsewhere."""
    around = given(calendar=[booking("ada", "2026-01-08T06:00", "2026-01-08T18:00")])
    support = greenwich(booked(), name="support", apart_from=APART)
    assert on_the_8th(support, PRIMARY, around=around)[1] == "06:00 > 18:00 ada calendar"


def test_6_4_an_override_may_name_them_all_the_same() -> None:
    """A person named in an override is on call in both schedules."""
    named = (override("ada", "2026-01-08T06:00", "2026-01-08T18:00"),)
    for secondary in (replace(BEHIND, overrides=named), greenwich(DAILY, apart_from=APART, overrides=named)):
        assert "06:00 > 18:00 ada override" in on_the_8th(secondary, PRIMARY)


def referring(name: str, *, to: str = "", apart: str = "") -> Schedule:
    """A schedule that follows one and keeps apart from another."""
    follows = follow(1, name=to) if to else None
    return greenwich(DAILY, name=name, follows=follows, apart_from=(ScheduleName(apart),) if apart else ())


@pytest.mark.parametrize(
    ("schedules", "told_of", "path", "way"),
    [
        ((referring("one", to="one"),), "one", "follows", "one -> one"),
        ((referring("one", to="two"), referring("two", to="one")), "one", "follows", "one -> two -> one"),
        ((referring("one", to="two"), referring("two", apart="one")), "one", "follows", "one -> two -> one"),
        ((referring("one"), referring("two", to="one", apart="two")), "two", "apart_from[0]", "two -> two"),
    ],
)
def test_6_5_no_circles(schedules: tuple[Schedule, ...], told_of: str, path: str, way: str) -> None:
    """A circle is told once, with its way; and asked all the same, there is an answer."""
    ((name, problem),) = check_together({each.name: each for each in schedules})
    assert (name, problem.path) == (told_of, path)
    assert way in problem.detail
    assert rota(*schedules).on_call(schedules[0].name, at("2026-01-08T12:00")).people == ("ada",)


def test_6_5_references_without_circles() -> None:
    """Schedules that refer to the same one, and to each other in one direction, are sound."""
    three = (referring("one"), referring("two", to="one"), referring("three", to="two", apart="one"))
    assert check_together({each.name: each for each in three}) == ()
