"""What the command line changes of the rota, for whoever can reach the data: overrides, absences, swaps, notes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tocsin.app.asking import known_schedule
from tocsin.app.database import open_store
from tocsin.app.directories import Directories
from tocsin.app.exchange import StoredExchange
from tocsin.app.settings import Settings
from tocsin.configuration.notation import positive_duration
from tocsin.core.directory import Directory
from tocsin.core.errors import NotFound, Refused
from tocsin.core.overriding import Asker
from tocsin.core.schedules import Absence
from tocsin.core.schedules.shown.table import aligned, times
from tocsin.core.schedules.wallclock import instant_of
from tocsin.core.swapping import Offer, addressed, standing
from tocsin.core.vocabulary import Instant, PersonName, Span, rfc3339
from tocsin.engine.handovers import Handovers
from tocsin.ports.exchange import KeptOverride


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A span as it is written on the command line: a beginning (None: now), and one of an end and a length."""

    begins: str | None
    ends: str | None
    lasts: str | None

    def span(self, now: Instant, zone: ZoneInfo) -> Span:
        """The span; local times mean the clock in `zone`.

        Raises:
            Refused: a part cannot be read, or its end is said twice or not at all.
        """
        if (self.ends is None) == (self.lasts is None):
            raise Refused("it needs its end or its length", field="--to", hint="give one of --to, --for")
        begins = now if self.begins is None else _moment(self.begins, zone, "--from")
        if self.ends is not None:
            return Span(begins, _moment(self.ends, zone, "--to"))
        try:
            return Span(begins, begins + positive_duration(self.lasts or ""))
        except OverflowError:
            raise Refused("that is too far ahead", field="--for", hint="within the next year") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The installation, opened to change its rota."""

    exchange: StoredExchange
    handovers: Handovers
    directory: Directory
    now: Instant

    def zone_of(self, schedule: str) -> ZoneInfo:
        """The zone of a schedule.

        Raises:
            NotFound: there is no schedule of this name.
        """
        return known_schedule(schedule, self.directory, "the configuration in force", field="schedule").time_zone

    def zone_of_person(self, person: str) -> ZoneInfo:
        """Where somebody lives.

        Raises:
            NotFound: there is nobody of this name.
        """
        found = self.directory.people.get(PersonName(person))
        if found is None:
            raise NotFound(f"there is nobody named {person!r}", field="person")
        return found.time_zone


@asynccontextmanager
async def office(settings: Settings) -> AsyncIterator[Office]:
    """Open the installation, that of a running server if there is one."""
    async with open_store(settings, attach=True) as store:
        directories = Directories(store)
        await directories.refresh()
        yield Office(
            exchange=StoredExchange(store, directories),
            handovers=Handovers(store, directories.current),
            directory=directories.current(),
            now=await store.now(),
        )


def asker(person: str | None = None) -> Asker:
    """Whoever can reach the data may do what an administrator may; some things are done by a person."""
    name = PersonName(person) if person is not None else None
    return Asker(name=person or "command line", person=name, manages=True)


def overrides_text(found: Iterable[KeptOverride], directory: Directory) -> str:
    """One line each, on the clock of its schedule."""
    rows = [
        (
            one.schedule,
            *times(one.override.span, directory.schedules[one.schedule].time_zone),
            ", ".join(one.override.people) or "nobody",
            f"instead of {one.override.instead_of}" if one.override.instead_of else "",
            one.override.name,
            one.override.note,
        )
        for one in found
    ]
    return _table(("schedule", "from", "to", "for", "who", "", "name", "note"), rows, "There is no override.")


def absences_text(found: Iterable[Absence], directory: Directory) -> str:
    """One line each, on the person's clock."""
    rows = [
        (one.person, *times(one.span, _zone(directory, one.person)), one.name or "(not made here)", one.note)
        for one in found
    ]
    return _table(("who", "from", "to", "for", "name", "note"), rows, "Nobody is away.")


def offers_text(found: Iterable[Offer], directory: Directory, now: Instant) -> str:
    """One line each, on the clock of whoever offers."""
    rows = [
        (
            one.schedule,
            *times(one.span, _zone(directory, one.by)),
            one.by,
            standing(directory, one, now).value,
            ", ".join(dict.fromkeys(part.by for part in one.taken)) or f"to {', '.join(addressed(directory, one))}",
            one.id,
            one.note,
        )
        for one in found
    ]
    headings = ("schedule", "from", "to", "for", "whose", "standing", "", "id", "note")
    return _table(headings, rows, "No shift is offered.")


def override_document(one: KeptOverride) -> dict[str, Any]:
    """For programs."""
    return {
        "name": one.override.name,
        "schedule": one.schedule,
        "people": list(one.override.people),
        "instead_of": one.override.instead_of,
        **_ends(one.override.span),
        "note": one.override.note,
        "made_by": one.made_by,
    }


def absence_document(one: Absence) -> dict[str, Any]:
    """For programs."""
    return {"name": one.name, "person": one.person, **_ends(one.span), "note": one.note}


def offer_document(one: Offer, directory: Directory, now: Instant) -> dict[str, Any]:
    """For programs."""
    return {
        "id": one.id,
        "schedule": one.schedule,
        "person": one.by,
        **_ends(one.span),
        "offered_to": list(addressed(directory, one)),
        "standing": standing(directory, one, now).value,
        "taken": [{"by": part.by, **_ends(part.span)} for part in one.taken],
        "note": one.note,
    }


def _ends(span: Span) -> dict[str, str]:
    return {"from": rfc3339(span.start), "to": rfc3339(span.end)}


def _zone(directory: Directory, person: PersonName) -> ZoneInfo:
    known = directory.people.get(person)
    return known.time_zone if known is not None else ZoneInfo("UTC")


def _table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]], nothing: str) -> str:
    return "\n".join(aligned((headings, *rows))) if rows else nothing


def _moment(text: str, zone: ZoneInfo, field: str) -> Instant:
    try:
        found = datetime.fromisoformat(text)
        return instant_of(found, zone) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        hint = "write 2026-11-22T09:00 for the clock of the place, or 2026-11-22T08:00:00Z"
        raise Refused(f"{text!r} is no date and no instant", field=field, hint=hint) from None
