"""The configuration in force on this node: cached by revision, looked up again whenever it changes."""

from __future__ import annotations

import asyncio

import structlog

from tocsin.configuration.building import directory
from tocsin.core.directory import Directory
from tocsin.core.errors import TocsinError
from tocsin.ports.state import Documents

log = structlog.get_logger()


class Directories:
    """Holds the directory of the newest revision."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
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
                revision, documents = await self._documents.documents()
                if revision == self._current.revision:
                    return False
                self._current = directory(documents, revision)
            except TocsinError as trouble:
                log.exception("the configuration in force stays as it was", error=str(trouble))
                return False
            log.info("configuration in force", revision=revision, documents=len(documents))
            return True
