"""`tocsin fairness`: what each person carries, and how even that is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.app.commands.usage import Data, Json
from tocsin.app.logs import set_up_logs
from tocsin.app.looking import looked_at, window
from tocsin.app.serving import run
from tocsin.app.settings import load
from tocsin.app.terminal import answer
from tocsin.channels import CHANNELS
from tocsin.core.insight.documents import fairness_document
from tocsin.core.insight.fairness import fairness as measured
from tocsin.core.insight.groups import Group
from tocsin.core.insight.load import Carried, Deviation, Fairness, Hours, Question
from tocsin.core.schedules.shown.words import columns
from tocsin.core.vocabulary import Span, rfc3339

#: The window when its ends are left out: the last 90 days.
_USUAL = (timedelta(days=-90), timedelta())
_HOUR = timedelta(hours=1)

_WORDS = {
    Hours.ALL: "hours",
    Hours.NIGHT: "night hours",
    Hours.WEEKEND: "weekend hours",
    Hours.HOLIDAY: "holiday hours",
}
_IN_SHORT = {Hours.ALL: "", Hours.NIGHT: " at night", Hours.WEEKEND: " weekend", Hours.HOLIDAY: " holiday"}
_HEADINGS = ("person", "hours", "night", "weekend", "holiday", "shifts", "share", "score", "differs")

Where = Annotated[Path | None, typer.Argument(metavar="PATH", help="Files; else what is in force.")]
Begins = Annotated[str | None, typer.Option("--from", metavar="A", help="RFC 3339, or a date in UTC.")]
Ends = Annotated[str | None, typer.Option("--to", metavar="B", help="RFC 3339, or a date in UTC.")]

Found = list[tuple[Group, Fairness]]


def fairness(
    path: Where = None,
    team: Annotated[str | None, typer.Option(metavar="T", help="The schedules of one team.")] = None,
    schedule: Annotated[str | None, typer.Option(metavar="S", help="One schedule.")] = None,
    begins: Begins = None,
    ends: Ends = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Who carries how much: hours, nights, weekends, holidays, and a score. Without --from: the last 90 days."""
    wanted = window(begins, ends, usual=_USUAL)
    run(_fairness(path, (team, schedule), wanted, data, as_json=as_json))


async def _fairness(
    path: Path | None, named: tuple[str | None, str | None], wanted: Span, data: str | None, *, as_json: bool
) -> None:
    set_up_logs(quiet=True)
    async with looked_at(lambda: load(CHANNELS, data=data), path) as sight:
        asked = sight.groups(team=named[0], schedule=named[1])
        served = await sight.shifts((name for group in asked for name in group.schedules), wanted)
    found = [
        (group, measured(sight.directory, Question(window=wanted, schedules=group.schedules), served))
        for group in asked
    ]
    answer(json.dumps(as_document(found, wanted)) if as_json else as_text(found, wanted))


def as_document(found: Found, wanted: Span) -> dict[str, Any]:
    """Each group with its people, as the API has it."""
    return {
        "from": rfc3339(wanted.start),
        "to": rfc3339(wanted.end),
        "items": [fairness_document(group, each) for group, each in found],
    }


def as_text(found: Found, wanted: Span) -> str:
    """A table for each group, and what makes it uneven."""
    title = f"{wanted.start:%Y-%m-%d %H:%M} to {wanted.end:%Y-%m-%d %H:%M} UTC"
    if not found:
        return f"{title}\n\nThere is no schedule yet."
    return "\n\n".join((title, *("\n".join(_told(group, each)) for group, each in found)))


def _told(group: Group, found: Fairness) -> Iterator[str]:
    name = f"team {group.team}" if group.team is not None else f"schedule {', '.join(group.schedules)}"
    yield f"{name}: {found.score:.0f} of 100"
    if found.reason is not None:
        most = found.reason
        yield f"  {most.most} carries most, {most.least} least: {_words(most.deviation)} more than an even share."
    if found.people:
        yield from _table([_HEADINGS, *map(_row, found.people)])
    else:
        yield "  Nobody was on call."


def _row(each: Carried) -> tuple[str, ...]:
    hours = (f"{each.hours[kind] / _HOUR:,.0f}" for kind in Hours)
    part = f"{each.load / each.fair_share:.0%}" if each.fair_share else "-"
    difference = "-" if each.reason is None else _signed(each.reason)
    score = "-" if each.score is None else f"{each.score:.0f}"
    return (each.person, *hours, str(each.shifts), part, score, difference)


def _signed(deviation: Deviation) -> str:
    return f"{deviation.hours / _HOUR:+,.0f} h{_IN_SHORT[deviation.kind]}"


def _words(deviation: Deviation) -> str:
    amount = f"{deviation.hours / _HOUR:,.0f}"
    return f"{amount} {_WORDS[deviation.kind].removesuffix('s' if amount == '1' else '')}"


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Figures stand right, words left."""
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    last = len(widths) - 1
    for row in rows:
        cells = []
        for place, (cell, wide) in enumerate(zip(row, widths, strict=True)):
            blanks = " " * (wide - columns(cell))
            cells.append(cell + blanks if place in (0, last) else blanks + cell)
        yield f"  {'  '.join(cells)}".rstrip()
