"""`tocsin backup` and `tocsin restore`: everything that is needed to stand up again on another machine, in one file.

A backup is read at one instant, while nodes work. A restore is one transaction: before its end nothing is there, after
it everything is, and every open alert is due.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import IO

import structlog

from tocsin.app.archive import Manifest, Writer, opened
from tocsin.app.directories import Directories
from tocsin.app.ending import heard_at_once
from tocsin.app.settings import Settings
from tocsin.core.case import Case
from tocsin.core.errors import Refused, Unavailable
from tocsin.core.flow import Telling, World
from tocsin.core.vocabulary import Instant
from tocsin.ports.state import Turn
from tocsin.store.dumping import connected, snapshot
from tocsin.store.embedded import EmbeddedPostgres, running
from tocsin.store.migrating import known_migrations
from tocsin.store.postgres import PostgresStore
from tocsin.store.refilling import mark_waiting, refill

log = structlog.get_logger()

#: What the mark of a secret key is made from.
_MARK = b"tocsin.backup"
_NODE = "tocsin restore"
_BATCH = 256
_PUT_OFF = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was done."""

    manifest: Manifest
    #: Alerts that are open, and deliveries that leave as soon as a node runs.
    open_alerts: int
    waiting: int
    #: The installation that was backed up had another secret key than the one that is in force here now.
    other_key: bool


async def back_up(settings: Settings, out: IO[bytes], *, with_key: bool) -> Manifest:
    """Write everything to `out`, as it is at one instant; nobody who works meanwhile waits for it.

    Raises:
        Refused: there is nothing to back up.
        Unavailable: the database cannot be read, or the file not be written.
    """
    kept = settings.key_file is not None and settings.key_file.exists()
    key = settings.secret_key if with_key and kept else None
    mark = _mark(settings.secret_key) if kept or settings.key_file is None else None
    if settings.database_url is None and not (settings.data / "postgres").exists():
        raise Refused(
            f"There is no database in {settings.data}: nothing to back up.", hint="Name its folder with --data."
        )
    with _database(settings, attach=True) as address:
        async with connected(address) as session, snapshot(session) as seen:
            writer = Writer(out)
            for table in seen.tables:
                await writer.add(seen, table)
            return writer.finish(seen, version=version("tocsin"), key=key, mark=mark)


async def restore(settings: Settings, path: Path, *, replace: bool) -> Restored:
    """Make this installation what the backup says.

    Raises:
        Refused: the file is not whole, a newer Tocsin wrote it, nodes are at work, or there are data already.
        Unavailable: the database cannot be written.
    """
    with opened(path) as reader:
        refuse_newer(reader.manifest)
        if settings.database_url is None and running(settings.data) is not None:
            raise Refused(f"Tocsin is at work on the data folder {settings.data}: stop it, then restore.")
        with _database(settings, attach=False) as address:
            async with connected(address) as session:
                await refill(session, reader.manifest.schema, reader.rows, replace=replace)
                if settings.key_file is not None and reader.key is not None:
                    _keep_key(settings.key_file, reader.key)
                await _look_at_open_alerts(address)
                open_alerts, waiting = await mark_waiting(session)
    in_force = reader.key if reader.key is not None and settings.key_file is not None else settings.secret_key
    return Restored(
        manifest=reader.manifest,
        open_alerts=open_alerts,
        waiting=waiting,
        other_key=reader.manifest.key_mark not in (None, _mark(in_force)),
    )


def look_into(path: Path) -> Manifest:
    """What a backup says of itself, once all of it was checked.

    Raises:
        Refused: the file is not whole, or a newer Tocsin wrote it.
    """
    with opened(path) as reader:
        refuse_newer(reader.manifest)
        return reader.manifest


def refuse_newer(manifest: Manifest) -> None:
    """Raises Refused for a backup whose schema this version does not know."""
    known = known_migrations()[-1].number
    if manifest.schema > known:
        text = f"This backup was made by Tocsin {manifest.version} (schema {manifest.schema}), which is newer"
        raise Refused(f"{text} than this one ({version('tocsin')}, schema {known}): restore it with that version.")


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that is there, on disk and for its owner alone, once all of it was written; else there is none.

    Raises:
        Refused: something else than a file has this name.
        Unavailable: it cannot be written.
    """
    if path.exists() and not path.is_file():
        raise Refused(f"{path} is no file that could be replaced.")
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
            _sync_folder(path.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as trouble:
        raise Unavailable(f"{path} cannot be written: {trouble.strerror or trouble}.") from None


def _sync_folder(folder: Path) -> None:
    """A file's name is on disk once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _database(settings: Settings, *, attach: bool) -> Iterator[str]:
    """The address of the database as it is; an embedded one that nobody runs is run meanwhile."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    with contextlib.ExitStack() as stack:
        with heard_at_once():
            address = stack.enter_context(EmbeddedPostgres(settings.data, attach=attach))
        yield address


async def _look_at_open_alerts(address: str) -> None:
    """Decide at once what time has made due since the backup, so that pages for it, too, are marked as repeats.

    Nothing is sent: what is decided waits for a node.
    """
    store = await PostgresStore.connect(address, connections=2)
    try:
        directories = Directories(store)
        await directories.refresh()
        known = directories.current()

        def decide(case: Case, now: Instant, turn: Turn) -> Telling:
            telling = Telling(case, World(directory=known, now=now, turn=turn))
            try:
                telling.settle()
            except Exception:
                log.exception("a case cannot be decided; a node tries again", group=case.group.id)
                return Telling.put_off(case, telling.world, until=now + _PUT_OFF)
            return telling

        look = partial(store.work, node=_NODE, limit=_BATCH, lease=timedelta(0), calm=known.habits.calm, decide=decide)
        while (await look()).count:
            pass
    finally:
        await store.close()


def _keep_key(path: Path, key: str) -> None:
    """Put the secret key of the backup in force. One that was kept before stays beside it."""
    path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        if path.read_text(encoding="ascii").strip() == key:
            return
        path.replace(path.with_suffix(".before-restore"))
    with written_whole(path) as file:
        file.write(f"{key}\n".encode())


def _mark(key: str) -> str:
    return hmac.new(key.encode(), _MARK, hashlib.sha256).hexdigest()[:32]
