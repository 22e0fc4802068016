"""Rotations that began long ago: the same answers as young ones, also where turns have to be counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.schedules.clock_changes import MINUTE, around_a_clock_change
from core.schedules.contract import told
from core.schedules.oracle import Oracle
from core.schedules.rotas import SUN, at, every, greenwich, layer, only, people, schedule
from core.schedules.rotas import given as circumstances
from core.schedules.worlds import SOMEBODY, TIMES, World, absences, lines, restrictions, tries, worlds
from tocsin.core.schedules import Circumstances, Counting, Layer, Rotation, Schedule, Turn, Unequal, Unit
from tocsin.core.schedules.wallclock import instant_of
from tocsin.core.vocabulary import Span, utc

BEGIN = utc(2024, 1, 1)
FOUR = [*SOMEBODY[:3], people("joan")]


def cycle(rotation: Rotation) -> timedelta:
    """After how long a rotation of equal or unequal turns on the wall clock comes back to where it began."""
    if isinstance(rotation.every, Unequal):
        return sum(rotation.every.lengths, timedelta()) * len(rotation.participants)
    hours = {Unit.HOURS: 1, Unit.DAYS: 24, Unit.WEEKS: 168, Unit.MONTHS: 0}[rotation.every.unit]
    return timedelta(hours=hours * rotation.every.count * len(rotation.participants))


def aged(young: Layer, of: Schedule, cycles: int) -> Layer:
    """The layer as if its rotation had begun so many cycles earlier, and the layer itself not; as it is, by months."""
    rotation = young.rotation
    if not isinstance(rotation, Rotation):
        return young
    begins = instant_of(rotation.anchor, young.time_zone or of.time_zone)
    start = begins if young.start is None else max(begins, young.start)
    whole = cycle(rotation)
    elapsed = isinstance(rotation.every, Turn) and rotation.every.unit is Unit.HOURS and 24 % rotation.every.count
    if not whole or elapsed:
        return young
    earlier = min(cycles, (rotation.anchor - datetime.fromisoformat("1902-01-01")) // whole)
    return replace(young, start=start, rotation=replace(rotation, anchor=rotation.anchor - earlier * whole))


@tries(100)
@given(worlds(), st.integers(1, 10_000))
def test_age_does_not_matter(world: World, cycles: int) -> None:
    """A rotation that began whole cycles earlier, but serves only since then, is the same: of active turns, too."""
    schedules = {
        name: replace(each, layers=tuple(aged(young, each, cycles) for young in each.layers))
        for name, each in world.schedules.items()
    }
    old = world._replace(schedules=schedules)
    assert old.rota.shifts(world.asked, world.window) == world.rota.shifts(world.asked, world.window)


@st.composite
def served_now_and_then(draw: st.DrawFn) -> World:
    """Active turns of a day or so that began a year ago or earlier, in windows of some weekdays, dates or holidays."""
    zone, middle = draw(around_a_clock_change(hours=1500))
    days = draw(st.integers(20, 500))
    anchor = datetime.combine(middle.astimezone(zone).date() - timedelta(days=days), draw(TIMES))
    rotation = Rotation(
        every=draw(
            st.sampled_from([Turn(count=1, unit=Unit.DAYS), Turn(count=12, unit=Unit.HOURS), every("17+31 hours")])
        ),
        anchor=anchor,
        participants=tuple(draw(st.lists(st.sampled_from(FOUR), min_size=2, max_size=5))),
        counting=Counting.ACTIVE,
    )
    near = anchor.date() + timedelta(days=draw(st.integers(0, days)))
    windows = tuple(draw(st.lists(restrictions(near), min_size=1, max_size=2)))
    asked = schedule(Layer(name="layer", rotation=rotation, only=windows), zone=zone)
    free = [f"{anchor + timedelta(days=distance):%Y-%m-%d}" for distance in range(3, days, 7)]
    return World({asked.name: asked}, circumstances(holidays=free), Span(middle, middle + 6000 * MINUTE))


@tries(25)
@given(served_now_and_then())
def test_active_turns_are_counted_over_years(world: World) -> None:
    """Whose turn it is after more than a year of served and unserved turns is what writing all of them down gives."""
    oracle = Oracle(world.schedules, world.around, world.window)
    assert lines(world.rota.shifts(world.asked, world.window)) == oracle.lines(world.asked)


def test_a_window_that_the_clock_skips_is_not_counted() -> None:
    """Of the half hour after 02:15 on Sundays, one a year does not exist: after three springs three turns less."""
    names = [f"p{number}" for number in range(7)]
    sundays = layer("1 days", "2024-01-01T00:00", *names, counting=Counting.ACTIVE, only=(only("02:15", "02:45", SUN),))
    (_, line, _) = told(schedule(sundays), "2026-06-06T22:00", "2026-06-07T12:00")
    weeks = (date(2026, 6, 7) - date(2024, 1, 7)).days // 7
    assert line == f"06-07 00:15 > 06-07 00:45 p{(weeks - 3) % 7} layer"


def test_a_window_before_the_start_is_not_counted() -> None:
    """Where a layer starts after the window of a day, that day's turn is not served, however long ago it was."""
    names = [f"p{number}" for number in range(4)]
    late = layer("1 days", "2026-01-01T00:00", *names, counting=Counting.ACTIVE, only=(only("08:00", "10:00"),))
    asked = greenwich(replace(late, start=at("2026-01-05T12:00")))
    (_, line, _) = told(asked, "2026-02-10T00:00", "2026-02-10T12:00")
    days = (date(2026, 2, 10) - date(2026, 1, 6)).days
    assert line == f"02-10 08:00 > 02-10 10:00 p{days % 4} layer"


@st.composite
def years_of_absences(draw: st.DrawFn) -> World:
    """A daily rotation of two years in which people are away now and then, asked about some days of it."""
    team = draw(st.lists(st.sampled_from(FOUR), min_size=2, max_size=9))
    counting = draw(st.sampled_from(Counting))
    anchor = BEGIN.replace(tzinfo=None)
    turn = Turn(count=draw(st.integers(1, 3)), unit=Unit.DAYS)
    rotation = Rotation(every=turn, anchor=anchor, participants=tuple(team), counting=counting)
    away = [draw(absences(BEGIN + timedelta(days=draw(st.integers(3, 700))))) for _ in range(draw(st.integers(1, 25)))]
    start = BEGIN + timedelta(days=draw(st.integers(0, 730)))
    asked = greenwich(Layer(name="layer", rotation=rotation))
    return World({asked.name: asked}, Circumstances(absences=tuple(away)), Span(start, start + 4000 * MINUTE))


@tries(25)
@given(years_of_absences())
def test_debts_are_the_same_after_years(world: World) -> None:
    """Who owes whom after two years is what comes out when every single turn of them is written down."""
    oracle = Oracle(world.schedules, world.around, world.window)
    assert lines(world.rota.shifts(world.asked, world.window)) == oracle.lines(world.asked)
