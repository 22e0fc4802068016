"""What holds for every rota, whatever it says: the laws of shifts and vacancies, and of asking for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.schedules.clock_changes import MINUTE
from core.schedules.oracle import Line
from core.schedules.worlds import World, lines, tries, worlds
from tocsin.core.schedules import Schedule
from tocsin.core.vocabulary import Instant, Span

#: How far an answer looks for its end.
SEARCH = timedelta(days=366)
CUTS = st.integers(0, 2499)


def clipped(found: list[Line], window: Span) -> list[Line]:
    """The parts of the lines that lie in the window."""
    cut = [(max(start, window.start), min(end, window.end), *what) for start, end, *what in found]
    return [line for line in cut if line[0] < line[1]]  # type: ignore[misc]


def within(world: World, minute: int) -> Instant:
    """A minute of the world's window."""
    return min(world.window.start + minute * MINUTE, world.window.end - MINUTE)


@tries(150)
@given(worlds())
def test_shifts_and_vacancies_are_the_window(world: World) -> None:
    """They cover the window from end to end, without overlap or hole, in order, and no two neighbours are alike."""
    rendered = world.rota.shifts(world.asked, world.window)
    pieces = lines(rendered)
    assert pieces[0][0] == world.window.start
    assert pieces[-1][1] == world.window.end
    assert all(start < end for start, end, _, _ in pieces)
    assert all(before[1] == after[0] and before[2:] != after[2:] for before, after in pairwise(pieces))
    assert [shift.span for shift in rendered.shifts] == sorted(shift.span for shift in rendered.shifts)
    assert [gap.span for gap in rendered.vacancies] == sorted(gap.span for gap in rendered.vacancies)
    assert all(shift.people and len(set(shift.people)) == len(shift.people) for shift in rendered.shifts)


@tries(100)
@given(worlds(), CUTS, CUTS)
def test_a_window_may_be_cut_anywhere(world: World, one: int, other: int) -> None:
    """What is on call in a part of a window is the same whether the part or the whole was asked for."""
    start, end = sorted((within(world, one), within(world, other)))
    part, wider = Span(start, end + MINUTE), Span(start - 900 * MINUTE, end + 900 * MINUTE)
    found = lines(world.rota.shifts(world.asked, part))
    assert clipped(lines(world.rota.shifts(world.asked, world.window)), part) == found
    assert clipped(lines(world.rota.shifts(world.asked, wider)), part) == found


@tries(100)
@given(worlds(), CUTS)
def test_who_is_on_call_agrees_with_the_shifts(world: World, minute: int) -> None:
    """The answer for an instant is its piece, and holds until that ends or, of nobody, until somebody comes."""
    at = within(world, minute)
    answer = world.rota.on_call(world.asked, at)
    pieces = lines(world.rota.shifts(world.asked, Span(at, (answer.until or at + SEARCH) + MINUTE)))
    _, end, who, why = pieces[0]
    assert (answer.people, answer.source if who else str(answer.reason)) == (who, why)
    until = end if who else next((start for start, _, people, _ in pieces if people), at + SEARCH)
    assert answer.until == (until if until < at + SEARCH else None)


@tries(40)
@given(worlds(), st.lists(st.tuples(CUTS, CUTS), min_size=1, max_size=4))
def test_asking_does_not_change_the_answers(world: World, questions: list[tuple[int, int]]) -> None:
    """Whatever a rota was asked before, and in whatever order, it answers like one that was asked nothing."""
    shared = world.rota
    for one, other in [*questions, *questions[::-1]]:
        at, window = within(world, one), Span(within(world, min(one, other)), within(world, max(one, other)) + MINUTE)
        for name in world.schedules:
            assert shared.on_call(name, at) == world.rota.on_call(name, at)
            assert shared.shifts(name, window) == world.rota.shifts(name, window)


@tries(60)
@given(worlds())
def test_a_change_leaves_the_time_before_it(world: World) -> None:
    """Until a planned change a schedule is what it is without it, and from then on as if it had always been so."""
    asked = world.schedules[world.asked]
    without = replace(asked, changes=())
    for change in asked.changes:
        ends = ((Span(world.window.start, change.at), without), (Span(change.at, world.window.end), _always(asked)))
        for window, other in ends:
            again = world._replace(schedules={**world.schedules, asked.name: other})
            if window.start < window.end:
                expected = lines(again.rota.shifts(asked.name, window))
                assert lines(world.rota.shifts(asked.name, window)) == expected


def _always(schedule: Schedule) -> Schedule:
    """The schedule as if its last change had held from the beginning on."""
    last = schedule.changes[-1]
    return replace(schedule, layers=last.layers, combine=last.combine, follows=last.follows, changes=())
