"""Schedules drawn with characters, 79 columns wide: a day is a row of its hours, in longer windows a week is.

Rows go by the clock on the wall. An hour that is skipped belongs to whoever serves after it; of an hour that comes
twice both showings lie in its last cell, and the row says how long its day is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from tocsin.core.schedules.shown.strip import Stretch, Strip, vacant
from tocsin.core.schedules.shown.words import MONTHS, REASONS, WEEKDAYS, columns, cut, length_text
from tocsin.core.schedules.wallclock import instant_of, local_of
from tocsin.core.vocabulary import Instant, Span

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
#: From this length on a row is a week.
_LONG = timedelta(days=35)
#: What stands left of a row.
_MARGIN = 7

_SHIFT, _OVERRIDE, _GAP, _NOW = "─", "═", "░", "▲"
#: Where a stretch begins.
_HANDOFF, _TAKEN = "│", "║"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ruling:
    """How rows are ruled."""

    days: int
    cells: int
    #: What stands above them, each in a field of equal width.
    hours: tuple[str, ...]


_BY_DAY = _Ruling(days=1, cells=72, hours=tuple(f"{hour:02}" for hour in range(0, 24, 3)))
_BY_WEEK = _Ruling(days=7, cells=70, hours=WEEKDAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One day or week: the instants at which its cells begin, and the one at which the last of them ends."""

    first: date
    begins: tuple[Instant, ...]

    @property
    def span(self) -> Span:
        return Span(self.begins[0], self.begins[-1])

    def cell(self, instant: Instant) -> int:
        """The cell that an instant lies in; of several that begin with it, the first."""
        place = bisect_left(self.begins, instant)
        return place if self.begins[place] == instant else place - 1


def as_timeline(strips: Sequence[Strip], window: Span, *, zone: ZoneInfo, now: Instant | None = None) -> str:
    """Schedules one below the other, in one zone; ends with a line break. An empty window has no rows."""
    ruling = _BY_WEEK if window.end - window.start > _LONG else _BY_DAY
    lines = tuple(_lines(ruling, window, zone))
    parts = []
    for strip in strips:
        parts += [_title(strip, window, zone), "", *_rows(strip, lines, ruling, zone, now), *_vacancies(strip), ""]
    return "\n".join((*parts, _legend(strips, now if now is not None and now in window else None))) + "\n"


def _lines(ruling: _Ruling, window: Span, zone: ZoneInfo) -> Iterator[_Line]:
    first = local_of(window.start, zone).date()
    if ruling is _BY_WEEK:
        first -= first.weekday() * _DAY
    step = ruling.days * _DAY
    while True:
        midnight = datetime.combine(first, time())
        begins = tuple(instant_of(midnight + step * cell / ruling.cells, zone) for cell in range(ruling.cells + 1))
        if begins[0] >= window.end:
            return
        if begins[0] < begins[-1]:  # else the zone has skipped this day
            yield _Line(first=first, begins=begins)
        first += step


def _title(strip: Strip, window: Span, zone: ZoneInfo) -> str:
    start, end = (local_of(edge, zone) for edge in (window.start, window.end))
    said = [f"{WEEKDAYS[edge.weekday()]} {edge.isoformat(sep=' ', timespec='minutes')}" for edge in (start, end)]
    return f"{strip.schedule}, {said[0]} to {said[1]}, {zone.key}"


def _rows(strip: Strip, lines: Sequence[_Line], ruling: _Ruling, zone: ZoneInfo, now: Instant | None) -> Iterator[str]:
    above, room = "", ruling.cells // len(ruling.hours)
    for line in lines:
        heading = _heading(line, ruling)
        if heading != above:
            yield heading
            yield " " * _MARGIN + "".join(hour.ljust(room) for hour in ruling.hours).rstrip()
        above = heading
        yield (_label(line, ruling).ljust(_MARGIN) + _drawn(strip, line)).rstrip()
        if now is not None and now in line.span:
            yield " " * _MARGIN + _now_mark(line.cell(now), local_of(now, zone), ruling)
        hours = (line.span.end - line.span.start) / timedelta(hours=1)
        if ruling is _BY_DAY and hours != 24:
            yield " " * _MARGIN + f"(a day of {hours:g} hours: the clocks change)"


def _heading(line: _Line, ruling: _Ruling) -> str:
    """What a row's label leaves out."""
    return f"{line.first.year}" if ruling is _BY_WEEK else f"{MONTHS[line.first.month - 1]} {line.first.year}"


def _label(line: _Line, ruling: _Ruling) -> str:
    if ruling is _BY_WEEK:
        return f"{line.first.day:2} {MONTHS[line.first.month - 1][:3]}"
    return f"{WEEKDAYS[line.first.weekday()]} {line.first.day:2}"


def _drawn(strip: Strip, line: _Line) -> str:
    """The cells of a line. One in which several stretches begin belongs to the last of them."""
    count = len(line.begins) - 1
    owners: list[Stretch | None] = [None] * count
    for stretch in strip.within(line.span):
        first = max(0, line.cell(max(stretch.span.start, line.span.start)))
        last = count if stretch.span.end >= line.span.end else bisect_left(line.begins, stretch.span.end)
        owners[first:last] = [stretch] * (last - first)
    runs = ((stretch, len(list(cells))) for stretch, cells in groupby(owners))
    begin = strip.stretches[0].span.start if strip.stretches else None
    return "".join(_run(stretch, room, line, begin) for stretch, room in runs)


def _run(stretch: Stretch | None, room: int, line: _Line, begin: Instant | None) -> str:
    """One stretch in one line: a bar where it begins, its people, and the line that goes on to its end."""
    if stretch is None:
        return " " * room
    filling = _GAP if not stretch.people else _OVERRIDE if stretch.is_override else _SHIFT
    starts_here = stretch.span.start >= line.span.start and stretch.span.start != begin
    mark = "" if not starts_here else _TAKEN if stretch.is_override else _HANDOFF
    text = mark + cut("+".join(stretch.people) or "nobody", room - len(mark))
    return text + filling * (room - columns(text))


def _now_mark(cell: int, local: datetime, ruling: _Ruling) -> str:
    day = f"{WEEKDAYS[local.weekday()]} " if ruling is _BY_WEEK else ""
    text = f"now, {day}{local:%H:%M}"
    if cell + len(text) + 2 <= ruling.cells:
        return f"{' ' * cell}{_NOW} {text}"
    return f"{text} {_NOW}".rjust(cell + 1)


def _vacancies(strip: Strip) -> Iterator[str]:
    for reason, length in vacant((strip,)).items():
        yield f"nobody for {length_text(length)}: {REASONS[reason]}"


def _legend(strips: Sequence[Strip], now: Instant | None) -> str:
    """What the characters mean, as far as they are there."""
    seen = [one for strip in strips for one in strip.stretches]
    signs = (
        (any(one.people and not one.is_override for one in seen), f"{_SHIFT} on call"),
        (any(one.people and one.is_override for one in seen), f"{_TAKEN}{_OVERRIDE} override"),
        (any(not one.people for one in seen), f"{_GAP} nobody"),
        (len(seen) > len(strips), f"{_HANDOFF} handoff"),
        (now is not None, f"{_NOW} now"),
    )
    return "   ".join(text for there, text in signs if there)
