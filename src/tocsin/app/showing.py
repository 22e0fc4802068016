"""Schedules in every form that they are shown in, out of files or out of the running installation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tocsin.app.asking import in_force, instant, known_schedule
from tocsin.app.configuring import read_offline
from tocsin.app.settings import Settings
from tocsin.configuration import notation
from tocsin.core.directory import Directory
from tocsin.core.errors import Refused
from tocsin.core.schedules import Rendered, Schedule
from tocsin.core.schedules.shown import View, as_document, as_icalendar, as_svg, as_text, as_timeline, strip_of
from tocsin.core.schedules.wallclock import instant_of, local_of
from tocsin.core.vocabulary import Instant, ScheduleName, Span
from tocsin.engine import clock
from tocsin.engine.duty import shifts_in

#: The longest window that is rendered at once.
LONGEST = timedelta(days=3_660)
#: The forms that there are; those that can show several schedules at once come last.
FORMS = ("json", "ics", "text", "timeline", "svg")
_OF_ONE = FORMS[:2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to see."""

    schedules: Sequence[str]
    form: str
    #: RFC 3339, or a date in the zone that is shown; None: the beginning of today, and so many days after it.
    begins: str | None = None
    ends: str | None = None
    days: int = 14
    #: None: the zone of the first schedule.
    zone: str | None = None
    #: RFC 3339: what is marked as now; None: the present.
    now: str | None = None
    #: Of a picture, in pixels.
    width: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sight:
    """What is seen, once the wish is understood."""

    directory: Directory
    schedules: tuple[Schedule, ...]
    window: Span
    zone: ZoneInfo
    now: Instant


def render(path: Path, wish: Wish) -> str:
    """Schedules out of files, without a server.

    Raises:
        Refused: the files, the window, the zone or the form are wrong.
        NotFound: the files have no such schedule.
    """
    directory = read_offline(path)
    sight = _sight(wish, directory, str(path), now=clock.now())
    return _shown(wish, sight, {one.name: directory.rota.shifts(one.name, sight.window) for one in sight.schedules})


async def show(settings: Settings, wish: Wish) -> str:
    """Schedules of the installation; what has passed is shown as it was.

    Raises:
        Refused: the window, the zone or the form are wrong.
        NotFound: there is no such schedule.
        Unavailable: the database cannot be asked.
    """
    async with in_force(settings) as (store, directory):
        sight = _sight(wish, directory, "the configuration in force", now=await store.now())
        names = [one.name for one in sight.schedules]
        return _shown(wish, sight, await shifts_in(store, directory, names, sight.window))


def _sight(wish: Wish, directory: Directory, where: str, *, now: Instant) -> _Sight:
    if wish.form not in FORMS:
        raise Refused(f"{wish.form!r} is no format", field="--format", hint=f"there are: {', '.join(FORMS)}")
    names = wish.schedules or sorted(directory.schedules)
    schedules = tuple(known_schedule(name, directory, where, field="--schedule") for name in dict.fromkeys(names))
    if not schedules:
        raise Refused(f"there is no schedule in {where}", hint="apply a configuration that has one")
    if wish.form in _OF_ONE and len(schedules) > 1:
        raise Refused(f"the format {wish.form} shows one schedule", field="--schedule", hint="name one of them")
    zone = schedules[0].time_zone if wish.zone is None else _zone(wish.zone)
    moment = now if wish.now is None else instant(wish.now, "--now")
    return _Sight(directory=directory, schedules=schedules, window=_window(wish, zone, moment), zone=zone, now=moment)


def _shown(wish: Wish, sight: _Sight, rendered: Mapping[ScheduleName, Rendered]) -> str:
    strips = [strip_of(one.name, rendered[one.name]) for one in sight.schedules]
    name, zone = sight.schedules[0].name, sight.zone
    match wish.form:
        case "json":
            text = json.dumps(as_document(name, sight.window, rendered[name]))
        case "ics":
            text = as_icalendar(name, rendered[name], zone=zone, stamp=sight.now)
        case "timeline":
            text = as_timeline(strips, sight.window, zone=zone, now=sight.now)
        case "svg":
            text = as_svg(strips, sight.window, zone=zone, view=_view(wish, sight))
        case _:
            text = "\n".join(as_text(one, sight.window, rendered[one], zone=zone) for one in rendered)
    return text.rstrip("\n")


def _view(wish: Wish, sight: _Sight) -> View:
    return View(
        now=sight.now,
        names={person.name: person.full_name for person in sight.directory.people.values()},
        people=tuple(name for schedule in sight.schedules for name in schedule.people),
        width=wish.width,
    )


def _zone(text: str) -> ZoneInfo:
    try:
        return notation.zone(text)
    except Refused as refusal:
        raise Refused(refusal.detail, field="--zone", hint=refusal.hint) from None


def _window(wish: Wish, zone: ZoneInfo, now: Instant) -> Span:
    begins = local_of(now, zone).date().isoformat() if wish.begins is None else wish.begins
    start = _moment(begins, zone, "--from")
    if wish.ends is None:
        end = instant_of(local_of(start, zone) + timedelta(days=wish.days), zone)
    else:
        end = _moment(wish.ends, zone, "--to")
    if not start < end <= start + LONGEST:
        hint = "give a --to that is later than --from, and at most ten years"
        raise Refused(f"there is no window from {begins} to {wish.ends}", field="--to", hint=hint)
    return Span(start, end)


def _moment(text: str, zone: ZoneInfo, field: str) -> Instant:
    try:
        found = datetime.fromisoformat(text)
        return instant_of(found, zone) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(
            f"{text!r} is no date and no instant", field=field, hint="write 2026-11-22T03:00:00Z, or 2026-11-22"
        ) from None
