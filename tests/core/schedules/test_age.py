"""Rotations that began long ago: the same answers as young ones, also where turns have to be counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.schedules.clock_changes import MINUTE, around_a_clock_change
from core.schedules.oracle import Oracle
from core.schedules.rotas import GREENWICH, every, people
from core.schedules.rotas import given as circumstances
from core.schedules.worlds import SOMEBODY, TIMES, World, absences, lines, restrictions, tries, worlds
from tocsin.core.schedules import Circumstances, Counting, Layer, Rotation, Schedule, Turn, Unequal, Unit
from tocsin.core.schedules.wallclock import instant_of
from tocsin.core.vocabulary import ScheduleName, Span, utc

BEGIN = utc(2024, 1, 1)
FOUR = [*SOMEBODY[:3], people("joan")]


def cycle(rotation: Rotation) -> timedelta:
    """After how long a rotation of equal or unequal turns on the wall clock comes back to where it began."""
    if isinstance(rotation.every, Unequal):
        return sum(rotation.every.lengths, timedelta()) * len(rotation.participants)
    hours = {Unit.HOURS: 1, Unit.DAYS: 24, Unit.WEEKS: 168, Unit.MONTHS: 0}[rotation.every.unit]
    return timedelta(hours=hours * rotation.every.count * len(rotation.participants))


def aged(layer: Layer, schedule: Schedule, cycles: int) -> Layer:
    """The layer as if its rotation had begun so many cycles earlier, and the layer itself not; as it is, by months."""
    rotation = layer.rotation
    if not isinstance(rotation, Rotation):
        return layer
    begins = instant_of(rotation.anchor, layer.time_zone or schedule.time_zone)
    start = begins if layer.start is None else max(begins, layer.start)
    whole = cycle(rotation)
    elapsed = isinstance(rotation.every, Turn) and rotation.every.unit is Unit.HOURS and 24 % rotation.every.count
    if not whole or elapsed:
        return layer
    earlier = min(cycles, (rotation.anchor - datetime.fromisoformat("1902-01-01")) // whole)
    return replace(layer, start=start, rotation=replace(rotation, anchor=rotation.anchor - earlier * whole))


@tries(100)
@given(worlds(), st.integers(1, 10_000))
def test_age_does_not_matter(world: World, cycles: int) -> None:
    """A rotation that began whole cycles earlier, but serves only since then, is the same: of active turns, too."""
    schedules = {
        name: replace(each, layers=tuple(aged(layer, each, cycles) for layer in each.layers))
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
    only = draw(
        st.lists(restrictions(anchor.date() + timedelta(days=draw(st.integers(0, days)))), min_size=1, max_size=2)
    )
    layer = Layer(name="layer", rotation=rotation, only=tuple(only))
    schedule = Schedule(name=ScheduleName("rota"), time_zone=zone, layers=(layer,))
    free = [f"{anchor + timedelta(days=distance):%Y-%m-%d}" for distance in range(3, days, 7)]
    return World({schedule.name: schedule}, circumstances(holidays=free), Span(middle, middle + 6000 * MINUTE))


@tries(25)
@given(served_now_and_then())
def test_active_turns_are_counted_over_years(world: World) -> None:
    """Whose turn it is after more than a year of served and unserved turns is what writing all of them down gives."""
    oracle = Oracle(world.schedules, world.around, world.window)
    assert lines(world.rota.shifts(world.asked, world.window)) == oracle.lines(world.asked)


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
    schedule = Schedule(
        name=ScheduleName("rota"), time_zone=GREENWICH, layers=(Layer(name="layer", rotation=rotation),)
    )
    return World({schedule.name: schedule}, Circumstances(absences=tuple(away)), Span(start, start + 4000 * MINUTE))


@tries(25)
@given(years_of_absences())
def test_debts_are_the_same_after_years(world: World) -> None:
    """Who owes whom after two years is what comes out when every single turn of them is written down."""
    oracle = Oracle(world.schedules, world.around, world.window)
    assert lines(world.rota.shifts(world.asked, world.window)) == oracle.lines(world.asked)
