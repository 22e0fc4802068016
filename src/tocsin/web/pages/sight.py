"""Which days a page of schedules shows; its address says so, and those of its neighbours in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from tocsin.core.vocabulary import Instant
from tocsin.web.pages import band
from tocsin.web.pages.reader import Reader

#: Beyond these nobody looks, and calendars end.
_YEARS = range(1971, 2900)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Some days, from today on or from a day that was asked for."""

    ground: band.Ground
    days: int
    #: What may be chosen instead, in days.
    choices: Sequence[int]
    first: date
    #: The day that was asked for; empty: today.
    from_day: str

    @property
    def earlier(self) -> str:
        """The first day of as many days before these."""
        return (self.first - timedelta(days=self.days)).isoformat()

    @property
    def later(self) -> str:
        """The first day after these."""
        return (self.first + timedelta(days=self.days)).isoformat()


def sight_of(asked: Mapping[str, str], reader: Reader, *, choices: Sequence[int], usual: int) -> Sight:
    """What an address asks for: `days` (or, as older addresses have it, `weeks`) and `from`."""
    days = _number(asked.get("days", "")) or 7 * _number(asked.get("weeks", ""))
    days = days if days in choices else usual
    begins_at = _begins_at(asked.get("from", ""), reader)
    window = band.window_of(reader, days=days, begins_at=begins_at)
    return Sight(
        ground=band.ground(reader, window, desk=band.WHOLE),
        days=days,
        choices=choices,
        first=window.start.astimezone(reader.zone).date(),
        from_day=asked["from"] if begins_at is not None else "",
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _begins_at(asked: str, reader: Reader) -> Instant | None:
    """Noon of the day that is asked for, so that its date is the same whatever the clock does; None: today."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        return None
    if day.year not in _YEARS:
        return None
    return datetime.combine(day, time(12), tzinfo=reader.zone).astimezone(UTC)
