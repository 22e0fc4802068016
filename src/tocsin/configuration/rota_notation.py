"""How schedules write their values: turns, lengths, times of the week, days, regions. Rules as in `notation.py`."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, TypeAlias

from tocsin.configuration import notation
from tocsin.configuration.mistakes import quoted
from tocsin.configuration.notation import Notation
from tocsin.configuration.public_holidays import EXAMPLE as REGION_EXAMPLE
from tocsin.configuration.public_holidays import region
from tocsin.core.errors import Refused
from tocsin.core.schedules import Turn, Unit, Weekday

_TURN = re.compile(r"(\d{1,6}) ?(hour|day|week|month)s?", re.ASCII)
_BEHIND = re.compile(r"([-+]?\d{1,3}) ?turns?", re.ASCII)
_WEEK_TIME = re.compile(rf"({'|'.join(Weekday)}) +(\S+)")
_WORDS = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


class WeekTime(NamedTuple):
    """A weekday and a time of day on the wall, in the order of a week that begins on Monday at midnight."""

    #: 0 is Monday.
    day: int
    at: time

    @property
    def weekday(self) -> Weekday:
        """The day by its name."""
        return tuple(Weekday)[self.day]

    @property
    def since_monday(self) -> timedelta:
        """How long after the beginning of the week, on the wall clock."""
        return timedelta(days=self.day, hours=self.at.hour, minutes=self.at.minute)


#: A whole day, or a moment: naive when it is meant on the clock of the place, aware and UTC when it has an offset.
Day: TypeAlias = date | datetime


def turn(text: str) -> Turn:
    """How long a participant serves."""
    found = _TURN.fullmatch(text.strip())
    if found is None or int(found[1]) == 0:
        raise Refused(f"{quoted(text)} is not a turn", hint=TURN.example)
    return Turn(count=int(found[1]), unit=Unit(f"{found[2]}s"))


def turn_text(every: Turn) -> str:
    """Like `1 week`, `2 days`."""
    return _counted(every.count, every.unit.value.removesuffix("s"))


def length(text: str) -> timedelta:
    """A length of time that is not zero: of one of several unequal turns, or before a shift."""
    try:
        return notation.positive_duration(text)
    except Refused as refusal:
        raise Refused(refusal.detail, hint=LENGTH.example) from None


def length_text(length: timedelta) -> str:
    """Like `3 days`, `4 days 8 hours`: in words, and in weeks where nothing is left over."""
    rest, parts = length // timedelta(seconds=1), []
    for word, seconds in _WORDS:
        if seconds == _WORDS[0][1] and rest % seconds:
            continue
        count, rest = divmod(rest, seconds)
        if count:
            parts.append(_counted(count, word))
    return " ".join(parts)


def behind(text: str) -> int:
    """How many turns one schedule is behind another; negative: before it."""
    found = _BEHIND.fullmatch(text.strip())
    if found is None:
        raise Refused(f"{quoted(text)} is not a number of turns", hint=BEHIND.example)
    return int(found[1])


def week_time(text: str) -> WeekTime:
    """A time of day on a weekday."""
    found = _WEEK_TIME.fullmatch(text.strip())
    if found is None:
        raise Refused(f"{quoted(text)} is not a weekday and a time of day", hint=WEEK_TIME.example)
    return WeekTime(day=tuple(Weekday).index(Weekday(found[1])), at=notation.clock(found[2]))


def day(text: str) -> date:
    """A day of the calendar."""
    try:
        read = date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{quoted(text)} is not a date", hint=DAY.example) from None
    notation.refuse_unknown_year(read, hint=DAY.example)
    return read


def day_or_moment(text: str) -> Day:
    """A whole day, or a moment when there is a time of day."""
    try:
        read = date.fromisoformat(text)
    except ValueError:
        return _moment(text)
    notation.refuse_unknown_year(read, hint=DAY_OR_MOMENT.example)
    return read


def day_or_moment_text(at: Day) -> str:
    """A day without, a moment with its time of day."""
    return notation.moment_text(at) if isinstance(at, datetime) else at.isoformat()


def _moment(text: str) -> datetime:
    try:
        return notation.moment(text)
    except Refused as refusal:
        raise Refused(refusal.detail, hint=DAY_OR_MOMENT.example) from None


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if abs(count) == 1 else 's'}"


TURN = Notation(what="a turn", example="like 1 week, 2 days, 8 hours, 1 month", parse=turn, write=turn_text)
LENGTH = Notation(what="a length", example="like 3 days, 4 days 8 hours", parse=length, write=length_text)
BEHIND = Notation(
    what="a number of turns", example="like 1 turn, -1 turn", parse=behind, write=lambda turns: _counted(turns, "turn")
)
WEEK_TIME = Notation(
    what="a weekday and a time of day",
    example='like "mon 09:00"',
    parse=week_time,
    write=lambda at: f"{at.weekday.value} {at.at:%H:%M}",
)
DAY = Notation(what="a date", example='like "2026-12-24"', parse=day, write=date.isoformat)
DAY_OR_MOMENT = Notation(
    what="a date, or a date and time",
    example=f'{DAY.example}, "2026-12-24T12:00"',
    parse=day_or_moment,
    write=day_or_moment_text,
)
REGION = Notation(what="a country or a part of one", example=REGION_EXAMPLE, parse=region, write=str)
