"""`tocsin oncall`, and `tocsin schedule`: who is on call, and the shifts of schedules in every form."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from tocsin.app import asking, showing
from tocsin.app.commands.usage import NO, Data, Json, Where, help_alone
from tocsin.app.logs import set_up_logs
from tocsin.app.serving import run
from tocsin.app.settings import load
from tocsin.app.terminal import answer
from tocsin.channels import CHANNELS
from tocsin.core.schedules.shown.picture import NARROWEST, USUAL, WIDEST
from tocsin.core.vocabulary import Instant

schedules = typer.Typer(rich_markup_mode=None)

_LATER = "RFC 3339, or a date in the zone that is shown"
_FORMS = ", ".join(showing.FORMS)

Form = Annotated[str, typer.Option("--format", help=f"{_FORMS}; of several schedules text, timeline or svg.")]
Zone = Annotated[str | None, typer.Option(metavar="ZONE", help="On whose clock.  [default: the schedule's zone]")]
Width = Annotated[int, typer.Option(min=NARROWEST, max=WIDEST, help="Of an svg, in pixels.")]
Now = Annotated[str | None, typer.Option(metavar="INSTANT", help="What is marked as now.  [default: now]")]


@schedules.callback(invoke_without_command=True)
def schedule_alone(context: typer.Context) -> None:
    """Schedules: their final shifts as a table, a timeline, a picture, a calendar, or for programs."""
    help_alone(context)


@schedules.command("render")
def render(
    path: Where,
    schedule: Annotated[list[str], typer.Option(metavar="NAME", help="A schedule; may be given several times.")],
    begins: Annotated[str, typer.Option("--from", metavar="A", help=f"{_LATER}.")],
    ends: Annotated[str, typer.Option("--to", metavar="B", help=f"{_LATER}.")],
    form: Form = "text",
    zone: Zone = None,
    width: Width = USUAL,
    now: Now = None,
) -> None:
    """The final shifts of schedules out of configuration files, without a server."""
    wish = showing.Wish(schedules=schedule, form=form, begins=begins, ends=ends, zone=zone, width=width, now=now)
    answer(showing.render(path, wish))


@schedules.command("show")
def show(
    schedule: Annotated[
        list[str] | None, typer.Argument(metavar="[SCHEDULE]...", help="Some schedules; else all.", show_default=False)
    ] = None,
    begins: Annotated[str | None, typer.Option("--from", metavar="A", help=f"{_LATER}.  [default: today]")] = None,
    days: Annotated[int, typer.Option(min=1, max=3_660, help="How many days.")] = 14,
    form: Form = "timeline",
    zone: Zone = None,
    width: Width = USUAL,
    data: Data = None,
) -> None:
    """The final shifts of the schedules that are in force; what has passed is shown as it was."""
    wish = showing.Wish(schedules=schedule or (), form=form, begins=begins, days=days, zone=zone, width=width)
    run(_show(wish, data))


async def _show(wish: showing.Wish, data: str | None) -> None:
    set_up_logs(quiet=True)
    answer(await showing.show(load(CHANNELS, data=data), wish))


def oncall(
    schedule: Annotated[str | None, typer.Argument(metavar="SCHEDULE", help="One schedule; else all.")] = None,
    at: Annotated[str | None, typer.Option(metavar="INSTANT", help="RFC 3339; else now.")] = None,
    person: Annotated[str | None, typer.Option(metavar="NAME", help="When this person is on call.")] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="With --person: how far ahead to look.")] = 30,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Who is on call, until when, and who is next. Exit 1 when nobody is on a schedule that was named."""
    moment = None if at is None else asking.instant(at, "--at")
    if person is None:
        run(_oncall(schedule, moment, data, as_json=as_json))
    else:
        run(_duties(person, (schedule, moment, days), data, as_json=as_json))


async def _oncall(schedule: str | None, at: Instant | None, data: str | None, *, as_json: bool) -> None:
    set_up_logs(quiet=True)
    moment, found = await asking.on_call_now(load(CHANNELS, data=data), schedule, at)
    answer(json.dumps(asking.on_call_document(moment, found)) if as_json else asking.on_call_text(found))
    if schedule is not None and not any(one.on_call.people for one in found):
        raise typer.Exit(NO)


async def _duties(
    person: str, asked: tuple[str | None, Instant | None, int], data: str | None, *, as_json: bool
) -> None:
    set_up_logs(quiet=True)
    schedule, at, days = asked
    directory, found = await asking.duties(load(CHANNELS, data=data), person, schedule, at, days=days)
    answer(json.dumps(asking.duties_document(found)) if as_json else asking.duties_text(found, directory))
