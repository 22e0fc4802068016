"""`tocsin share`: how much of a team's strength being on duty takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.app.commands.fairness import Begins, Ends, Where
from tocsin.app.commands.usage import Data, Json
from tocsin.app.logs import set_up_logs
from tocsin.app.looking import looked_at, window
from tocsin.app.serving import run
from tocsin.app.settings import load
from tocsin.app.terminal import answer
from tocsin.channels import CHANNELS
from tocsin.core.insight.documents import share_document
from tocsin.core.insight.share import OperationsShare, operations_share
from tocsin.core.schedules.shown.table import aligned
from tocsin.core.vocabulary import Span, rfc3339

#: The window when its ends are left out: the coming 90 days.
_USUAL = (timedelta(), timedelta(days=90))
_HOUR = timedelta(hours=1)
_HEADINGS = ("person", "working hours", "on duty", "share")


def share(
    path: Where = None,
    team: Annotated[str | None, typer.Option(metavar="T", help="One team; else each that owns a schedule.")] = None,
    begins: Begins = None,
    ends: Ends = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Operations and development: of five people with one on duty it is 20 and 80 %. Without --to: the next 90 days."""
    run(_share(path, team, window(begins, ends, usual=_USUAL), data, as_json=as_json))


async def _share(path: Path | None, team: str | None, wanted: Span, data: str | None, *, as_json: bool) -> None:
    set_up_logs(quiet=True)
    async with looked_at(lambda: load(CHANNELS, data=data), path) as sight:
        asked = [group for group in sight.groups(team=team) if group.team in sight.directory.teams]
        served = await sight.shifts((name for group in asked for name in group.schedules), wanted)
    found = [
        operations_share(sight.directory, group.team, wanted, served=served)
        for group in asked
        if group.team is not None
    ]
    answer(json.dumps(as_document(found, wanted)) if as_json else as_text(found, wanted))


def as_document(found: list[OperationsShare], wanted: Span) -> dict[str, Any]:
    """Each team with its people, as the API has it."""
    return {"from": rfc3339(wanted.start), "to": rfc3339(wanted.end), "items": [share_document(each) for each in found]}


def as_text(found: list[OperationsShare], wanted: Span) -> str:
    """A line and a table for each team."""
    title = f"{wanted.start:%Y-%m-%d %H:%M} to {wanted.end:%Y-%m-%d %H:%M} UTC"
    if not found:
        return f"{title}\n\nThere is no team that owns a schedule yet."
    return "\n\n".join((title, *("\n".join(_told(each)) for each in found)))


def _told(found: OperationsShare) -> Iterator[str]:
    if found.planned is None:
        yield f"team {found.team}: nobody in it works in this time."
        return
    yield f"team {found.team}: {found.planned:.1%} operations, {1 - found.planned:.1%} development"
    rows = [
        (each.person, f"{each.working / _HOUR:,.0f}", f"{each.on_duty / _HOUR:,.0f}", _part(each.on_duty, each.working))
        for each in found.people
    ]
    yield from (f"  {line}" for line in aligned((_HEADINGS, *rows)))


def _part(duty: timedelta, working: timedelta) -> str:
    return f"{duty / working:.0%}" if working else "-"
