"""`tocsin token`: API tokens, given out, listed and ended by whoever has the server's shell."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer

from tocsin.app.commands.usage import Data, Json, help_alone
from tocsin.app.database import open_store
from tocsin.app.directories import Directories
from tocsin.app.logs import set_up_logs
from tocsin.app.serving import run
from tocsin.app.settings import load
from tocsin.app.terminal import answer
from tocsin.channels import CHANNELS
from tocsin.configuration.mistakes import meant
from tocsin.configuration.notation import positive_duration
from tocsin.core.errors import Refused
from tocsin.core.people import Permission, Role, Standing, TokenWish
from tocsin.core.schedules.shown.table import aligned
from tocsin.core.vocabulary import Instant, PersonName, rfc3339
from tocsin.engine.tokens import TokenDesk
from tocsin.ports.state import Token

Word = TypeVar("Word", Role, Permission)

tokens = typer.Typer(rich_markup_mode=None)

#: Whoever may read the data folder or the database may do everything.
_ASKER = Standing(role=Role.ADMIN)
_BY = "command line"
_HEADINGS = ("name", "role", "whose", "for", "ends", "last used", "given out by")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The token's name.")]


@tokens.callback(invoke_without_command=True)
def token_alone(context: typer.Context) -> None:
    """API tokens: who may call, for what, and how long."""
    help_alone(context)


@tokens.command("give")
def give(
    name: Name,
    role: Annotated[str, typer.Option(metavar="ROLE", help=f"What it may at most: {', '.join(Role)}.")],
    person: Annotated[str | None, typer.Option(metavar="NAME", help="Whose it is; else a program's.")] = None,
    scope: Annotated[
        str | None, typer.Option(metavar="A,B", help=f"What it is for: {', '.join(Permission)}.  [default: all]")
    ] = None,
    lasts: Annotated[str | None, typer.Option("--for", metavar="LENGTH", help="90d, 12h.  [default: no end]")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make a token and print its secret, this once."""
    wish = TokenWish(
        name=name,
        role=_one_of(role, Role, field="--role"),
        person=None if person is None else PersonName(person),
        scope=None
        if scope is None
        else frozenset(_one_of(one, Permission, field="--scope") for one in scope.split(",")),
        lasts=None if lasts is None else positive_duration(lasts),
    )

    async def act(desk: TokenDesk) -> str:
        given = await desk.give(wish, _ASKER, by=_BY)
        if not as_json:
            return f"{given.secret}"
        return json.dumps({**_as_document(given.token), "secret": given.secret})

    run(_at_the_desk(data, act))


@tokens.command("list")
def list_all(data: Data = None, as_json: Json = False) -> None:
    """All tokens, without their secrets."""

    async def act(desk: TokenDesk) -> str:
        found = await desk.seen_by(_ASKER)
        if as_json:
            return json.dumps({"items": [_as_document(token) for token in found]})
        if not found:
            return "There is no token yet: `tocsin token give NAME --role responder` makes one."
        return "\n".join(aligned((_HEADINGS, *map(_row, found))))

    run(_at_the_desk(data, act))


@tokens.command("end")
def end(name: Name, data: Data = None) -> None:
    """Make a token worthless, on every node within seconds."""

    async def act(desk: TokenDesk) -> str:
        await desk.end(name, _ASKER, by=_BY)
        return f"The token {name!r} has ended."

    run(_at_the_desk(data, act))


async def _at_the_desk(data: str | None, act: Callable[[TokenDesk], Awaitable[str]]) -> None:
    set_up_logs(quiet=True)
    async with open_store(load(CHANNELS, data=data), attach=True) as store:
        directories = Directories(store)
        await directories.refresh()
        answer(await act(TokenDesk(store, directories.current)))


def _one_of(text: str, words: type[Word], *, field: str) -> Word:
    try:
        return words(text.strip())
    except ValueError:
        known = [word.value for word in words]
        raise Refused(f"there is no {text.strip()!r}", field=field, hint=meant(text, known, plural="words")) from None


def _as_document(token: Token) -> dict[str, Any]:
    return {
        "name": token.name,
        "role": token.role,
        "person": token.person,
        "scope": None if token.scope is None else sorted(token.scope),
        "expires_at": _instant(token.expires_at),
        "made_by": token.made_by,
        "made_at": _instant(token.made_at),
        "used_at": _instant(token.used_at),
    }


def _instant(at: Instant | None) -> str | None:
    return None if at is None else rfc3339(at.replace(microsecond=0))


def _row(token: Token) -> tuple[str, ...]:
    return (
        token.name,
        token.role,
        token.person or "a program",
        "everything" if token.scope is None else ", ".join(sorted(token.scope)),
        "never" if token.expires_at is None else f"{token.expires_at:%Y-%m-%d}",
        "never" if token.used_at is None else f"{token.used_at:%Y-%m-%d %H:%M} UTC",
        token.made_by or "the environment",
    )
