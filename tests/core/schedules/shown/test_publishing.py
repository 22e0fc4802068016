"""What calendars are told of shifts that come, move, change hands and go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.schedules.rotas import at, minimal, people, rota
from tocsin.core.schedules import Shift
from tocsin.core.schedules.shown import Planned, Published, in_sight, published, rendered_for, seen
from tocsin.core.schedules.shown.publishing import KEPT
from tocsin.core.vocabulary import Instant, ScheduleName, Span

NAME = ScheduleName("rota")
NOW = at("2026-01-01T00:00")
LATER = at("2026-01-02T00:00")


def shift(who: str, start: str, end: str, *, source: str = "weekly") -> Planned:
    """A shift in January 2026, from `05T09` to `12T09`."""
    begin, finish = (at(f"2026-01-{edge}:00") for edge in (start, end))
    return NAME, Shift(span=Span(begin, finish), people=people(*who.split("+")), source=source)


def told(events: Iterable[Published]) -> list[str]:
    """Events as lines like `05 09 > 12 09 ada #1`, with `gone` for what was cancelled."""
    return [
        f"{one.span.start:%d %H} > {one.span.end:%d %H} {'+'.join(one.people)} #{one.sequence}"
        + (" gone" if one.cancelled_at else "")
        for one in events
    ]


WEEKS = (shift("ada", "05T09", "12T09"), shift("grace", "12T09", "19T09"), shift("ada", "19T09", "26T09"))


def test_what_stays_is_told_as_before() -> None:
    """Asked again, nothing has changed: the same events, number and instant included."""
    first = published((), WEEKS, NOW)
    assert told(first) == ["05 09 > 12 09 ada #0", "12 09 > 19 09 grace #0", "19 09 > 26 09 ada #0"]
    assert {one.changed_at for one in first} == {NOW}
    assert published(first, WEEKS, LATER) == first


def test_uids_do_not_depend_on_what_was_told_before() -> None:
    """Two installations that begin to tell of one rota, or one that has lost its memory, give the same names."""
    known = {one.span: one.uid for one in published((), WEEKS, NOW)}
    assert {one.span: one.uid for one in published((), WEEKS[1:], LATER)}.items() <= known.items()
    assert len(set(known.values())) == 3


def test_a_moved_shift_keeps_its_uid() -> None:
    """A handoff an hour later moves both neighbours: the same events, told anew."""
    first = published((), WEEKS[:2], NOW)
    moved = published(first, (shift("ada", "05T10", "12T10"), shift("grace", "12T10", "19T10")), LATER)
    assert told(moved) == ["05 10 > 12 10 ada #1", "12 10 > 19 10 grace #1"]
    assert [one.uid for one in moved] == [one.uid for one in first]
    assert {one.changed_at for one in moved} == {LATER}


def test_a_shift_that_changes_hands_keeps_its_uid() -> None:
    """Somebody else takes the whole shift: it is the same event with another name."""
    first = published((), WEEKS, NOW)
    swapped = published(first, (WEEKS[0], shift("linus", "12T09", "19T09", source="override"), WEEKS[2]), LATER)
    assert told(swapped)[1] == "12 09 > 19 09 linus #1"
    assert [one.uid for one in swapped] == [one.uid for one in first]


def test_an_override_cuts_a_shift() -> None:
    """The first part goes on under the old name, the override and the rest are new; nothing is cancelled."""
    first = published((), WEEKS[:1], NOW)
    parts = (
        shift("ada", "05T09", "07T09"),
        shift("grace", "07T09", "07T17", source="override"),
        shift("ada", "07T17", "12T09"),
    )
    cut = published(first, parts, LATER)
    assert told(cut) == ["05 09 > 07 09 ada #1", "07 09 > 07 17 grace #0", "07 17 > 12 09 ada #0"]
    assert cut[0].uid == first[0].uid
    back = published(cut, WEEKS[:1], LATER)
    assert told(back) == ["05 09 > 12 09 ada #2", "07 09 > 07 17 grace #1 gone", "07 17 > 12 09 ada #1 gone"]


def test_what_is_gone_is_told_for_a_while() -> None:
    """A shift that is no more is cancelled once, and forgotten after sixty days."""
    first = published((), WEEKS, NOW)
    gone = published(first, WEEKS[1:], LATER)
    assert told(gone)[0] == "05 09 > 12 09 ada #1 gone"
    assert published(gone, WEEKS[1:], LATER + timedelta(days=3)) == gone
    assert published(gone, (), LATER + KEPT)[:1] != gone[:1]
    assert not [one for one in published(gone, WEEKS[1:], LATER + KEPT) if one.cancelled_at]


def test_what_comes_back_is_the_same_event() -> None:
    """Cancelled and then on again: no program shows it twice, and none takes the old word for the newer one."""
    gone = published(published((), WEEKS, NOW), WEEKS[1:], LATER)
    back = published(gone, WEEKS, LATER + timedelta(hours=1))
    assert told(back)[0] == "05 09 > 12 09 ada #2"
    assert back[0].uid == gone[0].uid


def test_a_moved_event_leaves_its_name_to_nobody() -> None:
    """A new shift that is just what a moved one was at first gets a name of its own."""
    first = published((), WEEKS[:1], NOW)
    moved = published(first, (shift("ada", "05T10", "12T10"),), LATER)
    both = published(moved, (shift("ada", "05T10", "12T10"), shift("ada", "05T09", "05T10")), LATER)
    assert len({one.uid for one in both}) == 2


def test_what_is_over_leaves_without_a_word() -> None:
    """When the window has moved on, a shift that has been served is not cancelled."""
    first = published((), WEEKS, NOW)
    assert published(first, WEEKS[1:], at("2026-02-15T00:00")) == first[1:]


def test_whole_shifts_are_told() -> None:
    """A shift that reaches out of the sight is told from its beginning to its end, whenever one looks."""
    whole = rota(minimal()).shifts(minimal().name, Span(at("2025-06-01T00:00"), at("2027-06-01T00:00"))).shifts
    before: tuple[Published, ...] = ()
    for day in range(0, 60, 3):
        now = at("2026-02-10T11:11") + timedelta(days=day)
        window = rendered_for(seen(now))
        planned = in_sight(((NAME, one) for one in rota(minimal()).shifts(minimal().name, window).shifts), seen(now))
        before = published(before, planned, now)
        assert {one.span for one in before} <= {one.span for one in whole}
        assert {one.sequence for one in before} == {0}
    assert before[0].span.start < seen(now).start < before[0].span.end


def test_a_shift_without_end_changes_once_a_month() -> None:
    """What is so long that it is cut all the same is cut where months begin."""
    cuts = {rendered_for(seen(at("2026-05-04T00:00") + timedelta(days=day, hours=day % 24))) for day in range(59)}
    assert len(cuts) <= 5
    for cut in cuts:
        assert (cut.start.day, cut.end.day, cut.start.hour, cut.end.hour) == (1, 1, 0, 0)


plans = st.lists(
    st.builds(
        lambda who, start, length: (
            NAME,
            Shift(
                span=Span(NOW + timedelta(hours=start), NOW + timedelta(hours=start + length)),
                people=people(who),
                source="weekly",
            ),
        ),
        st.sampled_from(["ada", "grace"]),
        st.integers(-40, 40),
        st.integers(1, 30),
    ),
    max_size=6,
    unique_by=lambda planned: (planned[1].span, planned[1].people),
)


@given(edits=st.lists(st.tuples(plans, st.integers(0, 100)), min_size=1, max_size=5))
def test_a_program_that_follows_knows_the_truth(edits: list[tuple[list[Planned], int]]) -> None:
    """Whatever is edited: what takes place is exactly the plan, a name is never given twice, numbers only grow."""
    before: tuple[Published, ...] = ()
    now: Instant = NOW
    for plan, hours in edits:
        now += timedelta(hours=hours)
        after = published(before, plan, now)
        on = [one for one in after if one.cancelled_at is None]
        assert sorted((one.span, one.people) for one in on) == sorted((one.span, one.people) for _, one in plan)
        assert len({one.uid for one in after}) == len(after)
        numbers = {one.uid: one for one in before}
        for one in after:
            known = numbers.get(one.uid)
            if known is not None:
                assert one == known or one.sequence == known.sequence + 1
        before = after
