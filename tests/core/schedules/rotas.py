"""Schedules and times for the tests of this folder, written as briefly as they are said."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from tocsin.core.schedules import (
    Layer,
    Override,
    Rendered,
    Restriction,
    Rotation,
    Schedule,
    Turn,
    Unit,
    Weekday,
    shifts,
)
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, TeamName, utc

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
APIA = ZoneInfo("Pacific/Apia")
CASABLANCA = ZoneInfo("Africa/Casablanca")

WORKDAYS = frozenset({Weekday.MONDAY, Weekday.TUESDAY, Weekday.WEDNESDAY, Weekday.THURSDAY, Weekday.FRIDAY})


def at(text: str) -> Instant:
    """An instant from `2026-01-05T08:00`, read as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def span(start: str, end: str) -> Span:
    """A span from two UTC times as `at` reads them."""
    return Span(at(start), at(end))


def people(*names: str) -> tuple[PersonName, ...]:
    """One participant: several people together, one, or nobody."""
    return tuple(PersonName(name) for name in names)


def rotation(every: str, anchor: str, *participants: str) -> Rotation:
    """A rotation from `8 hours`; a participant is `ada`, `ada+grace` or, for nobody, an empty text."""
    count, unit = every.split()
    return Rotation(
        every=Turn(count=int(count), unit=Unit(unit)),
        anchor=datetime.fromisoformat(anchor),
        participants=tuple(people(*filter(None, names.split("+"))) for names in participants),
    )


def only(begins: str, ends: str, *days: Weekday) -> Restriction:
    """A restriction from `22:00` to `06:00` on these days, or on every day."""
    return Restriction(days=frozenset(days), begins=time.fromisoformat(begins), ends=time.fromisoformat(ends))


def schedule(*layers: Layer, zone: ZoneInfo = BERLIN, overrides: tuple[Override, ...] = ()) -> Schedule:
    """A schedule named `rota`."""
    return Schedule(name=ScheduleName("rota"), team=None, time_zone=zone, layers=layers, overrides=overrides)


def override(who: str, start: str, end: str, *, made: int = 0) -> Override:
    """An override by `ada`, or by nobody when the name is empty."""
    return Override(people=people(who) if who else (), span=span(start, end), made=made)


def said(rendered: Rendered) -> list[str]:
    """Shifts and gaps as lines like `01-05 08:00 > 01-05 21:00 ada weekly`, in UTC and in order of time."""
    lines = [(shift.span, f"{'+'.join(shift.people)} {shift.source}") for shift in rendered.shifts]
    lines += [(gap, "nobody") for gap in rendered.gaps]
    return [f"{piece.start:%m-%d %H:%M} > {piece.end:%m-%d %H:%M} {what}" for piece, what in sorted(lines)]


def told(rota: Schedule, start: str, end: str) -> list[str]:
    """What `said` says about a window of a schedule."""
    return said(shifts(rota, span(start, end)))


def minimal() -> Schedule:
    """`data-primary` of the contract's minimal.yaml."""
    return Schedule(
        name=ScheduleName("data-primary"),
        team=TeamName("data"),
        time_zone=BERLIN,
        layers=(
            Layer(name="weekly", rotation=rotation("1 weeks", "2026-01-05T09:00", "ada", "grace")),
            Layer(
                name="nights",
                rotation=rotation("1 days", "2026-01-05T22:00", "linus"),
                only=(Restriction(days=WORKDAYS, begins=time(22), ends=time(6)),),
            ),
        ),
        overrides=(Override(people=people("grace"), span=Span(utc(2026, 2, 3, 8), utc(2026, 2, 3, 16)), made=1),),
    )
