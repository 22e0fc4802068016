"""Who is on call, as the command line says it: now, next, and when a person is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.app.database import open_store
from tocsin.app.directories import Directories
from tocsin.app.settings import Settings
from tocsin.configuration.mistakes import meant
from tocsin.core.directory import Directory
from tocsin.core.errors import NotFound, Refused
from tocsin.core.schedules import OnCall, Rota, Schedule, Shift
from tocsin.core.schedules.shown.table import aligned, times
from tocsin.core.schedules.shown.words import REASONS, columns, local_time, padded, rough_length
from tocsin.core.schedules.timeline import SEARCH
from tocsin.core.schedules.wallclock import LATEST
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, rfc3339
from tocsin.engine.duty import on_call_at, shifts_in
from tocsin.store.postgres import PostgresStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Who is on call by a schedule at an instant, and who is next."""

    schedule: Schedule
    at: Instant
    on_call: OnCall
    #: When somebody else comes, and who; None: not within a year.
    following: tuple[Instant, OnCall] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """When a person is on call, in order of time; others may be on call with them."""

    person: PersonName
    window: Span
    shifts: tuple[tuple[ScheduleName, Shift], ...]


def instant(text: str, field: str) -> Instant:
    """An instant out of RFC 3339 text.

    Raises:
        Refused: it is none, or has no offset.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Refused(f"{text!r} is not an instant", field=field, hint="write 2026-11-22T03:00:00Z")
    return found.astimezone(UTC)


@asynccontextmanager
async def in_force(settings: Settings) -> AsyncIterator[tuple[PostgresStore, Directory]]:
    """The store of the installation, that of a running server if there is one, and what is configured in it.

    Raises:
        Unavailable: the database cannot be asked.
    """
    async with open_store(settings, attach=True) as store:
        directories = Directories(store)
        await directories.refresh()
        yield store, directories.current()


def known_schedule(name: str, directory: Directory, where: str, *, field: str) -> Schedule:
    """The schedule of a name.

    Raises:
        NotFound: there is none; with the nearest name.
    """
    found = directory.schedules.get(ScheduleName(name))
    if found is None:
        hint = meant(name, directory.schedules, plural="schedules")
        raise NotFound(f"there is no schedule {name!r} in {where}", field=field, hint=hint)
    return found


async def on_call_now(settings: Settings, schedule: str | None, at: Instant | None) -> tuple[Instant, list[Present]]:
    """Who is on call by one schedule, or by all, and the instant that is meant.

    Raises:
        NotFound: there is no schedule of this name.
        Unavailable: the database cannot be asked.
    """
    async with in_force(settings) as (store, directory):
        moment = at or await store.now()
        if schedule is not None:
            names = [known_schedule(schedule, directory, "the configuration in force", field="schedule").name]
        else:
            names = sorted(directory.schedules)
        found = await on_call_at(store, directory, names, moment)
    rota, schedules = directory.rota, directory.schedules
    return moment, [
        Present(schedule=schedules[name], at=moment, on_call=found[name], following=_following(rota, name, found[name]))
        for name in names
    ]


def _following(rota: Rota, name: ScheduleName, present: OnCall) -> tuple[Instant, OnCall] | None:
    """When somebody else than now comes, and who."""
    at = present.until
    horizon = LATEST if at is None else min(at + SEARCH, LATEST)
    while at is not None and at < horizon:
        found = rota.on_call(name, at)
        if found.people and found.people != present.people:
            return at, found
        at = found.until
    return None


def on_call_document(at: Instant, found: Iterable[Present]) -> dict[str, Any]:
    """The contract's JSON shape."""
    return {"at": rfc3339(at), "schedules": [_entry(one) for one in found]}


def _entry(one: Present) -> dict[str, Any]:
    answer, following = one.on_call, one.following
    return {
        "schedule": one.schedule.name,
        "people": list(answer.people),
        "source": answer.source,
        "until": None if answer.until is None else rfc3339(answer.until),
        "reason": None if answer.reason is None else answer.reason.value,
        "next": None if following is None else {"people": list(following[1].people), "from": rfc3339(following[0])},
    }


def on_call_text(found: Sequence[Present]) -> str:
    """The same for a reader, in the time of each schedule's zone."""
    if not found:
        return "There is no schedule yet."
    width = max(columns(one.schedule.name) for one in found)
    return "\n".join(line for one in found for line in _lines(one, width))


def _lines(one: Present, width: int) -> Iterable[str]:
    answer, zone = one.on_call, one.schedule.time_zone
    who = f"{', '.join(answer.people)} ({answer.source})"
    if answer.reason is not None:
        who = f"nobody ({REASONS[answer.reason]})"
    until = ", with no end in sight"
    if answer.until is not None:
        until = f", until {local_time(answer.until, zone)}, for another {rough_length(answer.until - one.at)}"
    yield f"{padded(one.schedule.name, width)}  {who}{until}"
    if one.following is not None:
        begins, following = one.following
        yield f"{' ' * width}  then {', '.join(following.people)} from {local_time(begins, zone)}"


async def duties(
    settings: Settings, person: str, schedule: str | None, at: Instant | None, *, days: int
) -> tuple[Directory, Duties]:
    """A person's shifts in the coming days, in one schedule or in all; and what is configured.

    Raises:
        NotFound: there is no person, or no schedule, of this name.
        Unavailable: the database cannot be asked.
    """
    async with in_force(settings) as (store, directory):
        if PersonName(person) not in directory.people:
            hint = meant(person, directory.people, plural="users")
            raise NotFound(f"there is no user {person!r} in the configuration in force", field="--person", hint=hint)
        begin = at or await store.now()
        window, name = Span(begin, begin + timedelta(days=days)), PersonName(person)
        if schedule is not None:
            known = [known_schedule(schedule, directory, "the configuration in force", field="schedule").name]
        else:
            known = sorted({one for one, _ in directory.rota.shifts_of(name, window)})
        rendered = await shifts_in(store, directory, known, window)
    found = ((one, shift) for one, seen in rendered.items() for shift in seen.shifts if name in shift.people)
    ordered = tuple(sorted(found, key=lambda each: (each[1].span, each[0])))
    return directory, Duties(person=name, window=window, shifts=ordered)


def duties_document(found: Duties) -> dict[str, Any]:
    """A person's shifts as JSON values."""
    return {
        "person": found.person,
        "from": rfc3339(found.window.start),
        "to": rfc3339(found.window.end),
        "shifts": [
            {
                "schedule": schedule,
                "start": rfc3339(shift.span.start),
                "end": rfc3339(shift.span.end),
                "people": list(shift.people),
                "source": shift.source,
            }
            for schedule, shift in found.shifts
        ],
    }


def duties_text(found: Duties, directory: Directory) -> str:
    """The same for a reader, in the time of the person's own zone."""
    zone = directory.people[found.person].time_zone
    begin, end = (local_time(edge, zone) for edge in (found.window.start, found.window.end))
    title = f"{found.person}, {begin} to {end}, {zone.key}"
    if not found.shifts:
        return f"{title}\n\nNot on call."
    rows = [
        (
            *times(shift.span, zone),
            schedule,
            shift.source,
            ", ".join(one for one in shift.people if one != found.person),
        )
        for schedule, shift in found.shifts
    ]
    return "\n".join((title, "", *aligned((("from", "to", "for", "schedule", "source", "with"), *rows))))
