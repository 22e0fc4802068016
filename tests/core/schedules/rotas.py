"""Schedules and times for the tests of this folder, written as briefly as they are said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tocsin.core.schedules import (
    Absence,
    Booking,
    CalendarName,
    Circumstances,
    Follow,
    Imported,
    Layer,
    NobodyReason,
    Override,
    Region,
    Rendered,
    Restriction,
    Rota,
    Rotation,
    Schedule,
    Turn,
    Unequal,
    Unit,
    Weekday,
)
from tocsin.core.schedules.schedule import Every
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, TeamName

GREENWICH = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
TOKYO = ZoneInfo("Asia/Tokyo")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
APIA = ZoneInfo("Pacific/Apia")
CASABLANCA = ZoneInfo("Africa/Casablanca")

MON, TUE, WED, THU, FRI, SAT, SUN = Weekday
WORKDAYS = frozenset({MON, TUE, WED, THU, FRI})


def at(text: str) -> Instant:
    """An instant from `2026-01-05T08:00`, read as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def span(start: str, end: str) -> Span:
    """A span from two UTC times as `at` reads them."""
    return Span(at(start), at(end))


def people(*names: str) -> tuple[PersonName, ...]:
    """One participant: several people together, one, or nobody."""
    return tuple(PersonName(name) for name in names)


def every(text: str) -> Every:
    """How long turns are, from `8 hours`; `104+64 hours` are of unequal lengths."""
    count, unit = text.split()
    if "+" in count:
        return Unequal(lengths=tuple(timedelta(**{unit: int(length)}) for length in count.split("+")))
    return Turn(count=int(count), unit=Unit(unit))


def rotation(length: str, anchor: str, *participants: str, **more: Any) -> Rotation:
    """A rotation from `8 hours`; a participant is `ada`, `ada+grace` or, for nobody, an empty text."""
    return Rotation(
        every=every(length),
        anchor=datetime.fromisoformat(anchor),
        participants=tuple(people(*filter(None, names.split("+"))) for names in participants),
        **more,
    )


def only(begins: str, ends: str, *days: Weekday, **more: Any) -> Restriction:
    """A restriction from `22:00` to `06:00` on these days, or on every day."""
    return Restriction(days=frozenset(days), begins=time.fromisoformat(begins), ends=time.fromisoformat(ends), **more)


def layer(length: str, anchor: str, *participants: str, name: str = "layer", **more: Any) -> Layer:
    """A layer named `layer` with a rotation as `rotation` makes it; `counting` goes to the rotation."""
    counting = {"counting": more.pop("counting")} if "counting" in more else {}
    return Layer(name=name, rotation=rotation(length, anchor, *participants, **counting), **more)


def booked(name: str = "calendar", **more: Any) -> Layer:
    """A layer of an imported calendar of the same name."""
    return Layer(name=name, rotation=Imported(calendar=CalendarName(name)), **more)


def schedule(*layers: Layer, name: str = "rota", zone: ZoneInfo = BERLIN, **more: Any) -> Schedule:
    """A schedule named `rota`."""
    return Schedule(name=ScheduleName(name), team=None, time_zone=zone, layers=layers, **more)


def override(who: str, start: str, end: str, *, made: int = 0, instead_of: str | None = None) -> Override:
    """An override by `ada`, by `ada+grace`, or by nobody when the name is empty; perhaps instead of one person."""
    return Override(
        people=people(*filter(None, who.split("+"))),
        span=span(start, end),
        made=made,
        instead_of=PersonName(instead_of) if instead_of else None,
    )


def follow(behind: int, *, name: str = "primary", **more: Any) -> Follow:
    """Follows `primary`, so many turns behind."""
    return Follow(schedule=ScheduleName(name), behind=behind, **more)


def away(person: str, start: str, end: str, *, known: str | None = None) -> Absence:
    """An absence; `known` is the instant from which on it is known."""
    return Absence(person=PersonName(person), span=span(start, end), known_from=at(known) if known else None)


def booking(who: str, start: str, end: str) -> Booking:
    """A booking of `ada` or `ada+grace`."""
    return Booking(people=people(*who.split("+")), span=span(start, end))


def given(
    *absences: Absence,
    zones: Mapping[str, ZoneInfo] | None = None,
    calendar: Iterable[Booking] = (),
    holidays: Iterable[str] = (),
) -> Circumstances:
    """Circumstances with one calendar, `calendar`, and one region that has holidays, `XX`."""
    days = {date.fromisoformat(day): "a holiday" for day in holidays}
    return Circumstances(
        absences=absences,
        zones={PersonName(person): zone for person, zone in (zones or {}).items()},
        calendars={CalendarName("calendar"): tuple(calendar)},
        holidays=lambda region, year: {day: name for day, name in days.items() if (region, day.year) == ("XX", year)},
    )


#: The region of `given` that has holidays.
REGION = Region("XX")


def rota(*schedules: Schedule, around: Circumstances | None = None) -> Rota:
    """A rota of these schedules."""
    return Rota({each.name: each for each in schedules}, around)


def said(rendered: Rendered) -> list[str]:
    """Shifts and vacancies as lines like `01-05 08:00 > 01-05 21:00 ada weekly`, in UTC and in order of time.

    Nobody comes with the reason, unless it is that nothing covers the time.
    """
    lines = [(shift.span, f"{'+'.join(shift.people)} {shift.source}") for shift in rendered.shifts]
    lines += [(vacancy.span, _nobody(vacancy.reason)) for vacancy in rendered.vacancies]
    return [f"{piece.start:%m-%d %H:%M} > {piece.end:%m-%d %H:%M} {what}" for piece, what in sorted(lines)]


def _nobody(reason: NobodyReason) -> str:
    return "nobody" if reason is NobodyReason.NO_LAYER else f"nobody: {reason}"


def told(asked: Schedule, start: str, end: str, *others: Schedule, around: Circumstances | None = None) -> list[str]:
    """What `said` says about a window of a schedule, among others and in these circumstances."""
    return said(rota(asked, *others, around=around).shifts(asked.name, span(start, end)))


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
                only=(only("22:00", "06:00", *WORKDAYS),),
            ),
        ),
        overrides=(override("grace", "2026-02-03T08:00", "2026-02-03T16:00", made=1),),
    )


def greenwich(*layers: Layer, **more: Any) -> Schedule:
    """A schedule whose clock never changes and shows UTC: what is written is what is told."""
    return schedule(*layers, zone=GREENWICH, **more)
