"""`tocsin sync`: what each sync would do now, having it done at once, and what it did."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from tocsin.app.configuring import read_offline
from tocsin.app.database import open_store
from tocsin.app.directories import Directories
from tocsin.app.logs import set_up_logs
from tocsin.app.serving import run
from tocsin.app.settings import Settings, load
from tocsin.app.terminal import answer
from tocsin.channels import CHANNELS
from tocsin.core.directory import Directory
from tocsin.core.errors import Refused
from tocsin.core.syncs import Entry, SyncName, Unmatched, Verdict
from tocsin.core.vocabulary import Instant, rfc3339
from tocsin.engine import clock
from tocsin.engine.sync_occasions import Attempted
from tocsin.engine.syncing import LINES_KEPT, Syncing, SyncStore
from tocsin.engine.transport import Transport
from tocsin.store.memory import MemoryStore
from tocsin.syncs import SYNCS

#: Syncs to be used within a context, and the configuration that they stand in.
Opened: TypeAlias = AbstractAsyncContextManager[tuple[Syncing, Directory]]

#: The answer is "no": something failed.
_NO = 1
_LOG = "log"
_NONE_YET = "There is no sync yet: see `syncs:` in docs/configuration.md."

_DONE: Mapping[Verdict, str] = {
    Verdict.UNCHANGED: "is as it should be",
    Verdict.CHANGED: "changed",
    Verdict.REPAIRED: "repaired",
    Verdict.KEPT: "stays as it is",
    Verdict.FAILED: "failed",
    Verdict.RECOVERED: "is as it should be again",
}
_WOULD: Mapping[Verdict, str] = {
    **_DONE,
    Verdict.CHANGED: "would change",
    Verdict.REPAIRED: "would be repaired",
    Verdict.KEPT: "would stay as it is",
    Verdict.FAILED: "would fail",
}

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME] | log [NAME]", help="One sync, else all; `log`: what they did.", show_default=False),
]


def sync(
    words: Words = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look, and say what would be done.")] = False,
    config: Annotated[
        Path | None, typer.Option(metavar="PATH", help="A dry run of these files, without a server.")
    ] = None,
    data: Annotated[
        str | None, typer.Option("--data", metavar="DIR", help="Where the data lie.  [default: tocsin-data]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Have what follows the rota as it should be, now. Exit 1 when something fails."""
    given = words or []
    wants_log = given[:1] == [_LOG]
    names = given[1:] if wants_log else given
    if len(names) > 1 or (wants_log and dry_run):
        hint = "tocsin sync [NAME] | tocsin sync log [NAME]"
        raise Refused("that is more than `tocsin sync` can do at once", hint=hint)
    if config is not None and not dry_run:
        raise Refused("files alone are only looked at", field="--config", hint="add --dry-run, or `tocsin apply` them")
    name = SyncName(names[0]) if names else None
    settings = load(CHANNELS, data=data, keeps_key=not dry_run and not wants_log)
    opened = _opened(settings) if config is None else _offline(settings, config)
    run(_log(name, opened, as_json=as_json) if wants_log else _attempt(name, opened, dry=dry_run, as_json=as_json))


async def _attempt(name: SyncName | None, opened: Opened, *, dry: bool, as_json: bool) -> None:
    set_up_logs(quiet=True)
    async with opened as (syncing, known):
        wanted = [name] if name is not None else sorted(known.syncs)
        attempts = [await syncing.attempt(one, dry=dry) for one in wanted]
    if as_json:
        answer(json.dumps({"syncs": [_as_document(one, syncing, dry=dry) for one in attempts]}))
    else:
        answer("\n".join(_as_text(one, syncing, dry=dry) for one in attempts) or _NONE_YET)
    if any(one.judged.state.verdict is Verdict.FAILED for one in attempts):
        raise typer.Exit(_NO)


async def _log(name: SyncName | None, opened: Opened, *, as_json: bool) -> None:
    set_up_logs(quiet=True)
    async with opened as (syncing, known):
        wanted = [name] if name is not None else sorted(known.syncs)
        found = [line for one in wanted for line in await syncing.log(one, limit=LINES_KEPT)]
    lines = sorted(found, key=lambda line: line.at)
    if as_json:
        answer(json.dumps({"log": [_line_document(line) for line in lines]}))
    else:
        answer("\n".join(map(_line_text, lines)) or "Nothing was done yet.")


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[Syncing, Directory]]:
    """The syncs that are in force, on the store that a running server uses, or on its own."""
    async with (
        open_store(settings, attach=True) as store,
        Transport(settings.channels, outgoing=settings.outgoing) as transport,
    ):
        directories = Directories(store)
        await directories.refresh()
        yield _syncing(store, directories.current, transport, settings), directories.current()


@asynccontextmanager
async def _offline(settings: Settings, path: Path) -> AsyncIterator[tuple[Syncing, Directory]]:
    """The syncs of files, of which nothing is known yet."""
    known = read_offline(path)
    async with Transport(settings.channels, outgoing=settings.outgoing) as transport:
        yield _syncing(MemoryStore(now=clock.now), lambda: known, transport, settings), known


def _syncing(store: SyncStore, directory: Callable[[], Directory], transport: Transport, settings: Settings) -> Syncing:
    return Syncing(store, directory, transport, kinds=SYNCS, settings=settings.syncs, environment=os.environ)


def _as_text(attempted: Attempted, syncing: Syncing, *, dry: bool) -> str:
    sync, state = attempted.sync, attempted.judged.state
    before, after = attempted.members
    said = (_WOULD if dry else _DONE)[state.verdict]
    lines = [f"{sync.name}: {syncing.shown(sync)} {said}{f': {state.text}' if state.text else ''}"]
    if before != after:
        lines += [f"  before: {_listed(before)}", f"  after:  {_listed(after)}"]
    elif before:
        lines.append(f"  there:  {_listed(before)}")
    lines += [f"  missing: {one.person}: {one.why}" for one in attempted.followed.unmatched]
    return "\n".join(lines)


def _as_document(attempted: Attempted, syncing: Syncing, *, dry: bool) -> dict[str, Any]:
    sync, state = attempted.sync, attempted.judged.state
    before, after = attempted.members
    return {
        "sync": sync.name,
        "target": syncing.shown(sync),
        "schedules": list(sync.schedules),
        "wanted": list(attempted.wanted.names),
        "dry_run": dry,
        "verdict": state.verdict.value,
        "before": list(before),
        "after": list(after),
        "text": state.text,
        "unmatched": _unmatched(attempted.followed.unmatched),
    }


def _line_text(line: Entry) -> str:
    moved = f"  {_listed(line.before)} -> {_listed(line.after)}" if line.before != line.after else ""
    missing = "".join(f"  (missing: {one.person}: {one.why})" for one in line.unmatched)
    said = f"  {line.text}" if line.text else ""
    return f"{_instant(line.at)}  {line.sync}  {line.verdict.value}{moved}{said}{missing}"


def _line_document(line: Entry) -> dict[str, Any]:
    return {
        "sync": line.sync,
        "at": _instant(line.at),
        "verdict": line.verdict.value,
        "before": list(line.before),
        "after": list(line.after),
        "text": line.text,
        "unmatched": _unmatched(line.unmatched),
    }


def _unmatched(unmatched: Iterable[Unmatched]) -> list[dict[str, str]]:
    return [{"person": one.person, "why": one.why} for one in unmatched]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "nobody"


def _instant(at: Instant) -> str:
    return rfc3339(at.replace(microsecond=0))
