"""Hashes of passwords: right, wrong, none at all, and made anew when they are outdated."""

from __future__ import annotations

import asyncio
import threading

import pytest
from argon2 import PasswordHasher

from tocsin.core.errors import TooMany
from tocsin.engine import hashing
from tocsin.engine.hashing import Hashing

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


class Counting(PasswordHasher):
    """Notes how many checks run at the same time, and how many there were."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=64, parallelism=1)
        self.most = self.now = self.checks = 0
        self._lock = threading.Lock()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
        """Check one."""
        with self._lock:
            self.now += 1
            self.checks += 1
            self.most = max(self.most, self.now)
        try:
            return bool(super().verify(hash, password))
        finally:
            with self._lock:
                self.now -= 1


async def test_a_hash_knows_its_password() -> None:
    """The right one is right, another is wrong, and a hash that is damaged is nobody's."""
    books = Hashing(QUICK)
    kept = await books.make("a lake of tin")
    assert kept.startswith("$argon2id$")
    assert (await books.check("a lake of tin", kept)).right
    assert not (await books.check("a lake of ten", kept)).right
    assert not (await books.check("a lake of tin", "damaged")).right


async def test_whoever_has_no_password_is_checked_all_the_same() -> None:
    """The work is the same, so that the time tells nothing; and it is never right."""
    hasher = Counting()
    books = Hashing(hasher)
    assert not (await books.check("anything", None)).right
    assert hasher.checks == 1


async def test_an_outdated_hash_is_made_anew() -> None:
    """Right with old parameters brings a hash with those of today; right with those of today brings none."""
    old = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1).hash("a lake of tin")
    checked = await Hashing(QUICK).check("a lake of tin", old)
    assert checked.fresh is not None
    assert (await Hashing(QUICK).check("a lake of tin", checked.fresh)).fresh is None
    assert (await Hashing(QUICK).check("wrong", old)).fresh is None


async def test_two_at_a_time() -> None:
    """A crowd waits its turn."""
    hasher = Counting()
    books = Hashing(hasher)
    kept = await books.make("x")
    await asyncio.gather(*(books.check("x", kept) for _ in range(30)))
    assert 1 <= hasher.most <= 2


async def test_a_crowd_that_is_too_large_is_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told to come again, and those who wait are served."""
    monkeypatch.setattr(hashing, "WAITING_AT_MOST", 3)
    books = Hashing(QUICK)
    kept = await books.make("x")
    await books.check("x", kept)
    answers = await asyncio.gather(*(books.check("x", kept) for _ in range(9)), return_exceptions=True)
    assert [isinstance(one, TooMany) for one in answers].count(True) == 6
    assert (await books.check("x", kept)).right
