"""When the silence of an integration is strange: against its own habit, calmly, and never too early."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.vocabulary import Instant, IntegrationName, utc
from tocsin.core.watch.inbound import HOUR, KNOWN_FOR, LEAST, TIMES, Hour, lull, lulls

NAME = IntegrationName("metrics")
#: A Monday.
START = utc(2026, 10, 26)


def steady(until: Instant, *, gap: timedelta, hours: range = range(24), weekends: bool = True) -> tuple[Hour, ...]:
    """A source that speaks each `gap` in these hours, up to an instant."""
    found: list[Hour] = []
    at = START
    while at < until:
        if at.hour in hours and (weekends or at.weekday() < 5):
            last = min(at + (HOUR - timedelta(seconds=1)) // gap * gap, until)
            found.append(Hour(starts_at=at, first_at=at, last_at=last, count=1 + (last - at) // gap, longest_gap=gap))
        at += HOUR
    return tuple(found)


def test_a_source_that_falls_silent_is_seen() -> None:
    """One that spoke every ten minutes for weeks is missed after fifty, and no sooner."""
    last = START + timedelta(days=21, hours=12, minutes=30)
    hours = steady(last, gap=timedelta(minutes=10))
    assert lull(NAME, hours, last + timedelta(minutes=50)) is None
    found = lull(NAME, hours, last + timedelta(minutes=51))
    assert found is not None
    assert (found.last_at, found.usual) == (last, timedelta(minutes=10))


def test_half_an_hour_is_never_strange() -> None:
    """However busy a source is, half an hour without it is no trouble."""
    hours = steady(START + timedelta(days=21, hours=12), gap=timedelta(seconds=10))
    last = hours[-1].last_at
    assert lull(NAME, hours, last + LEAST) is None
    assert lull(NAME, hours, last + LEAST + timedelta(minutes=1)) is not None


def test_nothing_is_said_in_the_first_two_weeks() -> None:
    """A habit takes two weeks."""
    last = START + KNOWN_FOR - timedelta(hours=4)
    hours = steady(last, gap=timedelta(minutes=5))
    assert lull(NAME, hours, last + timedelta(hours=3, minutes=59)) is None
    assert lull(NAME, hours, last + timedelta(hours=4, minutes=1)) is not None


def test_nights_and_weekends_off_are_a_habit() -> None:
    """A source of office hours is not missed at night, nor from Friday to Monday."""
    friday = START + timedelta(days=18, hours=17)
    hours = steady(friday, gap=timedelta(minutes=5), hours=range(8, 17), weekends=False)
    for later in range(1, 63):
        assert lull(NAME, hours, friday + timedelta(hours=later)) is None


def test_a_morning_on_which_it_does_not_wake_is_seen() -> None:
    """One that was silent at night as ever, and has let five of its hours pass, is missed."""
    friday = START + timedelta(days=18, hours=17)
    hours = steady(friday, gap=timedelta(minutes=5), hours=range(8, 17), weekends=False)
    monday = friday.replace(hour=8) + timedelta(days=3)
    assert lull(NAME, hours, monday + timedelta(hours=4, minutes=59)) is None
    assert lull(NAME, hours, monday + timedelta(hours=5)) is not None


def test_a_source_that_hardly_speaks_is_never_missed() -> None:
    """Without a habit there is nothing to hold the silence against."""
    moments = [START + timedelta(days=days) for days in (0, 6, 17)]
    hours = tuple(Hour(starts_at=at, first_at=at, last_at=at, count=1) for at in moments)
    assert lull(NAME, hours, moments[-1] + timedelta(days=2)) is None
    assert lull(NAME, (), START) is None


def test_only_what_is_watched_is_missed() -> None:
    """An integration that may fall silent is left alone, and one that never spoke, too."""
    last = START + timedelta(days=21)
    known = {NAME: steady(last, gap=timedelta(minutes=5)), IntegrationName("other"): ()}
    now = last + timedelta(hours=2)
    assert [one.integration for one in lulls(known, known, now)] == [NAME]
    assert lulls(known, [], now) == ()


@given(st.lists(st.integers(min_value=1, max_value=600), min_size=50, max_size=400), st.integers(1, 600))
def test_it_takes_more_than_was_ever_seen(gaps: list[int], silent: int) -> None:
    """Silence no longer than five times the longest there ever was, or than half an hour, is never strange."""
    at, moments = START, [START]
    for gap in gaps:
        at += timedelta(minutes=gap)
        moments.append(at)
    longest = max(gaps)
    found: dict[Instant, Hour] = {}
    for moment in moments:
        starts_at = moment.replace(minute=0)
        known = found.get(starts_at)
        if known is None:
            found[starts_at] = Hour(starts_at=starts_at, first_at=moment, last_at=moment, count=1)
        else:
            gap_now = max(known.longest_gap, moment - known.last_at)
            found[starts_at] = Hour(
                starts_at=starts_at, first_at=known.first_at, last_at=moment, count=known.count + 1, longest_gap=gap_now
            )
    now = at + timedelta(minutes=silent)
    if lull(NAME, tuple(found.values()), now) is not None:
        assert now - at > LEAST
        assert now - at > timedelta(minutes=longest) or silent >= TIMES * 60
