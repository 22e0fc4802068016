"""What is kept, and what may be asked of it. PostgreSQL keeps these promises, and so does its twin in memory.

One rule of locking: the group's row guards its case (alerts, climb, pages). Locks are taken in the order
groups by id, people's buckets by name, deliveries by id. Every `decide` that is passed in is pure and may be
called again when a transaction has to be repeated. All instants come from the store's own clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol

from tocsin.core.alerts.model import Alert, Status
from tocsin.core.arrivals import Arrival, Decided, Known, Verdict
from tocsin.core.case import Case, Fact
from tocsin.core.flow import Telling
from tocsin.core.paging.calm import Calm
from tocsin.core.paging.outbox import Delivery
from tocsin.core.vocabulary import (
    AlertId,
    DeliveryId,
    EventId,
    GroupId,
    Instant,
    PersonName,
    PolicyName,
    ServiceName,
    Severity,
)
from tocsin.ports.doors import Earlier

# Intake.


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A request as it came, secrets in its headers taken out."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One event to be stored and decided."""

    arrival: Arrival
    #: The id of the first event of the same request.
    request_id: EventId
    #: The raw request, with the first event of it; None with the others.
    raw: Raw | None


class Intake(Protocol):
    """Taking events in."""

    async def take_in(
        self,
        incoming: Sequence[Incoming],
        decide: Callable[[list[Arrival], Known], Decided],
        calm: Calm,
    ) -> list[Verdict]:
        """Store and decide a batch in one transaction; the verdicts are in its order.

        When the batch fails for a reason of one of its members, the caller gives it again one by one.

        Raises:
            Unavailable: the store cannot take it now; nothing is stored.
        """
        ...


# Work.


#: How many climbs took a round-robin step of a policy before.
Turn = Callable[[PolicyName, int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """As much of an alert as a notice says."""

    alert_id: AlertId
    summary: str
    severity: Severity
    service: ServiceName | None
    status: Status
    count: int
    since: Instant
    drill: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A delivery that this node may call now, and nobody else until its lease ends."""

    delivery: Delivery
    #: Names this claim: an outcome under an older claim is not written.
    claim: int
    #: The alerts of its items that still ring, worst first.
    mentions: tuple[Mention, ...]
    claimed_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """What one round of work came to."""

    #: How many were decided or claimed. As many as the limit: there is probably more, and then services take turns
    #: (core/paging/order.py), so that it may be some more than the limit.
    count: int
    #: How long nothing will be due, by the store's clock; None: nothing waits.
    idle: timedelta | None
    #: Deliveries that are due at once: already claimed by this node, committed, ready to be called.
    claimed: tuple[Claimed, ...] = ()


class Work(Protocol):
    """Deciding what is due."""

    async def work(
        self,
        *,
        node: str,
        limit: int,
        lease: timedelta,
        calm: Calm,
        decide: Callable[[Case, Instant, Turn], Telling],
    ) -> Worked:
        """Claim due cases, decide each, and write facts, state, next instants and deliveries in one transaction."""
        ...

    async def command(
        self,
        alert_ids: Sequence[AlertId],
        decide: Callable[[Case, Instant, Turn], Telling],
        calm: Calm,
    ) -> tuple[Case, ...]:
        """Decide about the cases of these alerts, each case once, in one transaction.

        The cases are as they are afterwards, in the order of their ids; an id that no alert has is passed over.
        """
        ...

    async def wake_all(self) -> None:
        """Make every open case due now: the configuration has changed in a way that may matter to it."""
        ...


# Deliveries.


class Ended(StrEnum):
    """How a call ended."""

    SENT = "sent"
    FAILED = "failed"
    #: It may have arrived.
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one claimed delivery."""

    claimed: Claimed
    ended: Ended
    #: What the provider answered, as evidence: status, text, reference, or why there is no answer.
    answer: Mapping[str, Any]
    #: Gives each of the delivery's attempts its outcome within the case that it belongs to.
    decide: Callable[[Case, Instant, Turn, Delivery], Telling]


class Outbox(Protocol):
    """Calling providers, each delivery by one node at a time."""

    async def claim(self, *, node: str, limit: int, lease: timedelta) -> Worked:
        """Claim deliveries that are due, or whose lease has ended (those are marked as a repeat).

        One whose alerts no longer ring is cancelled instead.
        """
        ...

    async def finish(self, results: Sequence[Result], calm: Calm) -> None:
        """Write outcomes and what they lead to, in one transaction. A claim that is no longer ours is left alone."""
        ...


# Reading.


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRecord:
    """An alert with what is counted beside it."""

    alert: Alert
    group_id: GroupId
    #: How many triggers it has had.
    count: int
    last_seen_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertQuery:
    """Which alerts, newest first."""

    statuses: tuple[Status, ...] = ()
    services: tuple[ServiceName, ...] | None = None
    #: Part of the summary, case does not matter.
    text: str = ""
    limit: int = 50
    #: Where the list before it ended; None: from the start.
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSlice:
    """A part of the list of alerts."""

    items: tuple[AlertRecord, ...]
    #: None: this was the last part.
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One commit of a case's story."""

    version: int
    at: Instant
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """One event as it was taken in."""

    id: EventId
    request_id: EventId
    integration: str
    received_at: Instant
    action: str
    dedup_key: str
    outcome: str
    alert_id: AlertId | None
    #: The normalised event as JSON values.
    event: Mapping[str, Any]
    #: None: it came as a further event of its request, or was deleted for its age.
    raw: Raw | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """One delivery with its evidence. Status: waiting, calling, sent, failed, uncertain, cancelled."""

    delivery: Delivery
    status: str
    claimed_at: Instant | None
    sent_at: Instant | None
    answer: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the watchdog asks."""

    now: Instant
    #: Open cases whose next instant passed longer ago than the watchdog allows.
    late_cases: int
    #: Cases with an alert that rings and no next instant: there must be none.
    cases_without_next_step: int
    #: Deliveries that are due for longer than the watchdog allows, or whose lease ended as long ago.
    stuck_deliveries: int
    #: How late the latest case is; zero: none is.
    lateness: timedelta
    open_alerts: Mapping[str, int] = field(default_factory=dict)


class Readings(Protocol):
    """What faces show."""

    async def now(self) -> Instant:
        """The store's clock, by which all is decided."""
        ...

    async def alerts(self, query: AlertQuery) -> AlertSlice:
        """A part of the list, newest first."""
        ...

    async def alert(self, alert_id: AlertId) -> AlertRecord | None:
        """One alert; None: there is none of this id."""
        ...

    async def alerts_of(self, alert_ids: Sequence[AlertId]) -> tuple[AlertRecord, ...]:
        """These alerts, in the order of the ids; an id that no alert has is passed over."""
        ...

    async def case(self, group_id: GroupId) -> Case | None:
        """One case; None: there is none of this id."""
        ...

    async def story(self, group_id: GroupId) -> tuple[Entry, ...]:
        """Everything that happened to a group, oldest first."""
        ...

    async def events_of(self, alert_id: AlertId, limit: int) -> tuple[EventRecord, ...]:
        """The newest events of an alert."""
        ...

    async def deliveries_of(self, alert_id: AlertId) -> tuple[DeliveryRecord, ...]:
        """Every delivery that covered an alert, oldest first."""
        ...

    async def delivery(self, delivery_id: DeliveryId) -> DeliveryRecord | None:
        """One delivery; None: there is none of this id."""
        ...

    async def shown_to(self, person: str, limit: int) -> tuple[DeliveryRecord, ...]:
        """The newest deliveries to a person on channels of any kind, newest first."""
        ...

    async def earlier(self, request_id: EventId) -> Earlier | None:
        """What became of an earlier request; None: there was none of this id."""
        ...

    async def health(self, *, allowed: timedelta, counted: bool = True) -> Health:
        """Whether the promises are being kept.

        `counted`: with how many alerts are open and how many have no next step, which takes a while where many are.
        """
        ...


# Configuration, people's keys, and what holds the rest together.


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One configured object. Two documents are the same when kind, name and body are."""

    kind: str
    name: str
    body: Mapping[str, Any]
    #: Who made it: "file" (apply) or "api".
    origin: str = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An API token; only the hash of its secret is kept."""

    hash: str
    name: str
    role: str
    #: None: it belongs to no person.
    person: PersonName | None = None
    #: The permissions that it is for; None: all that its role has.
    scope: frozenset[str] | None = None
    #: None: it does not end by itself.
    expires_at: Instant | None = None
    #: Who gave it out; None: the environment did.
    made_by: str | None = None
    #: None: not stored yet.
    made_at: Instant | None = None
    #: When it was used last, to the minute; None: never.
    used_at: Instant | None = None


class Documents(Protocol):
    """Configuration as versioned documents."""

    async def documents(self) -> tuple[int, tuple[Document, ...]]:
        """The revision in force and all documents of it."""
        ...

    async def change(
        self, *, put: Sequence[Document], drop: Sequence[tuple[str, str]], by: str, at_revision: int
    ) -> int:
        """Write a new revision and tell all nodes.

        Raises:
            Refused: somebody else has changed the configuration since `at_revision`.
        """
        ...


class Upkeep(Protocol):
    """One-time links, retention, repair."""

    async def use_once(self, nonce: str, *, lasts: timedelta) -> bool:
        """True the first time that a one-time link of this nonce is used."""
        ...

    async def forget_events(self, *, older_than: timedelta, limit: int) -> int:
        """Delete events by age, at most `limit` at a time; how many there were."""
        ...

    async def repair(self) -> int:
        """Make cases due that ring without a next instant; how many there were."""
        ...

    def watch(self, on: Callable[[str, str], None]) -> None:
        """Call `on(topic, payload)` for each notice from any node.

        Topics: "work", "outbox", "configuration", "case", "messages".
        """
        ...
