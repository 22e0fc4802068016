"""iCalendar text (RFC 5545) -> appointments: repetitions, exceptions and moved ones told one by one.

The repetitions themselves are worked out by kept libraries. What comes from outside is bounded: its size, how often
anything may repeat, how many entries a window may have, and how long all that may take.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from itertools import count
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
#: Of a title, and of those who take part, so much is kept: with every repetition anew.
_LONGEST_SUMMARY, _MOST_ATTENDEES = 500, 200
#: So much of a processor is spent on one text; looked at after so many calls.
_PATIENCE_SECONDS, _CALLS = 5.0, 1_000
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
    with _patience():
        return _read(text, window, zone)


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    """Ends what takes too long: some rules have the libraries look until the year 9999 for a day that never comes.

    A thread cannot be ended from outside; it is looked at whenever it calls something.
    """
    ends, calls = time.thread_time() + _PATIENCE_SECONDS, count(1)

    def look(*_: object) -> None:
        if next(calls) % _CALLS == 0 and time.thread_time() > ends:
            raise Refused("the calendar takes too long to read", hint="rules that repeat seldom, and not for centuries")

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(before)


def _read(text: str, window: Span, zone: ZoneInfo | None) -> Contents:
    try:
        calendar = icalendar.Calendar.from_ical(text)
        _refuse_too_often(calendar)
        own = _own_zone(calendar)
        reader = _Reader(zone or own, window)
        entries = recurring_ical_events.of(calendar).between(window.start - _DAY, window.end + _DAY)
        found = tuple(reader.appointments(entries))
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

    def appointments(self, entries: Sequence[Any]) -> Iterator[Appointment]:
        """Those that touch the window."""
        if len(entries) >= _MOST:
            raise Refused(f"the calendar has more than {_MOST:,} entries in a year")
        for entry in entries:
            span = self._span(entry)
            if str(entry.get("STATUS", "")).upper() != "CANCELLED" and span.clipped(self._window) is not None:
                yield Appointment(
                    span=span,
                    summary=str(entry.get("SUMMARY", "")).strip()[:_LONGEST_SUMMARY],
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
            return instant_of(datetime.combine(at, clock_time()), self._zone)
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
    return tuple(dict.fromkeys(text.lower().removeprefix("mailto:").strip() for text in texts[:_MOST_ATTENDEES]))


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
