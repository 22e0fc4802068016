"""What the watch over a running installation has to have kept. All instants and lengths here are real time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from tocsin.core.vocabulary import Instant, IntegrationName
from tocsin.core.watch import Book, Broken, Hour, Judged, Presence, Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Depths:
    """How full the store is, and what waits in it."""

    #: Deliveries that are due and that nobody has claimed.
    outbox: Queue = field(default_factory=Queue)
    #: Messages that are due and that nobody has claimed.
    messages: Queue = field(default_factory=Queue)
    #: What the database takes; None: it cannot be asked.
    database_bytes: int | None = None
    #: The database's own folder on this machine; None: it is elsewhere, or does not say.
    database_folder: str | None = None


class WatchBook(Protocol):
    """Troubles, nodes, and the habits of integrations."""

    async def judge_troubles(self, judge: Callable[[Book], Judged]) -> Judged:
        """Judge by the book of all nodes and write what it is afterwards; one node at a time."""
        ...

    async def watch_book(self) -> Book:
        """The book as it stands."""
        ...

    async def be_present(self, node: str, *, role: str, version: str) -> tuple[Instant, tuple[Presence, ...]]:
        """Say that this node lives. The database's own clock, and every node that is known."""
        ...

    async def presences(self) -> tuple[Instant, tuple[Presence, ...]]:
        """The database's own clock, and every node that is known."""
        ...

    async def say_goodbye(self, node: str) -> None:
        """This node ends in order: nobody need miss it."""
        ...

    async def depths(self) -> Depths:
        """How full the store is, and what waits in it."""
        ...

    async def broken_beside(self) -> tuple[tuple[Broken, ...], tuple[Broken, ...]]:
        """The syncs that fail, and the calendars that cannot be read, by name."""
        ...

    async def add_inbound(self, heard: Mapping[IntegrationName, Hour]) -> None:
        """Add what came since the last time; hours that are long over are forgotten."""
        ...

    async def inbound_hours(self, *, since: Instant) -> Mapping[IntegrationName, tuple[Hour, ...]]:
        """What came from each integration, hour by hour."""
        ...


#: A node is forgotten after this.
NODE_FORGOTTEN = timedelta(hours=24)
