"""A rendered window as a table for a terminal, in order of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from tocsin.core.schedules.shown.words import REASONS, columns, length_text, local_time, padded
from tocsin.core.schedules.timeline import Rendered
from tocsin.core.vocabulary import ScheduleName, Span

_HEADINGS = ("from", "to", "for", "who", "source")


def as_text(schedule: ScheduleName, window: Span, rendered: Rendered, *, zone: ZoneInfo) -> str:
    """A table in a zone, in order of time, gaps as "nobody" with their reason; ends with a line break."""
    lines = [(shift.span, ", ".join(shift.people), shift.source) for shift in rendered.shifts]
    lines += [(vacancy.span, "nobody", f"({REASONS[vacancy.reason]})") for vacancy in rendered.vacancies]
    rows = [(*times(span, zone), who, source) for span, who, source in sorted(lines)]
    title = f"{schedule}, {local_time(window.start, zone)} to {local_time(window.end, zone)}, {zone.key}"
    return "\n".join((title, "", *aligned((_HEADINGS, *rows)))) + "\n"


def times(span: Span, zone: ZoneInfo) -> tuple[str, str, str]:
    """The cells of a stretch of time: from, to, how long."""
    return local_time(span.start, zone), local_time(span.end, zone), length_text(span.end - span.start)


def aligned(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Left-aligned columns, two blanks apart."""
    rows = tuple(rows)
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
