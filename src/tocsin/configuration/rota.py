"""A written schedule -> the core's schedule: local times on the clock of their zone, names for turns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from tocsin.configuration import notation, rota_forms, rota_notation
from tocsin.configuration.rota_notation import WeekTime
from tocsin.core.errors import Refused
from tocsin.core.schedules import (
    CalendarName,
    Change,
    Follow,
    Imported,
    Layer,
    Override,
    Region,
    Restriction,
    Rotation,
    Schedule,
    Unequal,
    Where,
)
from tocsin.core.schedules.schedule import Every
from tocsin.core.schedules.wallclock import EARLIEST, instant_of
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, TeamName

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An override that is kept apart from its schedule, on its way there."""

    schedule: ScheduleName
    made: Instant
    override: Override


def schedule(written: rota_forms.Schedule) -> Schedule:
    """Who is on call when. An override's place in the list says when it was made.

    Raises:
        Refused: a value cannot be read.
    """
    zone = notation.zone(written.time_zone)
    return Schedule(
        name=ScheduleName(written.name),
        team=TeamName(written.team) if written.team is not None else None,
        time_zone=zone,
        layers=tuple(_layer(each, zone) for each in written.layers),
        combine=written.combine,
        follows=_follow(written.follows),
        apart_from=tuple(map(ScheduleName, written.apart_from)),
        part=written.part,
        changes=tuple(_change(each, zone) for each in written.changes),
        overrides=tuple(_override(each, zone, made=number) for number, each in enumerate(written.overrides)),
    )


def kept_override(written: rota_forms.KeptOverride, zone: ZoneInfo) -> Kept:
    """An override that is kept apart, its local times on the clock of its schedule.

    Raises:
        Refused: a value cannot be read.
    """
    made = notation.instant(written.made) if written.made is not None else EARLIEST
    override = replace(_override(written, zone, made=0), name=written.name)
    return Kept(schedule=ScheduleName(written.schedule), made=made, override=override)


def merged(
    schedules: Mapping[ScheduleName, Schedule], kept: Iterable[Kept], people: Collection[PersonName]
) -> dict[ScheduleName, Schedule]:
    """The schedules with the overrides that are kept apart: made after their own ones, in order of time, then of name.

    People who have left are left out of those, and so is an override that has named nobody else: the layers are rung
    rather than somebody who is not there.
    """
    found = dict(schedules)
    for each in sorted(kept, key=lambda one: (one.made, one.override.name)):
        known = found.get(each.schedule)
        here = tuple(name for name in each.override.people if name in people)
        if known is None or bool(here) != bool(each.override.people):
            continue
        override = replace(each.override, people=here, made=len(known.overrides))
        found[each.schedule] = replace(known, overrides=(*known.overrides, override))
    return found


def _layer(written: rota_forms.Layer, zone: ZoneInfo) -> Layer:
    own = notation.zone(written.time_zone) if written.time_zone is not None else None
    return Layer(
        name=written.name,
        rotation=_service(written),
        only=tuple(map(_restriction, written.only)),
        only_where=Where.PARTICIPANT if written.only_in == "participants" else Where.LAYER,
        time_zone=own,
        start=_instant(written.start, own or zone) if written.start is not None else None,
        end=_instant(written.end, own or zone) if written.end is not None else None,
    )


def _service(written: rota_forms.Layer) -> Rotation | Imported:
    match written:
        case rota_forms.Layer(rotation=rota_forms.Rotation() as rotation):
            return _rotation(rotation)
        case rota_forms.Layer(calendar=str(name)):
            return Imported(calendar=CalendarName(name))
        case _:
            raise Refused("a layer says nothing of who serves", hint="a rotation, or a calendar")


def _rotation(written: rota_forms.Rotation) -> Rotation:
    anchor = notation.local(written.from_)
    return Rotation(
        every=_every(written, anchor),
        anchor=anchor,
        participants=tuple(map(_participant, written.people)),
        counting=written.turns,
    )


def _every(written: rota_forms.Rotation, anchor: datetime) -> Every:
    match written:
        case rota_forms.Rotation(every=str(text)):
            return rota_notation.turn(text)
        case rota_forms.Rotation(every=tuple(lengths)):
            return Unequal(lengths=tuple(map(rota_notation.length, lengths)))
        case rota_forms.Rotation(change_at=tuple(times)):
            return Unequal(lengths=_between(tuple(map(rota_notation.week_time, times)), anchor))
        case _:
            raise Refused("a rotation does not say when turns change", hint="every, or change_at")


def _between(times: tuple[WeekTime, ...], anchor: datetime) -> tuple[timedelta, ...]:
    """How long it is from each change to the next one, from the anchor on once around the week."""
    begins = WeekTime(day=anchor.weekday(), at=anchor.time())
    if begins not in times or len(times) != len(set(times)) or len(times) < 2:
        raise Refused("a rotation begins at one of the two or more times at which its turns change")
    first = times.index(begins)
    pairs = zip((*times[first:], *times[:first]), (*times[first + 1 :], *times[: first + 1]), strict=True)
    return tuple((later.since_monday - earlier.since_monday) % _WEEK for earlier, later in pairs)


def _participant(written: str | tuple[str, ...]) -> tuple[PersonName, ...]:
    if written == notation.NOBODY:
        return ()
    return (PersonName(written),) if isinstance(written, str) else tuple(map(PersonName, written))


def _restriction(written: rota_forms.Restriction) -> Restriction:
    first, last = map(rota_notation.day, written.dates) if written.dates is not None else (None, None)
    made = Restriction(
        days=frozenset(written.days),
        first=first,
        last=last,
        on_holidays=Region(written.holidays) if written.holidays is not None else None,
        except_holidays=Region(written.except_holidays) if written.except_holidays is not None else None,
    )
    if written.from_ is not None and written.to is not None:
        begins, ends = map(rota_notation.week_time, (written.from_, written.to))
        return replace(made, days=frozenset({begins.weekday}), begins=begins.at, ends=ends.at, until=ends.weekday)
    begins_at, ends_at = map(notation.clock, written.between) if written.between is not None else (time(), time())
    return replace(made, begins=begins_at, ends=ends_at)


def _follow(written: rota_forms.Follow | None) -> Follow | None:
    if written is None:
        return None
    return Follow(
        schedule=ScheduleName(written.schedule),
        behind=rota_notation.behind(written.behind),
        may_repeat=written.may_repeat,
    )


def _change(written: rota_forms.Change, zone: ZoneInfo) -> Change:
    return Change(
        at=_instant(written.from_, zone),
        layers=tuple(_layer(each, zone) for each in written.layers),
        combine=written.combine,
        follows=_follow(written.follows),
    )


def _override(written: rota_forms.Override | rota_forms.KeptOverride, zone: ZoneInfo, *, made: int) -> Override:
    people = written.people or ((written.person,) if written.person is not None else ())
    return Override(
        people=tuple(map(PersonName, people)),
        span=Span(_instant(written.from_, zone), _instant(written.to, zone)),
        made=made,
        instead_of=PersonName(written.instead_of) if written.instead_of is not None else None,
        note=written.note,
    )


def _instant(text: str, zone: ZoneInfo) -> Instant:
    """The instant of a time that means the clock in `zone` unless it has an offset."""
    at: datetime = notation.moment(text)
    return at if at.tzinfo is not None else instant_of(at, zone)
