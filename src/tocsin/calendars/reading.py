"""iCalendar text (RFC 5545) -> appointments: repetitions, exceptions and moved ones told one by one.

The repetitions themselves are worked out by kept libraries. What comes from outside is bounded: its size, how often
anything may repeat, and how many entries a window may have.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from tocsin.core.appointments import Appointment
from tocsin.core.errors import Refused
from tocsin.core.schedules.wallclock import instant_of
from tocsin.core.vocabulary import Instant, Span
from tocsin.ports.feeds import Contents

#: A text of more bytes is not read.
LARGEST = 5_000_000
#: A window with more entries is no calendar of people.
_MOST = 3_000
#: How often a calendar may be asked, whatever it says of itself.
_OFTENEST, _RAREST = timedelta(minutes=5), timedelta(hours=24)
_TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY"})
#: What other programs write beside an entry in which somebody can be reached after all.
_FREE = frozenset({"FREE", "WORKINGELSEWHERE", "TENTATIVE"})
#: What the libraries raise at text that is not what it should be.
_MALFORMED = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
_DAY = timedelta(days=1)


def read(text: str, *, window: Span, zone: ZoneInfo | None) -> Contents:
    """Everything that touches the window. `zone`: of whole days and of times that have none; None: the calendar's own.

    Raises:
        Refused: it is no calendar, or says what cannot be.
    """
    if len(text) > LARGEST:
        raise Refused(f"the calendar is larger than {LARGEST:,} characters")
    try:
        calendar = icalendar.Calendar.from_ical(text)
        _refuse_too_often(calendar)
        own = _own_zone(calendar)
        reader = _Reader(zone or own, window)
        entries = recurring_ical_events.of(calendar).after(window.start - _DAY)
        found = tuple(reader.appointments(islice(entries, _MOST)))
    except Refused:
        raise
    except _MALFORMED as error:
        raise Refused(f"the calendar cannot be read: {type(error).__name__}: {error}"[:300]) from error
    return Contents(
        appointments=tuple(sorted(found, key=lambda one: (one.span, one.summary))), refresh=_refresh(calendar)
    )


class _Reader:
    """Reads the entries of one calendar."""

    def __init__(self, zone: ZoneInfo, window: Span) -> None:
        self._zone = zone
        self._window = window

    def appointments(self, entries: Iterator[Any]) -> Iterator[Appointment]:
        """Those that touch the window, from entries in order of their beginning."""
        for number, entry in enumerate(entries, start=1):
            if number == _MOST:
                raise Refused(f"the calendar has more than {_MOST:,} entries in a year")
            span = self._span(entry)
            if span.start >= self._window.end + _DAY:
                return
            if str(entry.get("STATUS", "")).upper() != "CANCELLED" and span.clipped(self._window) is not None:
                yield Appointment(
                    span=span,
                    summary=str(entry.get("SUMMARY", "")).strip(),
                    addresses=_addresses(entry),
                    busy=_busy(entry),
                )

    def _span(self, entry: Any) -> Span:
        """From the beginning to the end; a whole day is the zone's day, and what has no end has no length."""
        begins = entry["DTSTART"].dt
        if "DTEND" in entry:
            ends = entry["DTEND"].dt
        else:
            usual = timedelta() if isinstance(begins, datetime) else _DAY
            ends = begins + (entry["DURATION"].dt if "DURATION" in entry else usual)
        return Span(self._instant(begins), self._instant(ends))

    def _instant(self, at: date) -> Instant:
        if not isinstance(at, datetime):
            return instant_of(datetime.combine(at, time()), self._zone)
        return at.astimezone(UTC) if at.tzinfo is not None else instant_of(at, self._zone)


def _refuse_too_often(calendar: Any) -> None:
    for event in calendar.walk("VEVENT"):
        rules = event.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            often = {str(each).upper() for each in rule.get("FREQ", [])}
            if often & _TOO_OFTEN or {"BYSECOND", "BYMINUTE"} & set(rule):
                raise Refused(f"{event.get('SUMMARY', 'an entry')!s:.60} repeats too often", hint="at most every hour")


def _own_zone(calendar: Any) -> ZoneInfo:
    """The zone that the calendar names for itself; one that nobody knows is taken out: the libraries choke on it."""
    try:
        return ZoneInfo(str(calendar.get("X-WR-TIMEZONE", "UTC")).strip())
    except (KeyError, ValueError, OSError):
        del calendar["X-WR-TIMEZONE"]
        return ZoneInfo("UTC")


def _addresses(entry: Any) -> tuple[str, ...]:
    """Of the attendees; without any, of the organizer."""
    attendees = entry.get("ATTENDEE", [])
    everybody = attendees if isinstance(attendees, list) else [attendees]
    texts = [str(one) for one in everybody] or [str(entry["ORGANIZER"])] if "ORGANIZER" in entry or everybody else []
    return tuple(dict.fromkeys(text.lower().removeprefix("mailto:").strip() for text in texts))


def _busy(entry: Any) -> bool:
    status = str(entry.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()
    return str(entry.get("TRANSP", "OPAQUE")).upper() != "TRANSPARENT" and status not in _FREE


def _refresh(calendar: Any) -> timedelta | None:
    for name in ("REFRESH-INTERVAL", "X-PUBLISHED-TTL"):
        if name not in calendar:
            continue
        with contextlib.suppress(ValueError):
            written = calendar[name].to_ical().decode()
            length: timedelta = icalendar.prop.vDuration.from_ical(written)  # type: ignore[no-untyped-call]
            return min(max(length, _OFTENEST), _RAREST)
    return None
