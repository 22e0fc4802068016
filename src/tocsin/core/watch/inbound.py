"""When silence is strange: an integration is compared with itself, at the same hour of the same kind of day.

A source that sends all day on weekdays may sleep at weekends and at night; a nightly job speaks once a day. So a
silence is strange in two ways. It lasts five times as long as the longest that began at such an hour in the weeks
before: about this hour, on a weekday or at a weekend. Or five hours have passed in which the source spoke nearly
every time: a morning on which it does not wake. It is never shorter than half an hour, and nothing is said of a source
that is known for less than two weeks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from tocsin.core.vocabulary import Instant, IntegrationName
from tocsin.core.watch.sighting import Lull

#: How far back habits are looked for, and how long a source must be known before it has any.
REMEMBERED = timedelta(weeks=4)
KNOWN_FOR = timedelta(weeks=2)
#: So many times the longest silence there was is strange, and never less than this.
TIMES = 5
LEAST = timedelta(minutes=30)
#: A source that spoke in fewer of the hours it is compared with has no habit there.
HOURS_NEEDED = 4
#: Hours of the day so far away count as the same kind of hour.
_NEAR = 1
#: An hour is a busy one where the source spoke in this share of its days, of so many days at least.
BUSY_SHARE, BUSY_DAYS = 0.9, 4
#: What is longer than this is not silence but another life: a source that is gone for good is told once.
LONGEST = timedelta(days=7)

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What came from an integration in one clock hour. Instants are UTC."""

    starts_at: Instant
    #: The first and the last event in it.
    first_at: Instant
    last_at: Instant
    count: int
    #: The longest time between two events in it.
    longest_gap: timedelta = timedelta(0)


def joined(one: Hour, other: Hour) -> Hour:
    """What was heard of one hour by two nodes, or one after the other."""
    earlier, later = sorted((one, other), key=lambda hour: hour.first_at)
    between = max(later.first_at - earlier.last_at, timedelta(0))
    return Hour(
        starts_at=one.starts_at,
        first_at=earlier.first_at,
        last_at=max(one.last_at, other.last_at),
        count=one.count + other.count,
        longest_gap=max(one.longest_gap, other.longest_gap, between),
    )


def lulls(
    known: Mapping[IntegrationName, Iterable[Hour]], watched: Iterable[IntegrationName], now: Instant
) -> tuple[Lull, ...]:
    """The integrations whose silence is strange, by name. `watched`: those for which it is worth a word."""
    found = (lull(name, tuple(known.get(name, ())), now) for name in sorted(watched))
    return tuple(one for one in found if one is not None)


def lull(integration: IntegrationName, hours: tuple[Hour, ...], now: Instant) -> Lull | None:
    """Whether an integration is silent against its habit. `hours`: those in which something came, in any order."""
    kept = sorted((hour for hour in hours if hour.starts_at >= now - REMEMBERED), key=lambda hour: hour.starts_at)
    if not kept or now - kept[0].first_at < KNOWN_FOR:
        return None
    last_at = kept[-1].last_at
    silent = now - last_at
    if not LEAST < silent < LONGEST:
        return None
    usual = _longest_before(kept, last_at)
    is_strange = usual is not None and silent > max(usual * TIMES, LEAST)
    if not is_strange and _busy_hours_missed(kept, last_at, now) < TIMES:
        return None
    return Lull(integration=integration, last_at=last_at, usual=usual or timedelta(0))


def _longest_before(hours: list[Hour], last_at: Instant) -> timedelta | None:
    """The longest silence that began in such an hour before; None: there were too few to know."""
    alike = 0
    longest = timedelta(0)
    for hour, following in pairwise(hours):
        if not _is_alike(hour.starts_at, last_at):
            continue
        alike += 1
        longest = max(longest, hour.longest_gap, following.first_at - hour.last_at)
    return longest if alike >= HOURS_NEEDED else None


def _busy_hours_missed(hours: list[Hour], last_at: Instant, now: Instant) -> int:
    """How many whole hours have passed since, in which the source spoke nearly every time."""
    spoke = Counter((_is_weekend(hour.starts_at), hour.starts_at.hour) for hour in hours)
    days = Counter(map(_is_weekend, _days(hours[0].starts_at, last_at)))
    return sum(
        days[_is_weekend(starts_at)] >= BUSY_DAYS
        and spoke[_is_weekend(starts_at), starts_at.hour] >= BUSY_SHARE * days[_is_weekend(starts_at)]
        for starts_at in _whole_hours(last_at, now)
    )


def _days(first: Instant, last: Instant) -> Iterator[Instant]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _whole_hours(since: Instant, until: Instant) -> Iterator[Instant]:
    """The clock hours that lie wholly between, by their beginnings."""
    at = since.replace(minute=0, second=0, microsecond=0) + HOUR
    while at + HOUR <= until:
        yield at
        at += HOUR


def _is_alike(one: Instant, other: Instant) -> bool:
    """The same kind of day and about the same hour, in UTC: a clock change moves it by one hour, which is near."""
    apart = abs(one.hour - other.hour)
    return min(apart, 24 - apart) <= _NEAR and _is_weekend(one) == _is_weekend(other)


def _is_weekend(instant: Instant) -> bool:
    return instant.weekday() >= 5
