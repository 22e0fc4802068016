"""Passwords, of which only hashes are kept, and sessions, which can be listed and ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from tocsin.core.vocabulary import Instant, PersonName


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPassword:
    """What is kept of a password."""

    #: With the parameters and the salt that it was made with.
    hash: str
    changed_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A session that begins."""

    id: str
    #: A person's name, or "setup".
    subject: str
    role: str
    #: What the browser says that it is; empty: it says nothing.
    agent: str = ""
    #: Where it came from.
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSession:
    """A session as it is kept."""

    opening: Opening
    made_at: Instant
    seen_at: Instant
    #: None: it goes on.
    ended_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Who sets a password, and how."""

    by: str
    #: "invitation", "recovery" or "themself".
    way: str
    #: The session that goes on; all others end. None: all end.
    keep: str | None = None


class SigningIn(Protocol):
    """Keeps passwords and sessions. Who sets a password, invites, or ends a session is in the audit log."""

    async def password_of(self, person: PersonName) -> KeptPassword | None:
        """What is kept of a person's password; None: they have none."""
        ...

    async def passwords_set(self) -> Mapping[PersonName, Instant]:
        """Who has a password, and since when."""
        ...

    async def set_password(self, person: PersonName, hashed: str, change: Change) -> int:
        """Set a password and end the person's other sessions; how many there were."""
        ...

    async def renew_hash(self, person: PersonName, *, old: str, new: str) -> None:
        """Keep another hash of the same password, unless it was changed meanwhile. It is in no log."""
        ...

    async def note_invitation(self, person: PersonName, *, by: str, lasts: timedelta) -> None:
        """Write into the audit log that somebody was invited."""
        ...

    async def open_session(self, opening: Opening, *, lasts: timedelta) -> None:
        """Begin a session; those of the same subject that began longer ago than `lasts` are forgotten."""
        ...

    async def session(self, name: str) -> KeptSession | None:
        """The session of an id, be it over; None: there is none."""
        ...

    async def see_session(self, name: str) -> None:
        """Write down that it was used now."""
        ...

    async def sessions_of(self, subject: str, *, lasts: timedelta) -> tuple[KeptSession, ...]:
        """The sessions that go on and began no longer ago than `lasts`, the latest seen first."""
        ...

    async def end_session(self, subject: str, name: str, *, by: str | None) -> bool:
        """End a session of this subject; False: there is none. `by` None: they signed out, which is in no log."""
        ...

    async def end_sessions(self, subject: str, *, keep: str | None, by: str) -> int:
        """End all sessions of a subject but one, and those that have no id; how many had one."""
        ...


def without_id(subject: str) -> str:
    """Under which id it is kept that sessions without an id have ended: those of the versions before 0014."""
    return f"old:{subject}"
