"""Is there somebody to reach on each step, all the time? The gaps of a directory over a window, by its shifts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import time
from functools import cache
from typing import assert_never
from zoneinfo import ZoneInfo

from tocsin.core.directory import Directory
from tocsin.core.escalation import Condition, Policy, Target
from tocsin.core.escalation.steps import OnePerson, OnSchedule, Program, WholeTeam
from tocsin.core.insight.findings import LAST_RESORT, GapReason
from tocsin.core.insight.hours import daily
from tocsin.core.insight.outlook import Outlook, named_policies
from tocsin.core.insight.stretches import within
from tocsin.core.schedules import Rendered
from tocsin.core.schedules.intervals import subtract, union
from tocsin.core.vocabulary import PersonName, PolicyName, ServiceName, Severity, Span

_MIDNIGHT = time()


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
    return gaps_of(Outlook(directory, window)) if window.start < window.end else ()


def gaps_of(outlook: Outlook) -> tuple[Gap, ...]:
    """The same of a directory that is being looked at."""
    watch = _Watch(outlook)
    directory, found = outlook.directory, list[Gap]()
    for service, named in named_policies(directory):
        policy = directory.policy_for(service, named)
        if (named or _own(directory, service)) not in directory.policies:
            found.append(_gap(service, policy, None, outlook.window, GapReason.NO_POLICY))
        found += watch.of_policy(service, policy)
    return tuple(found)


def taken(when: Condition | None, window: Span, severity: Severity | None = None) -> tuple[Span, ...]:
    """When a step is taken at all, by an alert of this severity (None: of any that it is taken for)."""
    if when is None:
        return (window,)
    if severity is not None and when.severities and severity not in when.severities:
        return ()
    return tuple(within(_windows(when, window), window))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reach:
    """When a target, or several, come to somebody."""

    #: Somebody can be reached. In order, free of overlaps.
    reached: tuple[Span, ...] = ()
    #: Somebody is meant who has no contact.
    unreachable: tuple[Span, ...] = ()


class _Watch:
    """Holds what targets come to, each worked out once: many services have one policy, many policies one schedule."""

    def __init__(self, outlook: Outlook) -> None:
        self.directory = outlook.directory
        self.window = outlook.window
        self.rendered = outlook.rendered
        self.reach = cache(self._reach)
        self.rung = cache(self._rung)

    def of_policy(self, service: ServiceName | None, policy: Policy) -> Iterator[Gap]:
        """Steps that ask nobody but programs mean to reach nobody, and have no gaps."""
        last = self.reach(policy.last_resort)
        for number, step in enumerate(policy.steps):
            if asks_people(step.targets):
                for span, reason in self.missing(taken(step.when, self.window), self.reach(step.targets)):
                    yield _gap(service, policy, f"steps[{number}]", span, reason)
        if not policy.last_resort:
            yield _gap(service, policy, LAST_RESORT, self.window, GapReason.NOBODY_NAMED)
        elif asks_people(policy.last_resort):
            for span, reason in self.missing((self.window,), last):
                yield _gap(service, policy, LAST_RESORT, span, reason)
        for span in self.nobody_at_all(policy, last):
            yield _gap(service, policy, None, span, GapReason.NOBODY_AT_ALL)

    def _reach(self, targets: tuple[Target, ...]) -> _Reach:
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

    def missing(self, meant: Iterable[Span], reach: _Reach) -> Iterator[tuple[Span, GapReason]]:
        """Where nobody is reached although somebody should be, and why."""
        for whole in meant:
            for hole in subtract(whole, reach.reached):
                unreachable = tuple(within(reach.unreachable, hole))
                found = [(span, GapReason.CANNOT_BE_REACHED) for span in unreachable]
                found += [(span, GapReason.NOBODY_ON_CALL) for span in subtract(hole, unreachable)]
                yield from sorted(found)

    def nobody_at_all(self, policy: Policy, last: _Reach) -> Iterator[Span]:
        """Where an alert of at least one severity rings nobody on any step, nor as a last resort."""
        if last.reached == (self.window,):
            return iter(())
        steps = tuple((step.targets, step.when) for step in policy.steps)
        return union(*(subtract(self.window, union(self.rung(steps, severity), last.reached)) for severity in Severity))

    def _rung(
        self, steps: tuple[tuple[tuple[Target, ...], Condition | None], ...], severity: Severity
    ) -> tuple[Span, ...]:
        """Where an alert of a severity rings somebody by a step."""
        tracks = [
            within(self.reach(targets).reached, whole)
            for targets, when in steps
            for whole in taken(when, self.window, severity)
        ]
        return tuple(union(*tracks))


def asks_people(targets: Iterable[Target]) -> bool:
    """True when at least one target is not a program."""
    return any(not isinstance(target, Program) for target in targets)


def _own(directory: Directory, service: ServiceName | None) -> PolicyName | None:
    known = directory.services.get(service) if service is not None else None
    return known.policy if known is not None else None


def _windows(when: Condition, window: Span) -> Iterator[Span]:
    """When the weekdays and times of a condition are, severity aside."""
    if when.between is None and not when.weekdays:
        return iter((window,))
    between = when.between or (_MIDNIGHT, _MIDNIGHT)
    return union(
        daily(
            ZoneInfo(when.time_zone), window, between, lambda day: not when.weekdays or day.weekday() in when.weekdays
        )
    )


def _gap(service: ServiceName | None, policy: Policy, step: str | None, span: Span, reason: GapReason) -> Gap:
    return Gap(service=service, policy=policy.name, step=step, span=span, reason=reason)
