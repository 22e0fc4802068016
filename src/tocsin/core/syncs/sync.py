"""A sync: what follows which schedules; who is wanted there now; and what an attempt to have it so came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import NewType

from tocsin.core.vocabulary import Instant, PersonName, ScheduleName

SyncName = NewType("SyncName", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class AsItIs:
    """With nobody on call, it stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InsteadTeam:
    """With nobody on call, all members of the schedules' teams."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InsteadPerson:
    """With nobody on call, this person."""

    person: PersonName


Fallback = AsItIs | InsteadTeam | InsteadPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """One thing outside that follows schedules."""

    name: SyncName
    #: The name of the plug-in that speaks to it.
    kind: str
    #: What follows, in the kind's own terms: a group's handle, an address.
    target: str
    #: At least one; whoever is on call by any of them is wanted.
    schedules: tuple[ScheduleName, ...]
    fallback: Fallback = AsItIs()
    #: The environment variable that holds this sync's own secret; None: the kind's settings say it.
    secret_variable: str | None = None

    @property
    def setup(self) -> str:
        """All of it but the name, as text: another text is another sync, to be applied at once."""
        match self.fallback:
            case InsteadPerson(person=person):
                fallback = f"user {person}"
            case InsteadTeam():
                fallback = "team"
            case AsItIs():
                fallback = "keep"
        parts = (self.kind, self.target, ",".join(self.schedules), fallback, self.secret_variable or "")
        return "\n".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Who is on call by one schedule, as a sync sees it."""

    people: tuple[PersonName, ...]
    #: When this changes; None: not within sight.
    until: Instant | None
    #: Why nobody is; None: somebody is.
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Who is to be there."""

    #: On call, each once, in the order of the schedules.
    people: tuple[PersonName, ...]
    #: Who is to be there when none of those can be; empty: it stays as it is.
    instead: tuple[PersonName, ...] = ()
    until: Instant | None = None
    #: Why nobody is on call; None: somebody is.
    reason: str | None = None

    @property
    def names(self) -> tuple[PersonName, ...]:
        """Those on call, or who stands in; empty: it stays as it is."""
        return self.people or self.instead


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """Somebody who is wanted and cannot be put there."""

    person: PersonName
    #: Why, and how to mend it, in plain words.
    why: str


# What an attempt came to.


@dataclass(frozen=True, slots=True, kw_only=True)
class Same:
    """It was as it is wanted."""

    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """It was otherwise, and is now as it is wanted; in a dry run it would be."""

    #: Names where they are known, else what the other side calls them.
    before: tuple[str, ...]
    after: tuple[str, ...]
    #: Who had changed it last, where the other side says so.
    by: str | None = None
    #: What else was done: it was switched on again.
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """There is nobody to put there, so it stays as it is."""

    members: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """It could not be looked at, or not be changed."""

    why: str
    #: What somebody can do about it; empty: it passes by itself.
    mend: str = ""
    #: How long the other side asks to be left alone.
    wait: timedelta | None = None
    #: True when the other side is only busy: such failures are not counted, time alone makes them an alarm.
    is_busy: bool = False


Result = Same | Changed | Kept | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """An attempt, all told."""

    result: Result
    unmatched: tuple[Unmatched, ...] = ()
    #: What the other side calls people, by their address; None: it is to be forgotten.
    learned: tuple[tuple[str, str | None], ...] = ()
