"""Passwords and sessions on PostgreSQL, and the record of who set, invited and ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import asyncpg

from tocsin.core.vocabulary import Instant, PersonName
from tocsin.ports.signing_in import Change, KeptPassword, KeptSession, Opening, without_id
from tocsin.store import codec
from tocsin.store.pool import Connection, OnPool
from tocsin.store.queries import SQL

#: What they are called in the audit log.
PASSWORD, INVITATION, SESSIONS = "password", "invitation", "sessions"


class KeepsSessions(OnPool):
    """Who can sign in, and who is."""

    async def password_of(self, person: PersonName) -> KeptPassword | None:
        """What is kept of a person's password; None: they have none."""
        rows = await self._pool.rows("password_of", person)
        return KeptPassword(hash=rows[0]["hash"], changed_at=rows[0]["changed_at"]) if rows else None

    async def passwords_set(self) -> Mapping[PersonName, Instant]:
        """Who has a password, and since when."""
        return {PersonName(row["person"]): row["changed_at"] for row in await self._pool.rows("passwords_set")}

    async def set_password(self, person: PersonName, hashed: str, change: Change) -> int:
        """Set a password and end the person's other sessions; how many there were."""

        async def act(connection: Connection) -> int:
            await connection.execute(SQL["set_password"], person, hashed)
            await _note(connection, change.by, (PASSWORD, person), after=as_set(change))
            return await _end_all(connection, person, keep=change.keep, by=change.by)

        return await self._pool.transaction(act)

    async def renew_hash(self, person: PersonName, *, old: str, new: str) -> None:
        """Keep another hash of the same password, unless it was changed meanwhile. It is in no log."""
        await self._pool.value("renew_hash", person, old, new)

    async def note_invitation(self, person: PersonName, *, by: str, lasts: timedelta) -> None:
        """Write into the audit log that somebody was invited."""

        async def act(connection: Connection) -> None:
            await _note(connection, by, (INVITATION, person), after=as_invited(lasts))

        await self._pool.transaction(act)

    async def open_session(self, opening: Opening, *, lasts: timedelta) -> None:
        """Begin a session; those of the same subject that began longer ago than `lasts` are forgotten."""

        async def act(connection: Connection) -> None:
            await connection.execute(SQL["forget_sessions"], opening.subject, lasts)
            values = (opening.id, opening.subject, opening.role, opening.agent, opening.address)
            await connection.execute(SQL["open_session"], *values)

        await self._pool.transaction(act)

    async def session(self, name: str) -> KeptSession | None:
        """The session of an id, be it over; None: there is none."""
        rows = await self._pool.rows("session", name)
        return _session(rows[0]) if rows else None

    async def see_session(self, name: str) -> None:
        """Write down that it was used now."""
        await self._pool.value("see_session", name)

    async def sessions_of(self, subject: str, *, lasts: timedelta) -> tuple[KeptSession, ...]:
        """The sessions that go on and began no longer ago than `lasts`, the latest seen first."""
        return tuple(map(_session, await self._pool.rows("sessions_of", subject, lasts)))

    async def end_session(self, subject: str, name: str, *, by: str | None) -> bool:
        """End a session of this subject; False: there is none. `by` None: they signed out, which is in no log."""

        async def act(connection: Connection) -> bool:
            rows = await connection.fetch(SQL["end_session"], subject, name)
            if rows and by is not None:
                await _note(connection, by, (SESSIONS, subject), before=as_ended([_session(row) for row in rows]))
            return bool(rows)

        return await self._pool.transaction(act)

    async def end_sessions(self, subject: str, *, keep: str | None, by: str) -> int:
        """End all sessions of a subject but one, and those that have no id; how many had one."""

        async def act(connection: Connection) -> int:
            return await _end_all(connection, subject, keep=keep, by=by)

        return await self._pool.transaction(act)


def as_set(change: Change) -> Mapping[str, Any]:
    """A new password as the audit log has it: never its value."""
    return {"way": change.way}


def as_invited(lasts: timedelta) -> Mapping[str, Any]:
    """An invitation as the audit log has it: never its link."""
    return {"lasts_days": lasts / timedelta(days=1)}


def as_ended(ended: Sequence[KeptSession]) -> Mapping[str, Any]:
    """Sessions that have ended as the audit log has them: where they were, never their ids."""
    return {
        "sessions": [
            {"since": one.made_at.isoformat(timespec="seconds"), "from": one.opening.address, "by": one.opening.agent}
            for one in ended
        ]
    }


async def _end_all(connection: Connection, subject: str, *, keep: str | None, by: str) -> int:
    ended = [_session(row) for row in await connection.fetch(SQL["end_sessions"], subject, keep)]
    await connection.execute(SQL["end_sessions_without_id"], without_id(subject), subject)
    if ended:
        await _note(connection, by, (SESSIONS, subject), before=as_ended(ended))
    return len(ended)


async def _note(
    connection: Connection,
    by: str,
    what: tuple[str, str],
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    told = (None if body is None else codec.encode_json(body) for body in (before, after))
    await connection.execute(SQL["note_change"], by, *what, *told)


def _session(row: asyncpg.Record) -> KeptSession:
    opening = Opening(
        id=row["id"], subject=row["subject"], role=row["role"], agent=row["agent"], address=row["address"]
    )
    return KeptSession(opening=opening, made_at=row["made_at"], seen_at=row["seen_at"], ended_at=row["ended_at"])
