"""Every zone of tzdata, at one of its clock changes at least: the same few rotas, product against oracle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.schedules.clock_changes import ALL, MINUTE, all_changes
from core.schedules.oracle import Oracle
from core.schedules.rotas import MON, SAT, TUE, follow, given, layer, only, schedule
from core.schedules.worlds import FACTOR, World, lines
from tocsin.core.schedules import Absence, Circumstances, Combine, Counting, Override, Restriction, Schedule, Where
from tocsin.core.vocabulary import Instant, PersonName, Span

NAMES = ("ada", "grace", "linus")
#: The zones by the first part of their names, so that what fails is found, and tests may run side by side.
AREAS = sorted({name.partition("/")[0] for name in ALL if "/" in name})


def local(day: date, clock: str) -> str:
    """A local time of a day."""
    return datetime.combine(day, time.fromisoformat(clock)).isoformat()


def sun_and_nights(zone: ZoneInfo, change: Instant) -> World:
    """Turns of 8 hours, hourly turns in windows that cross midnight, and a hand-off at half past two on top."""
    day = change.astimezone(zone).date() - timedelta(days=3)
    rota = schedule(
        layer("8 hours", local(day, "08:00"), *NAMES, name="sun"),
        layer("1 hours", local(day, "00:30"), *NAMES, "joan", name="nights", only=(only("23:30", "02:30"),)),
        layer("1 days", local(day, "02:30"), "", *NAMES, name="daily", only=(only("02:30", "03:30"),)),
        zone=zone,
    )
    return around(change, rota)


def unequal_and_own_zones(zone: ZoneInfo, change: Instant) -> World:
    """Unequal turns over a window of days, active turns, and each participant on a clock of their own."""
    day = change.astimezone(zone).date() - timedelta(days=4)
    days = tuple(only("01:30", "02:00", weekday, until=MON) for weekday in (TUE, SAT))
    halves = (only("00:00", "02:30"), only("12:00", "15:00"))
    rota = schedule(
        layer("17+31 hours", local(day, "02:15"), *NAMES, name="unequal", only=days),
        layer("12 hours", local(day, "00:00"), *NAMES, name="own", only=halves, only_where=Where.PARTICIPANT,
              counting=Counting.ACTIVE),
        zone=zone,
        combine=Combine.UNION,
    )  # fmt: skip
    zones = {"ada": ZoneInfo("Australia/Lord_Howe")}
    return around(change, rota, circumstances=given(zones=zones))


def roles_and_absences(zone: ZoneInfo, change: Instant) -> World:
    """A primary whose people are away and overridden, and a secondary one turn behind it."""
    day = change.astimezone(zone).date() - timedelta(days=5)
    overrides = (
        Override(people=(PersonName("linus"),), span=Span(change - 90 * MINUTE, change + 200 * MINUTE), made=1),
    )
    primary = schedule(
        layer("6 hours", local(day, "02:00"), *NAMES, name="turns"),
        zone=zone, name="primary", overrides=overrides,
    )  # fmt: skip
    absences = [
        Absence(person=PersonName("ada"), span=Span(change - 2000 * MINUTE, change - 100 * MINUTE)),
        Absence(person=PersonName("grace"), span=Span(change + 30 * MINUTE, change + 60 * MINUTE), known_from=change),
    ]
    secondary = schedule(zone=zone, name="secondary", follows=follow(1))
    return around(change, primary, secondary, circumstances=given(*absences))


def months_and_dates(zone: ZoneInfo, change: Instant) -> World:
    """Monthly turns below windows that depend on dates and holidays, half a day long or exactly 24 hours."""
    day = change.astimezone(zone).date()
    before = day - timedelta(days=35)
    everyday = Restriction(begins=time(3), ends=time(3), first=day - timedelta(days=1), last=day)
    holiday = only("02:00", "14:30", on_holidays="XX")
    rota = schedule(
        layer("1 months", local(before.replace(day=28), "02:30"), *NAMES, name="monthly"),
        layer("5 hours", local(day - timedelta(days=2), "01:59"), *NAMES, name="elapsed", only=(holiday,)),
        layer("1 days", local(day - timedelta(days=2), "03:00"), "joan", "", name="dates", only=(everyday,)),
        zone=zone,
    )
    return around(change, rota, circumstances=given(holidays=[day.isoformat()]))


def around(change: Instant, *schedules: Schedule, circumstances: Circumstances | None = None) -> World:
    """The hours around a clock change."""
    window = Span(change - 500 * MINUTE, change + 700 * MINUTE)
    return World({each.name: each for each in schedules}, circumstances or Circumstances(), window)


KINDS: tuple[Callable[[ZoneInfo, Instant], World], ...] = (
    sun_and_nights,
    unequal_and_own_zones,
    roles_and_absences,
    months_and_dates,
)


@pytest.mark.parametrize("area", [*AREAS, "none"])
def test_every_zone(area: str) -> None:
    """Around a change of each zone's clock, product and oracle say the same of a kind of rota."""
    for name in (name for name in ALL if name.startswith(f"{area}/") or (area == "none" and "/" not in name)):
        zone, position = ZoneInfo(name), ALL.index(name)
        found = all_changes(zone)
        for turn in range(FACTOR):
            change = found[(position * 7 + turn) % len(found)]
            kind = KINDS[(position + turn) % len(KINDS)]
            world = kind(zone, change)
            oracle = Oracle(world.schedules, world.around, world.window)
            told = lines(world.rota.shifts(world.asked, world.window))
            assert told == oracle.lines(world.asked), (name, change, kind.__name__)
