"""People who are meant to be in two places: where that wakes nobody else, or puts too much on one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tocsin.core.escalation.steps import OnSchedule
from tocsin.core.insight.findings import Finding, FindingKind, FindingSeverity
from tocsin.core.insight.outlook import Outlook
from tocsin.core.insight.stretches import Held, merged, together
from tocsin.core.insight.vacancies import passing
from tocsin.core.schedules import Part, Schedule
from tocsin.core.schedules.timeline import OVERRIDE
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span

_SHADOWS = frozenset({Part.SHADOW, Part.REVERSE_SHADOW})


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """A schedule in which somebody is on call, and whether an override put them there."""

    schedule: ScheduleName
    by_override: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kin:
    """Which schedules have to do with each other."""

    #: Asked by one policy, which is looked at step by step elsewhere; or one follows the other and may repeat it.
    settled: Mapping[ScheduleName, frozenset[ScheduleName]]
    #: One follows the other and may not repeat it, or is to be apart from it.
    apart: Mapping[ScheduleName, frozenset[ScheduleName]]


def clashes(outlook: Outlook) -> Iterator[Finding]:
    """Everybody who is on call in several schedules at one time, where that is a trouble.

    As the primary of several schedules that have nothing to do with each other, or of one that follows the other; or
    where an override makes it so. Somebody who stands behind one rota and in front of another is no trouble.
    """
    kin = _kin(outlook)
    for person, held in _places(outlook).items():
        if len({piece.value.schedule for piece in held}) < 2:
            continue
        for start, end, places in merged(together(sorted(held))):
            if len(places) > 1:
                yield from _of_person(outlook, person, Span(start, end), sorted(places), kin)


def _places(outlook: Outlook) -> Mapping[PersonName, list[Held[_Place]]]:
    found: defaultdict[PersonName, list[Held[_Place]]] = defaultdict(list)
    for name, rendered in outlook.rendered.items():
        usual, override = _Place(name, False), _Place(name, True)
        for shift in rendered.shifts:
            place = override if shift.source == OVERRIDE else usual
            for person in shift.people:
                found[person].append(Held(shift.span.start, shift.span.end, place))
    return found


def _of_person(outlook: Outlook, person: PersonName, span: Span, places: list[_Place], kin: _Kin) -> Iterator[Finding]:
    schedules = outlook.directory.schedules
    passes_at = passing(span, outlook.window) if any(place.by_override for place in places) else None
    told = False
    for names in _troubles([place.schedule for place in places], schedules, kin):
        told = True
        yield _finding(FindingKind.IN_TWO_PLACES, person, span, names, passes_at)
    serious = [place for place in places if schedules[place.schedule].part not in _SHADOWS]
    overridden = [place for place in serious if place.by_override]
    if told or not overridden or len(serious) < 2:
        return
    first = overridden[0].schedule
    others = [place.schedule for place in serious if place.schedule != first]
    if not kin.settled.get(first, frozenset()).intersection(others):
        yield _finding(FindingKind.DOUBLE_BOOKED, person, span, (first, *others), passes_at)


def _troubles(
    names: Sequence[ScheduleName], schedules: Mapping[ScheduleName, Schedule], kin: _Kin
) -> Iterator[tuple[ScheduleName, ...]]:
    """Schedules in which one person should not be at one time."""
    primaries = tuple(name for name in names if schedules[name].part is Part.PRIMARY)
    told: frozenset[ScheduleName] = frozenset()
    if len(primaries) > 2 or (len(primaries) == 2 and not _are_kin(*primaries, kin)):
        told = frozenset(primaries)
        yield primaries
    for name in names:
        for other in sorted(kin.apart.get(name, frozenset()).intersection(names)):
            if name < other and not told.issuperset((name, other)) and other not in kin.settled.get(name, frozenset()):
                yield name, other


def _are_kin(one: ScheduleName, other: ScheduleName, kin: _Kin) -> bool:
    return other in kin.settled.get(one, frozenset()) or other in kin.apart.get(one, frozenset())


def _kin(outlook: Outlook) -> _Kin:
    settled: defaultdict[ScheduleName, set[ScheduleName]] = defaultdict(set)
    apart: defaultdict[ScheduleName, set[ScheduleName]] = defaultdict(set)
    for policy in outlook.policies:
        targets = {target for step in policy.steps for target in step.targets}
        asked = {target.schedule for target in targets if isinstance(target, OnSchedule)}
        for name in asked:
            settled[name] |= asked - {name}
    for schedule in outlook.directory.schedules.values():
        for follows in (schedule.follows, *(change.follows for change in schedule.changes)):
            if follows is not None:
                _join(settled if follows.may_repeat else apart, schedule.name, follows.schedule)
        for other in schedule.apart_from:
            _join(apart, schedule.name, other)
    return _Kin(
        settled={name: frozenset(others) for name, others in settled.items()},
        apart={name: frozenset(others) for name, others in apart.items()},
    )


def _join(kin: defaultdict[ScheduleName, set[ScheduleName]], one: ScheduleName, other: ScheduleName) -> None:
    kin[one].add(other)
    kin[other].add(one)


def _finding(
    kind: FindingKind,
    person: PersonName,
    span: Span,
    names: tuple[ScheduleName, ...],
    passes_at: Instant | None,
) -> Finding:
    return Finding(
        kind=kind,
        severity=FindingSeverity.WARNING,
        span=span,
        schedule=names[0],
        others=names[1:],
        people=(person,),
        passes_at=passes_at,
    )
