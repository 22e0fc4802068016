"""The configuration in force on this node: cached by revision, looked up again whenever it changes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Protocol

import structlog

from tocsin.configuration.building import directory
from tocsin.configuration.circumstances import Feeds as Told
from tocsin.core.appointments import absences, bookings
from tocsin.core.directory import Directory
from tocsin.core.errors import TocsinError
from tocsin.ports.feeds import Feed, Feeds
from tocsin.ports.state import Document, Documents

log = structlog.get_logger()


class Sources(Documents, Feeds, Protocol):
    """What a directory is made of."""


class Directories:
    """Holds the directory of the newest revision."""

    def __init__(self, store: Sources) -> None:
        self._store = store
        #: Of the copies of calendars.
        self._version = 0
        self._current = Directory()
        self._refreshing = asyncio.Lock()

    def current(self) -> Directory:
        """The directory as this node knows it now."""
        return self._current

    async def refresh(self) -> bool:
        """Read the newest revision; True when it is another than before.

        A revision that cannot be read leaves the one before in force: nobody loses their pager to a bad file.
        """
        async with self._refreshing:
            try:
                revision, documents = await self._store.documents()
                version = await self._store.feeds_version()
                if (revision, version) == (self._current.revision, self._version):
                    return False
                self._current = await self._built(documents, revision)
                self._version = version
            except TocsinError as trouble:
                log.exception("the configuration in force stays as it was", error=str(trouble))
                return False
            log.info("configuration in force", revision=revision, documents=len(documents))
            return True

    async def _built(self, documents: Sequence[Document], revision: int) -> Directory:
        """The directory, made twice where calendars book people: the first one says who there is to be booked.

        Beside the loop that answers and pages: a large one takes a while.
        """
        plain = await asyncio.to_thread(directory, documents, revision)
        if not plain.calendars:
            return plain
        feeds = await self._store.feeds()
        return await asyncio.to_thread(lambda: directory(documents, revision, calendars=told(feeds, plain)))


def told(feeds: Iterable[Feed], known: Directory) -> Told:
    """What the copies of calendars say of the people of a directory."""
    copies = [feed for feed in feeds if feed.calendar in known.calendars]
    people = known.people.values()
    return Told(
        bookings={feed.calendar: bookings(feed.appointments, people) for feed in copies},
        absences={feed.calendar: absences(feed.appointments) for feed in copies},
    )
