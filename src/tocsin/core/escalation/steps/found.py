"""What a target comes to when its step begins: somebody to reach, or nobody and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, TeamName


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One who is to be reached: a person, or a program behind an address."""

    #: None: a program.
    person: PersonName | None
    #: The program's address; None: a person.
    address: str | None
    #: Why just this one, in the words of the configuration: "schedule data-primary".
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Somebody to reach."""

    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nobody:
    """Nobody to reach, by the name of the reason and what it speaks of."""

    reason: str
    subject: str


class Roster(Protocol):
    """Who can be asked at an instant: what the targets need to know of people, teams and schedules."""

    def on_call(self, schedule: ScheduleName, at: Instant) -> tuple[PersonName, ...] | None:
        """Who is on call; empty: a gap; None: there is no such schedule any more."""
        ...

    def members(self, team: TeamName) -> tuple[PersonName, ...] | None:
        """Who is in the team; None: there is no such team any more."""
        ...

    def is_reachable(self, person: PersonName) -> bool:
        """True when the person exists and has a contact."""
        ...
