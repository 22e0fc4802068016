"""The audit log as it is shown: each change field by field, with secrets hidden."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.configuration.difference import changed_fields
from tocsin.ports.audit import AuditEntry, AuditQuery, AuditSlice, Changed, Record, Records
from tocsin.store.audit import cursor_after


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAudit:
    """Shows what the store has kept."""

    store: Records

    async def changes(self, query: AuditQuery) -> AuditSlice:
        """A part of the log, newest first.

        Raises:
            Refused: the cursor is none that was given out.
        """
        found = await self.store.records(query)
        shown = found[: query.limit]
        more = cursor_after(shown[-1]) if len(found) > query.limit else None
        return AuditSlice(items=tuple(map(_entry, shown)), next_cursor=more)


def _entry(record: Record) -> AuditEntry:
    fields = changed_fields(record.before or {}, record.after or {})
    verb = "create" if record.before is None else "delete" if record.after is None else "change"
    changed = tuple(Changed(path=one.path, before=one.before, after=one.after) for one in fields)
    return AuditEntry(at=record.at, by=record.by, kind=record.kind, name=record.name, verb=verb, fields=changed)
