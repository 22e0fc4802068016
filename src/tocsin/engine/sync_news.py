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
    """The leads of the teams whose schedules it follows (without a lead: everybody), and the administrators."""
    schedules = (directory.schedules[name] for name in sync.schedules if name in directory.schedules)
    teams = (directory.teams[each.team] for each in schedules if each.team is not None and each.team in directory.teams)
    leads = (person for team in teams for person in ((team.lead,) if team.lead is not None else team.members))
    return tuple(dict.fromkeys([*leads, *directory.administrators, *more]))
