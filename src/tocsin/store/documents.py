"""Configuration as versioned documents: what is in force is the newest of each kind and name."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.core.errors import Outdated
from tocsin.ports.state import Document
from tocsin.store import codec
from tocsin.store.pool import Connection, OnPool, columns, notify
from tocsin.store.queries import SQL


class KeepsDocuments(OnPool):
    """Documents on PostgreSQL."""

    async def documents(self) -> tuple[int, tuple[Document, ...]]:
        """The revision in force and all documents of it."""
        async with self._pool.snapshot() as connection:
            revision: int = await connection.fetchval(SQL["revision"])
            rows = await connection.fetch(SQL["documents"])
        found = (
            Document(kind=row["kind"], name=row["name"], body=codec.decode_json(row["body"]), origin=row["origin"])
            for row in rows
        )
        return revision, tuple(found)

    async def change(
        self, *, put: Sequence[Document], drop: Sequence[tuple[str, str]], by: str, at_revision: int
    ) -> int:
        """Write a new revision and tell all nodes.

        Raises:
            Outdated: somebody else has changed the configuration since `at_revision`.
        """
        rows = document_rows(put, drop)

        async def act(connection: Connection) -> int:
            await connection.execute(SQL["lock_configuration"])
            newest: int = await connection.fetchval(SQL["revision"])
            refuse_unless_newest(at_revision, newest)
            await connection.execute(SQL["insert_revision"], newest + 1, by)
            if rows:
                await connection.execute(SQL["insert_documents"], *columns(rows), newest + 1, by)
            await notify(connection, [f"configuration {newest + 1}"])
            return newest + 1

        return await self._pool.transaction(act)


def document_rows(put: Sequence[Document], drop: Sequence[tuple[str, str]]) -> list[tuple[str, str, str | None, str]]:
    """What a change writes: kind, name, body (None: dropped), origin."""
    written = {(one.kind, one.name): (one.kind, one.name, codec.encode_json(one.body), one.origin) for one in put}
    dropped = [(kind, name, None, "file") for kind, name in drop if (kind, name) not in written]
    return [*written.values(), *dropped]


def refuse_unless_newest(at_revision: int, newest: int) -> None:
    """A change is made on what its author has seen.

    Raises:
        Outdated: they have not seen the newest.
    """
    if at_revision != newest:
        raise Outdated(
            f"the configuration was changed meanwhile: it is at revision {newest}, and this change was made on"
            f" {at_revision}",
            hint="look at what has changed, and try again",
        )
