"""Configuration as code: plan, apply, export and check, on the command line and at start."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tocsin.app.database import open_store
from tocsin.app.settings import Settings
from tocsin.channels import CHANNELS
from tocsin.configuration.building import directory
from tocsin.configuration.difference import Plan, Verb, difference
from tocsin.configuration.difference import as_text as plan_text
from tocsin.configuration.reading import Draft, read
from tocsin.configuration.writing import export as written
from tocsin.core.directory import Directory
from tocsin.core.errors import Unavailable
from tocsin.intake import DOORS
from tocsin.ports.outgoing import Outgoing
from tocsin.ports.state import Document, Documents

_CHANNEL_NAMES = frozenset(channel.name for channel in CHANNELS)
_PROTOCOLS = frozenset(door.name for door in DOORS)

_NOTHING = "Nothing to change: the configuration in force is what the files say."
#: Every file begins so; one document says it once.
_HEADER = "tocsin: 1\n"

Source = Path | Sequence[tuple[str, str]]


def read_files(
    source: Source,
    *,
    stored: Iterable[Document] = (),
    environment: Mapping[str, str] | None = None,
    outgoing: Outgoing | None = None,
) -> Draft:
    """What files say, checked together with what is stored.

    Raises:
        BadConfiguration: with all mistakes.
    """
    return read(
        source,
        environment=os.environ if environment is None else environment,
        channels=_CHANNEL_NAMES,
        protocols=_PROTOCOLS,
        stored=stored,
        outgoing=outgoing,
    )


class _AnyVariable(dict[str, str]):
    """An environment in which every variable is set: offline, secrets do not matter."""

    def __missing__(self, name: str) -> str:
        return f"https://not-set.invalid/{name}"  # good as a key and as an address

    def __contains__(self, name: object) -> bool:
        return True

    def get(self, name: str, default: object = None) -> str:
        """The variable, or a stand-in for it."""
        return self[name]


def read_offline(path: Path) -> Directory:
    """The configuration out of files alone, without a server; variables that are not set do not matter.

    Raises:
        BadConfiguration: with all mistakes.
    """
    return directory(documents_offline(path))


def documents_offline(path: Path) -> tuple[Document, ...]:
    """The same as the documents that applying the files would keep.

    Raises:
        BadConfiguration: with all mistakes.
    """
    return read_files(path, environment=_AnyVariable(os.environ)).documents


async def apply(settings: Settings, path: Path) -> Plan:
    """Make the configuration what the files say; what was changed."""
    async with open_store(settings, attach=True) as store:
        return await apply_path(store, path, by="apply", outgoing=settings.outgoing)


async def apply_path(store: Documents, path: Path, *, by: str, outgoing: Outgoing | None = None) -> Plan:
    """The same on an open store."""
    return await apply_text(store, path, by=by, outgoing=outgoing)


async def apply_text(
    store: Documents,
    source: Source,
    *,
    by: str,
    environment: Mapping[str, str] | None = None,
    outgoing: Outgoing | None = None,
) -> Plan:
    """The same with texts, each with the name it is to be called by."""
    revision, stored = await store.documents()
    found = difference(stored, read_files(source, stored=stored, environment=environment, outgoing=outgoing))
    if found:
        put = [change.document for change in found.changes if change.document is not None]
        drop = [(change.kind, change.name) for change in found.changes if change.verb is Verb.DELETE]
        await store.change(put=put, drop=drop, by=by, at_revision=revision)
    return found


def as_text(found: Plan) -> str:
    """A plan for a reader."""
    if not found:
        return _NOTHING
    return f"{plan_text(found)}{counted(found)} to make: `tocsin apply` makes them."


def done_text(found: Plan) -> str:
    """What was changed, for a reader."""
    return f"{plan_text(found)}{counted(found)} made." if found else _NOTHING


def counted(found: Plan) -> str:
    """How many changes a plan has, in words."""
    return f"{len(found.changes)} change{'' if len(found.changes) == 1 else 's'}"


def as_document(found: Plan) -> dict[str, Any]:
    """A plan as JSON values."""
    return {
        "changes": [
            {
                "kind": change.kind,
                "name": change.name,
                "verb": change.verb.value,
                "fields": [
                    {"path": field.path, "before": field.before, "after": field.after} for field in change.fields
                ],
            }
            for change in found.changes
        ]
    }


async def export(settings: Settings, folder: Path | None) -> list[str]:
    """Write the configuration in force into a folder, or give its text; what is to be printed.

    Raises:
        Unavailable: the folder cannot be written.
    """
    async with open_store(settings, attach=True) as store:
        _, stored = await store.documents()
    files = written(stored)
    if folder is None:
        return [_in_one(files)]
    return _write(folder, files)


def _in_one(files: Mapping[str, str]) -> str:
    return _HEADER + "".join(text.removeprefix(_HEADER) for text in files.values()).rstrip("\n")


def _write(folder: Path, files: Mapping[str, str]) -> list[str]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as trouble:
        raise Unavailable(f"{folder} cannot be written: {trouble.strerror}") from None
    return [f"{folder / name}" for name in files]
