"""Times that people type: a minute on their own wall clock, a day, or one of a few lengths to choose from.

A field shows whole minutes, while a shift may begin or end within one: whoever leaves a field as it was means the
very instant that it stood for (`meant`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from tocsin.core.errors import Refused
from tocsin.core.schedules.wallclock import instant_of
from tocsin.core.vocabulary import Instant, Span
from tocsin.web.pages.reader import Reader

#: Lengths to choose from, by what their buttons send.
LENGTHS: Mapping[str, timedelta] = {f"{hours}h": timedelta(hours=hours) for hours in (1, 2, 4, 8)}

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
#: Nobody means a year outside these; calendars end not far beyond.
_FIRST_YEAR, _LAST_YEAR = 1971, 2900


def typed(text: str, reader: Reader, *, field: str) -> Instant:
    """The instant of a field for date and time, by the viewer's clock.

    Raises:
        Refused: there is none in it.
    """
    return instant_of(_local(text, reader.t("wrong.time"), field=field), reader.zone)


def typed_day(day: str, clock: str, reader: Reader, *, field: str, is_end: bool) -> Instant:
    """The instant of a day and a time of day; without the time the day's beginning, or its end.

    Raises:
        Refused: one of them is none.
    """
    local = _local(f"{day}T{clock}" if clock else day, reader.t("wrong.day"), field=field)
    return instant_of(local + _DAY if is_end and not clock else local, reader.zone)


def as_typed(at: Instant, reader: Reader) -> str:
    """An instant as a field for date and time shows it."""
    return f"{at.astimezone(reader.zone):%Y-%m-%dT%H:%M}"


def meant(at: Instant, exactly: Iterable[Instant], reader: Reader) -> Instant:
    """What somebody means by a minute: one of these instants, where the field shows it as that minute."""
    shown = as_typed(at, reader)
    return next((one for one in exactly if as_typed(one, reader) == shown), at)


def whole_minute(at: Instant) -> Instant:
    """The instant, or the next full minute."""
    full = at.replace(second=0, microsecond=0)
    return at if at == full else full + _MINUTE


def ended(form: Mapping[str, str], begins: Instant, shift_ends: Instant | None, reader: Reader) -> Instant:
    """The end that somebody has chosen: after a length, with the shift, or at a time that they have typed.

    Raises:
        Refused: the time is none, or the shift has no end.
    """
    chosen = form.get("for", "")
    if chosen in LENGTHS:
        return whole_minute(begins + LENGTHS[chosen])
    if chosen == "shift":
        if shift_ends is None:
            raise Refused(reader.t("wrong.no_shift_end"), field="to")
        return shift_ends
    return typed(form.get("to", ""), reader, field="to")


def stretch(text: str) -> Span | None:
    """A stretch as the addresses of pages carry it: two instants with a slash between. None: it is none."""
    start, _, end = text.partition("/")
    try:
        span = Span(datetime.fromisoformat(start), datetime.fromisoformat(end))
    except ValueError:
        return None
    aware = span.start.tzinfo is not None and span.end.tzinfo is not None
    return span if aware and _FIRST_YEAR <= span.start.year <= span.end.year <= _LAST_YEAR else None


def stretch_text(span: Span) -> str:
    """The other way round."""
    return f"{span.start.isoformat()}/{span.end.isoformat()}".replace("+00:00", "Z")


def _local(text: str, otherwise: str, *, field: str) -> datetime:
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Refused(otherwise, field=field) from None
    if local.tzinfo is not None or not _FIRST_YEAR <= local.year <= _LAST_YEAR:
        raise Refused(otherwise, field=field)
    return local
