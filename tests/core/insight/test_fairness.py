"""Fairness: what each person carries, by hand-counted figures and by laws that hold for every rota."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.insight.installation import (
    BERLIN,
    NEW_YORK,
    WEEK,
    absence,
    at,
    easter,
    installation,
    layer,
    override,
    person,
    schedule,
    span,
)
from tocsin.core.directory import Directory
from tocsin.core.insight.fairness import fairness
from tocsin.core.insight.load import Carried, Deviation, Fairness, Hours, Question, Weights
from tocsin.core.schedules import Change, Circumstances, Part, Rendered, Shift
from tocsin.core.vocabulary import Span

HOUR = timedelta(hours=1)


def judged(known: Directory, window: Span = WEEK, **more: object) -> Fairness:
    """The fairness of all schedules together."""
    return fairness(known, Question(window=window, schedules=tuple(known.schedules), **more))


def of(found: Fairness, name: str) -> Carried:
    """What one person carries."""
    return next(each for each in found.people if each.person == name)


def hours(carried: Carried) -> tuple[float, ...]:
    """All hours, those at night, at weekends, on holidays."""
    return tuple(carried.hours[kind] / HOUR for kind in Hours)


def weeks(count: int) -> Span:
    """So many weeks from a Monday on which ada's week begins."""
    return Span(WEEK.start, WEEK.start + timedelta(weeks=count))


def weekly(*names: str) -> Directory:
    """A weekly rota in UTC."""
    return installation(schedule("rota", layer("1 weeks", *names)))


def test_two_weeks_of_two_people_are_even() -> None:
    """A week has 168 hours, 70 of them at night, 48 at the weekend: 168 + 70 + 48 / 2 weighed hours each."""
    found = judged(weekly("ada", "grace"), weeks(2))
    assert [(each.person, hours(each), each.shifts, each.load, each.fair_share) for each in found.people] == [
        ("ada", (168, 70, 48, 0), 1, 262, 262),
        ("grace", (168, 70, 48, 0), 1, 262, 262),
    ]
    assert (found.score, found.reason, of(found, "ada").score, of(found, "ada").reason) == (100, None, 100, None)


def test_two_weeks_of_three_are_not() -> None:
    """Of 786 weighed hours 131 would have to change hands, which is one in six; the hours themselves are most of it."""
    found = judged(weekly("ada", "grace"), weeks(3))
    assert [(each.person, each.load, each.fair_share) for each in found.people] == [
        ("ada", 524, 393),
        ("grace", 262, 393),
    ]
    assert found.score == pytest.approx(100 * 5 / 6)
    assert (of(found, "ada").score, of(found, "grace").score) == (75, pytest.approx(100 * 2 / 3))
    assert found.reason is not None
    assert (found.reason.most, found.reason.least) == ("ada", "grace")
    assert found.reason.deviation == Deviation(kind=Hours.ALL, hours=84 * HOUR)
    assert of(found, "grace").reason == Deviation(kind=Hours.ALL, hours=-84 * HOUR)


def test_one_who_carries_everything() -> None:
    """With five people and one of them always on call four fifths would have to change hands."""
    served = {"rota": Rendered(shifts=(Shift(span=WEEK, people=("ada",), source="turns"),), vacancies=())}
    names = ("ada", "grace", "linus", "joan", "alan")
    found = fairness(weekly(*names), Question(window=WEEK, schedules=("rota",)), served)
    assert found.score == pytest.approx(20)
    assert (of(found, "alan").score, of(found, "ada").score) == (0, pytest.approx(20))


def test_a_reason_names_the_kind_that_differs_most() -> None:
    """By day and by night in turns of twelve hours: as many hours, but all the nights are with one of them."""
    known = installation(schedule("rota", layer("12 hours", "ada", "grace", anchor="2026-01-05T08:00")))
    found = judged(known, span("2026-03-02T08:00", "2026-03-06T08:00"))
    assert [hours(each) for each in found.people] == [(48, 0, 0, 0), (48, 40, 0, 0)]
    assert found.reason is not None
    assert (found.reason.most, found.reason.least) == ("grace", "ada")
    assert found.reason.deviation == Deviation(kind=Hours.NIGHT, hours=20 * HOUR)
    assert of(found, "ada").reason == Deviation(kind=Hours.NIGHT, hours=-20 * HOUR)


@pytest.mark.parametrize(
    ("zone", "at_night"),
    [("UTC", 10), ("America/New_York", 5), ("Asia/Shanghai", 2), ("Asia/Kolkata", 4.5)],
)
def test_a_night_is_theirs(zone: str, at_night: float) -> None:
    """From 22:00 to 08:00 in UTC it is 17:00 to 03:00 in New York, 06:00 to 18:00 in Shanghai, 03:30 on in Kolkata."""
    known = installation(schedule("rota", layer("1 weeks", "ada")), people=(person("ada", zone=ZoneInfo(zone)),))
    assert hours(of(judged(known, span("2026-03-02T22:00", "2026-03-03T08:00")), "ada"))[:2] == (10, at_night)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (span("2026-03-22T23:00", "2026-03-29T22:00"), (167, 69, 47)),
        (span("2026-10-18T22:00", "2026-10-25T23:00"), (169, 71, 49)),
    ],
)
def test_hours_at_clock_changes_are_elapsed(window: Span, expected: tuple[float, ...]) -> None:
    """The week in which the clocks go forward is an hour shorter for whoever is on call, and so is its night."""
    known = installation(schedule("rota", layer("1 weeks", "ada"), zone=BERLIN), people=(person("ada", zone=BERLIN),))
    assert hours(of(judged(known, window), "ada"))[:3] == expected


def test_holidays_are_of_each_person_s_region() -> None:
    """Easter Monday weighs on whoever lives by it, and is a day like any other for the rest."""
    people = (person("ada", zone=BERLIN, holidays="DE"), person("grace", zone=NEW_YORK, holidays="US"))
    rota = schedule("rota", layer("1 weeks", "ada+grace"))
    known = installation(rota, people=people, circumstances=Circumstances(holidays=easter))
    found = judged(known, span("2026-04-06T12:00", "2026-04-07T12:00"))
    assert [each.hours[Hours.HOLIDAY] / HOUR for each in found.people] == [10, 0]


def test_an_hour_behind_the_primary_weighs_half() -> None:
    """A secondary carries half of an hour, a shadow a quarter; weights may be given."""
    names = {Part.PRIMARY: "ada", Part.SECONDARY: "grace", Part.SHADOW: "linus", Part.REVERSE_SHADOW: "joan"}
    rotas = [schedule(part.value, layer("1 weeks", name), part=part) for part, name in names.items()]
    found = judged(installation(*rotas), span("2026-03-02T08:00", "2026-03-02T18:00"))
    assert {each.person: each.load for each in found.people} == {"ada": 10, "grace": 5, "linus": 2.5, "joan": 2.5}
    assert {hours(each)[0] for each in found.people} == {10}
    heavier = judged(installation(*rotas), span("2026-03-02T08:00", "2026-03-02T18:00"), weights=Weights(shadow=2))
    assert of(heavier, "linus").load == 20


def test_a_newcomer_is_not_owed_and_owes_nothing_for_before() -> None:
    """Four weeks: ada, grace, and then linus with them. Of the weeks before linus came, nothing is his."""
    change = Change(at=at("2026-03-16"), layers=(layer("1 weeks", "linus", "ada", "grace", anchor="2026-03-16T00:00"),))
    rota = schedule("rota", layer("1 weeks", "ada", "grace"), changes=(change,))
    both_known = {name: (weeks(2).start, 131 * 2) for name in ("ada", "grace")}
    served = _turns("ada", "grace", "linus", "ada")
    found = fairness(installation(rota), Question(window=weeks(4), schedules=("rota",)), served)
    later = 2 * 262 / 3
    assert {each.person: each.fair_share for each in found.people} == {
        "ada": pytest.approx(both_known["ada"][1] + later),
        "grace": pytest.approx(both_known["grace"][1] + later),
        "linus": pytest.approx(later),
    }
    assert of(found, "linus").available == timedelta(weeks=2)


def test_presence_may_be_known_better() -> None:
    """Spans that are given limit the time that counts for a person."""
    given_spans = {"grace": (Span(weeks(2).end, weeks(4).end),)}
    found = judged(weekly("ada", "grace"), weeks(4), present=given_spans)
    assert of(found, "ada").fair_share == pytest.approx(3 * 262)
    assert of(found, "grace").fair_share == pytest.approx(262)
    assert of(found, "grace").available == timedelta(weeks=2)


def test_who_has_left_shares_the_time_in_which_they_served() -> None:
    """The rota names them no longer, the shifts of the past do: from their first hour to their last they were there."""
    found = fairness(
        weekly("ada"), Question(window=weeks(4), schedules=("rota",)), _turns("ada", "grace", "ada", "ada")
    )
    assert of(found, "grace").available == timedelta(weeks=1)
    assert (of(found, "grace").load, of(found, "grace").fair_share) == (262, 131)
    assert of(found, "ada").fair_share == pytest.approx(3 * 262 + 131)


def test_nobody_owes_for_their_holidays() -> None:
    """A week in which grace is away belongs to ada alone, although the rota may say otherwise."""
    away = Circumstances(absences=(absence("grace", "2026-03-09", "2026-03-16"),))
    known = installation(schedule("rota", layer("1 weeks", "ada", "grace")), circumstances=away)
    found = fairness(known, Question(window=weeks(2), schedules=("rota",)), _turns("ada", "ada"))
    assert (of(found, "ada").load, of(found, "ada").fair_share) == (524, 262 + 131)
    assert (of(found, "grace").fair_share, of(found, "grace").available) == (131, timedelta(weeks=1))


def test_whoever_serves_while_nobody_could_carries_their_own_share() -> None:
    """Everybody is away and ada is on call by an override all the same: nothing of it is anybody else's."""
    away = Circumstances(absences=(absence("grace", "2026-03-02", "2026-03-09"),))
    rota = schedule("rota", layer("1 weeks", "grace"), overrides=(override("ada", "2026-03-02", "2026-03-09"),))
    (ada, grace) = judged(installation(rota, circumstances=away)).people
    assert (ada.load, ada.fair_share, grace.load, grace.fair_share) == (262, 262, 0, 0)


def test_a_guest_by_an_override_has_carried_what_is_not_theirs() -> None:
    """Whom only an override names has no share: the whole of it is owed to them."""
    rota = schedule("rota", layer("1 weeks", "grace"), overrides=(override("ada", "2026-03-02", "2026-03-09"),))
    (ada, grace) = judged(installation(rota)).people
    assert (ada.fair_share, ada.score, grace.fair_share, grace.score) == (0, None, 262, 0)


def test_guests_from_another_team_have_no_share() -> None:
    """Who stands in by a layer of its own is named by the rota, not by the team: the load is the team's to share."""
    holiday = layer("1 weeks", "linus", "joan", name="guests", start=at("2026-03-03"), end=at("2026-03-04"))
    rota = schedule("rota", layer("1 weeks", "ada", "grace"), holiday, team="data")
    teams = {"data": ("ada", "grace", "alan"), "other": ("linus", "joan")}
    found = judged(installation(rota, teams=teams))
    assert [(each.person, each.fair_share, each.load) for each in found.people] == [
        ("ada", 131, 262 - 34),
        ("grace", 131, 0),
        ("linus", 0, 34),
    ]


def test_pages_are_counted_beside_the_score() -> None:
    """All of the window, and those at night on the person's own clock; unknown pages are not no pages."""
    pages = {"ada": [at("2026-03-02T07:30"), at("2026-03-02T12:00"), at("2026-03-09T01:00")]}
    found = judged(weekly("ada", "grace"), pages=pages)
    assert [(each.woken, each.woken_at_night) for each in found.people] == [(2, 1), (0, 0)]
    unknown = judged(weekly("ada", "grace"))
    assert [(each.woken, each.woken_at_night) for each in unknown.people] == [(None, None)] * 2
    assert unknown.score == found.score


def test_a_shift_is_a_stretch_without_a_break() -> None:
    """A cover of an hour makes two shifts of one; a change of companion or source makes none."""
    rota = schedule("rota", layer("1 weeks", "ada"), overrides=(override("grace", "2026-03-03", "2026-03-03T01:00"),))
    assert of(judged(installation(rota)), "ada").shifts == 2
    pair = replace(rota, overrides=(override("ada+grace", "2026-03-03", "2026-03-03T01:00"),))
    assert of(judged(installation(pair)), "ada").shifts == 1


def test_nothing_to_carry_is_even() -> None:
    """A schedule without anybody is neither fair nor unfair."""
    found = judged(installation(schedule("rota")))
    assert (found.people, found.score, found.reason) == ((), 100, None)


def _turns(*names: str) -> dict[str, Rendered]:
    """A week each, from the Monday on."""
    spans = [Span(weeks(number).end, weeks(number + 1).end) for number in range(len(names))]
    shifts = tuple(Shift(span=one, people=(name,), source="turns") for one, name in zip(spans, names, strict=True))
    return {"rota": Rendered(shifts=shifts, vacancies=())}


NAMES = ("ada", "grace", "linus", "joan")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")


@st.composite
def rotas(draw: st.DrawFn) -> tuple[Directory, Span]:
    """An installation with two schedules, overrides and absences, and a window around clock changes."""
    zone = st.sampled_from(ZONES).map(ZoneInfo)
    groups = st.lists(st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map("+".join), min_size=1, max_size=4)
    every = st.sampled_from(("1 weeks", "1 days", "12 hours", "3 days", "7 hours"))
    begins = at("2026-03-23") + draw(st.integers(0, 200)) * HOUR
    window = Span(begins, begins + draw(st.integers(1, 500)) * HOUR)

    def stretch() -> tuple[str, str]:
        start = begins + draw(st.integers(-48, 400)) * HOUR
        return tuple((start + hours * HOUR).isoformat()[:16] for hours in (0, draw(st.integers(1, 96))))

    schedules = [
        schedule(
            name,
            *(layer(draw(every), *draw(groups), name=f"layer {number}") for number in range(draw(st.integers(1, 2)))),
            zone=draw(zone),
            part=draw(st.sampled_from(Part)),
            overrides=tuple(
                override(draw(st.sampled_from(("", *NAMES))), *stretch()) for _ in range(draw(st.integers(0, 2)))
            ),
        )
        for name in ("one", "two")
    ]
    people = tuple(person(name, zone=draw(zone), holidays=draw(st.sampled_from((None, "DE")))) for name in NAMES)
    missing = tuple(absence(draw(st.sampled_from(NAMES)), *stretch()) for _ in range(draw(st.integers(0, 2))))
    circumstances = Circumstances(absences=missing, holidays=easter)
    return installation(*schedules, people=people, circumstances=circumstances), window


@given(rotas())
def test_nothing_is_lost_and_nothing_is_made(made: tuple[Directory, Span]) -> None:
    """Hours over people are the covered time times who was there; what all owe is what all have carried."""
    known, window = made
    found = judged(known, window)
    covered = [
        (shift.span.end - shift.span.start) * len(shift.people)
        for name in known.schedules
        for shift in known.rota.shifts(name, window).shifts
    ]
    assert sum((each.hours[Hours.ALL] for each in found.people), timedelta()) == sum(covered, timedelta())
    assert sum(each.load for each in found.people) == pytest.approx(
        sum(each.fair_share for each in found.people), abs=1e-3
    )
    assert all(each.hours[kind] <= each.hours[Hours.ALL] for each in found.people for kind in Hours)
    scores = (found.score, *(each.score for each in found.people if each.score is not None))
    assert all(-1e-6 <= score <= 100 for score in scores)
    assert all(timedelta() <= each.available <= window.end - window.start for each in found.people)


@given(rotas(), st.permutations(NAMES))
def test_fairness_does_not_know_names(made: tuple[Directory, Span], others: list[str]) -> None:
    """The same rota for people of other names gives the same figures."""
    known, window = made
    as_called = dict(zip(NAMES, others, strict=True))
    one, other = judged(known, window), judged(_renamed(known, as_called), window)
    assert other.score == pytest.approx(one.score)
    for each in one.people:
        twin = of(other, as_called[each.person])
        assert (twin.hours, twin.shifts, twin.available) == (each.hours, each.shifts, each.available)
        assert (twin.load, twin.fair_share) == (pytest.approx(each.load), pytest.approx(each.fair_share, abs=1e-3))


def _renamed(known: Directory, called: dict[str, str]) -> Directory:
    schedules = [
        replace(
            one,
            layers=tuple(
                replace(
                    each,
                    rotation=replace(
                        each.rotation,
                        participants=tuple(
                            tuple(called[name] for name in group) for group in each.rotation.participants
                        ),
                    ),
                )
                for each in one.layers
            ),
            overrides=tuple(
                replace(each, people=tuple(called[name] for name in each.people)) for each in one.overrides
            ),
        )
        for one in known.schedules.values()
    ]
    people = tuple(replace(each, name=called[each.name]) for each in known.people.values())
    missing = tuple(replace(each, person=called[each.person]) for each in known.circumstances.absences)
    return installation(*schedules, people=people, circumstances=replace(known.circumstances, absences=missing))
