"""Everything that is wrong with a rota, or may be, over a window: found before it happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tocsin.core.directory import Directory
from tocsin.core.escalation import Policy
from tocsin.core.escalation.steps import OnSchedule
from tocsin.core.insight.clashes import clashes
from tocsin.core.insight.coverage import gaps_of
from tocsin.core.insight.findings import Finding, FindingKind, FindingSeverity
from tocsin.core.insight.nobody_new import nobody_new
from tocsin.core.insight.on_duty import on_duty
from tocsin.core.insight.outlook import Outlook
from tocsin.core.insight.overrides import overrides
from tocsin.core.insight.vacancies import PASSING, passing, vacancies
from tocsin.core.vocabulary import PolicyName, ScheduleName, Span


def findings(directory: Directory, window: Span) -> tuple[Finding, ...]:
    """Every trouble within the window: errors first, then in order of time."""
    if window.end <= window.start:
        return ()
    outlook = Outlook(directory, window)
    found = [
        *_step_gaps(outlook),
        *nobody_new(outlook),
        *on_duty(outlook),
        *vacancies(outlook),
        *clashes(outlook),
        *overrides(outlook),
    ]
    return tuple(sorted(found, key=lambda each: (each.severity is not FindingSeverity.ERROR, each.span)))


def _step_gaps(outlook: Outlook) -> Iterator[Finding]:
    """A gap of a step is an error each: nobody is woken by it, whoever comes after."""
    passes = _passing_vacancies(outlook)
    for gap in gaps_of(outlook):
        is_passing = any(gap.span.clipped(span) is not None for span in passes.get(gap.policy, ()))
        yield Finding(
            kind=FindingKind.STEP_GAP,
            severity=FindingSeverity.ERROR,
            span=gap.span,
            service=gap.service,
            policy=gap.policy,
            step=gap.step,
            reason=gap.reason,
            passes_at=passing(gap.span, outlook.window) if is_passing else None,
        )


def _passing_vacancies(outlook: Outlook) -> Mapping[PolicyName, tuple[Span, ...]]:
    """By policy, when a schedule that it asks has nobody for a reason that is over some day."""
    spans = {
        name: tuple(vacancy.span for vacancy in rendered.vacancies if vacancy.reason in PASSING)
        for name, rendered in outlook.rendered.items()
    }
    return {
        policy.name: tuple(span for name in _asked(policy) for span in spans.get(name, ()))
        for policy in outlook.policies
    }


def _asked(policy: Policy) -> frozenset[ScheduleName]:
    targets = (*policy.last_resort, *(target for step in policy.steps for target in step.targets))
    return frozenset(target.schedule for target in targets if isinstance(target, OnSchedule))
