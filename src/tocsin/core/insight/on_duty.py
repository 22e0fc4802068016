"""Whether those who are on call are the right people, and can be rung."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tocsin.core.directory import Directory
from tocsin.core.insight.findings import Finding, FindingKind, FindingSeverity
from tocsin.core.insight.outlook import Outlook
from tocsin.core.people import Person
from tocsin.core.schedules import Rotation, Schedule, Shift
from tocsin.core.schedules.intervals import union
from tocsin.core.schedules.timeline import OVERRIDE
from tocsin.core.vocabulary import PersonName, Span

_NOT_RUNG = frozenset({FindingKind.UNKNOWN_PERSON, FindingKind.CANNOT_BE_REACHED})


def on_duty(outlook: Outlook) -> Iterator[Finding]:
    """What is wrong with people on call, with when they are; shifts that follow each other are one stretch."""
    for name, rendered in outlook.rendered.items():
        schedule = outlook.directory.schedules[name]
        people = dict.fromkeys(person for shift in rendered.shifts for person in shift.people)
        wrong = {person: kinds for person in people if (kinds := _wrong(outlook, schedule, person))}
        if wrong:
            yield from _findings(outlook, schedule, rendered.shifts, wrong)


def _wrong(outlook: Outlook, schedule: Schedule, name: PersonName) -> tuple[FindingKind, ...]:
    person = outlook.person(name)
    if person is None:
        return (FindingKind.UNKNOWN_PERSON,)
    kinds = []
    if not person.contacts:
        kinds.append(FindingKind.CANNOT_BE_REACHED)
    elif _forgets_high(person):
        kinds.append(FindingKind.NO_RULE_FOR_HIGH)
    if _has_left(outlook.directory, schedule, name):
        kinds.append(FindingKind.LEFT_TEAM)
    return tuple(kinds)


def _has_left(directory: Directory, schedule: Schedule, name: PersonName) -> bool:
    """True when somebody is no member of the team, and not one of several of another who stand in together.

    A layer of people of one other team is an arrangement between teams, as for each other's public holidays.
    """
    members = directory.members(schedule.team) if schedule.team is not None else None
    if members is None or name in members:
        return False
    layers = (*schedule.layers, *(layer for change in schedule.changes for layer in change.layers))
    rotations = [layer.rotation for layer in layers if isinstance(layer.rotation, Rotation)]
    named = [{person for group in rotation.participants for person in group} for rotation in rotations]
    others = [people for people in named if name in people]
    return not others or not all(_are_guests(directory, people, members) for people in others)


def _are_guests(directory: Directory, people: set[PersonName], members: tuple[PersonName, ...]) -> bool:
    together = any(people.issubset(team.members) for team in directory.teams.values())
    return len(people) > 1 and together and people.isdisjoint(members)


def _forgets_high(person: Person) -> bool:
    """True when somebody has rules, but none for high urgency. Whoever has none at all is rung on every contact."""
    good = [rule for rule in person.rules.high if person.contact(rule.contact) is not None]
    return bool(person.rules.high or person.rules.low) and not good


def _findings(
    outlook: Outlook, schedule: Schedule, shifts: tuple[Shift, ...], wrong: dict[PersonName, tuple[FindingKind, ...]]
) -> Iterator[Finding]:
    spans: defaultdict[tuple[PersonName, FindingKind, FindingSeverity], list[Span]] = defaultdict(list)
    for shift in shifts:
        for person in shift.people:
            for kind in wrong.get(person, ()):
                # Somebody of another team who covers a shift has not left: an override is a decision.
                if kind is not FindingKind.LEFT_TEAM or shift.source != OVERRIDE:
                    spans[person, kind, _severity(outlook, schedule, shift, kind)].append(shift.span)
    for (person, kind, severity), found in spans.items():
        team = schedule.team if kind is FindingKind.LEFT_TEAM else None
        for span in union(found):
            yield Finding(kind=kind, severity=severity, span=span, schedule=schedule.name, people=(person,), team=team)


def _severity(outlook: Outlook, schedule: Schedule, shift: Shift, kind: FindingKind) -> FindingSeverity:
    """An error only where an alert may come and nobody else is there to hear of it."""
    if kind not in _NOT_RUNG or schedule.name not in outlook.paged:
        return FindingSeverity.WARNING
    heard = any(map(outlook.directory.is_reachable, shift.people))
    return FindingSeverity.WARNING if heard else FindingSeverity.ERROR
