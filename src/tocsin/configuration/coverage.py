"""Is there somebody to reach on each step, all the time? The gaps of a directory over a window, by its shifts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import assert_never
from zoneinfo import ZoneInfo

from tocsin.core.directory import Directory
from tocsin.core.escalation import Condition, Policy, Target
from tocsin.core.escalation.steps import OnePerson, OnSchedule, Program, WholeTeam
from tocsin.core.schedules import Rendered, Restriction, Weekday
from tocsin.core.schedules.intervals import subtract, union
from tocsin.core.schedules.windows import windows_of
from tocsin.core.vocabulary import PersonName, PolicyName, ScheduleName, ServiceName, Severity, Span

#: The step of a gap that speaks of the last resort; others are `steps[0]`, `steps[1]`, ...
LAST_RESORT = "last_resort"

_MIDNIGHT = time()


class GapReason(StrEnum):
    """Why a step reaches nobody, or what is missing."""

    #: The service names no policy, or one that is gone: the administrators are paged instead.
    NO_POLICY = "no_policy"
    #: The schedule has nobody.
    NOBODY_ON_CALL = "nobody_on_call"
    #: The policy has no last resort, its service no team, and nobody is an administrator.
    NOBODY_NAMED = "nobody_named"
    #: There are people, but none of them has a contact.
    CANNOT_BE_REACHED = "cannot_be_reached"
    #: No step, and not even the last resort, reaches anybody.
    NOBODY_AT_ALL = "nobody_at_all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch of time in which something does not reach anybody."""

    #: None: alerts without a service that a route gives this policy.
    service: ServiceName | None
    policy: PolicyName
    #: `steps[0]`, `last_resort`, or None for the policy as a whole.
    step: str | None
    span: Span
    reason: GapReason

    @property
    def severe(self) -> bool:
        """True when an alert in this time would ring nobody at all."""
        return self.reason is GapReason.NOBODY_AT_ALL


def gaps(directory: Directory, window: Span) -> tuple[Gap, ...]:
    """Every gap of every service, and of every policy that a route names, within the window."""
    if window.end <= window.start:
        return ()
    watch = _Watch(directory, window)
    found: list[Gap] = []
    for service, named in _pairs(directory):
        policy = directory.policy_for(service, named)
        if (named or _own(directory, service)) not in directory.policies:
            found.append(_gap(service, policy, None, window, GapReason.NO_POLICY))
        found += watch.of_policy(service, policy)
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reach:
    """When a target, or several, come to somebody."""

    #: Somebody can be reached. In order, free of overlaps.
    reached: tuple[Span, ...] = ()
    #: Somebody is meant who has no contact.
    unreachable: tuple[Span, ...] = ()


class _Watch:
    """One look at a directory over a window; each schedule is rendered once."""

    def __init__(self, directory: Directory, window: Span) -> None:
        self.directory = directory
        self.window = window
        self.rendered: Mapping[ScheduleName, Rendered] = {
            name: directory.rota.shifts(name, window) for name in directory.schedules
        }

    def of_policy(self, service: ServiceName | None, policy: Policy) -> Iterator[Gap]:
        """Steps that ask nobody but programs mean to reach nobody, and have no gaps."""
        last = self.reach(policy.last_resort)
        for number, step in enumerate(policy.steps):
            if asks_people(step.targets):
                taken = self.taken(step.when)
                for span, reason in self.missing(taken, self.reach(step.targets)):
                    yield _gap(service, policy, f"steps[{number}]", span, reason)
        if not policy.last_resort:
            yield _gap(service, policy, LAST_RESORT, self.window, GapReason.NOBODY_NAMED)
        elif asks_people(policy.last_resort):
            for span, reason in self.missing((self.window,), last):
                yield _gap(service, policy, LAST_RESORT, span, reason)
        for span in self.nobody_at_all(policy, last):
            yield _gap(service, policy, None, span, GapReason.NOBODY_AT_ALL)

    def reach(self, targets: Iterable[Target]) -> _Reach:
        """When at least one of the targets comes to a person."""
        each = [self.reach_of(target) for target in targets]
        return _Reach(
            reached=tuple(union(*(one.reached for one in each))),
            unreachable=tuple(union(*(one.unreachable for one in each))),
        )

    def reach_of(self, target: Target) -> _Reach:
        match target:
            case OnSchedule(schedule=name):
                return self.reach_of_shifts(self.rendered.get(name))
            case OnePerson(person=person):
                return self.always((person,))
            case WholeTeam(team=team):
                return self.always(self.directory.members(team) or ())
            case Program():
                return _Reach()
        assert_never(target)

    def reach_of_shifts(self, rendered: Rendered | None) -> _Reach:
        served = rendered.shifts if rendered is not None else ()
        reached = (shift.span for shift in served if self.any_reachable(shift.people))
        unreachable = (shift.span for shift in served if not self.any_reachable(shift.people))
        return _Reach(reached=tuple(union(reached)), unreachable=tuple(union(unreachable)))

    def always(self, people: tuple[PersonName, ...]) -> _Reach:
        whole = (self.window,)
        return _Reach(reached=whole) if self.any_reachable(people) else _Reach(unreachable=whole)

    def any_reachable(self, people: Iterable[PersonName]) -> bool:
        return any(map(self.directory.is_reachable, people))

    def taken(self, when: Condition | None, severity: Severity | None = None) -> tuple[Span, ...]:
        """When a step is taken at all, by an alert of this severity (None: of any that it is taken for)."""
        if when is None:
            return (self.window,)
        if severity is not None and when.severities and severity not in when.severities:
            return ()
        return tuple(_within(_windows(when, self.window), self.window))

    def missing(self, taken: Iterable[Span], reach: _Reach) -> Iterator[tuple[Span, GapReason]]:
        """Where nobody is reached although somebody should be, and why."""
        for whole in taken:
            for hole in subtract(whole, reach.reached):
                unreachable = tuple(_within(reach.unreachable, hole))
                found = [(span, GapReason.CANNOT_BE_REACHED) for span in unreachable]
                found += [(span, GapReason.NOBODY_ON_CALL) for span in subtract(hole, unreachable)]
                yield from sorted(found)

    def nobody_at_all(self, policy: Policy, last: _Reach) -> Iterator[Span]:
        """Where an alert of at least one severity rings nobody on any step, nor as a last resort."""
        return union(*(subtract(self.window, self.rung(policy, last, severity)) for severity in Severity))

    def rung(self, policy: Policy, last: _Reach, severity: Severity) -> Iterator[Span]:
        tracks = [last.reached]
        for step in policy.steps:
            reached = self.reach(step.targets).reached
            tracks += [tuple(_within(reached, whole)) for whole in self.taken(step.when, severity)]
        return union(*tracks)


def asks_people(targets: Iterable[Target]) -> bool:
    """True when at least one target is not a program."""
    return any(not isinstance(target, Program) for target in targets)


def _pairs(directory: Directory) -> Iterator[tuple[ServiceName | None, PolicyName | None]]:
    """Which policy may be in force for what: each service's own, and what routes name."""
    pairs: list[tuple[ServiceName | None, PolicyName | None]] = [(name, None) for name in directory.services]
    pairs += [(route.service, route.policy) for route in directory.routes if route.policy is not None]
    return iter(dict.fromkeys(pairs))


def _own(directory: Directory, service: ServiceName | None) -> PolicyName | None:
    known = directory.services.get(service) if service is not None else None
    return known.policy if known is not None else None


def _windows(when: Condition, window: Span) -> Iterator[Span]:
    """When the weekdays and times of a condition are, severity aside."""
    if when.between is None and not when.weekdays:
        return iter((window,))
    days = frozenset(day for number, day in enumerate(Weekday) if number in when.weekdays)
    begins, ends = when.between or (_MIDNIGHT, _MIDNIGHT)
    restriction = Restriction(days=days, begins=begins, ends=ends)
    return union(windows_of(restriction, ZoneInfo(when.time_zone), within=window))


def _within(spans: Iterable[Span], whole: Span) -> Iterator[Span]:
    return (part for span in spans if (part := span.clipped(whole)) is not None)


def _gap(service: ServiceName | None, policy: Policy, step: str | None, span: Span, reason: GapReason) -> Gap:
    return Gap(service=service, policy=policy.name, step=step, span=span, reason=reason)
