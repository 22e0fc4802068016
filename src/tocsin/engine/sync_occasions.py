"""What an attempt at a sync is made on: who is on call now, what is known of the sync; and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.core.directory import Directory
from tocsin.core.syncs import (
    Changed,
    Duty,
    Failed,
    Followed,
    Judged,
    Kept,
    Same,
    State,
    Sync,
    Wanted,
    due_at,
    wanted,
    wanted_since,
)
from tocsin.core.vocabulary import Instant, PersonName
from tocsin.ports.syncs import Member, Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A sync at an instant."""

    sync: Sync
    directory: Directory
    wanted: Wanted
    #: None: it was never tried.
    known: State | None
    now: Instant

    @property
    def due_at(self) -> Instant:
        """When it is to be looked at; now or earlier means at once."""
        return due_at(self.sync, self.known, self.wanted, self.now)

    def wish(self, ids: Mapping[str, str], *, dry: bool) -> Wish:
        """What an attempt is to achieve. `ids`: what the other side calls people, by their address."""
        sync, known = self.sync, self.known
        return Wish(
            sync=sync.name,
            target=sync.target,
            schedules=sync.schedules,
            people=tuple(self._member(name, ids) for name in self.wanted.people),
            instead=tuple(self._member(name, ids) for name in self.wanted.instead),
            until=self.wanted.until,
            reason=self.wanted.reason,
            since=wanted_since(sync, known, self.wanted, self.now),
            at=self.now,
            applied=known.applied if known is not None and known.setup == sync.setup else None,
            names={
                ids[person.email.casefold()]: person.name
                for person in self.directory.people.values()
                if person.email is not None and person.email.casefold() in ids
            },
            dry=dry,
        )

    def _member(self, name: PersonName, ids: Mapping[str, str]) -> Member:
        person = self.directory.people.get(name)
        if person is None:
            return Member(person=name, full_name=name, email=None)
        known = ids.get(person.email.casefold()) if person.email is not None else None
        return Member(person=name, full_name=person.full_name, email=person.email, known=known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """One attempt, or in a dry run what it would have been."""

    sync: Sync
    wanted: Wanted
    followed: Followed
    judged: Judged

    @property
    def members(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Who was there before, and who is after it; of a failure nobody can say."""
        match self.followed.result:
            case Changed(before=before, after=after):
                return before, after
            case Same(members=members) | Kept(members=members):
                return members, members
            case Failed():
                return (), ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a sync stands."""

    sync: Sync
    wanted: Wanted
    #: None: it was never tried.
    known: State | None


def occasion_of(sync: Sync, directory: Directory, known: State | None, now: Instant) -> Occasion:
    """A sync now: whom its schedules have on call, and who would stand in."""
    schedules = [directory.schedules[name] for name in sync.schedules if name in directory.schedules]
    answers = [directory.rota.on_call(schedule.name, now) for schedule in schedules]
    teams = [directory.teams[each.team] for each in schedules if each.team is not None and each.team in directory.teams]
    duties = [Duty(people=each.people, until=each.until, reason=each.reason) for each in answers]
    who = wanted(sync, duties, members=[person for team in teams for person in team.members])
    return Occasion(sync=sync, directory=directory, wanted=who, known=known, now=now)
