"""Which alerts page together: those of one route with the same values, within a window."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

from tocsin.core.events import Event
from tocsin.core.vocabulary import Instant, ServiceName

#: A group takes no more members than this; the next alert opens a new one. It bounds what one decision reads.
FULL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """A route's wish: alerts with the same values of these labels page together for so long."""

    labels: tuple[str, ...]
    window: timedelta


def group_key(grouping: Grouping, event: Event, *, route: str, service: ServiceName | None) -> str:
    """The text that two events share when they have route, service and the values of these labels in common.

    Whatever the labels, alerts of two services do not page together: each has people of its own.
    `service`, `severity` and `source` may be named like labels.
    """
    fields = {"service": event.service or "", "severity": event.severity.value, "source": event.source or ""}
    values = (event.labels.get(name, fields.get(name, "")) for name in grouping.labels)
    return json.dumps((route, service or "", *values), ensure_ascii=False)


def may_join(*, members: int, opened_at: Instant, gathers_until: Instant, rings: bool, now: Instant) -> bool:
    """True when a new alert of the same key joins: the group still rings, gathers, and has room.

    A group that somebody has answered takes nobody in: what comes after the answer rings on its own.
    """
    return rings and members < FULL and opened_at <= now < gathers_until
