"""API tokens: given out once, kept as hashes, ended by hand or by time."""

from __future__ import annotations

from typing import Protocol

from tocsin.ports.state import Token


class Tokens(Protocol):
    """Keeps tokens. Who gives one out or ends it is in the audit log."""

    async def tokens(self) -> tuple[Token, ...]:
        """All API tokens, in order of their names; those that have expired among them."""
        ...

    async def put_token(self, token: Token) -> None:
        """Add a token, or replace the one of the same name: what the environment says, at every start."""
        ...

    async def give_token(self, token: Token, *, by: str) -> Token:
        """Add a token; as it is kept.

        Raises:
            Refused: another has the name.
        """
        ...

    async def end_token(self, name: str, *, by: str) -> bool:
        """Delete a token; False: there is none of this name."""
        ...

    async def use_token(self, name: str) -> None:
        """Write down that it was used now."""
        ...
