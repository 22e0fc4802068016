"""A rendered window as others read it: the contract's JSON shape, a table for a terminal, iCalendar text."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tocsin.core.schedules.schedule import Weekday
from tocsin.core.schedules.timeline import Rendered, Shift
from tocsin.core.schedules.wallclock import local_of
from tocsin.core.vocabulary import Instant, ScheduleName, Span

_HEADINGS = ("from", "to", "for", "who", "source")
_WEEKDAYS = tuple(day.value.capitalize() for day in Weekday)

#: RFC 5545, 3.1: a line has at most 75 octets, without its line break.
_LINE_OCTETS = 75

#: RFC 5545, 3.6 wants at least one component in a calendar; this one says nothing that is not true anyway.
_UTC_COMPONENT = (
    "BEGIN:VTIMEZONE",
    "TZID:UTC",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000",
    "END:STANDARD",
    "END:VTIMEZONE",
)


def as_document(schedule: ScheduleName, window: Span, rendered: Rendered) -> dict[str, Any]:
    """The shape of `/api/v1/schedules/{name}/shifts` and of `tocsin schedule render --format json`."""
    return {
        "schedule": schedule,
        "from": _rfc3339(window.start),
        "to": _rfc3339(window.end),
        "shifts": [
            {**_ends(shift.span), "people": list(shift.people), "source": shift.source} for shift in rendered.shifts
        ],
        "gaps": [_ends(gap) for gap in rendered.gaps],
    }


def as_text(schedule: ScheduleName, window: Span, rendered: Rendered, *, zone: ZoneInfo) -> str:
    """A table in the schedule's zone, in order of time, gaps as "nobody"; ends with a line break."""
    lines = [(shift.span, ", ".join(shift.people), shift.source) for shift in rendered.shifts]
    lines += [(gap, "nobody", "") for gap in rendered.gaps]
    rows = [
        (_local(span.start, zone), _local(span.end, zone), _length(span.end - span.start), who, source)
        for span, who, source in sorted(lines)
    ]
    title = f"{schedule}, {_local(window.start, zone)} to {_local(window.end, zone)}, {zone.key}"
    return "\n".join((title, "", *_table((_HEADINGS, *rows)))) + "\n"


def as_icalendar(schedule: ScheduleName, rendered: Rendered, *, stamp: Instant) -> str:
    """RFC 5545 text with one event a shift; `stamp` says when it was made (DTSTAMP).

    An event's UID is made from the schedule, the people, the source and the start, so it stays the same from one
    rendering to the next as long as the window does not cut the shift elsewhere.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Tocsin//Tocsin on call//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(schedule)}",
    ]
    for shift in rendered.shifts:
        lines += _event(schedule, shift, stamp)
    if not rendered.shifts:
        lines += _UTC_COMPONENT
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _ends(span: Span) -> dict[str, str]:
    return {"start": _rfc3339(span.start), "end": _rfc3339(span.end)}


def _rfc3339(instant: Instant) -> str:
    """In UTC with a Z, and a fraction only where there is one."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _local(instant: Instant, zone: ZoneInfo) -> str:
    """Weekday, date, time and offset: an hour that is shown twice can be told apart."""
    shown = local_of(instant, zone)
    offset = instant.astimezone(zone).isoformat().removeprefix(shown.isoformat())
    clock = shown.isoformat(sep=" ", timespec="seconds" if shown.second else "minutes")
    return f"{_WEEKDAYS[shown.weekday()]} {clock} {offset}"


def _length(length: timedelta) -> str:
    """Like `1d 12h 30m`, without what is zero; elapsed time, so a day with a clock change has 23 or 25 hours."""
    seconds = length // timedelta(seconds=1)
    amounts = ((seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    return " ".join(f"{amount}{unit}" for amount, unit in amounts if amount) or "0s"


def _table(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Left-aligned columns, two blanks apart."""
    rows = tuple(rows)
    widths = [max(map(_columns, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _columns(text: str) -> int:
    """How many columns a terminal gives it: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _event(schedule: ScheduleName, shift: Shift, stamp: Instant) -> Iterator[str]:
    who = ", ".join(shift.people)
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(schedule, shift)}"
    yield f"DTSTAMP:{_basic(stamp)}"
    yield f"DTSTART:{_basic(shift.span.start)}"
    yield f"DTEND:{_basic(shift.span.end)}"
    yield f"SUMMARY:{_escaped(f'{who} on call: {schedule}')}"
    yield f"DESCRIPTION:{_escaped(f'{schedule}, {shift.source}')}"
    yield "TRANSP:TRANSPARENT"  # being on call does not make a person busy
    yield "END:VEVENT"


def _uid(schedule: ScheduleName, shift: Shift) -> str:
    told = "\x1f".join((schedule, shift.source, _basic(shift.span.start), *shift.people))
    return f"{hashlib.sha256(told.encode()).hexdigest()[:32]}@tocsin"


def _basic(instant: Instant) -> str:
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    """RFC 5545, 3.3.11: text, without the control characters that it may not have."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(character for character in text if unicodedata.category(character) != "Cc")


def _folded(line: str) -> Iterator[str]:
    """The line in parts of at most 75 octets; later parts begin with a blank, and no character is cut in two."""
    part, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > _LINE_OCTETS:
            yield part
            part, octets = " ", 1
        part, octets = part + character, octets + size
    yield part
