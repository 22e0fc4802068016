"""Calendars that people subscribe to, in memory."""

from __future__ import annotations

from collections.abc import Callable

from tocsin.core.schedules.shown import Published
from tocsin.core.vocabulary import Instant
from tocsin.ports.calendars import Publication
from tocsin.store.memory_readings import Remembers
from tocsin.store.published import published_in, published_text


class RemembersPublished(Remembers):
    """What calendars were told, until the process ends."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        super().__init__(now)
        self._publications: dict[Publication, tuple[str, str]] = {}

    async def calendar_nonce(self, publication: Publication) -> str | None:
        """The secret part of a calendar's address; None: nobody has asked for its address yet."""
        found = self._publications.get(publication)
        return None if found is None else found[0]

    async def first_calendar_nonce(self, publication: Publication, fresh: str) -> str:
        """The secret part of a calendar's address, which is `fresh` when there was none."""
        return self._publications.setdefault(publication, (fresh, published_text(())))[0]

    async def replace_calendar_nonce(self, publication: Publication, fresh: str) -> None:
        """Make `fresh` the secret part: the address before is no longer good."""
        _, text = self._publications.get(publication, ("", published_text(())))
        self._publications[publication] = (fresh, text)

    async def publish(
        self, publication: Publication, decide: Callable[[tuple[Published, ...]], tuple[Published, ...]]
    ) -> tuple[Published, ...]:
        """Read what was published, decide what is published now, and keep that."""
        found = self._publications.get(publication)
        after = decide(() if found is None else published_in(found[1]))
        if found is not None:
            self._publications[publication] = (found[0], published_text(after))
        return after
