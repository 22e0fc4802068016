"""Who is told what about the rota: people whose shifts an edit has moved, and teams that a gap is coming for."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, timedelta

from tocsin.core.directory import Directory
from tocsin.core.insight.findings import FindingKind
from tocsin.core.insight.inspection import findings
from tocsin.core.insight.moves import PersonMoves, Stretch, moves
from tocsin.core.messages import Message
from tocsin.core.schedules import NobodyReason, Rota, Schedule
from tocsin.core.vocabulary import Instant, ScheduleName, Span

#: Shifts that lie further ahead may still move before anybody plans by them.
MOVES_AHEAD = timedelta(days=90)
#: Gaps are told so long before they come.
GAPS_AHEAD = timedelta(days=30)
#: Of what a person has gained or lost in one schedule, so much is said.
_SAID_AT_MOST = 12

#: Gaps that nobody has asked for; the others stand in the rota, where `check` tells of them.
_UNASKED = frozenset({NobodyReason.EVERYBODY_IS_AWAY, NobodyReason.ON_CALL_ELSEWHERE})


def moved(before: Directory, after: Directory, now: Instant) -> tuple[Message, ...]:
    """What an edit of schedules, people or absences has moved, to everybody whose shifts it has moved.

    A schedule that is new moves nobody's shifts. What overrides do is told by whoever makes them.
    """
    known = {name: schedule for name, schedule in after.schedules.items() if name in before.schedules}
    same = {name: _with_overrides_of(before.schedules[name], schedule) for name, schedule in known.items()}
    was = Rota({name: before.schedules[name] for name in known}, before.circumstances)
    will_be = Rota(same, after.circumstances)
    found = moves(was, will_be, Span(now, now + MOVES_AHEAD), zones=after.circumstances.zones)
    edit = "" if after.revision != before.revision else None
    return tuple(
        message
        for person in found.people
        if person.person in after.people
        for message in _of_person(person, after, found.window, edit=edit)
    )


def gaps_ahead(directory: Directory, now: Instant) -> tuple[Message, ...]:
    """The gaps that absences, or people who are on call elsewhere, will make: to the lead and the administrators."""
    found = findings(directory, Span(now, now + GAPS_AHEAD))
    return tuple(
        Message(
            key=f"rota_gap/{one.key}/{person}",
            person=person,
            kind="rota_gap",
            values={
                "schedule": one.schedule,
                "start": _text(one.span.start),
                "end": _text(one.span.end),
                "reason": one.reason or "",
                "zone": directory.schedules[one.schedule].time_zone.key,
            },
            due_at=now,
            until=one.span.end,
        )
        for one in found
        if one.kind is FindingKind.SCHEDULE_GAP and one.reason in _UNASKED and one.schedule is not None
        for person in directory.answerable(one.schedule)
    )


def _with_overrides_of(before: Schedule, after: Schedule) -> Schedule:
    """The schedule as it is now under the kept overrides as they were."""
    kept = tuple(override for override in before.overrides if override.name)
    return replace(after, overrides=(*(one for one in after.overrides if not one.name), *kept))


def _of_person(person: PersonMoves, directory: Directory, window: Span, *, edit: str | None) -> Iterator[Message]:
    """`edit`: what tells it from others of the same revision; None: what it moves."""
    gained, lost = _by_schedule(person.gained), _by_schedule(person.lost)
    for name in sorted({*gained, *lost}):
        told = _digest(window, gained.get(name, []), lost.get(name, [])) if edit is None else edit
        yield Message(
            key=f"shifts_moved/{directory.revision}/{name}/{person.person}/{told}",
            person=person.person,
            kind="shifts_moved",
            values={
                "schedule": name,
                "gained": _lines(gained.get(name, ())),
                "lost": _lines(lost.get(name, ())),
                "effective": _text(window.start),
                "zone": directory.schedules[name].time_zone.key,
            },
            due_at=window.start,
        )


def _digest(window: Span, *sides: list[Span]) -> str:
    """Tells one edit from another of the same revision: calendars that are kept elsewhere change without one.

    Where a stretch is cut off by the window says when one looked, not what was moved.
    """
    cut = {window.start, window.end}
    uncut = [[tuple(at for at in (one.start, one.end) if at not in cut) for one in spans] for spans in sides]
    return hashlib.sha256(repr(uncut).encode()).hexdigest()[:16]


def _by_schedule(stretches: Iterable[Stretch]) -> dict[ScheduleName, list[Span]]:
    found: defaultdict[ScheduleName, list[Span]] = defaultdict(list)
    for stretch in stretches:
        found[stretch.schedule].append(stretch.span)
    return found


def _lines(spans: Iterable[Span]) -> str:
    lines = [f"{_text(span.start)}/{_text(span.end)}" for span in spans]
    return "\n".join((*lines[:_SAID_AT_MOST], *(("...",) if len(lines) > _SAID_AT_MOST else ())))


def _text(at: Instant) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
