"""A message: something that one person is to hear once, which rings for no alert and asks for no acknowledgement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

from tocsin.core.vocabulary import Instant, PersonName, Urgency

MessageId = NewType("MessageId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something to tell a person. Two with one key are one message: the first one counts."""

    #: Says what it is about, so that it is said once: `reminder/data-primary/2026-11-23T08:00:00Z/ada/86400`.
    key: str
    person: PersonName
    #: The id of its text in the catalogs is `message.<kind>.title` and `message.<kind>.text`.
    kind: str
    #: What the texts speak of. Instants are RFC 3339 text in UTC, and are shown on the person's clock.
    values: Mapping[str, str] = field(default_factory=dict)
    #: Not before.
    due_at: Instant
    #: Not after: a reminder of a shift that has begun is of no use. None: it is always of use.
    until: Instant | None = None
    #: By which of the person's rules the contact is chosen; their order is kept, their waits are not.
    urgency: Urgency = Urgency.LOW
    #: The page to open, as a path of this installation.
    path: str = "/schedules"
