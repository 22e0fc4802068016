"""Random installations around clock changes: the product and the minute-by-minute oracle say the same."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.schedules.clock_changes import MINUTE
from core.schedules.oracle import Oracle
from core.schedules.rotas import GREENWICH, people
from core.schedules.worlds import World, absences, lines, tries, worlds
from tocsin.core.schedules import Circumstances, Counting, Layer, Rotation, Schedule, Turn, Unit
from tocsin.core.vocabulary import ScheduleName, Span, utc

BEGIN = utc(2026, 3, 2)
TEAM = [people("ada"), people("grace"), people("linus"), people("ada", "grace"), ()]


@st.composite
def absent_teams(draw: st.DrawFn) -> World:
    """One rotation of short turns without a clock change, in which people are away again and again."""
    rotation = Rotation(
        every=Turn(count=draw(st.sampled_from([6, 10, 12, 24])), unit=Unit.HOURS),
        anchor=datetime.fromisoformat("2026-03-02"),
        participants=tuple(draw(st.lists(st.sampled_from(TEAM[:3]) | st.sampled_from(TEAM), min_size=2, max_size=5))),
        counting=draw(st.sampled_from(Counting)),
    )
    schedule = Schedule(
        name=ScheduleName("rota"), time_zone=GREENWICH, layers=(Layer(name="layer", rotation=rotation),)
    )
    away = st.lists(absences(BEGIN + timedelta(days=4), before=6000), min_size=1, max_size=8)
    window = Span(BEGIN, BEGIN + timedelta(days=9))
    return World({schedule.name: schedule}, Circumstances(absences=tuple(draw(away))), window)


@tries(150)
@given(worlds())
def test_the_oracle_agrees(world: World) -> None:
    """Every minute of a window is with the same people, out of the same source, or nobody for the same reason."""
    oracle = Oracle(world.schedules, world.around, world.window)
    assert lines(world.rota.shifts(world.asked, world.window)) == oracle.lines(world.asked)


@tries(60)
@given(absent_teams())
def test_the_oracle_agrees_on_debts(world: World) -> None:
    """Turns passed on, owed and paid back over days are the same as when they are written down one after the other."""
    oracle = Oracle(world.schedules, world.around, world.window)
    assert lines(world.rota.shifts(world.asked, world.window)) == oracle.lines(world.asked)


@tries(100)
@given(worlds(most=2), st.integers(0, 2499))
def test_an_instant_is_as_the_oracle_says(world: World, minute: int) -> None:
    """Who is on call at one instant is what the oracle says of that minute, asked of a rota that knows nothing yet."""
    at = min(world.window.start + minute * MINUTE, world.window.end - MINUTE)
    ((_, _, who, why),) = Oracle(world.schedules, world.around, Span(at, at + MINUTE)).lines(world.asked)
    answer = world.rota.on_call(world.asked, at)
    assert (answer.people, answer.source if answer.people else str(answer.reason)) == (who, why)
