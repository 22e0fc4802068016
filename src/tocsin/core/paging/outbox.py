"""What leaves, when, and together with what: attempts become deliveries, each person's in calm."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tocsin.core.effects import SendPage
from tocsin.core.paging.calm import Calm, take
from tocsin.core.paging.order import in_turn
from tocsin.core.vocabulary import AlertId, DeliveryId, GroupId, Instant, PageId, PersonName, ServiceName, Urgency

_DELIVERIES = uuid.UUID("0d9f2a7c-6f7e-4a35-9a0e-1c1d5b1f9a11")

#: Who is reached by which contact at which urgency: what may travel together.
Way = tuple[PersonName, str, str, Urgency]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One page's attempt, as a delivery carries it."""

    page_id: PageId
    attempt: int
    group_id: GroupId
    alert_ids: tuple[AlertId, ...]
    rung: int
    #: Why just this one is reached: "schedule data-primary".
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One call to one contact, for one attempt or a bundle of them."""

    id: DeliveryId
    #: None: a program behind `address`.
    person: PersonName | None
    contact: str
    channel: str
    address: str
    urgency: Urgency
    due_at: Instant
    items: tuple[Item, ...]
    #: True: until it leaves, others for the same contact ride along.
    gathers: bool = False
    #: True when an earlier call for the same may have arrived.
    repeat: bool = False
    #: The service of the attempt that it was made for, which waits its turn among the services; None: of none.
    service: ServiceName | None = None


@dataclass(slots=True, kw_only=True)
class Placed:
    """What a set of attempts comes to."""

    deliveries: list[Delivery] = field(default_factory=list)
    #: Attempts that ride along with a delivery that already waits.
    joined: list[tuple[DeliveryId, Item]] = field(default_factory=list)
    #: Of the deliveries that already wait, those with which a repeat now rides along: they are marked as repeats.
    repeats: set[DeliveryId] = field(default_factory=set)
    #: When the bucket of each person rung will be full again.
    full_at: dict[PersonName, Instant] = field(default_factory=dict)


def way_of(send: SendPage) -> Way | None:
    """What the attempt may travel together with; None: a program, called on its own."""
    return None if send.person is None else (send.person, send.channel, send.address, send.urgency)


def delivery_id(page_id: PageId, attempt: int) -> DeliveryId:
    """The one name of the delivery that is made for this attempt, whoever decides it and however often."""
    return DeliveryId(str(uuid.uuid5(_DELIVERIES, f"{page_id}/{attempt}")))


def place(
    sends: Iterable[SendPage],
    *,
    calm: Calm,
    full_at: Mapping[PersonName, Instant],
    gathering: Mapping[Way, DeliveryId],
    now: Instant,
) -> Placed:
    """Give each attempt its delivery: at once while the person's bucket has tokens, else in a bundle.

    Services take turns, so that the first of a quiet one is not bundled for the sake of the fifth of a loud one.
    `full_at` is each person's bucket as stored; `gathering` are the deliveries that wait and gather.
    """
    placed = Placed()
    waiting = dict(gathering)
    for send in in_turn(sends, lambda one: one.service):
        way = way_of(send)
        item = _item(send)
        if way is not None and way in waiting:
            placed.joined.append((waiting[way], item))
            if send.repeat:
                placed.repeats.add(waiting[way])
            continue
        delivery = _delivery(send, item, due_at=now)
        if send.person is not None and way is not None:
            slot = take(calm, placed.full_at.get(send.person, full_at.get(send.person)), now)
            placed.full_at[send.person] = slot.full_at
            if slot.waits(now):
                delivery = _delivery(send, item, due_at=slot.at, gathers=True)
                waiting[way] = delivery.id
        placed.deliveries.append(delivery)
    new = {delivery.id for delivery in placed.deliveries}
    placed.deliveries = [
        replace(delivery, repeat=delivery.repeat or delivery.id in placed.repeats) for delivery in placed.deliveries
    ]
    placed.repeats -= new
    return placed


def _item(send: SendPage) -> Item:
    return Item(
        page_id=send.page_id,
        attempt=send.attempt,
        group_id=send.group_id,
        alert_ids=send.alert_ids,
        rung=send.rung,
        because=send.because,
    )


def _delivery(send: SendPage, item: Item, *, due_at: Instant, gathers: bool = False) -> Delivery:
    return Delivery(
        id=delivery_id(send.page_id, send.attempt),
        person=send.person,
        contact=send.contact,
        channel=send.channel,
        address=send.address,
        urgency=send.urgency,
        due_at=due_at,
        items=(item,),
        gathers=gathers,
        repeat=send.repeat,
        service=send.service,
    )
