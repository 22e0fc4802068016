"""The file of a backup: a zip that any tool opens, with a manifest and one text a table, each with its checksum.

manifest.json       what is inside, by whom, as of when (Manifest)
tables/<name>.copy  the rows, as PostgreSQL's COPY writes them
secret-key          the key that Tocsin has made for itself, unless it was left out
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

import msgspec

from tocsin.core.errors import Refused, Unavailable
from tocsin.core.vocabulary import Instant
from tocsin.store.dumping import Snapshot, Table

_FORM = 1
_MANIFEST = "manifest.json"
_KEY = "secret-key"
_PIECE_BYTES = 1 << 20
#: Little is won by more, and the processor is needed for pages.
_EFFORT = 3
#: What reading a file that is no zip, or no whole one, ends with.
_DAMAGE = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, UnicodeDecodeError)


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """One table as it was written."""

    name: str
    columns: tuple[str, ...]
    rows: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself."""

    #: Of the file: another number is another kind of file.
    tocsin_backup: int = _FORM
    #: Of the Tocsin that wrote it.
    version: str
    #: The newest step of the schema that had been run.
    schema: int
    made_at: datetime
    #: Of the PostgreSQL that it was read from.
    server: str
    #: A mark by which another secret key is recognised; the key cannot be found from it. None: there was no key yet.
    key_mark: str | None
    #: None: the key is not inside.
    key_sha256: str | None
    tables: tuple[Content, ...]

    @property
    def rows(self) -> int:
        """How many there are altogether."""
        return sum(table.rows for table in self.tables)


class _Out:
    """Where a backup is written to, front to back. Once it takes no more, that is said once."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._failed = False

    def write(self, piece: bytes) -> int:
        if not self._failed:
            try:
                self._out.write(piece)
            except OSError as trouble:
                self._failed = True
                raise Unavailable(f"The backup cannot be written: {trouble.strerror or trouble}.") from None
        return len(piece)

    def flush(self) -> None:
        """What was written is flushed by whoever has opened it."""


class Writer:
    """A backup while it is written."""

    def __init__(self, out: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(cast(IO[bytes], _Out(out)), "w", zipfile.ZIP_DEFLATED, compresslevel=_EFFORT)
        self._tables: list[Content] = []

    async def add(self, snapshot: Snapshot, table: Table) -> None:
        """Write one table."""
        digest = hashlib.sha256()
        with self._zip.open(_entry(_place(table.name), snapshot.at), "w", force_zip64=True) as member:

            async def write(piece: bytes) -> None:
                digest.update(piece)
                member.write(piece)

            rows = await snapshot.write(table, write)
        content = Content(name=table.name, columns=table.columns, rows=rows, sha256=digest.hexdigest())
        self._tables.append(content)

    def finish(self, snapshot: Snapshot, *, version: str, key: str | None, mark: str | None) -> Manifest:
        """Write the manifest and what closes the file. `key`: None leaves it out."""
        if key is not None:
            self._zip.writestr(_entry(_KEY, snapshot.at), key)
        manifest = Manifest(
            version=version,
            schema=snapshot.schema,
            made_at=snapshot.at,
            server=snapshot.server,
            key_mark=mark,
            key_sha256=None if key is None else _sum(key.encode()),
            tables=tuple(self._tables),
        )
        self._zip.writestr(_entry(_MANIFEST, snapshot.at), msgspec.json.format(msgspec.json.encode(manifest)))
        self._zip.close()
        return manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRows:
    """The rows of one table in a backup, as the store takes them."""

    content: Content
    _zip: zipfile.ZipFile

    @property
    def table(self) -> Table:
        """Whose they are."""
        return Table(name=self.content.name, columns=self.content.columns)

    @property
    def count(self) -> int:
        """How many there must be."""
        return self.content.rows

    async def pieces(self) -> AsyncIterator[bytes]:
        """The text, in pieces."""
        with self._zip.open(_place(self.content.name)) as member:
            while piece := member.read(_PIECE_BYTES):
                yield piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A backup that is whole: everything in it was held against its checksum."""

    manifest: Manifest
    #: None: it is not inside.
    key: str | None
    rows: tuple[KeptRows, ...]


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """Open a backup and check all of it, before anything is done with it.

    Raises:
        Refused: it is no backup, it is damaged, or what is inside is not what it says.
        Unavailable: it cannot be read.
    """
    try:
        file = zipfile.ZipFile(path)
        reader = _checked(path, file)
    except _DAMAGE as trouble:
        raise Refused(f"{path} is no whole backup of Tocsin: it is something else, cut short or damaged.") from trouble
    except OSError as trouble:
        raise Unavailable(f"{path} cannot be read: {trouble.strerror or trouble}.") from None
    with file:
        yield reader


def _checked(path: Path, file: zipfile.ZipFile) -> Reader:
    manifest = _manifest(path, file)
    expected = {_MANIFEST, *(_place(table.name) for table in manifest.tables)}
    if manifest.key_sha256 is not None:
        expected.add(_KEY)
    for name in sorted(expected ^ set(file.namelist())):
        raise Refused(f"{path} is damaged: {name} is {'missing' if name in expected else 'not in its manifest'}.")
    for table in manifest.tables:
        if _sum_of(file, _place(table.name)) != table.sha256:
            raise Refused(f"{path} is damaged: {_place(table.name)} is not what the manifest says.")
    key = None
    if manifest.key_sha256 is not None:
        raw = file.read(_KEY)
        if _sum(raw) != manifest.key_sha256:
            raise Refused(f"{path} is damaged: {_KEY} is not what the manifest says.")
        key = raw.decode()
    rows = tuple(KeptRows(content=table, _zip=file) for table in manifest.tables)
    return Reader(manifest=manifest, key=key, rows=rows)


def _manifest(path: Path, file: zipfile.ZipFile) -> Manifest:
    try:
        raw = file.read(_MANIFEST)
        form = msgspec.json.decode(raw, type=dict[str, Any]).get("tocsin_backup")
        if form != _FORM:
            raise Refused(f"{path} is a backup of form {form}, and this Tocsin reads form {_FORM}: use the newer one.")
        return msgspec.json.decode(raw, type=Manifest)
    except (KeyError, msgspec.MsgspecError):
        raise Refused(f"{path} is no backup of Tocsin: it has no manifest that can be read.") from None


def _entry(name: str, at: Instant) -> zipfile.ZipInfo:
    # Who unpacks it leaves nothing open to others.
    entry = zipfile.ZipInfo(name, at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _place(table: str) -> str:
    return f"tables/{table}.copy"


def _sum_of(file: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with file.open(name) as member:
        while piece := member.read(_PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def _sum(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
