"""Who is to be reminded of which shift, and when: each person's own choice, said once a stint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta

from tocsin.core.directory import Directory
from tocsin.core.messages import Message
from tocsin.core.people import Person
from tocsin.core.schedules import Rota, Shift
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span

#: Every key of a reminder begins so.
PREFIX = "reminder/"
#: Reminders are made so long before they are due; an edit until then takes them back.
AHEAD = timedelta(days=1)
#: What lies closer together is one stint: five nights in a row are not worth five reminders.
TOGETHER = timedelta(hours=24)
#: A reminder that comes later than this gives way to the next one of the same stint.
LATE = timedelta(hours=1)
#: A stint that has begun longer ago than this before the look is not seen to begin.
_BEFORE = TOGETHER + timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stint:
    """A person's shifts of one schedule that lie close together."""

    schedule: ScheduleName
    #: From the start of the first to the end of the last, as far as they were looked at.
    span: Span
    #: Of the first.
    source: str


def stints(rota: Rota, window: Span) -> Mapping[PersonName, tuple[Stint, ...]]:
    """Each person's stints that begin in the window, by schedule and in order of time."""
    look = Span(window.start - _BEFORE, window.end)
    found: dict[tuple[PersonName, ScheduleName], list[Stint]] = {}
    for schedule in sorted(rota.schedules):
        for shift in rota.shifts(schedule, look).shifts:
            for person in shift.people:
                _add(found.setdefault((person, schedule), []), schedule, shift)
    begun: dict[PersonName, tuple[Stint, ...]] = {}
    for (person, _), known in found.items():
        begin_here = tuple(stint for stint in known if window.start <= stint.span.start)
        begun[person] = begun.get(person, ()) + begin_here
    return begun


def reminders(directory: Directory, now: Instant) -> tuple[Message, ...]:
    """Every reminder that is due within `AHEAD`, or is due already and still of use."""
    wanted = [person for person in directory.people.values() if person.reminders]
    if not wanted:
        return ()
    furthest = max(max(person.reminders) for person in wanted)
    begun = stints(directory.rota, Span(now, now + furthest + AHEAD))
    return tuple(
        message
        for person in sorted(wanted, key=lambda each: each.name)
        for stint in begun.get(person.name, ())
        for message in _of(person, stint, directory.rota, now)
    )


def _add(known: list[Stint], schedule: ScheduleName, shift: Shift) -> None:
    last = known[-1] if known else None
    if last is not None and shift.span.start - last.span.end < TOGETHER:
        known[-1] = Stint(schedule=schedule, span=Span(last.span.start, shift.span.end), source=last.source)
    else:
        known.append(Stint(schedule=schedule, span=shift.span, source=shift.source))


def _of(person: Person, stint: Stint, rota: Rota, now: Instant) -> Iterator[Message]:
    last = min(person.reminders)
    for lead in person.reminders:
        due = stint.span.start - lead
        if due <= now + AHEAD and (lead == last or now - due <= LATE):
            yield _message(person, stint, lead, rota.on_call(stint.schedule, stint.span.start).until)


def _message(person: Person, stint: Stint, lead: timedelta, until: Instant | None) -> Message:
    start = _text(stint.span.start)
    ends = {"end": _text(until)} if until is not None else {}
    return Message(
        key=f"{PREFIX}{stint.schedule}/{start}/{person.name}/{lead.total_seconds():.0f}",
        person=person.name,
        kind="reminder",
        values={"schedule": stint.schedule, "start": start, "source": stint.source, **ends},
        due_at=stint.span.start - lead,
        until=stint.span.start,
    )


def _text(at: Instant) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
