"""Deliveries as they leave: what they say, and which have nothing left to say. Pure, and the same for both stores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tocsin.core.alerts.model import Alert
from tocsin.core.case import Case
from tocsin.core.paging.order import in_turn
from tocsin.core.paging.outbox import Delivery, Item
from tocsin.core.vocabulary import AlertId, GroupId, Instant
from tocsin.ports.state import Claimed, Mention


def mention(alert: Alert, count: int) -> Mention:
    """As much of an alert as a notice says."""
    return Mention(
        alert_id=alert.id,
        summary=alert.summary,
        severity=alert.severity,
        service=alert.service,
        status=alert.status,
        count=count,
        since=alert.created_at,
        drill=alert.drill,
    )


def _worst_first(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """The order in which a notice names its alerts: the worst of each service, quiet ones first, then the others."""
    told = tuple(mentions)
    amounts = Counter(one.service for one in told)
    told = tuple(sorted(told, key=lambda one: (one.severity.rank, amounts[one.service], one.since, one.alert_id)))
    return tuple(in_turn(told, lambda one: one.service))


def claim_of(
    delivery: Delivery, told: Mapping[GroupId, Sequence[Mention]], *, claims: int, was_calling: bool, now: Instant
) -> Claimed | None:
    """A delivery as it leaves, with what a page of its groups speaks of now; None: it has nothing to say any more.

    The items of `delivery` are those that are not stopped. Alerts that have joined their groups since ride along.
    """
    mentions = {one.alert_id: one for item in delivery.items for one in told.get(item.group_id, ())}
    if not mentions:
        return None
    items = tuple(_covering(item, told.get(item.group_id, ())) for item in delivery.items)
    leaving = replace(delivery, items=items, repeat=delivery.repeat or was_calling)
    return Claimed(delivery=leaving, claim=claims + 1, mentions=_worst_first(mentions.values()), claimed_at=now)


def _covering(item: Item, told: Iterable[Mention]) -> Item:
    joined = [one.alert_id for one in told if one.alert_id not in item.alert_ids]
    return replace(item, alert_ids=(*item.alert_ids, *joined)) if joined else item


def claimed_now(
    deliveries: Iterable[Delivery],
    cases: Mapping[GroupId, Case],
    counts: Mapping[AlertId, int],
    now: Instant,
) -> tuple[Claimed, ...]:
    """Deliveries that leave in the very round that made them, with what they say."""
    return tuple(
        Claimed(delivery=delivery, claim=1, mentions=_mentions(delivery, cases, counts), claimed_at=now)
        for delivery in deliveries
        if delivery.due_at <= now
    )


def _mentions(delivery: Delivery, cases: Mapping[GroupId, Case], counts: Mapping[AlertId, int]) -> tuple[Mention, ...]:
    groups = dict.fromkeys(item.group_id for item in delivery.items)
    told = (alert for group_id in groups for alert in cases[group_id].told)
    return _worst_first(mention(alert, counts.get(alert.id, 1)) for alert in told)
