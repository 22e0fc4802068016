"""Gives out and ends API tokens. The secret is shown once; only its hash is kept."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from tocsin.core.directory import Directory
from tocsin.core.errors import NotFound
from tocsin.core.people import Permission, Standing, TokenWish, refuse_ungrantable, refuse_unless_theirs
from tocsin.engine import clock
from tocsin.engine.links import token_hash
from tocsin.ports.state import Token
from tocsin.ports.tokens import Tokens

#: Begins every secret, so that one that lies about where it should not is recognised.
PREFIX = "tocsin_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A token that was just given out."""

    token: Token
    #: What its owner sends as `Authorization: Bearer`; nobody can be told it again.
    secret: str


class TokenDesk:
    """Where faces ask for tokens."""

    def __init__(self, store: Tokens, directory: Callable[[], Directory]) -> None:
        self._store = store
        self._directory = directory

    async def seen_by(self, asker: Standing) -> tuple[Token, ...]:
        """The tokens that somebody may know of: their own, or all."""
        tokens = await self._store.tokens()
        return tuple(token for token in tokens if asker.may(Permission.GRANT, owner=token.person))

    async def give(self, wish: TokenWish, asker: Standing, *, by: str) -> Given:
        """Make a token.

        Raises:
            Forbidden: it would be for somebody else, or may more than the asker.
            Refused: the wish cannot be meant, or the name is taken.
        """
        refuse_ungrantable(wish, asker, self._directory().people)
        secret = PREFIX + secrets.token_urlsafe(32)
        token = Token(
            hash=token_hash(secret),
            name=wish.name,
            role=wish.role.value,
            person=wish.person,
            scope=None if wish.scope is None else frozenset(permission.value for permission in wish.scope),
            expires_at=None if wish.lasts is None else clock.now() + wish.lasts,
            made_by=by,
        )
        return Given(token=await self._store.give_token(token, by=by), secret=secret)

    async def end(self, name: str, asker: Standing, *, by: str) -> None:
        """Make a token worthless, within seconds on every node.

        Raises:
            NotFound: there is none of this name that the asker may know of.
            Forbidden: it is somebody else's.
        """
        known = next((token for token in await self._store.tokens() if token.name == name), None)
        if known is None:
            raise NotFound(f"there is no token {name!r}", field="name")
        refuse_unless_theirs(known.person, asker)
        await self._store.end_token(name, by=by)
