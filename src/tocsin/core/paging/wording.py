"""What a page says, in the reader's language and zone: plain words for somebody who was asleep a moment ago.

Texts stand in the catalogs; here it is decided which of them are said, in which order, and about how many
alerts. What Tocsin will do next is not known here, so nothing is promised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.core.errors import Broken
from tocsin.core.vocabulary import Instant, Severity, Urgency
from tocsin.core.words import TITLE_LENGTH, Texts, one_line

#: How many alerts of a bundle are named; the others are counted.
NAMED_AT_MOST = 8

#: A summary has to fit a page. In characters.
SUMMARY_LENGTH = 500

_SEVERITIES = {
    Severity.CRITICAL: "page.severity.critical",
    Severity.ERROR: "page.severity.error",
    Severity.WARNING: "page.severity.warning",
    Severity.INFO: "page.severity.info",
}
_ADVICE = {Urgency.HIGH: "page.do.high", Urgency.LOW: "page.do.low"}
_WHY = {"schedule": "page.why.schedule", "team": "page.why.team", "user": "page.why.user"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioned:
    """One alert that a page is about."""

    summary: str
    severity: Severity
    service: str | None
    #: How often the source has reported it.
    count: int
    #: When it was triggered.
    since: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a page is about, and how it comes to the reader."""

    #: Worst first; at least one.
    alerts: tuple[Mentioned, ...]
    urgency: Urgency
    #: The rung of the climb, from 1.
    step: int
    #: True when an earlier call for the same may have arrived.
    repeat: bool
    drill: bool
    #: Why just this reader, in the words of the configuration: "schedule data-primary"; empty: not known.
    because: str = ""
    #: True of a bundle that waited for its turn: others have rung just before, and these come on top.
    further: bool = False

    def __post_init__(self) -> None:
        if not self.alerts:
            raise Broken("a page is about at least one alert")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a page says.

    The words by their names, for channels that can lay them out: `headline` (the title without its marks) and
    `about` (the line below it); `advice`; `acknowledge`, `hint` and `open` for the button and the link;
    `severity.critical` and so on; of a bundle `about.0`, `about.1`, ... for each alert that is named, and `more`
    when there are others; `drill` and `again` when it is one; `why`, `step` and `sent` for the foot.
    """

    #: One line, marked as a drill and as a repeat.
    title: str
    #: Several lines that do not say the title again.
    text: str
    words: Mapping[str, str]


def word(occasion: Occasion, *, texts: Texts, zone: ZoneInfo, now: Instant) -> Wording:
    """Put a page into words for a reader who lives in `zone` and reads it at `now`."""
    reader = _Reader(texts=texts, zone=zone, now=now)
    words = {
        **_marks(occasion, texts),
        "headline": _headline(occasion, texts),
        "about": _about(occasion, reader),
        **_rows(occasion, reader),
        "advice": texts.text(_ADVICE[occasion.urgency], count=len(occasion.alerts)),
        "acknowledge": texts.text("page.button.acknowledge"),
        "hint": texts.text("page.button.hint"),
        "open": texts.text("page.button.open"),
        **{f"severity.{severity}": texts.text(name) for severity, name in _SEVERITIES.items()},
        "why": _why(occasion, texts),
        "step": texts.text("page.step", step=occasion.step),
        "sent": texts.text("page.sent", at=reader.at(now)),
    }
    title = _title(occasion, texts)
    return Wording(title=title, text=_text(occasion, title, words, texts), words=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Who reads it, where and when: tells times as this reader counts them."""

    texts: Texts
    zone: ZoneInfo
    now: Instant

    def ago(self, at: Instant) -> str:
        """How long before now; a source whose clock runs ahead reports just now."""
        minutes = max(self.now - at, timedelta(0)) // timedelta(minutes=1)
        if minutes < 1:
            return self.texts.text("page.ago.now")
        if minutes < 60:
            return self.texts.text("page.ago.minutes", count=minutes)
        if minutes < 24 * 60:
            return self.texts.text("page.ago.hours", hours=minutes // 60, minutes=minutes % 60)
        return self.texts.text("page.ago.days", count=minutes // (24 * 60))

    def at(self, at: Instant) -> str:
        """The time on the reader's wall, with the zone named, and the day where it is not today."""
        there, here = at.astimezone(self.zone), self.now.astimezone(self.zone)
        time, zone = f"{there:%H:%M}", str(self.zone)
        match (here.date() - there.date()).days:
            case 0:
                return self.texts.text("page.at.today", time=time, zone=zone)
            case 1:
                return self.texts.text("page.at.yesterday", time=time, zone=zone)
            case _:
                return self.texts.text("page.at.date", date=_iso_date(there), time=time, zone=zone)


def _iso_date(local: datetime) -> str:
    return local.date().isoformat()


def _marks(occasion: Occasion, texts: Texts) -> dict[str, str]:
    marks = {}
    if occasion.drill:
        marks["drill"] = texts.text("page.drill.text")
    if occasion.repeat:
        marks["again"] = texts.text("page.again.text")
    return marks


def _title(occasion: Occasion, texts: Texts) -> str:
    """The marks stand first, so that a lock screen cannot cut them off."""
    title = _headline(occasion, texts)
    if len(occasion.alerts) == 1:
        severity = texts.text(_SEVERITIES[occasion.alerts[0].severity])
        title = texts.text("page.title.one", severity=severity, summary=title)
    if occasion.repeat:
        title = texts.text("page.title.marked", mark=texts.text("page.again.mark"), title=title)
    if occasion.drill:
        title = texts.text("page.title.marked", mark=texts.text("page.drill.mark"), title=title)
    return one_line(title, TITLE_LENGTH)


def _headline(occasion: Occasion, texts: Texts) -> str:
    """The summary of a single alert; of a bundle how many there are, and where: of two services both are named."""
    if len(occasion.alerts) == 1:
        return one_line(occasion.alerts[0].summary, SUMMARY_LENGTH)
    services = Counter(alert.service for alert in occasion.alerts if alert.service is not None)
    if not services:
        name = "page.title.further" if occasion.further else "page.title.bundle"
        return texts.text(name, count=len(occasion.alerts))
    (service, count), *others = services.most_common()
    name = "page.title.further_in" if occasion.further else "page.title.service"
    title = texts.text(name, count=count, service=one_line(service, TITLE_LENGTH))
    elsewhere = len(occasion.alerts) - count
    if len(others) == 1 and others[0][1] == elsewhere:
        other = one_line(others[0][0], TITLE_LENGTH)
        return texts.text("page.title.and", title=title, count=elsewhere, service=other)
    return texts.text("page.title.elsewhere", title=title, count=elsewhere) if elsewhere else title


def _about(occasion: Occasion, reader: _Reader) -> str:
    if len(occasion.alerts) > 1:
        oldest = min(alert.since for alert in occasion.alerts)
        return reader.texts.text("page.about.oldest", ago=reader.ago(oldest), at=reader.at(oldest))
    (alert,) = occasion.alerts
    began = reader.texts.text("page.about.began", ago=reader.ago(alert.since), at=reader.at(alert.since))
    about = _joined(alert, began, reader.texts)
    return about if alert.service else f"{about[:1].upper()}{about[1:]}"


def _rows(occasion: Occasion, reader: _Reader) -> dict[str, str]:
    """What is said below each alert of a bundle that is named, and how many are not."""
    if len(occasion.alerts) == 1:
        return {}
    named = occasion.alerts[:NAMED_AT_MOST]
    rows = {f"about.{i}": _joined(alert, reader.ago(alert.since), reader.texts) for i, alert in enumerate(named)}
    if more := len(occasion.alerts) - len(named):
        rows["more"] = reader.texts.text("page.list.more", count=more)
    return rows


def _joined(alert: Mentioned, when: str, texts: Texts) -> str:
    service = one_line(alert.service or "", TITLE_LENGTH)
    times = texts.text("page.about.times", count=alert.count) if alert.count > 1 else ""
    return " · ".join(part for part in (service, when, times) if part)


def _why(occasion: Occasion, texts: Texts) -> str:
    kind, _, name = occasion.because.partition(" ")
    return texts.text(_WHY.get(kind, "page.why.other"), name=one_line(name, TITLE_LENGTH))


def _text(occasion: Occasion, title: str, words: Mapping[str, str], texts: Texts) -> str:
    """The marks, then what happened, then what to do. A title that had to be cut is said in full."""
    marks = [words[mark] for mark in ("drill", "again") if mark in words]
    full = [] if words["headline"] in title else [words["headline"]]
    happened = [*full, words["about"], *_listed(occasion, words, texts)]
    return "\n\n".join("\n".join(block) for block in (marks, happened, [words["advice"]]) if block)


def _listed(occasion: Occasion, words: Mapping[str, str], texts: Texts) -> list[str]:
    if len(occasion.alerts) == 1:
        return []
    lines = [
        "- "
        + texts.text(
            "page.list.line",
            severity=words[f"severity.{alert.severity}"],
            summary=one_line(alert.summary, TITLE_LENGTH),
            about=words[f"about.{i}"],
        )
        for i, alert in enumerate(occasion.alerts[:NAMED_AT_MOST])
    ]
    return [*lines, words["more"]] if "more" in words else lines
