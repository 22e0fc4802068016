"""`tocsin rota`: a rota is proposed; a person reads it, pins what they decide, asks again, and applies it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.commands.usage import NO, Data, Json, help_alone
from tocsin.app.logs import set_up_logs
from tocsin.app.proposal_document import as_document
from tocsin.app.proposal_text import as_text, status
from tocsin.app.proposing import Order, Proposed, propose
from tocsin.app.serving import run
from tocsin.app.solvers import solver
from tocsin.app.terminal import answer, tell
from tocsin.configuration.planning_building import Instead
from tocsin.configuration.planning_forms import LONGEST
from tocsin.configuration.planning_writing import schedules, text
from tocsin.configuration.rota_notation import day, length
from tocsin.core.errors import Refused, Unavailable
from tocsin.core.planning import Effort, Proposal

rotas = typer.Typer(rich_markup_mode=None)

_Where = Annotated[Path | None, typer.Argument(metavar="FILE", help="What is wanted; else the usual of a --team.")]
_Pins = Annotated[
    list[str] | None, typer.Option("--pin", metavar="DAY=PERSON", help="Decided; DAY!=PERSON: not this one. Again.")
]


@rotas.callback(invoke_without_command=True)
def rota_alone(context: typer.Context) -> None:
    """Rotas: proposed by a solver, accepted by people."""
    help_alone(context)


@rotas.command("propose")
def propose_rota(
    file: _Where = None,
    team: Annotated[str | None, typer.Option(metavar="NAME", help="Take people and absences from a team.")] = None,
    config: Annotated[Path | None, typer.Option(metavar="PATH", help="Its files; else what is in force.")] = None,
    past: Annotated[str | None, typer.Option(metavar="LENGTH", help="Count what the team did in so long.")] = None,
    begins: Annotated[str | None, typer.Option("--from", metavar="DATE", help="When the first turn begins.")] = None,
    weeks: Annotated[int | None, typer.Option(min=1, max=LONGEST, help="How long.  [default: 26]")] = None,
    pins: _Pins = None,
    seconds: Annotated[float, typer.Option(min=0.1, max=3_600, help="How long to look.")] = 10.0,
    workers: Annotated[int, typer.Option(min=1, max=2, help="2: a second search beside the solver.")] = 2,
    seed: Annotated[int, typer.Option(min=1, max=1_000_000, help="Another may find another as good.")] = 1,
    swaps: Annotated[bool, typer.Option("--swaps", help="Search by swaps, though a solver is installed.")] = False,
    why: Annotated[bool, typer.Option("--why", help="Look as long again what missed wishes would cost.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as schedules to apply.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Propose who takes which duty: even loads first, then wishes. Exit 1 when there is no rota, and why."""
    first = _date(begins) if begins is not None else None
    order = Order(
        file=file,
        team=team,
        config=config,
        data=data,
        past=_length(past) if past is not None else None,
        instead=Instead(begins=first, weeks=weeks, pins=tuple(pins or ())),
    )
    effort = Effort(seconds=seconds, workers=workers, seed=seed)
    run(_propose(order, effort, out, exact=not swaps, why=why, as_json=as_json))


async def _propose(order: Order, effort: Effort, out: Path | None, *, exact: bool, why: bool, as_json: bool) -> None:
    set_up_logs(quiet=True)
    found = await propose(order, solver(exact=exact), effort, why=why)
    answer(json.dumps(as_document(found)) if as_json else as_text(found))
    if not isinstance(found.answer, Proposal):
        raise typer.Exit(NO)
    if out is not None:
        _write(out, found, found.answer)


def _write(out: Path, found: Proposed, proposal: Proposal) -> None:
    wanted = found.wanted
    last = wanted.problem.duties[-1].span.end.astimezone(wanted.cadence.time_zone)
    told = f"{status(found, proposal)}\nAfter its last turn each list begins again: ask anew before {last:%Y-%m-%d}."
    try:
        out.write_text(text(schedules(wanted, proposal.assignment, found.existing), told=told), encoding="utf-8")
    except OSError as trouble:
        raise Unavailable(f"{out} cannot be written: {trouble.strerror}") from None
    tell(f"Written to {out}. Put it beside your other files in place of these schedules, then `tocsin plan`.")


def _date(written: str) -> date:
    try:
        return day(written)
    except Refused as refusal:
        raise Refused(refusal.detail, field="--from", hint=refusal.hint) from None


def _length(written: str) -> timedelta:
    try:
        return length(written)
    except Refused as refusal:
        raise Refused(refusal.detail, field="--past", hint=refusal.hint) from None
