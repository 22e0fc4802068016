"""Calendars that people subscribe to: the secret part of each address, and what was published under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from tocsin.core.schedules.shown import Published


class PublicationKind(StrEnum):
    """Whose shifts a calendar tells of."""

    SCHEDULE = "schedule"
    #: One person's, over all schedules.
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A calendar that can be subscribed to."""

    kind: PublicationKind
    #: The schedule's or the person's name.
    name: str


class CalendarBook(Protocol):
    """What calendars were told."""

    async def calendar_nonce(self, publication: Publication) -> str | None:
        """The secret part of a calendar's address; None: nobody has asked for its address yet."""
        ...

    async def first_calendar_nonce(self, publication: Publication, fresh: str) -> str:
        """The secret part of a calendar's address, which is `fresh` when there was none."""
        ...

    async def replace_calendar_nonce(self, publication: Publication, fresh: str) -> None:
        """Make `fresh` the secret part: the address before is no longer good."""
        ...

    async def publish(
        self, publication: Publication, decide: Callable[[tuple[Published, ...]], tuple[Published, ...]]
    ) -> tuple[Published, ...]:
        """Read what was published, decide what is published now, and keep that, in one transaction.

        For a calendar without an address nothing is kept. `decide` may be called again, when others were in the way.
        """
        ...
