"""A schedule's shifts and gaps as a list: what each comes from, whom it replaces, and what was noted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from tocsin.core.directory import Directory
from tocsin.core.schedules import NobodyReason, Override, Rendered, Rota, Schedule
from tocsin.core.schedules.timeline import OVERRIDE
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span

#: Longer shifts are rare, and are shown as such that began before, or end after.
_AROUND = timedelta(days=35)

GAPS: Mapping[NobodyReason, str] = {
    NobodyReason.NO_LAYER: "gap.no_layer",
    NobodyReason.OVERRIDE_SAYS_NOBODY: "gap.override_says_nobody",
    NobodyReason.PARTICIPANT_IS_NOBODY: "gap.participant_is_nobody",
    NobodyReason.EVERYBODY_IS_AWAY: "gap.everybody_is_away",
    NobodyReason.ON_CALL_ELSEWHERE: "gap.on_call_elsewhere",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a schedule's list: a shift, or a gap with its reason."""

    span: Span
    people: tuple[PersonName, ...]
    source: str
    override: bool = False
    #: The id of the text that says why there is nobody; None: there is somebody.
    gap: str | None = None
    present: bool = False
    #: Whether its beginning and its end are its own; else it was on call before, or will be after, what was looked at.
    begins: bool = True
    ends: bool = True
    #: Who would be on call by the layers; only of overrides.
    replaced: tuple[PersonName, ...] = ()
    #: What was noted with the override.
    note: str = ""


def rows(rendered: Rendered, now: Instant, *, within: Span | None = None) -> tuple[Row, ...]:
    """Shifts and gaps in order of time; of those `within` a window the ones that reach into it, in full length."""
    served = [
        Row(
            span=shift.span,
            people=shift.people,
            source=shift.source,
            override=shift.source == OVERRIDE,
            present=now in shift.span,
        )
        for shift in rendered.shifts
    ]
    gaps = [
        Row(span=vacancy.span, people=(), source="", gap=GAPS[vacancy.reason], present=now in vacancy.span)
        for vacancy in rendered.vacancies
    ]
    found = sorted((*served, *gaps), key=lambda row: row.span)
    if within is None or not found:
        return tuple(found)
    first, last = found[0].span.start, found[-1].span.end
    return tuple(
        replace(row, begins=row.span.start != first, ends=row.span.end != last)
        for row in found
        if row.span.clipped(within) is not None
    )


def around(window: Span) -> Span:
    """What has to be looked at for the shifts of a window to be seen from their beginning to their end, as a rule."""
    return Span(window.start - _AROUND, window.end + _AROUND)


def detailed(found: tuple[Row, ...], directory: Directory, name: ScheduleName, now: Instant) -> tuple[Row, ...]:
    """The same rows, those of overrides with whom they replace and what was noted.

    What is past was on call by rules that may have changed since: there only a replaced person who is named counts.
    """
    schedule = directory.schedules[name]
    layers = without_overrides(directory, name)
    return tuple(_detailed(row, schedule, layers, now) for row in found)


def without_overrides(directory: Directory, name: ScheduleName) -> Rota:
    """The rota as if this schedule had no overrides."""
    bare = replace(directory.schedules[name], overrides=())
    return Rota({**directory.schedules, name: bare}, directory.circumstances)


def on_top(schedule: Schedule, row: Row) -> Override | None:
    """The override that a row comes from. None: none that is still known."""
    lying = [one for one in schedule.overrides if one.span.clipped(row.span) is not None]
    fitting = [one for one in lying if set(one.people) <= set(row.people)] if row.people else lying
    named = [one for one in fitting if bool(one.people) == bool(row.people)]
    return max(named, key=lambda one: one.made, default=None)


def _detailed(row: Row, schedule: Schedule, layers: Rota, now: Instant) -> Row:
    if not row.override and row.gap != GAPS[NobodyReason.OVERRIDE_SAYS_NOBODY]:
        return row
    override = on_top(schedule, row)
    note = override.note if override is not None else ""
    if row.span.end > now:
        replaced = tuple(dict.fromkeys(_usual(row, schedule.name, layers)))
    else:
        replaced = (override.instead_of,) if override is not None and override.instead_of is not None else ()
    return replace(row, replaced=replaced, note=note)


def _usual(row: Row, name: ScheduleName, layers: Rota) -> Iterator[PersonName]:
    for shift in layers.shifts(name, row.span).shifts:
        yield from (person for person in shift.people if person not in row.people)
