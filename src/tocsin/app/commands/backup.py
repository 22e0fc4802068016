"""`tocsin backup` and `tocsin restore`: all there is in one file, and the way back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.archive import Manifest
from tocsin.app.backing_up import Restored, back_up, look_into, written_whole
from tocsin.app.backing_up import restore as put_back
from tocsin.app.commands.usage import Data
from tocsin.app.logs import set_up_logs
from tocsin.app.serving import run
from tocsin.app.settings import Settings, load
from tocsin.app.terminal import answer, tell
from tocsin.channels import CHANNELS
from tocsin.core.errors import Refused
from tocsin.engine import clock

_STDOUT = Path("-")

_To = Annotated[Path, typer.Argument(metavar="[FILE|DIR|-]", help="Where to; in a folder it is named by the time.")]
_File = Annotated[Path, typer.Argument(metavar="FILE", help="What `tocsin backup` has written.")]


def backup(
    to: _To = Path(),
    without_key: Annotated[bool, typer.Option("--without-key", help="Leave out the secret key.")] = False,
    data: Data = None,
) -> None:
    """Write all there is into one file, while Tocsin runs or not: the database, and the key that Tocsin has made."""
    path = to / f"tocsin-{clock.now():%Y%m%dT%H%M%SZ}.zip" if to.is_dir() else to
    run(_backup(path, load(CHANNELS, data=data), with_key=not without_key))


def restore(
    file: _File,
    replace: Annotated[bool, typer.Option("--replace", help="Delete what the database holds.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only look whether the file is whole, and what it holds.")
    ] = False,
    data: Data = None,
) -> None:
    """Put a backup into an empty database, with all nodes stopped: everything or nothing. Then start `tocsin serve`."""
    set_up_logs(quiet=True)
    if check:
        answer(f"{file} is whole: {_inside(look_into(file))}.")
        return
    run(_restore(file, load(CHANNELS, data=data), replace=replace))


async def _backup(to: Path, settings: Settings, *, with_key: bool) -> None:
    set_up_logs(quiet=True)
    if to == _STDOUT:
        if sys.stdout.isatty():
            raise Refused("A backup is nothing to read on a terminal.", hint="Name a file, or pipe it somewhere.")
        manifest = await back_up(settings, sys.stdout.buffer, with_key=with_key)
        sys.stdout.flush()
        tell(f"Written: {_inside(manifest)}.")
    else:
        with written_whole(to) as file:
            manifest = await back_up(settings, file, with_key=with_key)
        answer(f"Written to {to}: {_inside(manifest)}.")
    tell(_about_key(manifest, settings))


async def _restore(file: Path, settings: Settings, *, replace: bool) -> None:
    done = await put_back(settings, file, replace=replace)
    answer(f"Restored {file}: {_inside(done.manifest)}.")
    answer(_about_work(done))
    if done.other_key:
        tell(
            "The secret key here is another one than where the backup was made: people sign in again, links in older"
            " pages and addresses of calendars are no longer good, and webhooks are signed differently. To keep them,"
            " set TOCSIN_SECRET_KEY to the key of then."
        )


def _inside(manifest: Manifest) -> str:
    rows = f"{manifest.rows:,} row{'' if manifest.rows == 1 else 's'} in {len(manifest.tables)} tables"
    return f"{rows}, as of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC, by Tocsin {manifest.version}"


def _about_key(manifest: Manifest, settings: Settings) -> str:
    if manifest.key_sha256 is not None:
        return "The secret key is inside: guard this file as you guard a password."
    if settings.key_file is not None and not settings.key_file.exists():
        return "There is no secret key yet."
    kept = "TOCSIN_SECRET_KEY" if settings.key_file is None else f"The secret key ({settings.key_file})"
    return f"{kept} is not inside: keep it in a safe place, too. Links, sign-ins and signatures hang on it."


def _about_work(done: Restored) -> str:
    if not done.open_alerts:
        return "No alert was open. Start `tocsin serve`."
    return (
        f"Open alerts: {done.open_alerts}. As soon as `tocsin serve` runs they climb on;"
        f" pages that leave then, marked as repeats: {done.waiting}."
    )
