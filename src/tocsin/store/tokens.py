"""API tokens on PostgreSQL, and the record of who gave them out and ended them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import asyncpg

from tocsin.core.errors import Refused
from tocsin.ports.state import Token
from tocsin.store import codec
from tocsin.store.pool import Connection, OnPool
from tocsin.store.queries import SQL


class KeepsTokens(OnPool):
    """Who may call, by the hash of their secret."""

    async def tokens(self) -> tuple[Token, ...]:
        """All API tokens, in order of their names; those that have expired among them."""
        return tuple(map(_token, await self._pool.rows("tokens")))

    async def put_token(self, token: Token) -> None:
        """Add a token, or replace the one of the same name."""
        await self._pool.value("put_token", *_columns(token))

    async def give_token(self, token: Token, *, by: str) -> Token:
        """Add a token; as it is kept.

        Raises:
            Refused: another has the name.
        """

        async def act(connection: Connection) -> Token:
            row = await connection.fetchrow(SQL["give_token"], *_columns(token))
            if row is None:
                raise name_taken(token.name)
            given = _token(row)
            after = codec.encode_json(as_told(given))
            await connection.execute(SQL["note_change"], by, TOKEN, token.name, None, after)
            return given

        return await self._pool.transaction(act)

    async def end_token(self, name: str, *, by: str) -> bool:
        """Delete a token; False: there is none of this name."""

        async def act(connection: Connection) -> bool:
            row = await connection.fetchrow(SQL["end_token"], name)
            if row is None:
                return False
            before = codec.encode_json(as_told(_token(row)))
            await connection.execute(SQL["note_change"], by, TOKEN, name, before, None)
            return True

        return await self._pool.transaction(act)

    async def use_token(self, name: str) -> None:
        """Write down that it was used now."""
        await self._pool.value("use_token", name)


#: What a token is called in the audit log.
TOKEN = "token"  # noqa: S105


def as_told(token: Token) -> Mapping[str, Any]:
    """A token as the audit log has it: without its hash, and without what is written down of its use."""
    return {
        "name": token.name,
        "role": token.role,
        "person": token.person,
        "scope": None if token.scope is None else sorted(token.scope),
        "expires_at": None if token.expires_at is None else token.expires_at.isoformat(timespec="seconds"),
    }


def name_taken(name: str) -> Refused:
    """Two tokens of one name could not be told apart."""
    return Refused(f"there is a token {name!r} already", field="name", hint="choose another name, or end that one")


def _columns(token: Token) -> tuple[object, ...]:
    scope = None if token.scope is None else sorted(token.scope)
    return (token.name, token.hash, token.role, token.person, scope, token.expires_at, token.made_by)


def _token(row: asyncpg.Record) -> Token:
    return Token(
        hash=row["hash"],
        name=row["name"],
        role=row["role"],
        person=row["person"],
        scope=None if row["scope"] is None else frozenset(row["scope"]),
        expires_at=row["expires_at"],
        made_by=row["made_by"],
        made_at=row["made_at"],
        used_at=row["used_at"],
    )
