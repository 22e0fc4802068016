"""The oracle's clock: minutes as whole numbers, and the one thing it knows about zones, what a wall clock shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tocsin.core.schedules import Holidays, Restriction
from tocsin.core.vocabulary import Instant, utc

EPOCH = utc(2000, 1, 1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

#: A minute of the world's time, counted from the epoch.
Minute = int


def number(instant: Instant) -> Minute:
    """The minute of an instant, which must be a whole one."""
    minute, rest = divmod(instant - EPOCH, MINUTE)
    assert not rest, f"{instant} is not a whole minute"
    return minute


def instant(minute: Minute) -> Instant:
    """The beginning of a minute."""
    return EPOCH + minute * MINUTE


def shown(minute: Minute, zone: ZoneInfo) -> datetime:
    """What a clock on the wall shows. Two such times of one zone compare by just that."""
    return instant(minute).astimezone(zone)


@lru_cache(maxsize=300)
def showings(day: int, zone: ZoneInfo) -> tuple[datetime, ...]:
    """What the clock shows in each minute of a day of UTC."""
    return tuple(shown(minute, zone) for minute in range(day * 1440, (day + 1) * 1440))


@lru_cache(maxsize=20_000)
def comes(local: datetime, zone: ZoneInfo) -> Minute:
    """3.1: the first minute in which the clock shows the local time, or anything later."""
    wanted = local.replace(tzinfo=zone)
    day = (local.date() - EPOCH.date()).days - 1  # no zone is a whole day ahead of UTC
    while True:
        for minute, reading in enumerate(showings(day, zone), start=day * 1440):
            if reading >= wanted:
                return minute
        day += 1


@lru_cache(maxsize=100)
def opened(
    only: tuple[Restriction, ...], zone: ZoneInfo, holidays: Holidays, *, start: Minute, end: Minute
) -> frozenset[Minute]:
    """4.1: the minutes inside any of the windows."""
    return frozenset(
        minute
        for restriction in only
        for opens, closes in windows(restriction, zone, holidays, start=start, end=end)
        for minute in range(max(start, opens), min(end, closes))
    )


def windows(
    restriction: Restriction, zone: ZoneInfo, holidays: Holidays, *, start: Minute, end: Minute
) -> Iterator[tuple[Minute, Minute]]:
    """3.3: the windows that may touch the minutes; the longest lasts a week, and a day may be skipped on its way."""
    day = shown(start, zone).date() - 9 * DAY
    while day <= shown(end, zone).date() + 2 * DAY:
        if fulfils(day, restriction, holidays):
            begins = datetime.combine(day, restriction.begins)
            yield comes(begins, zone), comes(ends(begins, restriction), zone)
        day += DAY


def fulfils(day: date, restriction: Restriction, holidays: Holidays) -> bool:
    """4.2: everything that a restriction says of days."""
    on, off = restriction.on_holidays, restriction.except_holidays
    return (
        (not restriction.days or WEEKDAYS[day.weekday()] in restriction.days)
        and (restriction.first is None or restriction.first <= day)
        and (restriction.last is None or day <= restriction.last)
        and (on is None or day in holidays(on, day.year))
        and (off is None or day not in holidays(off, day.year))
    )


def ends(begins: datetime, restriction: Restriction) -> datetime:
    """4.3 and 4.4: the first such time after the beginning; with a weekday, the first on such a day."""
    day = begins.date()
    while datetime.combine(day, restriction.ends) <= begins or not _is(day, restriction.until):
        day += DAY
    return datetime.combine(day, restriction.ends)


def _is(day: date, weekday: str | None) -> bool:
    return weekday is None or WEEKDAYS[day.weekday()] == weekday
