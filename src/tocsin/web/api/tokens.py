"""API tokens: one's own, or as an administrator anybody's."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from tocsin.core.people import Permission, Role, TokenWish
from tocsin.core.vocabulary import PersonName
from tocsin.engine.tokens import TokenDesk
from tocsin.ports.state import Token
from tocsin.web.api.access import BY_TOKEN_OR_SESSION, Granting, Here, Looking, Text, problems
from tocsin.web.api.actions import Strict
from tocsin.web.api.instants import Written
from tocsin.web.api.shapes import NextCursor
from tocsin.web.context import Context
from tocsin.web.sessions import tokens_changed

router = APIRouter(tags=["tokens"], dependencies=BY_TOKEN_OR_SESSION)


class TokenBody(Strict):
    """What a token is to be for."""

    name: Text = Field(min_length=1, max_length=100, examples=["wall screen"])
    role: Role = Field(description="What it may at most; never more than its person may.", examples=["responder"])
    person: Text | None = Field(
        default=None, description="Whose it is. Null: a program's, which acts under the token's name."
    )
    scope: list[Permission] | None = Field(
        default=None, description="What it is for. Null: everything that the role may.", examples=[["look", "answer"]]
    )
    expires_in_days: float | None = Field(
        default=None, gt=0, le=3_660, description="Null: it lasts until somebody ends it.", examples=[90]
    )


class TokenShape(BaseModel):
    """A token, without its secret."""

    name: str = Field(examples=["wall screen"])
    role: str = Field(examples=["responder"])
    person: str | None = Field(examples=["ada"])
    scope: list[str] | None = Field(description="Null: everything that the role may.")
    expires_at: Written | None
    made_by: str | None = Field(description="Null: it stands in the server's environment.", examples=["ada"])
    made_at: Written | None
    used_at: Written | None = Field(description="When it was used last, to the minute.")


class GivenToken(TokenShape):
    """A token that was just made."""

    secret: str = Field(description="Send it as `Authorization: Bearer`. It is shown this once.")


class TokenList(BaseModel):
    """Tokens in order of their names."""

    items: list[TokenShape]
    next_cursor: NextCursor


@router.get("/tokens", summary="List tokens", responses=problems())
async def list_tokens(here: Here, viewer: Looking) -> TokenList:
    """One's own; all for administrators. Nobody can be told a secret again."""
    return TokenList(items=[_shape(token) for token in await _desk(here).seen_by(viewer.standing)], next_cursor=None)


@router.post("/tokens", status_code=201, summary="Give out a token", responses=problems(403, 404))
async def give_token(request: Request, body: TokenBody, here: Here, caller: Granting) -> GivenToken:
    """For oneself; for others and for programs as an administrator. It never may more than whoever gives it out."""
    wish = TokenWish(
        name=body.name,
        role=body.role,
        person=None if body.person is None else PersonName(body.person),
        scope=None if body.scope is None else frozenset(body.scope),
        lasts=None if body.expires_in_days is None else timedelta(days=body.expires_in_days),
    )
    given = await _desk(here).give(wish, caller.standing, by=caller.name)
    tokens_changed(request)
    return GivenToken(secret=given.secret, **_shape(given.token).model_dump())


@router.delete("/tokens/{name}", status_code=204, summary="End a token", responses=problems(403, 404))
async def end_token(
    request: Request, name: Annotated[Text, Path(description="The token's name.")], here: Here, caller: Granting
) -> Response:
    """It is worthless from now on, on every node within seconds."""
    await _desk(here).end(name, caller.standing, by=caller.name)
    tokens_changed(request)
    return Response(status_code=204)


def _desk(here: Context) -> TokenDesk:
    return TokenDesk(here.tokens, lambda: here.counter.directory)


def _shape(token: Token) -> TokenShape:
    return TokenShape(
        name=token.name,
        role=token.role,
        person=token.person,
        scope=None if token.scope is None else sorted(token.scope),
        expires_at=token.expires_at,
        made_by=token.made_by,
        made_at=token.made_at,
        used_at=token.used_at,
    )
