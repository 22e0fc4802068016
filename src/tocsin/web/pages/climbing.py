"""What a page needs to show how an alert climbs: its case, its ladder, who is being rung."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.core.case import Case
from tocsin.core.story import Line, Rung, Try, ladder, story
from tocsin.core.vocabulary import GroupId, Instant, PageId
from tocsin.core.words import one_line
from tocsin.engine.commands import Counter
from tocsin.ports.state import AlertRecord, DeliveryRecord

#: How much of a provider's answer is shown, in characters.
_DETAIL = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Climbing:
    """An alert on its way to somebody."""

    record: AlertRecord
    #: None: its group is not known any more.
    case: Case | None
    rungs: tuple[Rung, ...] = ()
    lines: tuple[Line, ...] = ()

    @property
    def rung_now(self) -> tuple[str, ...]:
        """Whom Tocsin tries to reach at present, each once."""
        pages = self.case.pages.values() if self.case is not None else ()
        return tuple(dict.fromkeys(page.recipient for page in pages if page.is_live))

    @property
    def next_at(self) -> Instant | None:
        """When the next step comes; None: none by itself."""
        if self.case is None or self.case.run is None or not self.case.ringing:
            return None
        return self.case.run.next_at

    @property
    def policy(self) -> str | None:
        """By which policy it climbs."""
        return self.case.run.policy.name if self.case is not None and self.case.run is not None else None


async def glance(counter: Counter, record: AlertRecord) -> Climbing:
    """As much as a line in a list needs."""
    return Climbing(record=record, case=await counter.reads.case(record.group_id))


async def whole(counter: Counter, record: AlertRecord) -> Climbing:
    """The ladder with every try, and the story."""
    case = await counter.reads.case(record.group_id)
    if case is None:
        return Climbing(record=record, case=None)
    entries = [(entry.at, entry.facts) for entry in await counter.reads.story(record.group_id)]
    deliveries = await counter.reads.deliveries_of(record.alert.id)
    tries = tries_of(deliveries, record.group_id)
    return Climbing(
        record=record,
        case=case,
        rungs=ladder(case, entries, tries, roster=counter.directory),
        lines=tuple(line for line in story(entries) if line.alert_id in (None, record.alert.id)),
    )


def tries_of(deliveries: Iterable[DeliveryRecord], group_id: GroupId) -> tuple[Try, ...]:
    """Deliveries as the tries of one group's ladder; one that carries several pages of it is told once."""
    tries: dict[tuple[str, PageId], Try] = {}
    for record in deliveries:
        for item in record.delivery.items:
            if item.group_id == group_id:
                tries[record.delivery.id, item.page_id] = _try(record, item.rung)
    return tuple(tries.values())


def evidence(answer: Mapping[str, Any] | None) -> str:
    """What the provider answered, in one line."""
    if not answer:
        return ""
    parts = [str(answer[key]) for key in ("why", "status", "text", "reference") if answer.get(key) not in (None, "")]
    return one_line(" · ".join(parts), _DETAIL)


def _try(record: DeliveryRecord, rung: int) -> Try:
    delivery = record.delivery
    return Try(
        at=record.sent_at or record.claimed_at or delivery.due_at,
        rung=rung,
        recipient=delivery.person or delivery.address,
        contact=delivery.contact,
        channel=delivery.channel,
        status=record.status,
        detail=evidence(record.answer),
        repeat=delivery.repeat,
    )
