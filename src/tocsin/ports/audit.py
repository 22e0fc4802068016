"""Who has changed what: each change of configured objects and of tokens, with what was there before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tocsin.core.vocabulary import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """Which changes, newest first. None: it does not matter."""

    by: str | None = None
    kind: str | None = None
    name: str | None = None
    #: Part of the name, of who made it, or of what was there before or after; case does not matter.
    text: str = ""
    #: From this instant on, and before that one.
    since: Instant | None = None
    until: Instant | None = None
    limit: int = 50
    #: Where the list before it ended; None: from the start.
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One change as it is kept, secrets in it."""

    at: Instant
    by: str
    kind: str
    name: str
    #: Orders changes of the same instant: a document's revision, or a number of its own.
    number: int
    #: None: it was not there.
    before: Mapping[str, Any] | None
    #: None: it is gone.
    after: Mapping[str, Any] | None


class Records(Protocol):
    """What the audit needs to have kept."""

    async def records(self, query: AuditQuery) -> tuple[Record, ...]:
        """Changes that fit, newest first; one more than the limit when there are more.

        Raises:
            Refused: the cursor is none that was given out.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One field of a changed object; secrets are hidden. None: it was, or is, not there."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change as it is shown."""

    at: Instant
    by: str
    kind: str
    name: str
    #: "create", "change" or "delete".
    verb: str
    fields: tuple[Changed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSlice:
    """A part of the audit log."""

    items: tuple[AuditEntry, ...]
    #: None: this was the last part.
    next_cursor: str | None


class Audit(Protocol):
    """Shows what was changed."""

    async def changes(self, query: AuditQuery) -> AuditSlice:
        """A part of the log, newest first."""
        ...
