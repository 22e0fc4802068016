"""API tokens, and who has changed what, in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tocsin.core.vocabulary import Instant
from tocsin.ports.audit import AuditQuery, Record
from tocsin.ports.state import Document, Token
from tocsin.store import codec
from tocsin.store.audit import place_of, read_cursor
from tocsin.store.documents import document_rows
from tocsin.store.memory_readings import Remembers
from tocsin.store.tokens import TOKEN, as_told, name_taken

_Body = Mapping[str, Any] | None


class RemembersChanges(Remembers):
    """Tokens and the audit log, until the process ends."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        super().__init__(now)
        self._tokens: dict[str, Token] = {}
        self._records: list[Record] = []

    async def change(
        self, *, put: Sequence[Document], drop: Sequence[tuple[str, str]], by: str, at_revision: int
    ) -> int:
        """Write a new revision and tell all nodes."""
        before = dict(self._documents)
        revision = await super().change(put=put, drop=drop, by=by, at_revision=at_revision)
        for kind, name, *_ in document_rows(put, drop):
            old, new = before.get((kind, name)), self._documents.get((kind, name))
            bodies = (None if old is None else old.body, None if new is None else new.body)
            self._note(by, kind, name, *bodies, number=revision)
        return revision

    async def tokens(self) -> tuple[Token, ...]:
        """All API tokens, in order of their names; those that have expired among them."""
        return tuple(token for _, token in sorted(self._tokens.items()))

    async def put_token(self, token: Token) -> None:
        """Add a token, or replace the one of the same name."""
        self._tokens[token.name] = replace(token, made_at=self._now(), used_at=None)

    async def give_token(self, token: Token, *, by: str) -> Token:
        """Add a token; as it is kept."""
        if token.name in self._tokens:
            raise name_taken(token.name)
        await self.put_token(token)
        given = self._tokens[token.name]
        self._note(by, TOKEN, token.name, None, as_told(given))
        return given

    async def end_token(self, name: str, *, by: str) -> bool:
        """Delete a token; False: there is none of this name."""
        ended = self._tokens.pop(name, None)
        if ended is not None:
            self._note(by, TOKEN, name, as_told(ended), None)
        return ended is not None

    async def use_token(self, name: str) -> None:
        """Write down that it was used now."""
        if name in self._tokens:
            self._tokens[name] = replace(self._tokens[name], used_at=self._now())

    async def records(self, query: AuditQuery) -> tuple[Record, ...]:
        """Changes that fit, newest first; one more than the limit when there are more."""
        found = sorted((one for one in self._records if _fits(one, query)), key=place_of, reverse=True)
        if query.cursor is not None:
            place = read_cursor(query.cursor)
            found = [one for one in found if place_of(one) < place]
        return tuple(found[: query.limit + 1])

    def _note(self, by: str, kind: str, name: str, before: _Body, after: _Body, *, number: int = 0) -> None:
        place = number or len(self._records) + 1
        record = Record(at=self._now(), by=by, kind=kind, name=name, number=place, before=before, after=after)
        self._records.append(record)


def _fits(record: Record, query: AuditQuery) -> bool:
    written = [record.name, record.by]
    written += [codec.encode_json(body) for body in (record.before, record.after) if body is not None]
    return (
        query.by in (None, record.by)
        and query.kind in (None, record.kind)
        and query.name in (None, record.name)
        and (query.since is None or record.at >= query.since)
        and (query.until is None or record.at < query.until)
        and any(query.text.lower() in text.lower() for text in written)
    )
