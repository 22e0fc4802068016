"""Answers of the command line about schedules: who is on call, and the shifts of a window."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tocsin.app.configuring import read_offline
from tocsin.app.database import open_store
from tocsin.app.directories import Directories
from tocsin.app.settings import Settings
from tocsin.configuration.mistakes import meant
from tocsin.core.directory import Directory
from tocsin.core.errors import NotFound, Refused
from tocsin.core.schedules import Rota, Schedule, as_document, as_icalendar, as_text
from tocsin.core.vocabulary import Instant, ScheduleName, Span
from tocsin.engine import clock
from tocsin.engine.commands import schedule_names

#: The longest window that is rendered at once.
LONGEST = timedelta(days=3_660)


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


async def on_call_now(settings: Settings, schedule: str | None, at: Instant | None) -> dict[str, Any]:
    """Who is on call, as the contract's JSON shape.

    Raises:
        NotFound: there is no schedule of this name.
        Unavailable: the database cannot be asked.
    """
    async with open_store(settings, attach=True) as store:
        directories = Directories(store)
        await directories.refresh()
        moment = at or await store.now()
    directory = directories.current()
    if schedule is not None:
        _require(schedule, directory, "the configuration in force", field="schedule")
    entries = []
    for name in schedule_names(directory, schedule):
        found = directory.rota.on_call(name, moment)
        until = found.until.isoformat().replace("+00:00", "Z") if found.until is not None else None
        entries.append({"schedule": name, "people": list(found.people), "source": found.source, "until": until})
    return {"at": moment.isoformat().replace("+00:00", "Z"), "schedules": entries}


def on_call_text(answer: dict[str, Any]) -> str:
    """The same for a reader."""
    if not answer["schedules"]:
        return "There is no schedule yet."
    width = max(len(entry["schedule"]) for entry in answer["schedules"])
    return "\n".join(_line(entry, width) for entry in answer["schedules"])


def _line(entry: dict[str, Any], width: int) -> str:
    people = ", ".join(entry["people"]) or "nobody"
    until = f"until {entry['until']}" if entry["until"] else "with no end in sight"
    source = f"  ({entry['source']})" if entry["source"] else ""
    return f"{entry['schedule']:<{width}}  {people}, {until}{source}"


def render(path: Path, schedule: str, begins: str, ends: str, form: str) -> str:
    """The final shifts of a schedule out of files, as "json", "ics" or "text".

    Raises:
        Refused: the files, the window or the form are wrong.
        NotFound: the files have no such schedule.
    """
    directory = read_offline(path)
    found = _require(schedule, directory, str(path), field="--schedule")
    window = _window(found, begins, ends)
    return _rendered(directory.rota, found, window, form)


def _require(name: str, directory: Directory, where: str, *, field: str) -> Schedule:
    found = directory.schedules.get(ScheduleName(name))
    if found is None:
        hint = meant(name, directory.schedules, plural="schedules")
        raise NotFound(f"there is no schedule {name!r} in {where}", field=field, hint=hint)
    return found


def _window(schedule: Schedule, begins: str, ends: str) -> Span:
    start, end = _moment(begins, schedule.time_zone, "--from"), _moment(ends, schedule.time_zone, "--to")
    if not start < end <= start + LONGEST:
        hint = "give a --to that is later than --from, and at most ten years"
        raise Refused(f"there is no window from {begins} to {ends}", field="--to", hint=hint)
    return Span(start, end)


def _moment(text: str, zone: ZoneInfo, field: str) -> Instant:
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(
            f"{text!r} is no date and no instant", field=field, hint="write 2026-11-22T03:00:00Z, or 2026-11-22"
        ) from None
    return (local if local.tzinfo is not None else local.replace(tzinfo=zone)).astimezone(UTC)


def _rendered(rota: Rota, schedule: Schedule, window: Span, form: str) -> str:
    result = rota.shifts(schedule.name, window)
    match form:
        case "json":
            return json.dumps(as_document(schedule.name, window, result))
        case "ics":
            return as_icalendar(schedule.name, result, stamp=clock.now())
        case "text":
            return as_text(schedule.name, window, result, zone=schedule.time_zone).rstrip("\n")
        case _:
            raise Refused(f"{form!r} is no format", field="--format", hint="there are: json, ics, text")
