"""What was found as JSON values, the same for the command line and the API. Instants are RFC 3339 in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from tocsin.core.insight.findings import Finding, FindingKind, GapReason
from tocsin.core.insight.groups import Group
from tocsin.core.insight.load import Carried, Deviation, Fairness, Hours
from tocsin.core.insight.moves import Moves, PersonMoves, ScheduleMoves, Stretch
from tocsin.core.insight.share import OperationsShare, PersonShare
from tocsin.core.vocabulary import Span, rfc3339

_HOUR = timedelta(hours=1)


def gap_documents(found: Iterable[Finding]) -> list[dict[str, Any]]:
    """The gaps of steps among the findings, as the contract of `tocsin check --json` has them."""
    return [
        {
            "service": gap.service,
            "policy": gap.policy,
            "step": gap.step,
            **_ends(gap.span),
            "reason": gap.reason,
            "severe": gap.reason is GapReason.NOBODY_AT_ALL,
        }
        for gap in found
        if gap.kind is FindingKind.STEP_GAP
    ]


def finding_document(found: Finding) -> dict[str, Any]:
    """One finding; what does not belong to its kind is null or empty."""
    return {
        "key": found.key,
        "kind": found.kind,
        "severity": found.severity,
        **_ends(found.span),
        "passes_at": rfc3339(found.passes_at) if found.passes_at is not None else None,
        "schedule": found.schedule,
        "others": list(found.others),
        "people": list(found.people),
        "service": found.service,
        "policy": found.policy,
        "step": found.step,
        "team": found.team,
        "layer": found.layer,
        "reason": found.reason,
    }


def fairness_document(group: Group, found: Fairness) -> dict[str, Any]:
    """What the people of a group carry; hours as numbers, scores from 0 to 100."""
    reason = found.reason
    return {
        "team": group.team,
        "schedules": list(group.schedules),
        "score": round(found.score, 1),
        "reason": None
        if reason is None
        else {"most": reason.most, "least": reason.least, **_deviation(reason.deviation)},
        "people": [_carried(each) for each in found.people],
    }


def share_document(found: OperationsShare) -> dict[str, Any]:
    """How a team's working time is divided; shares from 0 to 1, hours as numbers."""
    planned = found.planned
    return {
        "team": found.team,
        "working_hours": _hours(found.working),
        "operations": _share(planned),
        "development": _share(None if planned is None else 1 - planned),
        "measured": _share(found.measured),
        "people": [_person_share(each) for each in found.people],
    }


def moves_document(found: Moves) -> dict[str, Any]:
    """What an edit moves, by schedule and by person."""
    return {
        **_ends(found.window),
        "schedules": [_schedule_moves(each) for each in found.schedules],
        "people": [_person_moves(each) for each in found.people],
    }


def _carried(each: Carried) -> dict[str, Any]:
    return {
        "person": each.person,
        **{kind.value: _hours(each.hours[kind]) for kind in Hours},
        "shifts": each.shifts,
        "woken": each.woken,
        "woken_at_night": each.woken_at_night,
        "available_hours": _hours(each.available),
        "load": round(each.load, 1),
        "fair_share": round(each.fair_share, 1),
        "score": None if each.score is None else round(each.score, 1),
        "reason": None if each.reason is None else _deviation(each.reason),
    }


def _deviation(deviation: Deviation) -> dict[str, Any]:
    return {"of": deviation.kind, "more_by": _hours(deviation.hours)}


def _person_share(each: PersonShare) -> dict[str, Any]:
    return {
        "person": each.person,
        "working_hours": _hours(each.working),
        "duty_hours": _hours(each.on_duty),
        "measured_hours": None if each.measured is None else _hours(each.measured),
    }


def _schedule_moves(each: ScheduleMoves) -> dict[str, Any]:
    return {
        "schedule": each.schedule,
        "moves": [
            {**_bounds(move.span), "before": list(move.before), "after": list(move.after)} for move in each.moves
        ],
        "gaps_opened": [_bounds(span) for span in each.opened],
        "gaps_closed": [_bounds(span) for span in each.closed],
    }


def _person_moves(each: PersonMoves) -> dict[str, Any]:
    return {
        "person": each.person,
        "hours_gained": _hours(each.hours_gained),
        "hours_lost": _hours(each.hours_lost),
        "nights_gained": each.nights_gained,
        "nights_lost": each.nights_lost,
        "weekends_gained": each.weekends_gained,
        "weekends_lost": each.weekends_lost,
        "gained": [_stretch(stretch) for stretch in each.gained],
        "lost": [_stretch(stretch) for stretch in each.lost],
    }


def _stretch(stretch: Stretch) -> dict[str, Any]:
    return {"schedule": stretch.schedule, **_bounds(stretch.span)}


def _share(part: float | None) -> float | None:
    return None if part is None else round(part, 4)


def _hours(length: timedelta) -> float:
    return round(length / _HOUR, 2)


def _bounds(span: Span) -> dict[str, str]:
    return {"start": rfc3339(span.start), "end": rfc3339(span.end)}


def _ends(span: Span) -> dict[str, str]:
    return {"from": rfc3339(span.start), "to": rfc3339(span.end)}
