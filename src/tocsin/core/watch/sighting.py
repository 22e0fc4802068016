"""What one node has seen in one look: figures, and nothing that is made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tocsin.core.vocabulary import Instant, IntegrationName, PersonName


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """What the store says of open cases and deliveries. All lengths are in real time."""

    late_cases: int = 0
    #: How late the latest case is.
    lateness: timedelta = timedelta(0)
    #: Cases with an alert that rings and no next instant: there must be none.
    without_next_step: int = 0
    #: Deliveries that are due for too long, or whose lease ended as long ago.
    stuck_deliveries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits to be done, and for how long the oldest of it has been due."""

    waiting: int = 0
    overdue: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """For how long a loop of this node has given no sign of life."""

    loop: str
    lasts: timedelta
    #: True when pages depend on the loop.
    carries_pages: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingProvider:
    """A provider that this node could not use, several times in a row."""

    channel: str
    #: The host behind the addresses; empty: the channel's own server.
    host: str
    since: Instant
    why: str
    #: How many people have a contact that goes through it.
    people: int = 0
    #: Those of them who have no contact that goes by another way.
    cut_off: tuple[PersonName, ...] = ()

    @property
    def shown(self) -> str:
        """The provider as people call it: "email", "webhook hooks.example.org"."""
        return f"{self.channel} {self.host}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """The room on the disk below a folder."""

    folder: str
    free_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lull:
    """An integration from which nothing has come for far longer than its habit is."""

    integration: IntegrationName
    last_at: Instant
    #: The longest it was silent at such hours before.
    usual: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Something beside the pages that does not work, by its name: a sync, a calendar."""

    name: str
    since: Instant
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What one node has seen in one look."""

    node: str
    at: Instant
    #: None: the store does not answer.
    promises: Promises | None
    #: Why the store does not answer; empty where it does.
    away: str = ""
    #: How far this node's clock is ahead of the database's; negative: behind. None: not known.
    skew: timedelta | None = None
    #: Events that wait for their commit on this node.
    intake: Queue = Queue()
    messages: Queue = Queue()
    silences: tuple[Silence, ...] = ()
    providers: tuple[FailingProvider, ...] = ()
    disks: tuple[Disk, ...] = ()
    lulls: tuple[Lull, ...] = ()
    #: Nodes that have vanished without saying goodbye, and when they were last seen.
    gone: tuple[tuple[str, Instant], ...] = ()
    #: True when no node that pages is alive.
    nobody_pages: bool = False
    syncs: tuple[Broken, ...] = ()
    calendars: tuple[Broken, ...] = ()
    #: Since when the outside address that is called while all is well has not answered; None: it does.
    dead_man_mute_since: Instant | None = None
