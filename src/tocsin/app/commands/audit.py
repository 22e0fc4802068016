"""`tocsin audit`: who has changed what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any

import typer

from tocsin.app.audit import StoredAudit
from tocsin.app.commands.usage import Data, Json
from tocsin.app.database import open_store
from tocsin.app.logs import set_up_logs
from tocsin.app.serving import run
from tocsin.app.settings import load
from tocsin.app.terminal import answer
from tocsin.channels import CHANNELS
from tocsin.configuration.difference import field_text
from tocsin.configuration.notation import positive_duration
from tocsin.engine import clock
from tocsin.ports.audit import AuditEntry, AuditQuery

_VERBS = {"create": "made", "change": "changed", "delete": "deleted"}
_PORTION = 500


def audit(
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who made the change.")] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="schedule, override, policy, token, ...")] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="What was changed.")] = None,
    text: Annotated[str, typer.Option(metavar="TEXT", help="Anywhere in what was there before or after.")] = "",
    last: Annotated[str | None, typer.Option(metavar="LENGTH", help="Only the last 24h, 30d.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Who has changed what, newest first: configuration, overrides, absences, silences, tokens."""
    since = None if last is None else clock.now() - positive_duration(last)
    run(_audit(AuditQuery(by=by, kind=kind, name=name, text=text, since=since), limit, data, as_json=as_json))


async def _audit(query: AuditQuery, limit: int, data: str | None, *, as_json: bool) -> None:
    set_up_logs(quiet=True)
    found: list[AuditEntry] = []
    async with open_store(load(CHANNELS, data=data), attach=True) as store:
        log, cursor = StoredAudit(store=store), None
        while len(found) < limit:
            part = await log.changes(replace(query, cursor=cursor, limit=min(limit - len(found), _PORTION)))
            found += part.items
            cursor = part.next_cursor
            if cursor is None:
                break
    answer(json.dumps({"items": [_as_document(each) for each in found]}) if as_json else _as_text(found))


def _as_text(found: list[AuditEntry]) -> str:
    return "\n".join(line for entry in found for line in _lines(entry)) or "Nothing was changed."


def _lines(entry: AuditEntry) -> Iterator[str]:
    yield f"{entry.at:%Y-%m-%d %H:%M:%S} UTC  {entry.by}  {_VERBS[entry.verb]} {entry.kind} {entry.name}"
    if entry.verb == "change":
        yield from (f"    {field_text(field.path, field.before, field.after)}" for field in entry.fields)


def _as_document(entry: AuditEntry) -> dict[str, Any]:
    fields = [{"path": one.path, "before": one.before, "after": one.after} for one in entry.fields]
    at = f"{entry.at:%Y-%m-%dT%H:%M:%S.%fZ}"
    return {"at": at, "by": entry.by, "kind": entry.kind, "name": entry.name, "verb": entry.verb, "fields": fields}
