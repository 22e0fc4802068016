"""A written schedule -> the core's schedule: local times on the clock of its zone, names for turns."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from tocsin.configuration import forms, notation
from tocsin.core.schedules import Layer, Override, Restriction, Rotation, Schedule
from tocsin.core.schedules.wallclock import instant_of
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, TeamName


def schedule(written: forms.Schedule) -> Schedule:
    """Who is on call when. An override's place in the list says when it was made."""
    zone = notation.zone(written.time_zone)
    return Schedule(
        name=ScheduleName(written.name),
        team=TeamName(written.team) if written.team is not None else None,
        time_zone=zone,
        layers=tuple(_layer(each, zone) for each in written.layers),
        overrides=tuple(_override(each, zone, made=number) for number, each in enumerate(written.overrides)),
    )


def _layer(written: forms.Layer, zone: ZoneInfo) -> Layer:
    return Layer(
        name=written.name,
        rotation=_rotation(written.rotation),
        only=tuple(map(_restriction, written.only)),
        start=_instant(written.start, zone) if written.start is not None else None,
        end=_instant(written.end, zone) if written.end is not None else None,
    )


def _rotation(written: forms.Rotation) -> Rotation:
    return Rotation(
        every=notation.turn(written.every),
        anchor=notation.local(written.from_),
        participants=tuple(map(_participant, written.people)),
    )


def _participant(written: str | tuple[str, ...]) -> tuple[PersonName, ...]:
    if written == notation.NOBODY:
        return ()
    return (PersonName(written),) if isinstance(written, str) else tuple(map(PersonName, written))


def _restriction(written: forms.Restriction) -> Restriction:
    begins, ends = map(notation.clock, written.between)
    return Restriction(days=frozenset(written.days), begins=begins, ends=ends)


def _override(written: forms.Override, zone: ZoneInfo, *, made: int) -> Override:
    people = written.people or ((written.person,) if written.person is not None else ())
    span = Span(_instant(written.from_, zone), _instant(written.to, zone))
    return Override(people=tuple(map(PersonName, people)), span=span, made=made)


def _instant(text: str, zone: ZoneInfo) -> Instant:
    """The instant of a time that means the clock in `zone` unless it has an offset."""
    at: datetime = notation.moment(text)
    return at if at.tzinfo is not None else instant_of(at, zone)
