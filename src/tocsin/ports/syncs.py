"""Syncs: what a plug-in promises that has something outside follow a schedule, and what is kept of it.

A plug-in is pure: it yields the calls to be made, is sent the answers, and returns what it came to. The engine decides
when, makes the calls, and keeps the state.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from tocsin.core.syncs import Entry, Followed, State, SyncName
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName
from tocsin.ports.channels import Answer, HttpCall, NoAnswer, Setting, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who is wanted."""

    person: PersonName
    full_name: str
    #: None: nobody has written one down.
    email: str | None
    #: What the other side calls them, as it was learned lately; None: it has to be looked up.
    known: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one attempt is to achieve."""

    sync: SyncName
    #: In the kind's own terms.
    target: str
    schedules: tuple[ScheduleName, ...]
    #: On call now.
    people: tuple[Member, ...]
    #: Who is to be there when none of those can be; empty: it stays as it is.
    instead: tuple[Member, ...] = ()
    #: When who is on call changes; None: not within sight.
    until: Instant | None = None
    #: Why nobody is on call; None: somebody is.
    reason: str | None = None
    #: Since when just these are wanted.
    since: Instant
    at: Instant
    #: Whom the last attempt put there; None: there was none by this setup.
    applied: tuple[PersonName, ...] | None = None
    #: People by what the other side calls them, for showing.
    names: Mapping[str, PersonName] = field(default_factory=dict)
    #: True: only look, and say what would be done.
    dry: bool = False


#: Calls out, answers in, and at the end what it came to. In a dry run every call is a GET.
Steps: TypeAlias = Generator[HttpCall, Answer | NoAnswer, Followed]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncKind:
    """One thing that can follow a schedule."""

    name: str
    follow: Callable[[Wish, Settings], Steps]
    #: How a target is called where people read it; a part that is secret is left out.
    shown: Callable[[str], str]
    settings: tuple[Setting, ...] = ()
    evidence: str = "documented"


class SyncBook(Protocol):
    """What is kept of syncs."""

    async def sync_states(self) -> tuple[State, ...]:
        """What is known of every sync that was ever tried, by name."""
        ...

    async def put_sync(self, state: State, entry: Entry | None, *, keep: int) -> None:
        """Write what is known, and a line of the log; of each sync's lines the newest `keep` stay."""
        ...

    async def sync_log(self, sync: SyncName, *, limit: int) -> tuple[Entry, ...]:
        """The newest lines of a sync's log, newest first."""
        ...

    async def sync_ids(self, kind: str, *, since: Instant) -> Mapping[str, str]:
        """What the other side calls people, by their address, as far as it was learned since then."""
        ...

    async def learn_sync_ids(self, kind: str, learned: Sequence[tuple[str, str | None]]) -> None:
        """Remember what the other side calls people, by their address; None: forget it."""
        ...
