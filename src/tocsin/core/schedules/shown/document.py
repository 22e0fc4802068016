"""A rendered window as programs read it: the contract's JSON shape."""

from __future__ import annotations

from typing import Any

from tocsin.core.schedules.timeline import Rendered
from tocsin.core.vocabulary import ScheduleName, Span, rfc3339


def as_document(schedule: ScheduleName, window: Span, rendered: Rendered) -> dict[str, Any]:
    """The shape of `/api/v1/schedules/{name}/shifts` and of `tocsin schedule render --format json`."""
    return {
        "schedule": schedule,
        "from": rfc3339(window.start),
        "to": rfc3339(window.end),
        "shifts": [
            {**_ends(shift.span), "people": list(shift.people), "source": shift.source} for shift in rendered.shifts
        ],
        "gaps": [_ends(gap) for gap in rendered.gaps],
        "vacancies": [{**_ends(vacancy.span), "reason": vacancy.reason.value} for vacancy in rendered.vacancies],
    }


def _ends(span: Span) -> dict[str, str]:
    return {"start": rfc3339(span.start), "end": rfc3339(span.end)}
