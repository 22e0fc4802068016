"""What was found wrong with a schedule, in words: what comes back every week is told once, with how often."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from tocsin.core.insight.findings import Finding, FindingKind, FindingSeverity
from tocsin.core.insight.load import Deviation, Hours
from tocsin.core.schedules import NobodyReason
from tocsin.core.vocabulary import Span
from tocsin.web.pages.reader import Reader
from tocsin.web.pages.shifts import GAPS

_HOUR = timedelta(hours=1)

#: Of steps and policies: they are told where services are shown. A gap of a schedule is told as such as well.
_ELSEWHERE = frozenset({FindingKind.STEP_GAP, FindingKind.NOBODY_NEW})
_TEXTS: Mapping[FindingKind, str] = {
    FindingKind.SCHEDULE_GAP: "trouble.gap",
    FindingKind.IN_TWO_PLACES: "trouble.in_two_places",
    FindingKind.DOUBLE_BOOKED: "trouble.double_booked",
    FindingKind.OVERRIDE_HIDDEN: "trouble.override_hidden",
    FindingKind.LEFT_TEAM: "trouble.left_team",
    FindingKind.UNKNOWN_PERSON: "trouble.unknown_person",
    FindingKind.CANNOT_BE_REACHED: "trouble.unreachable",
    FindingKind.NO_RULE_FOR_HIGH: "trouble.no_rule",
    FindingKind.EVERYBODY_AWAY: "trouble.everybody_away",
    FindingKind.CALENDAR_EMPTY: "trouble.calendar_empty",
}
_MORE: Mapping[Hours, str] = {
    Hours.ALL: "fair.more.hours",
    Hours.NIGHT: "fair.more.nights",
    Hours.WEEKEND: "fair.more.weekends",
    Hours.HOLIDAY: "fair.more.holidays",
}
_LESS: Mapping[Hours, str] = {
    Hours.ALL: "fair.less.hours",
    Hours.NIGHT: "fair.less.nights",
    Hours.WEEKEND: "fair.less.weekends",
    Hours.HOLIDAY: "fair.less.holidays",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One trouble, and when."""

    text: str
    #: True: somebody may not be woken who should be.
    severe: bool
    #: In order of time; at least one.
    spans: tuple[Span, ...]


def troubles(found: Iterable[Finding], reader: Reader) -> tuple[Trouble, ...]:
    """What a schedule's page tells of its findings."""
    occasions: dict[tuple[str, bool], list[Span]] = {}
    for one in found:
        if one.kind not in _ELSEWHERE:
            severe = one.severity is FindingSeverity.ERROR
            occasions.setdefault((_said(one, reader), severe), []).append(one.span)
    return tuple(Trouble(text=text, severe=severe, spans=tuple(spans)) for (text, severe), spans in occasions.items())


def deviation_words(deviation: Deviation, reader: Reader) -> str:
    """Of which hours somebody has more or less than an even share, and how many."""
    texts = _MORE if deviation.hours >= timedelta() else _LESS
    return reader.t(texts[deviation.kind], hours=round(abs(deviation.hours) / _HOUR))


def _said(found: Finding, reader: Reader) -> str:
    kind = found.kind
    if kind is FindingKind.DOUBLE_BOOKED and found.others:
        kind = FindingKind.IN_TWO_PLACES
    places = (found.schedule, *found.others)
    return reader.t(
        _TEXTS[kind],
        people=reader.people(found.people) or reader.t("now.nobody"),
        schedules=reader.listed([str(place) for place in places]),
        team=found.team or "",
        layer=found.layer or "",
        reason=reader.t(GAPS[found.reason]) if isinstance(found.reason, NobodyReason) else "",
    )
