"""The ground that a picture of schedules is drawn on: lines of time with their days, hours and nights.

A window of up to forty days is one line. A longer one is a line a month, all on the same scale, so that the days of
the months stand below each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tocsin.core.schedules.wallclock import instant_of, local_of
from tocsin.core.vocabulary import Instant, Span

#: From when to when it is night, on the clock on the wall.
DUSK, DAWN = time(22), time(6)

_DAY = timedelta(days=1)
_ONE_LINE = timedelta(days=40)
_LONGEST_MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A stretch of time drawn from left to right."""

    #: What is shown.
    span: Span
    #: What the whole width stands for.
    scale: Span
    left: float
    width: float
    #: The month that it shows; None: it is the only line.
    month: date | None = None

    def x(self, instant: Instant) -> float:
        """Where an instant is."""
        return self.left + self.width * ((instant - self.scale.start) / (self.scale.end - self.scale.start))

    @property
    def day_width(self) -> float:
        """How many pixels a day has."""
        return self.width * (_DAY / (self.scale.end - self.scale.start))


def lines(window: Span, zone: ZoneInfo, *, left: float, width: float) -> tuple[Line, ...]:
    """The lines of a window, in order of time; an empty window has none."""
    if window.end <= window.start:
        return ()
    if window.end - window.start <= _ONE_LINE:
        return (Line(span=window, scale=window, left=left, width=width),)
    return tuple(_months(window, zone, left=left, width=width))


def _months(window: Span, zone: ZoneInfo, *, left: float, width: float) -> Iterator[Line]:
    first = local_of(window.start, zone).date().replace(day=1)
    while (start := midnight(first, zone)) < window.end:
        following = (first + _LONGEST_MONTH + _DAY).replace(day=1)
        span = Span(start, midnight(following, zone)).clipped(window)
        if span is not None:
            scale = Span(start, start + _LONGEST_MONTH)
            yield Line(span=span, scale=scale, left=left, width=width, month=first)
        first = following


def midnight(day: date, zone: ZoneInfo) -> Instant:
    """The instant at which a day begins."""
    return instant_of(datetime.combine(day, time()), zone)


def days(span: Span, zone: ZoneInfo) -> Iterator[tuple[date, Span]]:
    """Every day that lies at least in part within a span, with that part."""
    day = local_of(span.start, zone).date()
    while (start := midnight(day, zone)) < span.end:
        seen = Span(start, midnight(day + _DAY, zone)).clipped(span)
        if seen is not None:
            yield day, seen
        day += _DAY


def hours(span: Span, zone: ZoneInfo, *, every: int) -> Iterator[tuple[datetime, Instant]]:
    """Every so many hours of the clock within a span: what it shows, and when."""
    day = local_of(span.start, zone).date()
    while midnight(day, zone) < span.end:
        for hour in range(0, 24, every):
            local = datetime.combine(day, time(hour))
            if (at := instant_of(local, zone)) in span:
                yield local, at
        day += _DAY


def nights(span: Span, zone: ZoneInfo) -> Iterator[Span]:
    """Where it is night, clipped to a span."""
    day = local_of(span.start, zone).date() - _DAY
    while (dusk := instant_of(datetime.combine(day, DUSK), zone)) < span.end:
        dawn = instant_of(datetime.combine(day + _DAY, DAWN), zone)
        night = Span(dusk, dawn).clipped(span) if dusk < dawn else None
        if night is not None:
            yield night
        day += _DAY
