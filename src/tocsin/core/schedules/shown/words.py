"""Times, lengths and reasons in plain English, as a terminal and a picture say them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from tocsin.core.schedules.schedule import Weekday
from tocsin.core.schedules.timeline import NobodyReason
from tocsin.core.schedules.wallclock import local_of
from tocsin.core.vocabulary import Instant

#: Monday first.
WEEKDAYS = tuple(day.value.capitalize() for day in Weekday)
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

#: Why nobody is on call; each fits behind "nobody: " and into brackets.
REASONS: Mapping[NobodyReason, str] = {
    NobodyReason.NO_LAYER: "no layer covers it",
    NobodyReason.OVERRIDE_SAYS_NOBODY: "an override says so",
    NobodyReason.PARTICIPANT_IS_NOBODY: "the rotation has nobody in this turn",
    NobodyReason.EVERYBODY_IS_AWAY: "everybody is away",
    NobodyReason.ON_CALL_ELSEWHERE: "everybody who could serve is on call elsewhere",
}

_SECOND = timedelta(seconds=1)


def local_time(instant: Instant, zone: ZoneInfo) -> str:
    """Weekday, date, time and offset: an hour that is shown twice can be told apart."""
    shown = local_of(instant, zone)
    offset = instant.astimezone(zone).isoformat().removeprefix(shown.isoformat())
    clock = shown.isoformat(sep=" ", timespec="seconds" if shown.second else "minutes")
    return f"{WEEKDAYS[shown.weekday()]} {clock} {offset}"


def day_name(day: date) -> str:
    """Like `Mon 5 January 2026`."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def length_text(length: timedelta) -> str:
    """Like `1d 12h 30m`, without what is zero; elapsed time, so a day with a clock change has 23 or 25 hours."""
    seconds = length // _SECOND
    amounts = ((seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    return " ".join(f"{amount}{unit}" for amount, unit in amounts if amount) or "0s"


def rough_length(length: timedelta) -> str:
    """Like `3 d 5 h`, `5 h 20 min`, `40 s`: the two greatest units, what is smaller is left off."""
    seconds = length // _SECOND
    units = ((seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    first = next((place for place, (amount, _) in enumerate(units) if amount), 3)
    told = units[first : first + 2] if first < 2 else units[first : first + 1]
    return " ".join(f"{amount} {unit}" for amount, unit in told if amount) or "0 s"


def columns(text: str) -> int:
    """How many columns a terminal gives it: Chinese characters take two, combining marks none."""
    return sum(_columns_of(character) for character in text)


def cut(text: str, width: int) -> str:
    """As much of the text as fits into so many columns."""
    taken = 0
    for place, character in enumerate(text):
        taken += _columns_of(character)
        if taken > width:
            return text[:place]
    return text


def padded(text: str, width: int) -> str:
    """The text with blanks up to a width in columns."""
    return text + " " * (width - columns(text))


def _columns_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
