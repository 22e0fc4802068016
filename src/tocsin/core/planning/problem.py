"""The problem of a rota: duties, people, wishes, limits and pins, and what of all that can stand in a rota's way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from tocsin.core.errors import Refused
from tocsin.core.planning.duty import Absence, Candidate, Duty, DutyId, Role
from tocsin.core.planning.limits import Limit
from tocsin.core.planning.wishes import NotWith, Wish
from tocsin.core.vocabulary import PersonName

#: Who takes which duty.
Assignment: TypeAlias = Mapping[DutyId, PersonName]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """What somebody has decided beforehand about one duty."""

    duty: DutyId
    person: PersonName
    #: False: anybody but this person.
    holds: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """A person is away."""

    person: PersonName
    absence: Absence


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """A person takes no other roles than these."""

    person: PersonName
    roles: frozenset[Role]


#: Something that may have to be given up so that there is a rota. A wish is one when it is hard.
Reason: TypeAlias = Away | Takes | Wish | Limit | Pin


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Everything that a rota has to fulfil. Names in it are known: others are refused when it is made."""

    #: In order of their starts.
    duties: tuple[Duty, ...]
    people: tuple[Candidate, ...]
    wishes: tuple[Wish, ...] = ()
    limits: tuple[Limit, ...] = ()
    pins: tuple[Pin, ...] = ()

    def __post_init__(self) -> None:
        for fault in _faults(self):
            raise fault

    def person(self, name: PersonName) -> Candidate:
        """Somebody by name; only ever asked of names in the problem."""
        return next(person for person in self.people if person.name == name)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Everything that may have to be given up, in the order in which people look for it; each once."""
        found: list[Reason] = []
        for person in self.people:
            found += (Away(person=person.name, absence=absence) for absence in person.absences)
            if person.roles is not None:
                found.append(Takes(person=person.name, roles=person.roles))
        found += (wish for wish in self.wishes if wish.hard)
        return tuple(dict.fromkeys((*found, *self.limits, *self.pins)))

    def keeping(self, reasons: Collection[Reason]) -> Problem:
        """The same problem with these reasons alone; wishes that are not hard stay."""
        kept = frozenset(reasons)
        return replace(
            self,
            people=tuple(_keeping(person, kept) for person in self.people),
            wishes=tuple(wish for wish in self.wishes if not wish.hard or wish in kept),
            limits=tuple(limit for limit in self.limits if limit in kept),
            pins=tuple(pin for pin in self.pins if pin in kept),
        )


def _keeping(person: Candidate, kept: frozenset[Reason]) -> Candidate:
    absences = tuple(each for each in person.absences if Away(person=person.name, absence=each) in kept)
    is_kept = person.roles is not None and Takes(person=person.name, roles=person.roles) in kept
    return replace(person, absences=absences, roles=person.roles if is_kept else None)


def _faults(problem: Problem) -> Iterator[Refused]:
    people = Counter(person.name for person in problem.people)
    duties = Counter(duty.id for duty in problem.duties)
    if not duties:
        yield Refused("there is no duty to fill", field="duties", hint="a plan of at least one turn")
    if not people:
        yield Refused("there is nobody to take a duty", field="people", hint="at least one person")
    for field, names in (("people", people), ("duties", duties)):
        for name, times in names.items():
            if times > 1:
                yield Refused(f"{name!r} is there {times} times", field=field, hint="each once")
    for field, named in _people_named(problem):
        if named not in people:
            yield Refused(f"{named!r} is not among the people of the plan", field=field)
    for pin in problem.pins:
        if pin.duty not in duties:
            yield Refused(f"there is no duty {pin.duty!r} in the plan", field="pins")


def _people_named(problem: Problem) -> Iterator[tuple[str, PersonName]]:
    """Everybody who is spoken of, with where."""
    for wish in problem.wishes:
        yield "wishes", wish.person
        if isinstance(wish.kind, NotWith):
            yield "wishes", wish.kind.other
    for limit in problem.limits:
        yield from (("limits", name) for name in sorted(limit.people or ()))
    yield from (("pins", pin.person) for pin in problem.pins)
