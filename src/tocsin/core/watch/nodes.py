"""Which nodes there are, and which have vanished without saying goodbye."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from tocsin.core.vocabulary import Instant

#: A node that has not been heard of for so long has vanished: each says that it lives every three seconds.
GONE = timedelta(seconds=9)
#: Whose place nobody has taken is a trouble for so long.
MISSED = timedelta(hours=1)
#: The roles whose nodes page.
PAGING_ROLES = frozenset({"all", "worker"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A node that has said that it lives. Instants are real time, by the database's clock."""

    node: str
    role: str
    version: str
    started_at: Instant
    seen_at: Instant

    def lives(self, now: Instant) -> bool:
        """True while it has been heard of lately."""
        return now - self.seen_at < GONE


def gone(nodes: Iterable[Presence], now: Instant) -> tuple[Presence, ...]:
    """Those that have vanished and whose place no younger node of their role has taken, longest gone first."""
    known = sorted(nodes, key=lambda one: one.seen_at)
    younger = sorted((one for one in known if one.lives(now)), key=lambda one: one.started_at)
    missed: list[Presence] = []
    for one in known:
        if one.lives(now) or now - one.seen_at >= MISSED:
            continue
        heir = next((other for other in younger if other.role == one.role and other.started_at >= one.seen_at), None)
        if heir is None:
            missed.append(one)
        else:
            younger.remove(heir)
    return tuple(missed)


def nobody_pages(nodes: Iterable[Presence], now: Instant) -> bool:
    """True when nodes that page were there and none is alive. Of none at all their undone work tells soon enough.

    While one version follows another there may be nodes that do not say that they live.
    """
    paging = [one for one in nodes if one.role in PAGING_ROLES]
    return bool(paging) and not any(one.lives(now) for one in paging)
