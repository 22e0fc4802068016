"""`tocsin check`: what is wrong with the rota in the days to come, found before it happens."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tocsin.app.looking import looked_at
from tocsin.app.settings import Settings
from tocsin.core.directory import Directory
from tocsin.core.errors import Refused
from tocsin.core.insight.documents import finding_document, gap_documents
from tocsin.core.insight.findings import LAST_RESORT, Finding, FindingKind, FindingSeverity, GapReason
from tocsin.core.insight.inspection import findings
from tocsin.core.schedules import NobodyReason
from tocsin.core.schedules.shown.words import REASONS
from tocsin.core.vocabulary import Span
from tocsin.engine import clock

#: How wide a line may be.
_COLUMNS = 80
#: A trouble that comes back is shown so many times.
_OCCASIONS = 2
#: A blank at which no line is broken.
_NO_BREAK = "\u00a0"

_GAPS: Mapping[GapReason, str] = {
    GapReason.NO_POLICY: "no policy is named: the administrators are paged instead",
    GapReason.NOBODY_ON_CALL: "nobody is on call",
    GapReason.NOBODY_NAMED: "nobody is named, and nobody is an administrator",
    GapReason.CANNOT_BE_REACHED: "nobody who is asked can be reached",
    GapReason.NOBODY_AT_ALL: "an alert would ring nobody at all",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was looked at, and found."""

    window: Span
    #: Errors first, then in order of time.
    findings: tuple[Finding, ...]

    @property
    def is_well(self) -> bool:
        """True when everybody is woken who should be."""
        return not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Where somebody may not be woken."""
        return tuple(found for found in self.findings if found.severity is FindingSeverity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is worth a look."""
        return tuple(found for found in self.findings if found.severity is FindingSeverity.WARNING)


async def check(settings: Callable[[], Settings], path: Path | None, *, days: int) -> Checked:
    """Look through every minute of the coming days.

    Raises:
        Refused: there is nothing to look through.
    """
    async with looked_at(settings, path) as sight:
        known = sight.directory
    if not known.services and not known.schedules:
        hint = "apply a configuration first, or name its files"
        raise Refused("there is no service and no schedule to check", hint=hint)
    return looked_through(known, days=days)


def looked_through(directory: Directory, *, days: int) -> Checked:
    """The same of a directory, from now on."""
    now = clock.now().replace(second=0, microsecond=0)
    window = Span(now, now + timedelta(days=days))
    return Checked(window=window, findings=findings(directory, window))


def as_text(checked: Checked) -> str:
    """The findings for a reader: what comes back is told once, with how often."""
    parts = []
    if checked.errors:
        parts.append("Somebody may not be woken\n")
        parts += _entries(checked.errors, checked.window)
    else:
        parts.append(well_text(checked))
    if checked.warnings:
        parts.append("\nWorth a look\n")
        parts += _entries(checked.warnings, checked.window)
    return "\n".join(parts)


def well_text(checked: Checked) -> str:
    """What is said when there is no error."""
    return f"Every step of every service reaches somebody, at every minute of the next {_days(checked)} days."


def in_short(checked: Checked) -> str:
    """One line: that all is well, or how much is not."""
    if checked.is_well:
        return well_text(checked)
    counts = [_counted(len(_joined(found)), noun) for found, noun in _severities(checked) if found]
    return f"{' and '.join(counts)} in the next {_days(checked)} days: `tocsin check` tells them"


def as_document(checked: Checked) -> dict[str, Any]:
    """The findings as JSON values, each occasion by itself."""
    return {
        "gaps": gap_documents(checked.findings),
        "findings": [finding_document(found) for found in checked.findings],
    }


def _severities(checked: Checked) -> tuple[tuple[tuple[Finding, ...], str], ...]:
    return (checked.errors, "error"), (checked.warnings, "warning")


def _days(checked: Checked) -> int:
    return (checked.window.end - checked.window.start).days


def _joined(found: Iterable[Finding]) -> list[list[Finding]]:
    """Occasions of one trouble together, in order of the first."""
    by_subject: dict[tuple[object, ...], list[Finding]] = {}
    for each in found:
        subject = (each.kind, each.schedule, each.others, each.people, each.service)
        place = (each.policy, each.step, each.team, each.layer, each.reason)
        by_subject.setdefault((*subject, *place), []).append(each)
    return list(by_subject.values())


def _entries(found: Iterable[Finding], window: Span) -> Iterator[str]:
    for occasions in _joined(found):
        yield _wrapped(_said(occasions[0]), indent="  ")
        yield _wrapped(_when([each.span for each in occasions], window), indent="      ")


def _wrapped(text: str, *, indent: str) -> str:
    lines = textwrap.wrap(
        text,
        _COLUMNS,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace(_NO_BREAK, " ")


def _when(spans: Sequence[Span], window: Span) -> str:
    if spans[0] == window:
        return "all the time"
    shown = ", ".join(map(_stretch, spans[:_OCCASIONS]))
    if len(spans) <= _OCCASIONS:
        return f"{shown} UTC"
    hours = sum((span.end - span.start for span in spans), timedelta()) / timedelta(hours=1)
    return f"{len(spans)} times, {hours:,.0f} hours in all: {shown} UTC, ..."


def _stretch(span: Span) -> str:
    end = f"{span.end:%H:%M}" if span.end.date() == span.start.date() else f"{span.end:%Y-%m-%d %H:%M}"
    return f"{span.start:%Y-%m-%d %H:%M} to {end}".replace(" ", _NO_BREAK)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _said(found: Finding) -> str:
    """What the trouble is, in words."""
    people, others = _listed(found.people), _listed(found.others)
    schedule = f"schedule {found.schedule}"
    match found.kind:
        case FindingKind.STEP_GAP:
            who = f"service {found.service}" if found.service is not None else "alerts without a service"
            return f"{who}, {_rung(found)}: {_because(found)}"
        case FindingKind.SCHEDULE_GAP:
            return f"{schedule}: nobody is on call: {_because(found)}"
        case FindingKind.NOBODY_NEW:
            earlier = others or "an earlier step"
            return f"{_rung(found)}: asks only {people}, whom {earlier} has asked: nobody else is woken"
        case FindingKind.IN_TWO_PLACES:
            return f"{people}: on call in {found.schedule} and in {others} at the same time"
        case FindingKind.DOUBLE_BOOKED if found.others:
            return f"{people}: on call in {found.schedule} by an override, and in {others} anyway"
        case FindingKind.DOUBLE_BOOKED:
            return f"{schedule}: an override puts {people} where they are on call anyway: one less is there"
        case FindingKind.OVERRIDE_HIDDEN:
            return f"{schedule}: an override by {people or 'nobody'} is hidden by a later one from elsewhere"
        case FindingKind.LEFT_TEAM:
            return f"{schedule}: {people} is on call, and no member of team {found.team}"
        case FindingKind.UNKNOWN_PERSON:
            return f"{schedule}: {people} is on call, and does not exist any more"
        case FindingKind.CANNOT_BE_REACHED:
            return f"{schedule}: {people} is on call, and has no contact"
        case FindingKind.NO_RULE_FOR_HIGH:
            return f"{schedule}: {people} is on call, and has no rule for high urgency"
        case FindingKind.EVERYBODY_AWAY:
            return f"{schedule}, layer {found.layer}: everybody is away: {people}"
        case FindingKind.CALENDAR_EMPTY:
            return f"{schedule}, layer {found.layer}: its calendar has nobody on call from now on"


def _because(found: Finding) -> str:
    match found.reason:
        case GapReason():
            return _GAPS[found.reason]
        case NobodyReason():
            return REASONS[found.reason]
        case None:
            return ""


def _rung(found: Finding) -> str:
    if found.step is None:
        return f"policy {found.policy}"
    if found.step == LAST_RESORT:
        return f"last resort of policy {found.policy}"
    number = int(found.step.removeprefix("steps[").removesuffix("]"))
    return f"step {number + 1} of policy {found.policy}"


def _listed(names: Sequence[str]) -> str:
    *most, last = names or ("",)
    return f"{', '.join(most)} and {last}" if most else last
