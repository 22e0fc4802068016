"""The command line. Exit codes: 0 done, 1 the answer is "no", 2 bad input, 3 unavailable."""

from __future__ import annotations

import json
import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from tocsin.app import benches, changing, checking, configuring, doctor
from tocsin.app.commands.audit import audit
from tocsin.app.commands.backup import backup, restore
from tocsin.app.commands.fairness import fairness
from tocsin.app.commands.rearrange import register as add_rearranging
from tocsin.app.commands.rota import rotas
from tocsin.app.commands.schedule import oncall, schedules
from tocsin.app.commands.share import share
from tocsin.app.commands.sign_in import invite, sessions
from tocsin.app.commands.simulate_faults import simulate_faults
from tocsin.app.commands.sync import sync
from tocsin.app.commands.token import tokens
from tocsin.app.commands.usage import BAD_INPUT, DONE, INTERRUPTED, NO, UNAVAILABLE, Data, Json, Where, help_alone
from tocsin.app.demo import demo as run_demo
from tocsin.app.logs import set_up_logs
from tocsin.app.serving import run
from tocsin.app.serving import serve as run_serve
from tocsin.app.settings import load
from tocsin.app.terminal import answer, tell, tell_why
from tocsin.channels import CHANNELS
from tocsin.core.errors import Broken, Refused, Unavailable

app = typer.Typer(
    name="tocsin",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(schedules, name="schedule")
app.add_typer(rotas, name="rota")
app.add_typer(tokens, name="token")
app.add_typer(sessions, name="sessions")


def main() -> NoReturn:
    """Run the command line; what goes wrong is one plain sentence on the standard error."""
    try:
        code = app(standalone_mode=False)
    except Refused as refusal:
        tell_why(refusal)
        sys.exit(BAD_INPUT)
    except Unavailable as trouble:
        tell(trouble.detail[:1].upper() + trouble.detail[1:])
        sys.exit(UNAVAILABLE)
    except Broken as fault:
        tell(f"This is a fault in Tocsin: {fault}")
        sys.exit(UNAVAILABLE)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(INTERRUPTED)
    except typer.TyperException as mistake:
        _tell_usage(mistake)
        sys.exit(BAD_INPUT)
    sys.exit(code or DONE)


def _tell_usage(mistake: typer.TyperException) -> None:
    # Typer's own text leaves out which option is meant; its longer form says it.
    text = getattr(mistake, "format_message", mistake.__str__)()
    context = getattr(mistake, "ctx", None)
    command = context.command_path if context is not None else "tocsin"
    tell(f"{text}\nTry `{command} --help`.")


@app.callback(invoke_without_command=True)
def tocsin(
    context: typer.Context,
    show: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """On-call and incident response: wakes exactly the right person, and keeps ringing until somebody answers."""
    if show:
        show_version()
        raise typer.Exit(DONE)
    help_alone(context)


@app.command()
def demo(port: Annotated[int, typer.Option(min=1, max=65_535, help="The port to serve the demo on.")] = 8080) -> None:
    """Show the product in one minute, on sample data in a temporary folder, in accelerated time."""
    set_up_logs(quiet=True)
    run(run_demo(port=port, say=answer), ended=DONE)


@app.command()
def serve(
    config: Annotated[Path | None, typer.Option(metavar="PATH", help="A file or folder to apply at start.")] = None,
    data: Data = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.  [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="The port to listen on.  [default: 8080]")] = None,
    role: Annotated[
        str | None, typer.Option(help="What this node does: all, web or worker.  [default: all]", show_default=False)
    ] = None,
) -> None:
    """Run the whole product: events in, pages out, the web application."""
    set_up_logs()
    settings = load(CHANNELS, data=data, host=host, port=port, role=role, keeps_key=True)
    run(run_serve(settings, config=config, say=tell), ended=DONE)


@app.command()
def plan(path: Where, data: Data = None, as_json: Json = False) -> None:
    """Show what `apply` would change, and change nothing."""
    run(_plan(path, data, as_json=as_json))


async def _plan(path: Path, data: str | None, *, as_json: bool) -> None:
    set_up_logs(quiet=True)
    found = await changing.plan(load(CHANNELS, data=data), path)
    answer(json.dumps(changing.as_document(found)) if as_json else changing.as_text(found))


@app.command()
def apply(path: Where, data: Data = None, as_json: Json = False) -> None:
    """Make the configuration what the files say. A mistake anywhere changes nothing."""
    run(_apply(path, data, as_json=as_json))


async def _apply(path: Path, data: str | None, *, as_json: bool) -> None:
    set_up_logs(quiet=True)
    done = await configuring.apply(load(CHANNELS, data=data), path)
    answer(json.dumps(configuring.as_document(done)) if as_json else configuring.done_text(done))


@app.command()
def export(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Where to write; else it is printed.")] = None,
    data: Data = None,
) -> None:
    """Write out the configuration that is in force, as files that `apply` reads."""
    run(_export(folder, data))


async def _export(folder: Path | None, data: str | None) -> None:
    set_up_logs(quiet=True)
    answer("\n".join(await configuring.export(load(CHANNELS, data=data), folder)))


@app.command()
def check(
    path: Annotated[Path | None, typer.Argument(metavar="PATH", help="Files; else what is in force.")] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How far ahead to look.")] = 90,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Is somebody reachable on each step of every service, at every minute, and is the rota sound? Exit 1 if not."""
    run(_check(path, days, data, as_json=as_json))


async def _check(path: Path | None, days: int, data: str | None, *, as_json: bool) -> None:
    set_up_logs(quiet=True)
    checked = await checking.check(lambda: load(CHANNELS, data=data), path, days=days)
    answer(json.dumps(checking.as_document(checked)) if as_json else checking.as_text(checked))
    if not checked.is_well:
        raise typer.Exit(NO)


app.command("oncall")(oncall)
add_rearranging(app)
app.command("fairness")(fairness)
app.command("share")(share)
app.command("sync")(sync)
app.command("simulate-faults")(simulate_faults)
app.command("audit")(audit)
app.command("invite")(invite)
app.command("backup")(backup)
app.command("restore")(restore)


@app.command("doctor")
def examine(data: Data = None, as_json: Json = False) -> None:
    """Settings in force and where each comes from; database, watchdog, clock, coverage. Exit 1 if one is wrong."""
    run(_examine(data, as_json=as_json))


async def _examine(data: str | None, *, as_json: bool) -> None:
    set_up_logs(quiet=True)
    report = await doctor.examine(load(CHANNELS, data=data))
    answer(json.dumps(report.as_document()) if as_json else report.as_text())
    if not report.is_well:
        raise typer.Exit(NO)


@app.command()
def bench(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Which one; without a name they are listed.")
    ] = None,
) -> None:
    """Run a benchmark, with the machine's own limits beside it."""
    if name is None:
        answer(benches.listing())
        return
    raise typer.Exit(benches.run(name))


@app.command("version")
def show_version() -> None:
    """Print the version."""
    answer(installed_version("tocsin"))
