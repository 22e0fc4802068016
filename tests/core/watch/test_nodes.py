"""Which nodes have vanished: without a goodbye, for an hour, or until another has taken the place."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tocsin.core.vocabulary import utc
from tocsin.core.watch import Presence, gone, nobody_pages
from tocsin.core.watch.nodes import GONE, MISSED

NOW = utc(2026, 11, 22, 3, 11)


def node(name: str, *, seen: float, started: float = 9_999, role: str = "all") -> Presence:
    """A node that was started and last seen so many seconds ago."""
    return Presence(
        node=name,
        role=role,
        version="1",
        started_at=NOW - timedelta(seconds=started),
        seen_at=NOW - timedelta(seconds=seen),
    )


@pytest.mark.parametrize(
    ("nodes", "missed"),
    [
        ([], []),
        ([node("a", seen=1), node("b", seen=GONE.total_seconds() - 0.1)], []),
        ([node("a", seen=1), node("b", seen=GONE.total_seconds())], ["b"]),
        ([node("a", seen=1), node("b", seen=MISSED.total_seconds())], []),
        ([node("a", seen=1, started=20), node("b", seen=30)], []),
        ([node("a", seen=1, started=40), node("b", seen=30)], ["b"]),
        ([node("a", seen=1, started=20, role="web"), node("b", seen=30, role="worker")], ["b"]),
        ([node("a", seen=1, started=20), node("b", seen=30), node("c", seen=25)], ["c"]),
    ],
)
def test_who_has_vanished(nodes: list[Presence], missed: list[str]) -> None:
    """A node is missed from its ninth silent second on, for an hour; each younger node of its role takes one place."""
    assert [one.node for one in gone(nodes, NOW)] == missed


@pytest.mark.parametrize(
    ("nodes", "nobody"),
    [
        ([], False),
        ([node("a", seen=1)], False),
        ([node("a", seen=1, role="web")], False),
        ([node("a", seen=1, role="web"), node("b", seen=60, role="worker")], True),
        ([node("a", seen=1, role="web"), node("b", seen=1, role="worker")], False),
    ],
)
def test_somebody_has_to_page(nodes: list[Presence], nobody: bool) -> None:
    """Where nodes that page were there and none is alive, those that answer requests are not enough."""
    assert nobody_pages(nodes, NOW) is nobody
