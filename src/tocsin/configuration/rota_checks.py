"""What is wrong with written schedules, overrides and absences: by their notation, then by what the core refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from tocsin.configuration import forms, notation, rota_forms, rota_notation
from tocsin.configuration.circumstances import span_of
from tocsin.configuration.public_holidays import public_holidays
from tocsin.configuration.rota import kept_override, schedule
from tocsin.configuration.rota_notation import WeekTime
from tocsin.core import schedules
from tocsin.core.errors import Refused
from tocsin.core.schedules import Problem, Region, Schedule, Weekday
from tocsin.core.vocabulary import ScheduleName

#: Every holiday has fallen on each weekday on which it ever will: a round of the calendar.
_LONG = timedelta(days=28 * 365)
_MANY_YEARS = date(2007, 1, 1), date(2034, 12, 31)


def schedule_problems(written: rota_forms.Schedule) -> tuple[Problem, ...]:
    """Everything that is wrong with a schedule on its own; the core is asked about one that can be read."""
    layers = [(f"layers[{number}]", layer) for number, layer in enumerate(written.layers)]
    for number, change in enumerate(written.changes):
        layers += [(f"changes[{number}].layers[{place}]", layer) for place, layer in enumerate(change.layers)]
    found = tuple(problem for path, layer in layers for problem in _layer_problems(layer, path))
    return found or schedules.check(schedule(written))


def override_problems(written: rota_forms.KeptOverride, zone: ZoneInfo) -> Iterator[Problem]:
    """What is wrong with an override that is kept apart from its schedule: what would be wrong with it inside."""
    override = kept_override(written, zone).override
    alone = Schedule(name=ScheduleName(written.schedule), time_zone=zone, layers=(), overrides=(override,))
    inside = "overrides[0]."
    for problem in schedules.check(alone):
        if problem.path.startswith(inside):
            yield replace(problem, path=problem.path.removeprefix(inside))


def absence_problems(
    written: forms.Absence | rota_forms.KeptAbsence, zone: ZoneInfo, *, path: str = ""
) -> Iterator[Problem]:
    """What is wrong with an absence of a person who lives in `zone`."""
    try:
        span_of(written, zone)
    except Refused as refusal:
        yield Problem(path=f"{path}{refusal.field}", detail=refusal.detail, hint=refusal.hint or "")


def _layer_problems(layer: rota_forms.Layer, path: str) -> Iterator[Problem]:
    if layer.rotation is not None and layer.rotation.change_at is not None:
        times = tuple(map(rota_notation.week_time, layer.rotation.change_at))
        yield from _change_problems(times, layer.rotation.from_, f"{path}.rotation")
    for number, restriction in enumerate(layer.only):
        yield from _restriction_problems(restriction, f"{path}.only[{number}]")


def _change_problems(times: tuple[WeekTime, ...], begins: str, path: str) -> Iterator[Problem]:
    if len(times) == 1:
        detail = "one time a week needs no list"
        yield Problem(path=f"{path}.change_at", detail=detail, hint="every: 1 week, or a second time")
        return
    for number in range(1, len(times)):
        where, what = f"{path}.change_at[{number}]", rota_notation.WEEK_TIME.write(times[number])
        if times[number] in times[:number]:
            yield Problem(path=where, detail=f"{what!r} stands here twice", hint="each time once")
        elif times[number] < times[number - 1]:
            hint = "in the order of the week, which begins on Monday"
            yield Problem(path=where, detail=f"{what!r} comes before the time before it", hint=hint)
    anchor = notation.local(begins)
    start = WeekTime(day=anchor.weekday(), at=anchor.time())
    if start not in times:
        shown = ", ".join(map(rota_notation.WEEK_TIME.write, times))
        detail = f"turns do not change at {rota_notation.WEEK_TIME.write(start)}"
        yield Problem(path=f"{path}.from", detail=detail, hint=f"a day and time that is one of {shown}")


def _restriction_problems(restriction: rota_forms.Restriction, path: str) -> Iterator[Problem]:
    if restriction == rota_forms.Restriction():
        yield Problem(path=path, detail="this restricts nothing", hint="days, between, from and to, dates or holidays")
    if restriction.from_ is not None or restriction.to is not None:
        yield from _over_days_problems(restriction, path)
    first, last = map(rota_notation.day, restriction.dates) if restriction.dates is not None else _MANY_YEARS
    if last < first:
        detail, hint = "the last day is before the first", "the first day and the last, both included"
        yield Problem(path=f"{path}.dates[1]", detail=detail, hint=hint)
    elif restriction.holidays is not None or restriction.except_holidays is not None:
        yield from _holiday_problems(restriction, _days(restriction, first, last), path)


def _holiday_problems(restriction: rota_forms.Restriction, days: Iterator[date], path: str) -> Iterator[Problem]:
    if any(_may_start(restriction, day) for day in days):
        return
    hint = "other days, dates or regions"
    if restriction.holidays is not None:
        detail = f"no holiday of {restriction.holidays} is on such a day"
        yield Problem(path=f"{path}.holidays", detail=detail, hint=hint)
    else:
        detail = f"every such day is a holiday of {restriction.except_holidays}"
        yield Problem(path=f"{path}.except_holidays", detail=detail, hint=hint)


def _days(restriction: rota_forms.Restriction, first: date, last: date) -> Iterator[date]:
    """Days on which the window may start as far as its dates and holidays go; of a long time only the beginning."""
    last = min(last, first + _LONG)
    if restriction.holidays is None:
        yield from (first + timedelta(days=number) for number in range((last - first).days + 1))
        return
    for year in range(first.year, last.year + 1):
        yield from (day for day in public_holidays(Region(restriction.holidays), year) if first <= day <= last)


def _may_start(restriction: rota_forms.Restriction, day: date) -> bool:
    """True when its weekday, and what the window says of holidays that are none of its own, let it start."""
    begins = (
        (rota_notation.week_time(restriction.from_).weekday,) if restriction.from_ is not None else restriction.days
    )
    if begins and tuple(Weekday)[day.weekday()] not in begins:
        return False
    without = restriction.except_holidays
    return without is None or day not in public_holidays(Region(without), day.year)


def _over_days_problems(restriction: rota_forms.Restriction, path: str) -> Iterator[Problem]:
    example = rota_notation.WEEK_TIME.example
    if restriction.to is None:
        yield Problem(path=f"{path}.from", detail="the window has no end", hint=f"to: {example}")
    if restriction.from_ is None:
        yield Problem(path=f"{path}.to", detail="the window has no beginning", hint=f"from: {example}")
    for name, given in (("days", restriction.days), ("between", restriction.between)):
        if given:
            detail = f"{name} and from ... to in one window"
            yield Problem(path=f"{path}.{name}", detail=detail, hint="one or the other")
