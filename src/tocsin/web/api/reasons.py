"""Why an alert pages nobody, as a sentence in English; programs go by the reason's name."""

from __future__ import annotations

from typing import assert_never

from tocsin.core.alerts.model import Reason, Why
from tocsin.core.vocabulary import rfc3339


def reason_text(reason: Reason) -> str:
    """Like "silenced by deploy until 2026-01-01T10:00:00Z"."""
    said = _said(reason.why, reason.subject)
    return said if reason.until is None else f"{said} until {rfc3339(reason.until)}"


def _said(why: Why, subject: str | None) -> str:
    match why:
        case Why.ACKNOWLEDGED:
            return _by("acknowledged", subject)
        case Why.SNOOZED:
            return _by("snoozed", subject)
        case Why.SILENCED:
            return _by("silenced", subject)
        case Why.IN_MAINTENANCE:
            return f"in maintenance {subject or ''}".rstrip()
        case Why.ROUTE_SUPPRESSES:
            return f"suppressed by route {subject or ''}".rstrip()
        case Why.OVERTAKEN:
            return "over before it was told"
        case Why.RESOLVED_BY_SOURCE | Why.RESOLVED_BY_PERSON:
            return _by("resolved", subject)
        case Why.RESOLVED_BY_AGE:
            return "resolved for its age"
        case Why.EXPIRED:
            return "resolved since its source stopped repeating it"
        case _:
            assert_never(why)


def _by(what: str, subject: str | None) -> str:
    return f"{what} by {subject}" if subject else what
