"""Passwords and sessions in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from tocsin.core.vocabulary import Instant, PersonName
from tocsin.ports.signing_in import Change, KeptPassword, KeptSession, Opening, without_id
from tocsin.store.memory_audit import RemembersChanges
from tocsin.store.signing_in import INVITATION, PASSWORD, SESSIONS, as_ended, as_invited, as_set


class RemembersSessions(RemembersChanges):
    """Who can sign in, and who is, until the process ends."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        super().__init__(now)
        self._passwords: dict[PersonName, KeptPassword] = {}
        self._sessions: dict[str, KeptSession] = {}

    async def password_of(self, person: PersonName) -> KeptPassword | None:
        """What is kept of a person's password; None: they have none."""
        return self._passwords.get(person)

    async def passwords_set(self) -> Mapping[PersonName, Instant]:
        """Who has a password, and since when."""
        return {person: kept.changed_at for person, kept in self._passwords.items()}

    async def set_password(self, person: PersonName, hashed: str, change: Change) -> int:
        """Set a password and end the person's other sessions; how many there were."""
        self._passwords[person] = KeptPassword(hash=hashed, changed_at=self._now())
        self._note(change.by, PASSWORD, person, None, as_set(change))
        return self._end_all(person, keep=change.keep, by=change.by)

    async def renew_hash(self, person: PersonName, *, old: str, new: str) -> None:
        """Keep another hash of the same password, unless it was changed meanwhile."""
        kept = self._passwords.get(person)
        if kept is not None and kept.hash == old:
            self._passwords[person] = replace(kept, hash=new)

    async def note_invitation(self, person: PersonName, *, by: str, lasts: timedelta) -> None:
        """Write into the audit log that somebody was invited."""
        self._note(by, INVITATION, person, None, as_invited(lasts))

    async def open_session(self, opening: Opening, *, lasts: timedelta) -> None:
        """Begin a session; those of the same subject that began longer ago than `lasts` are forgotten."""
        now = self._now()
        for one in list(self._sessions.values()):
            if one.opening.subject == opening.subject and (one.ended_at or one.made_at) < now - lasts:
                del self._sessions[one.opening.id]
        self._sessions[opening.id] = KeptSession(opening=opening, made_at=now, seen_at=now)

    async def session(self, name: str) -> KeptSession | None:
        """The session of an id, be it over; None: there is none."""
        return self._sessions.get(name)

    async def see_session(self, name: str) -> None:
        """Write down that it was used now."""
        if name in self._sessions:
            self._sessions[name] = replace(self._sessions[name], seen_at=self._now())

    async def sessions_of(self, subject: str, *, lasts: timedelta) -> tuple[KeptSession, ...]:
        """The sessions that go on and began no longer ago than `lasts`, the latest seen first."""
        oldest = self._now() - lasts
        found = [one for one in self._going_on(subject) if one.made_at >= oldest]
        return tuple(sorted(found, key=lambda one: (-one.seen_at.timestamp(), one.opening.id)))

    async def end_session(self, subject: str, name: str, *, by: str | None) -> bool:
        """End a session of this subject; False: there is none. `by` None: they signed out, which is in no log."""
        known = self._sessions.get(name)
        if known is None or known.opening.subject != subject or known.ended_at is not None:
            return False
        self._sessions[name] = replace(known, ended_at=self._now())
        if by is not None:
            self._note(by, SESSIONS, subject, as_ended([known]), None)
        return True

    async def end_sessions(self, subject: str, *, keep: str | None, by: str) -> int:
        """End all sessions of a subject but one, and those that have no id; how many had one."""
        return self._end_all(subject, keep=keep, by=by)

    def _end_all(self, subject: str, *, keep: str | None, by: str) -> int:
        now = self._now()
        ended = [one for one in self._going_on(subject) if one.opening.id != keep]
        for one in ended:
            self._sessions[one.opening.id] = replace(one, ended_at=now)
        mark = Opening(id=without_id(subject), subject=subject, role="")
        self._sessions[mark.id] = KeptSession(opening=mark, made_at=now, seen_at=now, ended_at=now)
        if ended:
            self._note(by, SESSIONS, subject, as_ended(ended), None)
        return len(ended)

    def _going_on(self, subject: str) -> list[KeptSession]:
        return [one for one in self._sessions.values() if one.opening.subject == subject and one.ended_at is None]
