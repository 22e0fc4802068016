"""What was changed by whom, read from the documents' own history and from the record of everything else."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

import asyncpg

from tocsin.core.errors import Refused
from tocsin.core.vocabulary import Instant
from tocsin.ports.audit import AuditQuery, Record
from tocsin.store import codec
from tocsin.store.pool import OnPool

#: Where a change stands among the others: later ones are greater.
Place = tuple[Instant, int, str, str]


class KeepsRecords(OnPool):
    """The audit log on PostgreSQL."""

    async def records(self, query: AuditQuery) -> tuple[Record, ...]:
        """Changes that fit, newest first; one more than the limit when there are more.

        Raises:
            Refused: the cursor is none that was given out.
        """
        place = (None, None, None, None) if query.cursor is None else read_cursor(query.cursor)
        wanted = (query.by, query.kind, query.name, query.text.lower(), query.since, query.until)
        rows = await self._pool.rows("changes", *wanted, *place, query.limit + 1)
        return tuple(map(_record, rows))


def place_of(record: Record) -> Place:
    """Where a change stands."""
    return (record.at, record.number, record.kind, record.name)


def cursor_after(record: Record) -> str:
    """What to ask with for those before this one."""
    return base64.urlsafe_b64encode(codec.encode_json(place_of(record)).encode()).decode().rstrip("=")


def read_cursor(text: str) -> Place:
    """The place that a cursor names.

    Raises:
        Refused: it is none that was given out.
    """
    try:
        written = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        at, number, kind, name = codec.decode_json(written.decode())
        return (datetime.fromisoformat(at), int(number), str(kind), str(name))
    except (ValueError, TypeError, binascii.Error):
        raise Refused("this cursor is none that was given out", field="cursor", hint="begin without one") from None


def _record(row: asyncpg.Record) -> Record:
    return Record(
        at=row["at"],
        by=row["by"],
        kind=row["kind"],
        name=row["name"],
        number=row["number"],
        before=None if row["before"] is None else codec.decode_json(row["before"]),
        after=None if row["after"] is None else codec.decode_json(row["after"]),
    )
