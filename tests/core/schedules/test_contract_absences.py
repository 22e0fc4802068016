"""The contract, chapter 5: who serves when people are away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.schedules.contract import told
from core.schedules.rotas import TOKYO, at, away, booked, booking, given, greenwich, layer, only, override
from tocsin.core.schedules import Absence, Counting, Layer, Where

#: From Monday 5 January on; Ada has the 5th, 8th, 11th and 14th.
DAILY = layer("1 days", "2026-01-05T00:00", "ada", "grace", "linus")
OFFICE = only("09:00", "17:00")


def gone(person: str, start: str, end: str, *, known: str | None = None) -> Absence:
    """An absence in January, from `08T10` to `08T11`, perhaps known only from an hour on."""
    first, last, since = (f"2026-01-{hour}:00" for hour in (start, end, known))
    return away(person, first, last, known=since if known else None)


def day_by_day(rotation: Layer, *absences: Absence, first: int, days: int) -> str:
    """Who serves the most of each day of January, the day's number before the names."""
    said = []
    for day in range(first, first + days):
        start = at("2026-01-01T00:00") + (day - 1) * timedelta(days=1)
        end = start + timedelta(days=1)
        lines = told(greenwich(rotation), f"{start:%Y-%m-%dT%H:%M}", f"{end:%Y-%m-%dT%H:%M}", around=given(*absences))
        assert len(lines) == 1, lines
        said.append(f"{day} {lines[0].split()[5]}")
    return ", ".join(said)


@pytest.mark.parametrize(
    ("absence", "expected"),
    [
        (gone("ada", "08T10", "08T11"), "7 linus, 8 grace, 9 ada, 10 linus"),
        (gone("ada", "07T00", "08T01"), "7 linus, 8 grace, 9 ada, 10 linus"),
        (gone("ada", "09T00", "11T00"), "7 linus, 8 ada, 9 grace, 10 linus"),
        (gone("ada", "07T00", "08T00"), "7 linus, 8 ada, 9 grace, 10 linus"),
    ],
    ids=["an hour", "until shortly after the hand-off", "from the end on", "until the beginning"],
)
def test_5_1_a_turn_is_passed_on_as_a_whole(absence: Absence, expected: str) -> None:
    """Whoever is away for any moment of a turn does not serve any of it; before and after it nothing changes."""
    assert day_by_day(DAILY, absence, first=7, days=4) == expected


@pytest.mark.parametrize(
    ("absence", "who"),
    [
        (gone("ada", "08T16", "09T00"), "grace"),
        (gone("ada", "08T17", "09T00"), "ada"),
        (gone("ada", "08T00", "08T09"), "ada"),
        (gone("ada", "08T17", "09T09"), "ada"),
    ],
)
def test_5_1_of_what_they_would_serve(absence: Absence, who: str) -> None:
    """Outside the windows, nobody misses anything."""
    office = layer("1 days", "2026-01-05T00:00", "ada", "grace", "linus", only=(OFFICE,))
    assert told(greenwich(office), "2026-01-08T00:00", "2026-01-09T00:00", around=given(absence)) == [
        "01-08 00:00 > 01-08 09:00 nobody",
        f"01-08 09:00 > 01-08 17:00 {who} layer",
        "01-08 17:00 > 01-09 00:00 nobody",
    ]


def test_5_1_between_the_start_and_the_end_of_the_layer() -> None:
    """Nor does anybody miss anything before the layer's start or after its end."""
    late = layer("1 days", "2026-01-05T00:00", "ada", "grace", start=at("2026-01-05T12:00"), end=at("2026-01-06T12:00"))
    around = given(gone("ada", "05T00", "05T12"), gone("grace", "06T12", "07T00"))
    assert told(greenwich(late), "2026-01-05T00:00", "2026-01-07T00:00", around=around) == [
        "01-05 00:00 > 01-05 12:00 nobody",
        "01-05 12:00 > 01-06 00:00 ada layer",
        "01-06 00:00 > 01-06 12:00 grace layer",
        "01-06 12:00 > 01-07 00:00 nobody",
    ]


def test_5_1_several_are_away_when_one_of_them_is() -> None:
    """A pair is passed on as a pair, and owes as a pair."""
    pairs = layer("1 days", "2026-01-05T00:00", "ada+grace", "linus+joan", "mary")
    assert day_by_day(pairs, gone("grace", "08T10", "08T11"), first=7, days=4) == (
        "7 mary, 8 linus+joan, 9 ada+grace, 10 mary"
    )


OWN = Where.PARTICIPANT
IN_TOKYO = {"grace": TOKYO}  # from 09:00 to 17:00 there is from midnight to 08:00 in UTC


def test_5_1_each_of_several_in_their_own_windows() -> None:
    """Of a pair in two zones, one who is away while only the other serves misses nothing."""
    pair = layer("1 days", "2026-01-05T00:00", "ada+grace", "linus", only=(OFFICE,), only_where=OWN)
    for hours, who in (("07T10", "07T11"), "ada layer"), (("07T04", "07T05"), "linus layer"):
        around = given(gone("grace", *hours), zones=IN_TOKYO)
        assert told(greenwich(pair), "2026-01-07T09:00", "2026-01-07T17:00", around=around) == [
            f"01-07 09:00 > 01-07 17:00 {who}"
        ]


ADA, GRACE = gone("ada", "08T10", "08T11"), gone("grace", "08T20", "08T21")


@pytest.mark.parametrize(
    ("rotation", "absences", "expected"),
    [
        (DAILY, [ADA], "8 grace, 9 ada, 10 linus, 11 ada, 12 grace, 13 linus"),
        (DAILY, [ADA, GRACE], "8 linus, 9 grace, 10 ada, 11 ada, 12 grace, 13 linus"),
        (DAILY, [ADA, gone("ada", "09T12", "09T13")], "8 grace, 9 grace, 10 linus, 11 ada, 12 ada, 13 linus"),
        (DAILY, [gone("ada", "08T00", "12T00")],
         "8 grace, 9 grace, 10 linus, 11 grace, 12 ada, 13 linus, 14 ada, 15 grace"),
        (DAILY, [gone("linus", "07T10", "07T11"), ADA], "7 ada, 8 linus, 9 grace, 10 linus, 11 ada"),
        (layer("1 days", "2026-01-05T00:00", "ada", "", "linus"), [ADA], "8 linus, 9 nobody:, 10 ada, 11 ada"),
        (layer("1 days", "2026-01-05T00:00", "ada", "grace"), [gone("ada", "05T00", "10T00")],
         "5 grace, 6 grace, 7 grace, 8 grace, 9 grace, 10 ada, 11 ada, 12 grace"),
    ],
    ids=["paid back at once", "the next one is away too", "paid back later", "owed once", "paid back while away",
         "nobody cannot take it", "a whole cycle and more"],
)  # fmt: skip
def test_5_2_owed_and_paid_back(rotation: Layer, absences: list[Absence], expected: str) -> None:
    """The next one who can takes the turn and is owed one, not more; it is paid back at their next turn that can be."""
    days = expected.split(", ")
    assert day_by_day(rotation, *absences, first=int(days[0].split()[0]), days=len(days)) == expected


def test_5_2_the_older_debt_is_paid_first() -> None:
    """Two who owe the same person pay back at that person's next two turns, in the order in which they came to owe."""
    four = layer("1 days", "2026-01-05T00:00", "ada", "grace", "linus", "joan")
    absences = (gone("grace", "06T10", "06T11"), gone("linus", "06T10", "07T11"))
    assert day_by_day(four, *absences, first=5, days=12) == (
        "5 ada, 6 joan, 7 joan, 8 grace, 9 ada, 10 grace, 11 linus, 12 linus, 13 ada, 14 grace, 15 linus, 16 joan"
    )


def test_5_2_active_turns_are_owed_as_they_come() -> None:
    """Debts do not change in which order a rotation of active turns moves on."""
    active = layer("1 days", "2026-01-05T00:00", "ada", "grace", "linus", counting=Counting.ACTIVE)
    assert day_by_day(active, ADA, first=8, days=4) == "8 grace, 9 ada, 10 linus, 11 ada"


def test_5_2_what_the_other_would_serve() -> None:
    """On each one's own clock, the other has to be there in their own windows, and serves in those."""
    own = layer("1 days", "2026-01-05T00:00", "ada", "grace", only=(OFFICE,), only_where=OWN)
    around = given(gone("ada", "07T10", "07T11"), gone("grace", "07T12", "07T13"), zones=IN_TOKYO)
    assert told(greenwich(own), "2026-01-07T00:00", "2026-01-08T00:00", around=around) == [
        "01-07 00:00 > 01-07 08:00 grace layer",
        "01-07 08:00 > 01-08 00:00 nobody",
    ]


def test_5_2_who_would_serve_none_of_it_cannot_take_it() -> None:
    """A turn is not given to somebody whose own windows do not touch it: that would be a gap."""
    own = layer("8+16 hours", "2026-01-05T08:00", "ada", "grace", only=(OFFICE,), only_where=OWN)
    around = given(gone("ada", "07T10", "07T11"), zones=IN_TOKYO)
    assert told(greenwich(own), "2026-01-07T09:00", "2026-01-07T16:00", around=around) == [
        "01-07 09:00 > 01-07 10:00 ada layer",
        "01-07 10:00 > 01-07 11:00 nobody: everybody_is_away",
        "01-07 11:00 > 01-07 16:00 ada layer",
    ]


def test_5_2_a_turn_without_windows_pays_nothing_back() -> None:
    """Where the other's next turn lies outside all windows, the debt waits for one that is served."""
    weekdays = only("00:00", "00:00", first=at("2026-01-10T00:00").date())
    first_days = only("00:00", "00:00", last=at("2026-01-08T00:00").date())
    rotation = layer("1 days", "2026-01-05T00:00", "ada", "grace", "linus", only=(weekdays, first_days))
    assert day_by_day(rotation, ADA, first=8, days=6) == "8 grace, 9 nobody, 10 linus, 11 ada, 12 ada, 13 linus"


def test_5_3_where_no_other_can_take_the_whole_turn() -> None:
    """Only the time of the absence is passed on, at each moment to the next one who is there, and nothing is owed."""
    around = given(
        gone("ada", "08T00", "08T12"),
        gone("grace", "08T04", "08T06"),
        gone("grace", "08T18", "08T20"),
        gone("linus", "08T06", "08T08"),
    )
    assert told(greenwich(DAILY), "2026-01-08T00:00", "2026-01-11T00:00", around=around) == [
        "01-08 00:00 > 01-08 04:00 grace layer",
        "01-08 04:00 > 01-08 06:00 linus layer",
        "01-08 06:00 > 01-08 12:00 grace layer",
        "01-08 12:00 > 01-09 00:00 ada layer",
        "01-09 00:00 > 01-10 00:00 grace layer",
        "01-10 00:00 > 01-11 00:00 linus layer",
    ]


def test_5_3_known_only_after_the_turn_had_begun() -> None:
    """Who falls ill on duty is replaced for just that time, without a debt; known when the turn began, it is one."""
    late, early = (gone("ada", "08T10", "08T12", known=known) for known in ("08T01", "08T00"))
    assert told(greenwich(DAILY), "2026-01-08T00:00", "2026-01-10T00:00", around=given(late)) == [
        "01-08 00:00 > 01-08 10:00 ada layer",
        "01-08 10:00 > 01-08 12:00 grace layer",
        "01-08 12:00 > 01-09 00:00 ada layer",
        "01-09 00:00 > 01-10 00:00 grace layer",
    ]
    assert day_by_day(DAILY, early, first=8, days=2) == "8 grace, 9 ada"


def test_5_3_the_next_one_whose_windows_are_open() -> None:
    """On each one's own clock, the time of an absence goes to the next one who serves at that hour."""
    own = layer("1 days", "2026-01-05T00:00", "ada", "grace", "linus", only=(OFFICE,), only_where=OWN)
    around = given(gone("ada", "08T10", "08T12", known="08T10"), zones=IN_TOKYO)
    assert told(greenwich(own), "2026-01-08T09:00", "2026-01-08T17:00", around=around) == [
        "01-08 09:00 > 01-08 10:00 ada layer",
        "01-08 10:00 > 01-08 12:00 linus layer",
        "01-08 12:00 > 01-08 17:00 ada layer",
    ]


def test_5_3_whoever_took_the_turn_falls_ill() -> None:
    """The time of one who took a turn is passed on to the next after them, and the turn stays taken."""
    around = given(ADA, gone("grace", "08T14", "08T16", known="08T13"))
    assert told(greenwich(DAILY), "2026-01-08T00:00", "2026-01-10T00:00", around=around) == [
        "01-08 00:00 > 01-08 14:00 grace layer",
        "01-08 14:00 > 01-08 16:00 linus layer",
        "01-08 16:00 > 01-09 00:00 grace layer",
        "01-09 00:00 > 01-10 00:00 ada layer",
    ]


def test_5_4_everybody_is_away() -> None:
    """Where all are away there is nobody, for that reason, until one of them is back; a layer below shows."""
    absences = [gone(person, "08T06", "08T07") for person in ("ada", "grace", "linus")]
    around = given(*absences)
    assert told(greenwich(DAILY), "2026-01-08T00:00", "2026-01-09T00:00", around=around) == [
        "01-08 00:00 > 01-08 06:00 ada layer",
        "01-08 06:00 > 01-08 07:00 nobody: everybody_is_away",
        "01-08 07:00 > 01-09 00:00 ada layer",
    ]
    below = layer("1 weeks", "2026-01-05T00:00", "joan", name="below")
    assert told(greenwich(below, DAILY), "2026-01-08T06:00", "2026-01-08T08:00", around=around) == [
        "01-08 06:00 > 01-08 07:00 joan below",
        "01-08 07:00 > 01-08 08:00 ada layer",
    ]


def test_5_4_for_a_whole_cycle() -> None:
    """When a whole cycle goes by without anybody, nobody owes anything after it."""
    absences = [gone(person, "08T00", "11T00") for person in ("ada", "grace", "linus")]
    assert day_by_day(DAILY, *absences, first=7, days=6) == (
        "7 linus, 8 nobody:, 9 nobody:, 10 nobody:, 11 ada, 12 grace"
    )


def test_5_5_an_override_beats_an_absence() -> None:
    """Who is named in an override is on call, absent or not."""
    rota = greenwich(DAILY, overrides=(override("ada", "2026-01-08T08:00", "2026-01-08T12:00"),))
    assert told(rota, "2026-01-08T00:00", "2026-01-09T00:00", around=given(ADA)) == [
        "01-08 00:00 > 01-08 08:00 grace layer",
        "01-08 08:00 > 01-08 12:00 ada override",
        "01-08 12:00 > 01-09 00:00 grace layer",
    ]


def test_5_6_nobody_and_calendars_are_not_passed_on() -> None:
    """A turn of nobody stays one, and whoever a calendar books is on call even when they are away."""
    rest = layer("1 days", "2026-01-05T00:00", "ada", "", "linus")
    assert day_by_day(rest, gone("ada", "06T00", "07T00"), first=6, days=1) == "6 nobody:"
    around = given(ADA, calendar=[booking("ada", "2026-01-08T08:00", "2026-01-08T12:00")])
    assert told(greenwich(booked()), "2026-01-08T08:00", "2026-01-08T12:00", around=around) == [
        "01-08 08:00 > 01-08 12:00 ada calendar"
    ]
