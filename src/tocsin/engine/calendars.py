"""Calendars that people subscribe to: a schedule's shifts, or one person's over all schedules, at a secret address."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tocsin.core.directory import Directory
from tocsin.core.errors import Forbidden, NotFound
from tocsin.core.schedules.shown import (
    Binding,
    Planned,
    Published,
    calendar_text,
    in_sight,
    published,
    rendered_for,
    seen,
)
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName
from tocsin.engine.duty import shifts_in
from tocsin.engine.links import Links
from tocsin.ports.calendars import CalendarBook, Publication, PublicationKind
from tocsin.ports.duty import DutyBook
from tocsin.ports.state import Readings


class CalendarStore(CalendarBook, DutyBook, Readings, Protocol):
    """What calendars need to have kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A calendar as it is now."""

    events: tuple[Published, ...]
    binding: Binding
    at: Instant

    @property
    def tag(self) -> str:
        """The same for copies that say the same; quicker than their text."""
        names = sorted((name, self.binding.names.get(name, name)) for one in self.events for name in one.people)
        year = self.at.year if not self.events else None
        said = repr((self.events, names, self.binding.title, self.binding.zone.key, year))
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    def text(self) -> str:
        """As calendar programs read it."""
        return calendar_text(self.events, self.binding, at=self.at)


class Calendars:
    """Gives addresses out, and answers who knows one."""

    def __init__(self, store: CalendarStore, directory: Callable[[], Directory], links: Links) -> None:
        self._store = store
        self._directory = directory
        self._links = links

    async def url(self, publication: Publication) -> str:
        """The address of a calendar; the same one for everybody until it is reset.

        Raises:
            NotFound: there is no such schedule or person.
        """
        _binding(self._directory(), publication)
        return self._links.calendar_url(publication, await self._store.first_calendar_nonce(publication, _fresh()))

    async def reset(self, publication: Publication) -> str:
        """Another address; the one before is no longer good.

        Raises:
            NotFound: there is no such schedule or person.
        """
        _binding(self._directory(), publication)
        fresh = _fresh()
        await self._store.replace_calendar_nonce(publication, fresh)
        return self._links.calendar_url(publication, fresh)

    async def read(self, token: str) -> Copy:
        """The calendar at an address.

        Raises:
            NotFound: there is none; whether it is forged, reset or of somebody who has left is not said.
        """
        directory = self._directory()
        try:
            publication = await self._opened_by(token)
            binding = _binding(directory, publication)
        except (Forbidden, NotFound):
            raise NotFound("there is no calendar at this address", hint="ask for its address again") from None
        now = await self._store.now()
        planned = await self._planned(directory, publication, now)
        events = await self._store.publish(publication, lambda before: published(before, planned, now))
        return Copy(events=events, binding=binding, at=now)

    async def _opened_by(self, token: str) -> Publication:
        """What an address gives access to.

        Raises:
            Forbidden: it is forged.
            NotFound: it was replaced by another.
        """
        publication, nonce = self._links.read_calendar(token)
        known = await self._store.calendar_nonce(publication) or ""
        if not hmac.compare_digest(known.encode(), nonce.encode()):
            raise NotFound("the address was replaced")
        return publication

    async def _planned(self, directory: Directory, publication: Publication, now: Instant) -> tuple[Planned, ...]:
        """The shifts that the calendar tells of; those of the past as they really were."""
        sight = seen(now)
        window = rendered_for(sight)
        if publication.kind is PublicationKind.SCHEDULE:
            names = [ScheduleName(publication.name)]
        else:
            names = sorted({name for name, _ in directory.rota.shifts_of(PersonName(publication.name), window)})
        rendered = await shifts_in(self._store, directory, names, window)
        planned = ((name, shift) for name, shown in rendered.items() for shift in shown.shifts)
        if publication.kind is PublicationKind.PERSON:
            planned = ((name, shift) for name, shift in planned if publication.name in shift.people)
        return in_sight(planned, sight)


def _binding(directory: Directory, publication: Publication) -> Binding:
    names = {person.name: person.full_name for person in directory.people.values()}
    if publication.kind is PublicationKind.SCHEDULE:
        schedule = directory.schedules.get(ScheduleName(publication.name))
        if schedule is None:
            raise NotFound(f"there is no schedule {publication.name!r}", field="name")
        return Binding(title=f"{schedule.name} on call", zone=schedule.time_zone, names=names)
    person = directory.people.get(PersonName(publication.name))
    if person is None:
        raise NotFound(f"there is no person {publication.name!r}", field="name")
    return Binding(title=f"{person.full_name} on call", zone=person.time_zone, names=names, person=person.name)


def _fresh() -> str:
    return secrets.token_urlsafe(12)
