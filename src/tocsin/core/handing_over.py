"""Notes that go with a shift: written by whoever leaves, opened by whoever comes, and asked for until they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import NewType

from tocsin.core.directory import Directory
from tocsin.core.errors import Refused
from tocsin.core.messages import Message
from tocsin.core.schedules import Rota
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName

NoteId = NewType("NoteId", str)

LONGEST = 25_000
#: Every key of a message about a note begins so.
PREFIX = "handoff/"
#: Whoever came on call is asked again after this, and whoever wrote the note is told after that.
ASKED_AGAIN = timedelta(minutes=30)
WRITER_TOLD = timedelta(hours=1)
#: Nobody writes notes for a shift that begins later than this.
FURTHEST = timedelta(days=92)
#: After this nobody is asked any more: the shift knows by now what there is to know.
OVER = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What those who come on call next have to know."""

    id: NoteId
    schedule: ScheduleName
    by: PersonName
    text: str
    written_at: Instant
    #: When those come on call for whom it is meant; the same as `written_at` for whoever was on call then.
    begins: Instant
    #: Who has opened it, and when.
    reads: Mapping[PersonName, Instant] = field(default_factory=dict)


def note(rota: Rota, schedule: ScheduleName, *, note_id: NoteId, by: PersonName, text: str, now: Instant) -> Note:
    """A note as it is written now: by somebody on call for whoever comes next, by others for whoever is on call.

    Raises:
        Refused: there is no text, or too much of it.
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise Refused(f"a note has between 1 and {LONGEST:,} characters", field="text")
    begins = now
    if by in rota.on_call(schedule, now).people:
        begins = _leaves(rota, schedule, by, now) or now
    return Note(id=note_id, schedule=schedule, by=by, text=text, written_at=now, begins=begins)


def readers(rota: Rota, known: Note) -> tuple[PersonName, ...]:
    """Who must open it: everybody on call from its beginning on, except its writer."""
    if known.schedule not in rota.schedules:
        return ()
    return tuple(name for name in rota.on_call(known.schedule, known.begins).people if name != known.by)


def unread(rota: Rota, known: Note) -> tuple[PersonName, ...]:
    """Who must still open it."""
    return tuple(name for name in readers(rota, known) if name not in known.reads)


def chases(directory: Directory, notes: Iterable[Note], now: Instant) -> tuple[Message, ...]:
    """What is to be said about notes that nobody has opened, as far as it is due."""
    return tuple(message for known in notes for message in _about(directory, known, now))


def _leaves(rota: Rota, schedule: ScheduleName, person: PersonName, now: Instant) -> Instant | None:
    """When somebody comes on call and the person does not stay. None: not within the search."""
    present = rota.on_call(schedule, now)
    while present.until is not None:
        begins = present.until
        present = rota.on_call(schedule, begins)
        if present.people and person not in present.people:
            return begins
        if begins - now > FURTHEST:
            return None
    return None


def _about(directory: Directory, known: Note, now: Instant) -> Iterator[Message]:
    if not known.begins <= now <= known.begins + OVER:
        return
    missing = unread(directory.rota, known)
    for person in missing:
        yield _message(directory, known, person, "shift_begins", known.begins)
        yield _message(directory, known, person, "handoff_unread", known.begins + ASKED_AGAIN)
    if missing:
        yield _message(directory, known, known.by, "handoff_unopened", known.begins + WRITER_TOLD)


def _message(directory: Directory, known: Note, person: PersonName, kind: str, due: Instant) -> Message:
    present = directory.rota.on_call(known.schedule, known.begins)
    return Message(
        key=f"{PREFIX}{known.id}/{kind}/{person}",
        person=person,
        kind=kind,
        values={
            "schedule": known.schedule,
            "start": _text(known.begins),
            "end": _text(present.until) if present.until is not None else "",
            "notes": "1",
            "people": ", ".join(unread(directory.rota, known)),
        },
        due_at=due,
        until=known.begins + OVER,
        path=f"/schedules/{known.schedule}",
    )


def _text(at: Instant) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
