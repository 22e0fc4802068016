"""Memos for tests of channels, worded as the engine words them: by the real catalogs."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from tocsin.app.catalogs import load_catalogs
from tocsin.core.messages import Message, MessageId
from tocsin.core.messages.wording import word
from tocsin.core.vocabulary import PersonName, Urgency, utc
from tocsin.ports.channels import Memo

CATALOGS = load_catalogs()

_REMINDER = {
    "schedule": "data-primary",
    "start": "2026-03-24T08:00:00Z",
    "end": "2026-03-31T07:00:00Z",
    "source": "weekly",
}
_BARE = Memo(
    message_id=MessageId("message-1"),
    kind="reminder",
    values=_REMINDER,
    person=PersonName("ada"),
    address="ada@example.org",
    title="",
    text="",
    open_url="https://tocsin.example.org/schedules/data-primary",
    urgency=Urgency.LOW,
    repeat=False,
    at=utc(2026, 3, 23, 8, 0, 12),
    language="en",
    time_zone="Europe/Berlin",
)


def memo(**changes: object) -> Memo:
    """A reminder, or what the changes make of it, in words."""
    bare = replace(_BARE, **changes)  # type: ignore[arg-type]
    message = Message(key="k", person=bare.person, kind=bare.kind, values=bare.values, due_at=bare.at)
    texts, zone = CATALOGS.of(bare.language), ZoneInfo(bare.time_zone)
    wording = word(message, texts=texts, zone=zone, repeat=bare.repeat)
    return replace(bare, title=wording.title, text=wording.text, words=wording.words)
