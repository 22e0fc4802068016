"""Who may put whom on call by an override, and which overrides cannot be meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from tocsin.core.directory import Directory
from tocsin.core.errors import Forbidden, NotFound, Refused
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, TeamName

#: Nobody plans further ahead by hand.
FURTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who wants something changed."""

    #: A person's name, or the name of a token that belongs to nobody.
    name: str
    #: None: no person.
    person: PersonName | None
    #: True for managers and administrators, who may change what is others'.
    manages: bool
    #: The teams that they lead, in whose schedules they may do what a manager may.
    leads: frozenset[TeamName] = frozenset()

    def arranges(self, team: TeamName | None) -> bool:
        """Whether they may change what is others' in the schedules of a team; None: of nobody's."""
        return self.manages or (team is not None and team in self.leads)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideWish:
    """Other people than the layers say, for a span."""

    schedule: ScheduleName
    #: Empty: nobody, on purpose.
    people: tuple[PersonName, ...]
    span: Span
    #: Only this person is replaced; None: everybody is.
    instead_of: PersonName | None = None
    note: str = ""


def granted(directory: Directory, wish: OverrideWish, asker: Asker, now: Instant) -> Span:
    """The span of the override as it is made: from now on where it was to begin before, for what was on call stays.

    Raises:
        Forbidden: responders put themselves on call, in schedules of theirs; the rest is for managers and leads.
        NotFound: there is no such schedule.
        Refused: somebody is not there, or the time cannot be meant.
    """
    schedule = directory.schedules.get(wish.schedule)
    if schedule is None:
        raise NotFound(f"there is no schedule {wish.schedule!r}", field="schedule")
    if not asker.arranges(schedule.team):
        members = directory.members(schedule.team) if schedule.team is not None else None
        if asker.person is None or wish.people != (asker.person,):
            raise Forbidden("you can put yourself on call; others are for a manager", known=True, field="people")
        if asker.person not in {*(members or ()), *schedule.people}:
            raise Forbidden("you are neither of the team nor in the schedule", known=True, field="schedule")
    refuse_unknown(directory, wish.people, field="people")
    if wish.instead_of is not None:
        refuse_unknown(directory, (wish.instead_of,), field="instead_of")
        if wish.instead_of in wish.people:
            raise Refused(f"{wish.instead_of} cannot stand in for themself", field="instead_of")
    refuse_span(wish.span, now)
    return Span(max(wish.span.start, now), wish.span.end)


def refuse_span(span: Span, now: Instant) -> None:
    """Raises Refused for a span that is empty, over, or too far ahead."""
    if span.end <= span.start:
        raise Refused("it ends before it starts", field="to", hint="a time after `from`")
    if span.end <= now:
        raise Refused("that time is over", field="to", hint="a time in the future: what was on call stays")
    if span.end > now + FURTHEST:
        raise Refused("that is too far ahead", field="to", hint=f"within the next {FURTHEST.days} days")


def refuse_unknown(directory: Directory, people: Iterable[PersonName], *, field: str) -> None:
    """Raises Refused for somebody who is not there."""
    for name in people:
        if name not in directory.people:
            raise Refused(f"there is nobody named {name!r}", field=field)


def refuse_other(person: PersonName, asker: Asker, *, what: str) -> None:
    """Raises Forbidden unless it is the asker's own, or the asker manages."""
    if not asker.manages and asker.person != person:
        raise Forbidden(f"only {person} or a manager changes this {what}", known=True, field="person")


def acting_person(asker: Asker) -> PersonName:
    """Who acts for themself.

    Raises:
        Forbidden: no person does.
    """
    if asker.person is None:
        raise Forbidden("only a person can do this", known=True, hint="use a token of your own")
    return asker.person
