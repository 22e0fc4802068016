"""Who goes first when more is due than can be done at once: a quiet service before the thousandth alert of a loud one.

What has waited the longest goes first, so that nothing is put off for ever; but beside it, with every round, goes
the first of everybody else, so that nobody waits for the whole of another's storm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")

#: So many of each go with a round, whatever has waited longer elsewhere.
EACH = 2
#: To how many a round turns beside what has waited the longest; the others have their turn with the next round.
SERVED = 64


def in_turn(items: Iterable[T], of: Callable[[T], Hashable]) -> list[T]:
    """The first of each, then the second of each, and so on; otherwise in the order given."""
    met: Counter[Hashable] = Counter()
    rounds: list[tuple[int, T]] = []
    for item in items:
        party = of(item)
        rounds.append((met[party], item))
        met[party] += 1
    return [item for _, item in sorted(rounds, key=lambda pair: pair[0])]


def room_for_lost(limit: int, waiting: int) -> int:
    """How many calls of nodes that fell silent are taken over beside those that wait: what is left, and always some."""
    return max(limit - waiting, 1 + limit // 8)


def next_round(waiting: Sequence[T], of: Callable[[T], Hashable], *, limit: int, each: int = EACH) -> list[T]:
    """Of what waits, longest first: as many as the limit says, and beside them the first few of each.

    A store that cannot look at all that waits turns to `SERVED` parties a round, one after the other.
    """
    chosen, others = list(waiting[:limit]), waiting[limit:]
    met: Counter[Hashable] = Counter()
    for item in others:
        met[of(item)] += 1
        if met[of(item)] <= each:
            chosen.append(item)
    return chosen
