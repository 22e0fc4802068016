"""Random schedules around clock changes: the product and the minute-by-minute oracle say the same."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from core.schedules.clock_changes import MINUTE, around_a_clock_change
from core.schedules.oracle import Line, render
from core.schedules.rotas import people
from tocsin.core.schedules import (
    Layer,
    Override,
    Rendered,
    Restriction,
    Rotation,
    Schedule,
    Turn,
    Unit,
    Weekday,
    on_call,
    shifts,
)
from tocsin.core.schedules.wallclock import local_of
from tocsin.core.vocabulary import Instant, ScheduleName, Span

#: Times of day at which clocks change, or people do; half of all that are drawn.
USUAL = [time(0), time(0, 1), time(1, 30), time(2), time(2, 15), time(2, 30), time(3), time(9), time(22), time(23, 59)]
TIMES = st.sampled_from(USUAL) | st.builds(time, st.integers(0, 23), st.integers(0, 59))
TURNS = st.one_of(
    st.builds(Turn, count=st.sampled_from([1, 2, 3, 5, 7, 8, 12, 24, 30, 36]), unit=st.just(Unit.HOURS)),
    st.builds(Turn, count=st.integers(1, 3), unit=st.just(Unit.DAYS)),
    st.builds(Turn, count=st.just(1), unit=st.just(Unit.WEEKS)),
)
PARTICIPANTS = st.sampled_from([people("ada"), people("grace"), people("linus"), people("ada", "grace"), ()])
RESTRICTIONS = st.builds(
    Restriction, days=st.frozensets(st.sampled_from(Weekday), max_size=4), begins=TIMES, ends=TIMES
)


@st.composite
def layers(draw: st.DrawFn, zone: ZoneInfo, middle: Instant, name: str) -> Layer:
    day = local_of(middle, zone).date() + timedelta(days=draw(st.integers(-4, 1)))
    nearby = st.none() | st.integers(-3000, 3000).map(lambda minutes: middle + minutes * MINUTE)
    return Layer(
        name=name,
        rotation=Rotation(
            every=draw(TURNS),
            anchor=datetime.combine(day, draw(TIMES)),
            participants=tuple(draw(st.lists(PARTICIPANTS, min_size=1, max_size=4))),
        ),
        only=tuple(draw(st.lists(RESTRICTIONS, max_size=2))),
        start=draw(nearby),
        end=draw(nearby),
    )


@st.composite
def overrides(draw: st.DrawFn, middle: Instant) -> Override:
    start = middle + MINUTE * draw(st.integers(-2000, 2000))
    span = Span(start, start + MINUTE * draw(st.integers(1, 1500)))
    return Override(people=draw(PARTICIPANTS), span=span, made=draw(st.integers(0, 2)))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Schedule, Span]:
    """A schedule with everything that a schedule may have, and a window around a clock change."""
    zone, middle = draw(around_a_clock_change(hours=6))
    names = ("bottom", "middle", "top")[: draw(st.integers(1, 3))]
    schedule = Schedule(
        name=ScheduleName("rota"),
        team=None,
        time_zone=zone,
        layers=tuple(draw(layers(zone, middle, name)) for name in names),
        overrides=tuple(draw(st.lists(overrides(middle), max_size=3))),
    )
    start = middle - MINUTE * draw(st.integers(0, 1500))
    return schedule, Span(start, start + MINUTE * draw(st.integers(1, 2500)))


def lines(rendered: Rendered) -> list[Line]:
    """Shifts and gaps in the oracle's form."""
    served: list[Line] = [(shift.span.start, shift.span.end, shift.people, shift.source) for shift in rendered.shifts]
    return sorted([*served, *((gap.start, gap.end, (), "") for gap in rendered.gaps)])


@settings(max_examples=150, deadline=None, database=None)
@given(cases())
def test_the_oracle_agrees(case: tuple[Schedule, Span]) -> None:
    """Every minute of a window is with the same people, out of the same source, as the rules read minute by minute."""
    schedule, window = case
    assert lines(shifts(schedule, window)) == render(schedule, window)


@settings(max_examples=300, deadline=None, database=None)
@given(cases())
def test_shifts_and_gaps_are_the_window(case: tuple[Schedule, Span]) -> None:
    """Shifts and gaps cover the window from end to end, without overlap or hole, and equal neighbours are joined."""
    schedule, window = case
    pieces = lines(shifts(schedule, window))
    assert pieces[0][0] == window.start
    assert pieces[-1][1] == window.end
    assert all(start < end for start, end, _, _ in pieces)
    assert all(before[1] == after[0] and before[2:] != after[2:] for before, after in pairwise(pieces))


@settings(max_examples=150, deadline=None, database=None)
@given(cases(), st.integers(0, 2499))
def test_on_call_agrees_with_shifts(case: tuple[Schedule, Span], minute: int) -> None:
    """At any instant `on_call` names the people, source and end of the shift or gap that covers it."""
    schedule, window = case
    instant = window.start + minute * MINUTE
    answer = on_call(schedule, instant)
    later = Span(instant, instant + timedelta(days=400))
    _, end, who, source = lines(shifts(schedule, later))[0]
    assert answer.people == who
    assert answer.source == source or not who
    assert (answer.reason is None) == bool(who)
    assert answer.until == (end if end < instant + timedelta(days=366) else None)


@settings(max_examples=150, deadline=None, database=None)
@given(cases(), st.integers(1, 2499))
def test_a_window_may_be_cut_anywhere(case: tuple[Schedule, Span], minute: int) -> None:
    """What is on call in a part of a window does not depend on which window was asked for."""
    schedule, window = case
    cut = min(window.start + minute * MINUTE, window.end)
    part = Span(cut, window.end)
    whole = lines(shifts(schedule, window))
    clipped = [(max(start, cut), end, who, source) for start, end, who, source in whole if end > cut]
    assert lines(shifts(schedule, part)) == clipped


@settings(max_examples=150, deadline=None, database=None)
@given(cases(), st.integers(1, 300))
def test_age_does_not_matter(case: tuple[Schedule, Span], cycles: int) -> None:
    """A rotation that steps on the wall clock and began whole cycles earlier has the same turns."""
    schedule, window = case
    layer = schedule.layers[0]
    days = timedelta(days=1) * cycles * len(layer.rotation.participants)
    every = Turn(count=1, unit=Unit.DAYS)
    young = Rotation(every=every, anchor=layer.rotation.anchor, participants=layer.rotation.participants)
    old = Rotation(every=every, anchor=young.anchor - days, participants=young.participants)
    long_since = Span(window.start + timedelta(days=3), window.end + timedelta(days=3))
    assert _alone(schedule, layer, young, long_since) == _alone(schedule, layer, old, long_since)


def _alone(schedule: Schedule, layer: Layer, rotation: Rotation, window: Span) -> Rendered:
    only = Layer(name=layer.name, rotation=rotation, only=layer.only)
    return shifts(
        Schedule(name=schedule.name, team=None, time_zone=schedule.time_zone, layers=(only,), overrides=()), window
    )
