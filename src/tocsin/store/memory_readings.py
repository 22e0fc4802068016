"""What the store in memory keeps, and what may be read of it: readings, documents, upkeep."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from tocsin.core.alerts.model import Alert, Status
from tocsin.core.arrivals import Key, Outcome
from tocsin.core.case import Case
from tocsin.core.paging.outbox import Delivery, Item
from tocsin.core.vocabulary import AlertId, DeliveryId, EventId, GroupId, Instant, PageId, PersonName, PolicyName
from tocsin.ports.doors import Earlier, Taken
from tocsin.ports.state import (
    AlertQuery,
    AlertRecord,
    AlertSlice,
    DeliveryRecord,
    Document,
    Entry,
    EventRecord,
    Health,
)
from tocsin.store import codec
from tocsin.store.documents import refuse_unless_newest
from tocsin.store.readings import read_cursor, slice_of

_NOTHING_RINGS = {"why": "nothing rings any more"}
_NOT_TOLD = {"why": "the node that called did not tell what came of it"}


@dataclass(slots=True, kw_only=True)
class Kept:
    """A delivery as it is kept."""

    delivery: Delivery
    created_at: Instant
    stopped: set[tuple[PageId, int]]
    status: str = "waiting"
    claim: int = 0
    claimed_at: Instant | None = None
    lease_until: Instant | None = None
    sent_at: Instant | None = None
    answer: Mapping[str, Any] | None = None

    @property
    def live_items(self) -> tuple[Item, ...]:
        """What it still has to say."""
        return tuple(one for one in self.delivery.items if (one.page_id, one.attempt) not in self.stopped)

    @property
    def waits_until(self) -> Instant | None:
        """When it is somebody's to call; None: it is done."""
        match self.status:
            case "waiting":
                return self.delivery.due_at
            case "calling":
                return self.lease_until
            case _:
                return None

    @property
    def record(self) -> DeliveryRecord:
        """As faces show it."""
        return DeliveryRecord(
            delivery=self.delivery,
            status=self.status,
            claimed_at=self.claimed_at,
            sent_at=self.sent_at,
            answer=self.answer,
        )

    def cancel(self) -> None:
        """It has nothing left to say. One whose node was calling when its lease ended may have arrived."""
        if self.status == "calling":
            self.status, self.answer = "uncertain", _NOT_TOLD
        else:
            self.status, self.answer = "cancelled", _NOTHING_RINGS


class Remembers:
    """Everything that is kept, until the process ends."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        self._now = now
        self._cases: dict[GroupId, Case] = {}
        #: The cases that are not over, and when each that waits for an instant is to be looked at.
        self._open: dict[GroupId, None] = {}
        self._due: dict[GroupId, Instant] = {}
        self._journal: defaultdict[GroupId, list[Entry]] = defaultdict(list)
        self._alerts: dict[AlertId, AlertRecord] = {}
        self._newest: dict[Key, AlertId] = {}
        self._ended_early: dict[Key, tuple[Instant, Instant]] = {}
        self._events: dict[EventId, tuple[EventRecord, Status | None]] = {}
        self._deliveries: dict[DeliveryId, Kept] = {}
        #: Those that wait or are being called, and some that have just ended: whoever asks strikes these out.
        self._under_way: dict[DeliveryId, Kept] = {}
        self._full_at: dict[PersonName, Instant] = {}
        self._turns: Counter[tuple[PolicyName, int]] = Counter()
        self._documents: dict[tuple[str, str], Document] = {}
        self._revision = 0
        self._links: dict[str, Instant] = {}
        self._watchers: list[Callable[[str, str], None]] = []

    async def close(self) -> None:
        """Nothing to do: what is kept ends with the object."""

    def _case(self, group_id: GroupId) -> Case:
        """A case with the expiries that plain repeats have moved."""
        case = self._cases[group_id]
        return replace(case, alerts={alert_id: self._alerts[alert_id].alert for alert_id in case.alerts})

    def _notify(self, topic: str, payload: str = "") -> None:
        for on in self._watchers:
            on(topic, payload)

    def _unfinished(self) -> list[tuple[Instant, DeliveryId]]:
        """Deliveries that wait or are being called, with when they are somebody's to call."""
        found = [(kept.waits_until, delivery_id) for delivery_id, kept in self._under_way.items()]
        for at, delivery_id in found:
            if at is None:
                del self._under_way[delivery_id]
        return sorted((at, delivery_id) for at, delivery_id in found if at is not None)

    def _set_due(self, group_id: GroupId, at: Instant | None) -> None:
        if at is None:
            self._due.pop(group_id, None)
        else:
            self._due[group_id] = at

    def _open_records(self) -> list[AlertRecord]:
        members = (self._cases[group_id].alerts for group_id in self._open)
        records = (self._alerts[alert_id] for alerts in members for alert_id in alerts)
        return [record for record in records if record.alert.is_open]

    # Readings.

    async def now(self) -> Instant:
        """The clock that was passed in."""
        return self._now()

    async def alerts(self, query: AlertQuery) -> AlertSlice:
        """A part of the list, newest first."""
        found = sorted((one for one in self._alerts.values() if _fits(one.alert, query)), key=_place, reverse=True)
        if query.cursor is not None:
            end = read_cursor(query.cursor)
            found = [one for one in found if _place(one) < end]
        return slice_of(found, query.limit)

    async def alert(self, alert_id: AlertId) -> AlertRecord | None:
        """One alert; None: there is none of this id."""
        return self._alerts.get(alert_id)

    async def alerts_of(self, alert_ids: Sequence[AlertId]) -> tuple[AlertRecord, ...]:
        """These alerts, in the order of the ids; an id that no alert has is passed over."""
        return tuple(self._alerts[alert_id] for alert_id in alert_ids if alert_id in self._alerts)

    async def case(self, group_id: GroupId) -> Case | None:
        """One case; None: there is none of this id."""
        return self._case(group_id) if group_id in self._cases else None

    async def story(self, group_id: GroupId) -> tuple[Entry, ...]:
        """Everything that happened to a group, oldest first."""
        return tuple(self._journal.get(group_id, ()))

    async def events_of(self, alert_id: AlertId, limit: int) -> tuple[EventRecord, ...]:
        """The newest events of an alert."""
        found = [record for record, _ in self._events.values() if record.alert_id == alert_id]
        return tuple(sorted(found, key=lambda one: (one.received_at, one.id), reverse=True)[:limit])

    async def deliveries_of(self, alert_id: AlertId) -> tuple[DeliveryRecord, ...]:
        """Every delivery that covered an alert, oldest first."""
        return _records(
            kept
            for kept in self._deliveries.values()
            if any(alert_id in item.alert_ids for item in kept.delivery.items)
        )

    async def delivery(self, delivery_id: DeliveryId) -> DeliveryRecord | None:
        """One delivery; None: there is none of this id."""
        kept = self._deliveries.get(delivery_id)
        return None if kept is None else kept.record

    async def shown_to(self, person: str, limit: int) -> tuple[DeliveryRecord, ...]:
        """The newest deliveries to a person on channels of any kind, newest first."""
        return _records(kept for kept in self._deliveries.values() if kept.delivery.person == person)[::-1][:limit]

    async def earlier(self, request_id: EventId) -> Earlier | None:
        """What became of an earlier request; None: there was none of this id."""
        if request_id not in self._events:
            return None
        record, status = self._events[request_id]
        taken = Taken(
            event_id=record.id,
            dedup_key=record.dedup_key,
            outcome=Outcome(record.outcome),
            alert_id=record.alert_id,
            status=status,
        )
        return Earlier(
            taken=taken, action=record.action, integration=record.integration, processed_at=record.received_at
        )

    async def health(self, *, allowed: timedelta, counted: bool = True) -> Health:
        """Whether the promises are being kept; counting costs nothing here."""
        now = self._now()
        waits = list(self._due.values())
        return Health(
            now=now,
            late_cases=sum(at < now - allowed for at in waits),
            cases_without_next_step=len(self._forgotten()),
            stuck_deliveries=sum(at < now - allowed for at, _ in self._unfinished()),
            lateness=max(now - min(waits, default=now), timedelta(0)),
            open_alerts=Counter(one.alert.status.value for one in self._open_records()),
        )

    def _forgotten(self) -> list[GroupId]:
        return [group_id for group_id in self._open if group_id not in self._due and self._cases[group_id].ringing]

    # Documents and upkeep.

    async def documents(self) -> tuple[int, tuple[Document, ...]]:
        """The revision in force and all documents of it."""
        return self._revision, tuple(one for _, one in sorted(self._documents.items()))

    async def change(
        self, *, put: Sequence[Document], drop: Sequence[tuple[str, str]], by: str, at_revision: int
    ) -> int:
        """Write a new revision and tell all nodes."""
        refuse_unless_newest(at_revision, self._revision)
        for key in drop:
            self._documents.pop(key, None)
        for one in put:
            body = codec.decode_json(codec.encode_json(one.body))
            self._documents[one.kind, one.name] = replace(one, body=body)
        self._revision += 1
        self._notify("configuration", str(self._revision))
        return self._revision

    async def use_once(self, nonce: str, *, lasts: timedelta) -> bool:
        """True the first time that a one-time link of this nonce is used."""
        now = self._now()
        if self._links.get(nonce, now) > now:
            return False
        self._links[nonce] = now + lasts
        return True

    async def forget_events(self, *, older_than: timedelta, limit: int) -> int:
        """Delete events by age, at most `limit` at a time; how many there were."""
        end = self._now() - older_than
        old = [event_id for event_id, (record, _) in self._events.items() if record.received_at < end][:limit]
        for event_id in old:
            del self._events[event_id]
        return len(old)

    async def repair(self) -> int:
        """Make cases due that ring without a next instant; how many there were."""
        forgotten = self._forgotten()
        self._due.update(dict.fromkeys(forgotten, self._now()))
        return len(forgotten)

    def watch(self, on: Callable[[str, str], None]) -> None:
        """Call `on(topic, payload)` for each notice: "work", "outbox", "configuration", "case", "messages"."""
        self._watchers.append(on)


def _fits(alert: Alert, query: AlertQuery) -> bool:
    return (
        (not query.statuses or alert.status in query.statuses)
        and (query.services is None or alert.service in query.services)
        and query.text.lower() in alert.summary.lower()
    )


def _place(record: AlertRecord) -> tuple[Instant, AlertId]:
    return record.alert.created_at, record.alert.id


def _records(kept: Iterable[Kept]) -> tuple[DeliveryRecord, ...]:
    """Oldest first."""
    return tuple(one.record for one in sorted(kept, key=lambda one: (one.created_at, one.delivery.id)))
