"""What an edit moves: shifts, people, nights, weekends and gaps, and that both directions mirror each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.insight.installation import BERLIN, MONDAY, WEEK, absence, at, layer, override, schedule, span
from tocsin.core.insight.moves import Move, Moves, PersonMoves, moves, planned
from tocsin.core.schedules import Change, Circumstances, Follow, Restriction, Rota, Schedule, Weekday
from tocsin.core.vocabulary import Span

HOUR = timedelta(hours=1)
DAYS = schedule("days", layer("1 days", "ada", "grace"))


def rota(*schedules: Schedule, circumstances: Circumstances | None = None) -> Rota:
    """The rota of some schedules."""
    return Rota({one.name: one for one in schedules}, circumstances)


def between(before: Rota | Schedule, after: Rota | Schedule, window: Span = WEEK, zone: str = "UTC") -> Moves:
    """What an edit moves for people who live in one zone."""
    one, other = (each if isinstance(each, Rota) else rota(each) for each in (before, after))
    zones = dict.fromkeys(("ada", "grace", "linus"), ZoneInfo(zone))
    return moves(one, other, window, zones=zones)


def of(found: Moves, name: str) -> PersonMoves:
    """What changes for one person."""
    return next(each for each in found.people if each.person == name)


def told(found: tuple[Move, ...]) -> list[str]:
    """Moves as `03-02 00:00 > 03-03 00:00 ada > grace`."""
    return [
        f"{one.span.start:%m-%d %H:%M} > {one.span.end:%m-%d %H:%M} "
        f"{'+'.join(one.before) or 'nobody'} > {'+'.join(one.after) or 'nobody'}"
        for one in found
    ]


def test_nothing_moves_when_nothing_is_edited() -> None:
    """The same rota twice is nothing to tell anybody."""
    found = between(DAYS, DAYS)
    assert (found, bool(found)) == (Moves(window=WEEK, schedules=(), people=()), False)


def test_an_edit_without_effect_moves_nothing() -> None:
    """Another name for a layer, or an override by whoever is on call anyway, takes no shift from anybody."""
    renamed = schedule("days", layer("1 days", "ada", "grace", name="other"))
    the_same = replace(DAYS, overrides=(override("ada", "2026-03-02", "2026-03-03"),))
    assert not between(DAYS, renamed)
    assert not between(DAYS, the_same)


def test_one_cover_moves_one_shift() -> None:
    """Who loses it, who gains it, for how long, and the night it touches."""
    covered = replace(DAYS, overrides=(override("linus", "2026-03-04T12:00", "2026-03-05"),))
    found = between(DAYS, covered)
    (days,) = found.schedules
    assert (days.schedule, told(days.moves)) == ("days", ["03-04 12:00 > 03-05 00:00 ada > linus"])
    assert (days.opened, days.closed) == ((), ())
    assert [each.person for each in found.people] == ["ada", "linus"]
    ada, linus = found.people
    assert [(one.schedule, one.span) for one in ada.lost] == [("days", span("2026-03-04T12:00", "2026-03-05"))]
    assert (ada.gained, ada.hours_lost, ada.hours_gained) == ((), 12 * HOUR, timedelta())
    assert (ada.nights_lost, ada.nights_gained, linus.nights_gained, linus.nights_lost) == (1, 0, 1, 0)
    assert (linus.hours_gained, linus.weekends_gained) == (12 * HOUR, 0)


def test_a_night_that_is_only_cut_is_not_lost() -> None:
    """Whoever is on call in a part of a night still has that night."""
    covered = replace(DAYS, overrides=(override("linus", "2026-03-04T23:00", "2026-03-05"),))
    found = between(DAYS, covered)
    assert (of(found, "ada").nights_lost, of(found, "ada").hours_lost, of(found, "linus").nights_gained) == (0, HOUR, 1)


def test_nights_are_counted_on_their_clock() -> None:
    """12:00 to 13:00 in UTC is a night in Auckland and none in Berlin."""
    covered = replace(DAYS, overrides=(override("linus", "2026-03-04T12:00", "2026-03-04T13:00"),))
    nights = {
        zone: of(between(DAYS, covered, zone=zone), "linus").nights_gained
        for zone in ("Pacific/Auckland", "Europe/Berlin")
    }
    assert nights == {"Pacific/Auckland": 1, "Europe/Berlin": 0}


def test_another_order_swaps_everything() -> None:
    """A whole week by days, the other way round: each loses what the other gains, the weekend stays with both."""
    found = between(DAYS, schedule("days", layer("1 days", "grace", "ada")))
    assert told(found.schedules[0].moves)[:2] == [
        "03-02 00:00 > 03-03 00:00 ada > grace",
        "03-03 00:00 > 03-04 00:00 grace > ada",
    ]
    ada, grace = found.people
    assert (len(ada.lost), len(ada.gained), ada.hours_lost, ada.hours_gained) == (4, 3, 96 * HOUR, 72 * HOUR)
    assert (ada.lost, ada.gained) == (grace.gained, grace.lost)
    assert {(each.weekends_gained, each.weekends_lost) for each in found.people} == {(0, 0)}


def test_neighbouring_pieces_are_one_move() -> None:
    """Where the rule changes and the people do not, it is told once."""
    covers = (
        override("linus", "2026-03-02", "2026-03-02T12:00"),
        override("linus", "2026-03-02T12:00", "2026-03-03", made=1),
    )
    found = between(DAYS, replace(DAYS, overrides=covers))
    assert told(found.schedules[0].moves) == ["03-02 00:00 > 03-03 00:00 ada > linus"]


def test_gaps_open_and_close() -> None:
    """A schedule that only serves on workdays opens the weekend; the reverse closes it."""
    workdays = (Restriction(days=frozenset(tuple(Weekday)[:5])),)
    restricted = schedule("days", layer("1 days", "ada", "grace", only=workdays))
    weekend = (span("2026-03-07", "2026-03-09"),)
    (opening,), (closing,) = between(DAYS, restricted).schedules, between(restricted, DAYS).schedules
    assert (opening.opened, opening.closed, closing.opened, closing.closed) == (weekend, (), (), weekend)
    assert told(opening.moves) == ["03-07 00:00 > 03-08 00:00 grace > nobody", "03-08 00:00 > 03-09 00:00 ada > nobody"]
    assert of(between(DAYS, restricted), "grace").weekends_lost == 1


def test_a_schedule_that_comes_or_goes() -> None:
    """A new one gives shifts to people and may bring gaps; one that is dropped takes both away."""
    late = schedule("late", layer("1 weeks", "linus", anchor="2026-03-04T00:00"))
    coming = between(rota(DAYS), rota(DAYS, late))
    assert [each.schedule for each in coming.schedules] == ["late"]
    assert coming.schedules[0].opened == (span("2026-03-02", "2026-03-04"),)
    assert of(coming, "linus").hours_gained == 120 * HOUR
    going = between(rota(DAYS, late), rota(DAYS))
    assert going.schedules[0].closed == (span("2026-03-02", "2026-03-04"),)
    assert of(going, "linus").hours_lost == 120 * HOUR


def test_an_absence_is_looked_at_in_every_schedule() -> None:
    """When the circumstances differ, no schedule can be passed over; here nothing depends on them."""
    away = Circumstances(absences=(absence("joan", "2026-03-02", "2026-03-09"),))
    assert not between(rota(DAYS), rota(DAYS, circumstances=away))


def test_who_follows_moves_too() -> None:
    """A schedule that is not edited, but follows one that is, is looked at as well."""
    behind = schedule("behind", follows=Follow(schedule="days", behind=1))
    further = schedule("further", follows=Follow(schedule="behind", behind=1))
    after = schedule("days", layer("1 days", "linus"))
    one, other = rota(DAYS, behind, further), rota(after, behind, further)
    expected = {
        name
        for name in ("days", "behind", "further")
        if one.shifts(name, WEEK).shifts != other.shifts(name, WEEK).shifts
    }
    assert {each.schedule for each in between(one, other).schedules} == expected
    assert "behind" in expected


def test_an_empty_window_moves_nothing() -> None:
    """There is no time in which anything could move."""
    assert not between(DAYS, schedule("days"), Span(WEEK.end, WEEK.start))


def test_a_planned_edit_keeps_what_was_before() -> None:
    """The rules stay until the instant, on the clock that they had; then the new ones hold."""
    edited = schedule("days", layer("1 days", "linus", anchor=MONDAY), zone=BERLIN, team="data")
    made = planned(DAYS, edited, at("2026-03-05"))
    assert (made.team, made.time_zone, made.changes[0].at) == ("data", BERLIN, at("2026-03-05"))
    assert made.layers == tuple(replace(each, time_zone=DAYS.time_zone) for each in DAYS.layers)
    assert made.changes[0].layers == edited.layers


def test_a_planned_edit_replaces_later_plans() -> None:
    """Plans of before that lie earlier stay; from the instant on those of the edit count."""
    first, second, third = (
        Change(at=at(f"2026-03-0{day}"), layers=(layer(f"{day} days", "ada"),)) for day in (3, 5, 7)
    )
    before = replace(DAYS, changes=(first, third))
    assert [each.at.day for each in planned(before, DAYS, at("2026-03-04")).changes] == [3, 4]
    after = replace(DAYS, changes=(first, second, third))
    made = planned(before, after, at("2026-03-06"))
    assert [each.at.day for each in made.changes] == [3, 6, 7]
    assert made.changes[1].layers == second.layers


NAMES = ("", "ada", "grace", "linus", "ada+grace")
LAYERS = st.builds(
    lambda every, names, only: layer(every, *names, only=only),
    st.sampled_from(("1 weeks", "1 days", "12 hours", "7 hours")),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=3),
    st.sampled_from(((), (Restriction(days=frozenset(tuple(Weekday)[2:4])),))),
)
OVERRIDES = st.builds(
    lambda who, start, size: override(
        who, (WEEK.start + start * HOUR).isoformat()[:16], (WEEK.start + (start + size) * HOUR).isoformat()[:16]
    ),
    st.sampled_from(NAMES[:4]),
    st.integers(-20, 160),
    st.integers(1, 40),
)
SCHEDULES = st.builds(
    lambda layers, overrides: schedule("days", *layers, overrides=tuple(overrides), zone=BERLIN),
    st.lists(LAYERS, min_size=1, max_size=2),
    st.lists(OVERRIDES, max_size=2),
)


@given(SCHEDULES, SCHEDULES)
def test_both_directions_mirror_each_other(one: Schedule, other: Schedule) -> None:
    """What somebody gains by an edit they lose by its reverse; gaps that open close again."""
    there, back = between(one, other), between(other, one)
    assert [each.person for each in there.people] == [each.person for each in back.people]
    for this, that in zip(there.people, back.people, strict=True):
        assert (this.gained, this.lost) == (that.lost, that.gained)
        assert (this.nights_gained, this.weekends_gained) == (that.nights_lost, that.weekends_lost)
    for this, that in zip(there.schedules, back.schedules, strict=True):
        assert (this.opened, this.closed) == (that.closed, that.opened)
        assert [(each.span, set(each.before)) for each in this.moves] == [
            (each.span, set(each.after)) for each in that.moves
        ]


@given(SCHEDULES, SCHEDULES)
def test_what_is_gained_less_what_is_lost_is_the_difference(one: Schedule, other: Schedule) -> None:
    """For everybody: hours after are hours before, plus what they gain, less what they lose."""
    found = between(one, other)
    for name in ("ada", "grace", "linus"):
        changed = next((each for each in found.people if each.person == name), None)
        difference = changed.hours_gained - changed.hours_lost if changed is not None else timedelta()
        assert _hours(other, name) - _hours(one, name) == difference


@given(SCHEDULES)
def test_the_same_schedule_moves_nothing(one: Schedule) -> None:
    """Whatever the schedule."""
    assert not between(one, replace(one, part=one.part))


def _hours(one: Schedule, name: str) -> timedelta:
    shifts = rota(one).shifts("days", WEEK).shifts
    return sum((each.span.end - each.span.start for each in shifts if name in each.people), timedelta())


@pytest.mark.parametrize("schedules", [(), (DAYS,)])
def test_an_empty_rota_moves_nothing(schedules: tuple[Schedule, ...]) -> None:
    """Nothing before and nothing after, or the same in both."""
    assert not between(rota(*schedules), rota(*schedules))
