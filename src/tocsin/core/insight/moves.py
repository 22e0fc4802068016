"""What an edit of schedules moves: which shifts, from whom to whom, who is to be told, and which gaps open or close."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from tocsin.core.insight.hours import nights, weekends
from tocsin.core.insight.membership import without
from tocsin.core.insight.stretches import NOTHING, Held, merged, paired
from tocsin.core.schedules import Change, Layer, Rendered, Rota, Schedule
from tocsin.core.schedules.intervals import union
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A stretch in which other people are on call than before. Empty: nobody."""

    span: Span
    before: tuple[PersonName, ...]
    after: tuple[PersonName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleMoves:
    """What changes in one schedule, in order of time; neighbours with the same people are one move."""

    schedule: ScheduleName
    moves: tuple[Move, ...]
    #: Where there is a gap now, and was none or no schedule before.
    opened: tuple[Span, ...]
    #: Where there was a gap, and is none or no schedule any more.
    closed: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A person's time on call in one schedule, without a break."""

    schedule: ScheduleName
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonMoves:
    """What changes for one person, who is to be told of it."""

    person: PersonName
    #: In order of time.
    gained: tuple[Stretch, ...]
    lost: tuple[Stretch, ...]
    #: Nights (22:00 to 08:00 on their clock) in which they are on call at all and were not before; and the reverse.
    nights_gained: int
    nights_lost: int
    #: Weekends likewise.
    weekends_gained: int
    weekends_lost: int

    @property
    def hours_gained(self) -> timedelta:
        """Elapsed time on call that they did not have before."""
        return _length(self.gained)

    @property
    def hours_lost(self) -> timedelta:
        """Elapsed time on call that they had before."""
        return _length(self.lost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """Everything that an edit moves in a window. Empty when nobody's shifts move and no gap opens or closes."""

    window: Span
    #: By name, those in which something changes.
    schedules: tuple[ScheduleMoves, ...]
    #: By name: those who are to be told.
    people: tuple[PersonMoves, ...]

    def __bool__(self) -> bool:
        return bool(self.schedules)


def moves(before: Rota, after: Rota, window: Span, *, zones: Mapping[PersonName, ZoneInfo]) -> Moves:
    """What moves within the window. `zones`: where people live; whoever is missing lives by a schedule of theirs."""
    if window.end <= window.start:
        return Moves(window=window, schedules=(), people=())
    changed = [_Changed(name, before, after, window) for name in sorted(_touched(before, after))]
    people = sorted({person for each in changed for move in each.moves for person in _differing(move)})
    return Moves(
        window=window,
        schedules=tuple(each.told() for each in changed if each.moves or each.opened or each.closed),
        people=tuple(_of_person(person, changed, window, zones) for person in people),
    )


def planned(before: Schedule, after: Schedule, at: Instant) -> Schedule:
    """The edit as a planned change: until `at` the rules stay as they are, from then on they are those of `after`.

    What is not a rule (team, part, overrides, from whom it is kept apart) is taken from `after` at once.
    """
    rules = next(
        (change for change in reversed(after.changes) if change.at <= at),
        Change(at=at, layers=after.layers, combine=after.combine, follows=after.follows),
    )
    zone = before.time_zone
    earlier = (replace(change, layers=_in_zone(change.layers, zone)) for change in before.changes if change.at < at)
    later = (change for change in after.changes if change.at > at)
    return replace(
        after,
        layers=_in_zone(before.layers, zone),
        combine=before.combine,
        follows=before.follows,
        changes=(*earlier, replace(rules, at=at), *later),
    )


def _in_zone(layers: Iterable[Layer], zone: ZoneInfo) -> tuple[Layer, ...]:
    """Layers that keep their clock when the schedule gets another one."""
    return tuple(layer if layer.time_zone is not None else replace(layer, time_zone=zone) for layer in layers)


def _touched(before: Rota, after: Rota) -> set[ScheduleName]:
    """The schedules whose answers may differ: those that do, and whoever refers to them, however far away."""
    names = {*before.schedules, *after.schedules}
    if before.circumstances != after.circumstances:
        return names
    found = {name for name in names if before.schedules.get(name) != after.schedules.get(name)}
    referring = _referring((*before.schedules.values(), *after.schedules.values()))
    waiting = list(found)
    while waiting:
        more = referring.get(waiting.pop(), set()) - found
        found |= more
        waiting += more
    return found


def _referring(schedules: Iterable[Schedule]) -> Mapping[ScheduleName, set[ScheduleName]]:
    """By schedule, those that follow it or keep apart from it."""
    found: defaultdict[ScheduleName, set[ScheduleName]] = defaultdict(set)
    for schedule in schedules:
        follows = (schedule.follows, *(change.follows for change in schedule.changes))
        for other in (*(each.schedule for each in follows if each is not None), *schedule.apart_from):
            found[other].add(schedule.name)
    return found


class _Changed:
    """One schedule before and after."""

    def __init__(self, name: ScheduleName, before: Rota, after: Rota, window: Span) -> None:
        self.name = name
        self.zone = (after.schedules.get(name) or before.schedules[name]).time_zone
        was, will_be = _rendered(before, name, window), _rendered(after, name, window)
        self.before, self.after = _served(was), _served(will_be)
        self.moves = tuple(_moves(_pieces(was, window), _pieces(will_be, window)))
        self.opened = without(will_be.gaps, was.gaps)
        self.closed = without(was.gaps, will_be.gaps)

    def told(self) -> ScheduleMoves:
        return ScheduleMoves(schedule=self.name, moves=self.moves, opened=self.opened, closed=self.closed)


def _rendered(rota: Rota, name: ScheduleName, window: Span) -> Rendered:
    """A schedule that is not there has neither shifts nor gaps."""
    return rota.shifts(name, window) if name in rota.schedules else Rendered(shifts=(), vacancies=())


def _served(rendered: Rendered) -> Mapping[PersonName, tuple[Span, ...]]:
    spans: defaultdict[PersonName, list[Span]] = defaultdict(list)
    for shift in rendered.shifts:
        for person in shift.people:
            spans[person].append(shift.span)
    return {person: tuple(union(found)) for person, found in spans.items()}


def _pieces(rendered: Rendered, window: Span) -> list[Held[tuple[PersonName, ...]]]:
    """Who is on call, over the whole window; nobody where nobody is."""
    pieces = [Held(shift.span.start, shift.span.end, shift.people) for shift in rendered.shifts]
    nobody = without((window,), tuple(union(shift.span for shift in rendered.shifts)))
    pieces += (Held(span.start, span.end, ()) for span in nobody)
    return sorted(pieces, key=lambda piece: piece.start)


def _moves(
    before: Sequence[Held[tuple[PersonName, ...]]], after: Sequence[Held[tuple[PersonName, ...]]]
) -> Iterator[Move]:
    for start, end, (was, will_be) in merged(paired(before, after)):
        if set(was) != set(will_be):
            yield Move(span=Span(start, end), before=was, after=will_be)


def _differing(move: Move) -> set[PersonName]:
    return set(move.before) ^ set(move.after)


def _of_person(
    person: PersonName, changed: Sequence[_Changed], window: Span, zones: Mapping[PersonName, ZoneInfo]
) -> PersonMoves:
    theirs = [each for each in changed if person in each.before or person in each.after]
    zone = zones.get(person) or theirs[0].zone
    was = tuple(union(*(each.before.get(person, ()) for each in theirs)))
    will_be = tuple(union(*(each.after.get(person, ()) for each in theirs)))
    before, after = (_starts(nights, zone, window, spans) for spans in (was, will_be))
    weekends_before, weekends_after = (_starts(weekends, zone, window, spans) for spans in (was, will_be))
    return PersonMoves(
        person=person,
        gained=_stretches(person, theirs, lambda each: (each.after, each.before)),
        lost=_stretches(person, theirs, lambda each: (each.before, each.after)),
        nights_gained=len(after - before),
        nights_lost=len(before - after),
        weekends_gained=len(weekends_after - weekends_before),
        weekends_lost=len(weekends_before - weekends_after),
    )


_Served = Mapping[PersonName, tuple[Span, ...]]


def _stretches(
    person: PersonName, changed: Iterable[_Changed], sides: Callable[[_Changed], tuple[_Served, _Served]]
) -> tuple[Stretch, ...]:
    """What a person has on the one side and not on the other."""
    found = [
        Stretch(schedule=each.name, span=span)
        for each in changed
        for one, other in (sides(each),)
        for span in without(one.get(person, ()), other.get(person, ()))
    ]
    return tuple(sorted(found, key=lambda stretch: (stretch.span, stretch.schedule)))


def _starts(
    kind: Callable[[ZoneInfo, Span], Iterator[Span]], zone: ZoneInfo, window: Span, served: Sequence[Span]
) -> set[Instant]:
    """Which nights, or weekends, are touched by what is served: each by its beginning."""
    pieces = [Held(span.start, span.end, span.start) for span in kind(zone, window)]
    return {start for _, _, (start, _) in paired(pieces, [Held(one.start, one.end, one.start) for one in served])}


def _length(stretches: Iterable[Stretch]) -> timedelta:
    return sum((each.span.end - each.span.start for each in stretches), NOTHING)
