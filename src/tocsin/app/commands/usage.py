"""What commands have in common: exit codes, and the options that several of them take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.terminal import answer

DONE, NO, BAD_INPUT, UNAVAILABLE, INTERRUPTED = 0, 1, 2, 3, 130

Data = Annotated[str | None, typer.Option("--data", metavar="DIR", help="Where the data lie.  [default: tocsin-data]")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Where = Annotated[Path, typer.Argument(metavar="PATH", help="A YAML file, or a folder of them.")]


def help_alone(context: typer.Context) -> None:
    """A group of commands that is called by itself says what there is."""
    if context.invoked_subcommand is None:
        answer(context.get_help())
