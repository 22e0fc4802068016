"""Steps of a policy that ask only people whom an earlier step has asked: the climb goes on, and wakes nobody else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from tocsin.core.escalation import Condition, Policy, Step, Target
from tocsin.core.escalation.steps import OnePerson, OnSchedule
from tocsin.core.insight.coverage import taken
from tocsin.core.insight.findings import Finding, FindingKind, FindingSeverity
from tocsin.core.insight.outlook import Outlook
from tocsin.core.insight.stretches import Held, both, paired, together
from tocsin.core.insight.vacancies import passing
from tocsin.core.schedules.intervals import union
from tocsin.core.schedules.timeline import OVERRIDE
from tocsin.core.vocabulary import PersonName, ScheduleName, Severity, Span


class _Asked(NamedTuple):
    """Whom targets come to, and whether an override has a part in it. A named tuple: there are very many."""

    people: frozenset[PersonName]
    by_override: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trouble:
    """What a finding says besides its time."""

    people: tuple[PersonName, ...]
    by_override: bool
    severity: FindingSeverity
    schedule: ScheduleName | None
    others: tuple[ScheduleName, ...]


def nobody_new(outlook: Outlook) -> Iterator[Finding]:
    """Every step of every policy in force, held against each step before it.

    Whole teams are left out, before and after: ringing a team after one of its members is a way of escalating. So is
    the same target twice, which rings again. It is an error where schedules alone are asked, of which nobody has said
    that they may repeat each other; a person who is named after a schedule that they are in is a warning.
    """
    watch = _Watch(outlook)
    for policy in outlook.policies:
        yield from watch.of_policy(policy)


class _Watch:
    """Holds whom targets come to, each worked out once."""

    def __init__(self, outlook: Outlook) -> None:
        self.outlook = outlook
        self.window = outlook.window
        self.asked = cache(self._asked)

    def of_policy(self, policy: Policy) -> Iterator[Finding]:
        for number, later in enumerate(policy.steps):
            spans: defaultdict[_Trouble, list[Span]] = defaultdict(list)
            for earlier in policy.steps[:number]:
                if _comparable(earlier, later):
                    for trouble, span in self.between(earlier, later):
                        spans[trouble].append(span)
            for trouble, found in spans.items():
                for span in union(sorted(found)):
                    yield self.finding(policy, f"steps[{number}]", trouble, span)

    def between(self, earlier: Step, later: Step) -> Iterator[tuple[_Trouble, Span]]:
        times = tuple(both(taken(earlier.when, self.window), taken(later.when, self.window)))
        before, after = _schedules(earlier), _schedules(later)
        severity = self.severity(earlier, later)
        for start, end, (one, other) in paired(self.asked(earlier.targets), self.asked(later.targets)):
            if other.people <= one.people:
                trouble = _Trouble(
                    people=tuple(sorted(other.people)),
                    by_override=one.by_override or other.by_override,
                    severity=severity,
                    schedule=after[0] if after else None,
                    others=tuple(name for name in (*before, *after[1:]) if name not in after[:1]),
                )
                for span in both((Span(start, end),), times):
                    yield trouble, span

    def severity(self, earlier: Step, later: Step) -> FindingSeverity:
        named = any(isinstance(target, OnePerson) for target in (*earlier.targets, *later.targets))
        return FindingSeverity.WARNING if named or self.may_repeat(earlier, later) else FindingSeverity.ERROR

    def may_repeat(self, earlier: Step, later: Step) -> bool:
        """True when a schedule of one step follows one of the other, and is told that it may repeat it."""
        return any(self._repeats(one, other) for one in _schedules(earlier) for other in _schedules(later))

    def _repeats(self, one: ScheduleName, other: ScheduleName) -> bool:
        for name, followed in ((one, other), (other, one)):
            schedule = self.outlook.directory.schedules.get(name)
            follows = schedule.follows if schedule is not None else None
            if follows is not None and follows.schedule == followed and follows.may_repeat:
                return True
        return False

    def _asked(self, targets: tuple[Target, ...]) -> list[Held[_Asked]]:
        if len(targets) == 1:
            return list(self.of_target(targets[0]))
        held = sorted((held for target in targets for held in self.of_target(target)), key=lambda each: each.start)
        return [Held(start, end, _together(asked)) for start, end, asked in together(held)]

    def of_target(self, target: Target) -> Iterator[Held[_Asked]]:
        match target:
            case OnSchedule(schedule=name) if name in self.outlook.rendered:
                for shift in self.outlook.rendered[name].shifts:
                    asked = _Asked(frozenset(shift.people), shift.source == OVERRIDE)
                    yield Held(shift.span.start, shift.span.end, asked)
            case OnePerson(person=person):
                yield Held(self.window.start, self.window.end, _Asked(frozenset((person,)), False))

    def finding(self, policy: Policy, step: str, trouble: _Trouble, span: Span) -> Finding:
        return Finding(
            kind=FindingKind.NOBODY_NEW,
            severity=trouble.severity,
            span=span,
            schedule=trouble.schedule,
            others=trouble.others,
            people=trouble.people,
            policy=policy.name,
            step=step,
            passes_at=passing(span, self.window) if trouble.by_override else None,
        )


def _together(asked: frozenset[_Asked]) -> _Asked:
    people = frozenset(person for each in asked for person in each.people)
    return _Asked(people, any(each.by_override for each in asked))


def _comparable(earlier: Step, later: Step) -> bool:
    people = all(isinstance(target, OnSchedule | OnePerson) for target in (*earlier.targets, *later.targets))
    return people and earlier.targets != later.targets and _meet(earlier.when, later.when)


def _meet(one: Condition | None, other: Condition | None) -> bool:
    """True when an alert of some severity takes both steps."""
    return any(_takes(one, severity) and _takes(other, severity) for severity in Severity)


def _takes(when: Condition | None, severity: Severity) -> bool:
    return when is None or not when.severities or severity in when.severities


def _schedules(step: Step) -> tuple[ScheduleName, ...]:
    return tuple(target.schedule for target in step.targets if isinstance(target, OnSchedule))
