"""Who hears of what about a sync: messages to the leads of its teams, the administrators, and whom it concerns."""

from __future__ import annotations

from collections.abc import Iterable

from tocsin.core.directory import Directory
from tocsin.core.messages import Message
from tocsin.core.syncs import Failing, Missing, News, Recovered, Sync
from tocsin.core.vocabulary import Instant, PersonName


def messages_of(
    news: Iterable[News], sync: Sync, directory: Directory, *, shown: str, now: Instant
) -> tuple[Message, ...]:
    """A message to each who is to hear of it; `shown`: what the sync keeps. Said again, they are the same messages."""
    found: list[Message] = []
    for one in news:
        kind, about, values = _said(one, sync, shown)
        more = (one.person,) if isinstance(one, Missing) else ()
        found += [
            Message(
                key=f"{kind}/{sync.name}/{about}/{person}",
                person=person,
                kind=kind,
                values={"sync": sync.name, **values},
                due_at=now,
            )
            for person in _hearers(sync, directory, more)
        ]
    return tuple(found)


def _said(one: News, sync: Sync, shown: str) -> tuple[str, str, dict[str, str]]:
    """The kind of message, what tells it from others about the sync, and its values."""
    since = one.since.isoformat()
    match one:
        case Failing(why=why, mend=mend):
            error = f"{shown}: {why}: {mend}" if mend else f"{shown}: {why}"
            return "sync_failed", since, {"error": error}
        case Recovered():
            return "sync_recovered", since, {}
        case Missing(person=person, why=why):
            return "sync_unmatched", f"{person}/{since}", {"person": person, "target": shown, "error": why}


def _hearers(sync: Sync, directory: Directory, more: Iterable[PersonName]) -> tuple[PersonName, ...]:
    """Those who answer for the schedules that it follows, and more."""
    answerable = (person for name in sync.schedules for person in directory.answerable(name))
    return tuple(dict.fromkeys([*answerable, *directory.administrators, *more]))
