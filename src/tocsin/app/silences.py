"""Silences that people make at run time: configuration documents like any other, owned by no file."""

from __future__ import annotations

from typing import Protocol

from tocsin.app.directories import Directories
from tocsin.configuration.building import silence as built
from tocsin.configuration.documents import form
from tocsin.configuration.forms import Silence as SilenceForm
from tocsin.configuration.notation import moment_text
from tocsin.core.errors import NotFound, Refused
from tocsin.core.vocabulary import Instant
from tocsin.engine.ids import new_id
from tocsin.ports.state import Document, Documents, Readings
from tocsin.web.api.silences import KeptSilence, SilenceWish

_KIND = "silence"
#: Stands in the comment between what was said and who made the silence.
_BY = " -- by "


class SilenceStore(Documents, Readings, Protocol):
    """What silences need to have kept."""


class StoredSilences:
    """Keeps silences as documents; open alerts are looked at again when the new revision is heard of."""

    def __init__(self, store: SilenceStore, directories: Directories) -> None:
        self._store = store
        self._directories = directories

    async def list(self) -> tuple[KeptSilence, ...]:
        """Those that are in force or will be, in order of their end."""
        _, documents = await self._store.documents()
        now = await self._store.now()
        kept = [_kept(document) for document in documents if document.kind == _KIND]
        return tuple(sorted((one for one in kept if one.silence.span.end > now), key=lambda one: one.silence.span.end))

    async def add(self, wish: SilenceWish) -> KeptSilence:
        """Make one. The same wish by the same name is the same silence.

        Raises:
            Refused: another silence has the name.
        """
        revision, documents = await self._store.documents()
        made = _document(wish, wish.name or f"silence-{new_id()[-8:]}")
        known = next((one for one in documents if (one.kind, one.name) == (_KIND, made.name)), None)
        if known is None:
            await self._store.change(put=[made], drop=[], by=wish.by, at_revision=revision)
            await self._directories.refresh()
        elif known.body.get("match") != made.body["match"]:
            raise Refused(f"there is another silence named {made.name!r}", field="name", hint="choose another name")
        return _kept(made if known is None else known)

    async def end(self, name: str, *, by: str) -> None:
        """End one now.

        Raises:
            NotFound: there is none of this name.
        """
        revision, documents = await self._store.documents()
        if not any((one.kind, one.name) == (_KIND, name) for one in documents):
            raise NotFound(f"there is no silence {name!r}", field="name")
        await self._store.change(put=[], drop=[(_KIND, name)], by=by, at_revision=revision)
        await self._directories.refresh()


def _kept(document: Document) -> KeptSilence:
    written = form(document, SilenceForm)
    said, _, by = (written.comment or "").partition(_BY)
    return KeptSilence(silence=built(written), comment=said, by=by or None)


def _document(wish: SilenceWish, name: str) -> Document:
    body = {
        "name": name,
        "match": [matcher.text for matcher in wish.matchers],
        "from": _instant_text(wish.span.start),
        "to": _instant_text(wish.span.end),
        "comment": f"{wish.comment}{_BY}{wish.by}",
    }
    return Document(kind=_KIND, name=name, body=body, origin="api")


def _instant_text(at: Instant) -> str:
    return moment_text(at.replace(microsecond=0))
