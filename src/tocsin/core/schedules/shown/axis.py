"""What stands above and across the lines of a picture: hours, days, months, and now."""

from __future__ import annotations

from datetime import timedelta
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from tocsin.core.schedules.shown.drawing import add, text_width
from tocsin.core.schedules.shown.scale import Line, days, hours
from tocsin.core.schedules.shown.words import MONTHS, WEEKDAYS, day_name
from tocsin.core.schedules.wallclock import local_of
from tocsin.core.vocabulary import Instant, Span

_SIZE, _NOW_SIZE = 12.0, 11.0
#: From how many pixels a day on there is room for a number, for a weekday with it, for its hours.
_FOR_NUMBERS, _FOR_WEEKDAYS, _FOR_HOURS = 19.0, 46.0, 190.0
#: From how many pixels a day on every third hour is named, else every sixth.
_FOR_THIRD_HOURS = 360.0


def draw_axis(root: Element, line: Line, top: float, zone: ZoneInfo) -> float:
    """Words above the first line; where the lines may begin."""
    upper, lower = top + 12, top + 30
    if line.month is not None:
        for number in range(1, 32, 1 if line.day_width >= _FOR_NUMBERS else 5):
            _write(root, f"{number}", (line.left + (number - 0.5) * line.day_width, upper), middle=True)
        return upper + 8
    if line.day_width >= _FOR_HOURS:
        for day, seen in days(line.span, zone):
            _write_within(root, line, seen, upper, (day_name(day), f"{WEEKDAYS[day.weekday()]} {day.day}"), strong=True)
        for local, at in hours(line.span, zone, every=3 if line.day_width >= _FOR_THIRD_HOURS else 6):
            _write(root, f"{local:%H:%M}", (line.x(at) + 4, lower))
        return lower + 8
    _draw_months(root, line, upper, zone)
    _draw_days(root, line, lower, zone)
    return lower + 8


def draw_now(root: Element, line: Line, now: Instant, across: tuple[float, float], zone: ZoneInfo) -> None:
    """A line through all bands, with the time below it."""
    top, bottom = across
    x = line.x(now)
    group = add(root, "g")
    add(group, "rect", class_="now", x=x - 1.25, y=top - 4, width=2.5, height=bottom - top + 8, rx=1.25)
    local = local_of(now, zone)
    text = f"now, {WEEKDAYS[local.weekday()]} {local:%H:%M}"
    half = text_width(text, _NOW_SIZE) / 2
    middle = max(line.left + half, min(x, line.left + line.width - half))
    add(group, "text", text, class_="now-text", x=middle, y=bottom + 16, text_anchor="middle")


def _draw_months(root: Element, line: Line, y: float, zone: ZoneInfo) -> None:
    """A month is named where it begins, in short where it is short."""
    seen: dict[tuple[int, int], Span] = {}
    for day, part in days(line.span, zone):
        before = seen.get((day.year, day.month), part)
        seen[day.year, day.month] = Span(before.start, part.end)
    for (year, month), part in seen.items():
        name = MONTHS[month - 1]
        _write_within(root, line, part, y, (f"{name} {year}", name, name[:3]), strong=True)


def _draw_days(root: Element, line: Line, y: float, zone: ZoneInfo) -> None:
    for day, seen in days(line.span, zone):
        starts_week = day.weekday() == 0
        if line.day_width >= _FOR_WEEKDAYS:
            _write_within(root, line, seen, y, (f"{WEEKDAYS[day.weekday()]} {day.day}",), strong=starts_week)
        elif line.day_width >= _FOR_NUMBERS:
            _write_within(root, line, seen, y, (f"{day.day}",), strong=starts_week)
        elif starts_week:
            week = Span(seen.start, seen.start + timedelta(days=7))
            _write_within(root, line, week.clipped(line.span) or seen, y, (f"{day.day}",), strong=True)


def _write_within(
    root: Element, line: Line, part: Span, y: float, words: tuple[str, ...], *, strong: bool = False
) -> None:
    """The first of some words that fits into a part of the line, where the part begins."""
    left, right = line.x(part.start), line.x(part.end)
    for word in words:
        if text_width(word, _SIZE) <= right - left - 3:
            _write(root, word, (left + 4, y), strong=strong)
            return


def _write(root: Element, text: str, place: tuple[float, float], *, strong: bool = False, middle: bool = False) -> None:
    told: dict[str, str] = {"class_": "strong"} if strong else {}
    if middle:
        told["text_anchor"] = "middle"
    add(root, "text", text, x=place[0], y=place[1], **told)
