"""Who guesses waits, longer each time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tocsin.core.errors import TooMany
from tocsin.engine import waits
from tocsin.engine.waits import FORGOTTEN_SECONDS, Waits


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        """What it shows."""
        return self.at


def waiting(tries: Waits, who: str = "ada") -> float:
    """How long somebody has to wait."""
    try:
        tries.refuse_hasty(who)
    except TooMany as refused:
        return refused.retry_seconds
    return 0.0


def test_waits_grow_for_one_and_for_nobody_else() -> None:
    """After the free tries each wrong one doubles the wait, up to the longest."""
    watch = Watch()
    tries = Waits(free=3, longest=timedelta(seconds=10), now=watch)
    found = []
    for _ in range(6):
        tries.count("ada")
        found.append(waiting(tries))
        watch.at += waiting(tries)
    assert found == [0, 0, 2, 4, 8, 10]
    assert waiting(tries, "grace") == 0


def test_who_was_right_begins_anew() -> None:
    """A right one forgives a name all; at an address it only does not count itself."""
    tries = Waits(free=2, longest=timedelta(seconds=10), now=Watch())
    for _ in range(4):
        tries.count("ada")
    tries.take_back("ada")
    assert waiting(tries) == 4
    tries.forgive("ada")
    assert waiting(tries) == 0
    tries.take_back("nobody")


def test_a_quiet_hour_forgets() -> None:
    """Yesterday's slips cost nothing today."""
    watch = Watch()
    tries = Waits(free=2, longest=timedelta(seconds=10), now=watch)
    for _ in range(5):
        tries.count("ada")
    watch.at += FORGOTTEN_SECONDS
    tries.count("ada")
    assert waiting(tries) == 0


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many the oldest are forgotten first."""
    monkeypatch.setattr(waits, "KNOWN", 3)
    tries = Waits(free=1, longest=timedelta(seconds=10), now=Watch())
    for who in "abcd":
        tries.count(who)
    assert [waiting(tries, who) > 0 for who in "abcd"] == [False, True, True, True]
