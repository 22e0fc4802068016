"""`tocsin invite` and `tocsin sessions`: let people in, see where they are signed in, and end it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from tocsin.app.commands.usage import Data, Json, help_alone
from tocsin.app.database import open_store
from tocsin.app.directories import Directories
from tocsin.app.logs import set_up_logs
from tocsin.app.serving import run
from tocsin.app.settings import Settings, load
from tocsin.app.terminal import answer
from tocsin.app.wiring import password_desk
from tocsin.channels import CHANNELS
from tocsin.configuration.mistakes import meant
from tocsin.core.directory import Directory
from tocsin.core.errors import NotFound
from tocsin.core.schedules.shown.table import aligned
from tocsin.core.vocabulary import PersonName, rfc3339
from tocsin.engine.links import Links
from tocsin.engine.sessions import SessionBook
from tocsin.ports.signing_in import KeptSession
from tocsin.store.postgres import PostgresStore

sessions = typer.Typer(rich_markup_mode=None)

_BY = "command line"
_HEADINGS = ("since", "last seen", "from", "browser")
#: Whoever came by the link that `serve` prints.
_SETUP = "setup"

Name = Annotated[str, typer.Argument(metavar="PERSON", help="The person's name.")]
Whose = Annotated[str, typer.Argument(metavar="PERSON", help="The person's name; setup: the link that serve prints.")]


def invite(name: Name, data: Data = None, as_json: Json = False) -> None:
    """Print a link with which somebody sets their password, and mail it to them where a mail server is set."""
    settings = load(CHANNELS, data=data, keeps_key=True)

    async def act(store: PostgresStore, directory: Directory) -> str:
        _refuse_stranger(name, directory)
        desk = password_desk(settings, store, lambda: directory, _links(settings, directory))
        invitation = await desk.invite(PersonName(name), by=_BY)
        if as_json:
            return json.dumps({"url": invitation.url, "mailed": invitation.mailed})
        mailed = (
            "It is on its way by mail, too." if invitation.mailed else "No mail was sent: give it to them yourself."
        )
        return f"{invitation.url}\n\nIt works once, for 7 days. {mailed}"

    run(_with_store(settings, act))


@sessions.callback(invoke_without_command=True)
def sessions_alone(context: typer.Context) -> None:
    """Where people are signed in."""
    help_alone(context)


@sessions.command("list")
def list_all(name: Whose, data: Data = None, as_json: Json = False) -> None:
    """A person's sessions that go on."""

    async def act(store: PostgresStore, directory: Directory) -> str:
        _refuse_stranger(name, directory)
        found = await SessionBook(store).of(name)
        if as_json:
            return json.dumps({"items": [_as_document(one) for one in found]})
        if not found:
            return f"{name} is signed in nowhere."
        return "\n".join(aligned((_HEADINGS, *map(_row, found))))

    run(_with_store(load(CHANNELS, data=data), act))


@sessions.command("end")
def end(name: Whose, data: Data = None) -> None:
    """End all of a person's sessions, on every node within seconds."""

    async def act(store: PostgresStore, directory: Directory) -> str:
        _refuse_stranger(name, directory)
        count = await SessionBook(store).end_all(name, by=_BY)
        return f"{count} session{'' if count == 1 else 's'} of {name} ended."

    run(_with_store(load(CHANNELS, data=data), act))


async def _with_store(settings: Settings, act: Callable[[PostgresStore, Directory], Awaitable[str]]) -> None:
    set_up_logs(quiet=True)
    async with open_store(settings, attach=True) as store:
        directories = Directories(store)
        await directories.refresh()
        answer(await act(store, directories.current()))


def _links(settings: Settings, directory: Directory) -> Links:
    return Links(settings.secret_key, public_url=settings.public_url, answers_last=directory.habits.links_last)


def _refuse_stranger(name: str, directory: Directory) -> None:
    if name != _SETUP and PersonName(name) not in directory.people:
        hint = meant(name, directory.people, plural="people")
        raise NotFound(f"there is no person {name!r}", field="PERSON", hint=hint)


def _as_document(one: KeptSession) -> dict[str, Any]:
    return {
        "since": rfc3339(one.made_at.replace(microsecond=0)),
        "seen_at": rfc3339(one.seen_at.replace(microsecond=0)),
        "address": one.opening.address,
        "agent": one.opening.agent,
    }


def _row(one: KeptSession) -> tuple[str, ...]:
    since, seen = (f"{at:%Y-%m-%d %H:%M} UTC" for at in (one.made_at, one.seen_at))
    return (since, seen, one.opening.address or "-", one.opening.agent[:60] or "-")
