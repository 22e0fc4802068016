"""Who is, was and will be on call: the record of duty where there is one, the rota elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from tocsin.core.directory import Directory
from tocsin.core.schedules import OnCall, Rendered
from tocsin.core.schedules.record import stitched, was_on_call
from tocsin.core.vocabulary import Instant, ScheduleName, Span
from tocsin.ports.duty import DutyBook

#: How far after an instant of the past the end of its shift is looked for in the record.
_SEARCH = timedelta(days=366)


async def on_call_at(
    book: DutyBook, directory: Directory, names: Sequence[ScheduleName], at: Instant
) -> Mapping[ScheduleName, OnCall]:
    """Who was on call at an instant of the past, or is or will be, by each of these schedules.

    Raises:
        KeyError: there is no schedule of one of the names.
        Refused: the instant lies outside the calendar.
    """
    rota = directory.rota
    found = {name: rota.on_call(name, at) for name in names}
    recorded = await book.duty_in(names, Span(at, at + _SEARCH))
    if recorded.until is not None:
        for name, entries in recorded.entries.items():
            ongoing = rota.on_call(name, recorded.until)
            found[name] = was_on_call(entries, ongoing, at, until=recorded.until) or found[name]
    return found


async def shifts_in(
    book: DutyBook, directory: Directory, names: Sequence[ScheduleName], window: Span
) -> Mapping[ScheduleName, Rendered]:
    """The shifts and vacancies of these schedules in a window, of which a part may have passed.

    Raises:
        KeyError: there is no schedule of one of the names.
        Refused: the window leaves the calendar.
    """
    computed = {name: directory.rota.shifts(name, window) for name in names}
    recorded = await book.duty_in(names, window)
    return {
        name: stitched(recorded.entries.get(name, ()), rendered, window, until=recorded.until)
        for name, rendered in computed.items()
    }
