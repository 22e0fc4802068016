"""Hashes passwords with argon2id, and checks them: in threads of their own, two at a time.

Each hash takes 64 MiB and about a tenth of a second, whoever asks. A crowd of strangers waits its turn, and never takes
what pages need.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tocsin.core.errors import TooMany

AT_A_TIME = 2
#: More do not wait: the last of them would for several seconds.
WAITING_AT_MOST = 40

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What became of a check."""

    right: bool
    #: A hash of the same password with the parameters of today. None: what is kept has them.
    fresh: str | None = None


class Hashing:
    """Makes and checks hashes."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = PasswordHasher() if hasher is None else hasher
        self._threads = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="password")
        self._waiting = 0
        self._nobodys: str | None = None

    async def make(self, password: str) -> str:
        """The hash of a password, with a salt of its own.

        Raises:
            TooMany: too many wait.
        """
        return await self._in_turn(lambda: self._hasher.hash(password))

    async def check(self, password: str, kept: str | None) -> Checked:
        """Whether a password is the one whose hash is kept. That none is kept takes as long.

        Raises:
            TooMany: too many wait.
        """
        if self._nobodys is None:
            self._nobodys = await self.make(secrets.token_urlsafe(32))
        against = self._nobodys if kept is None else kept
        checked = await self._in_turn(lambda: self._check(password, against))
        return checked if kept is not None else Checked(right=False)

    def _check(self, password: str, kept: str) -> Checked:
        try:
            self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return Checked(right=False)
        outdated = self._hasher.check_needs_rehash(kept)
        return Checked(right=True, fresh=self._hasher.hash(password) if outdated else None)

    async def _in_turn(self, act: Callable[[], Made]) -> Made:
        if self._waiting >= WAITING_AT_MOST:
            raise TooMany("too many people sign in at the same time", retry_seconds=5.0)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, act)
        finally:
            self._waiting -= 1
