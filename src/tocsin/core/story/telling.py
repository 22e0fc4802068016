"""A line for every fact of a case, and the words for every named reason.

Nothing here is in a language: a `Told` names a text and its values, and a face says it. Among the values a name
stands under `person`, `people` or `by`, an instant is an instant, and a `Told` inside a `Told` is said first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from tocsin.core.alerts import model
from tocsin.core.alerts.model import Reason, Why
from tocsin.core.case import Fact, GroupOpened
from tocsin.core.escalation import run as climb
from tocsin.core.escalation.steps import Nobody
from tocsin.core.paging import attempt as paging
from tocsin.core.paging.attempt import Page, Stopped
from tocsin.core.paging.provider import provider_of
from tocsin.core.vocabulary import AlertId, Instant, PageId

WHY: Mapping[Why, str] = {
    Why.ACKNOWLEDGED: "why.acknowledged",
    Why.SNOOZED: "why.snoozed",
    Why.SILENCED: "why.silenced",
    Why.IN_MAINTENANCE: "why.in_maintenance",
    Why.ROUTE_SUPPRESSES: "why.route_suppresses",
    Why.OVERTAKEN: "why.overtaken",
    Why.RESOLVED_BY_SOURCE: "why.resolved_by_source",
    Why.RESOLVED_BY_PERSON: "why.resolved_by_person",
    Why.RESOLVED_BY_AGE: "why.resolved_by_age",
    Why.EXPIRED: "why.expired",
}
STOPPED: Mapping[Stopped, str] = {
    Stopped.ANSWERED: "stopped.answered",
    Stopped.OVER: "stopped.over",
    Stopped.QUIET: "stopped.quiet",
    Stopped.SUPERSEDED: "stopped.superseded",
    Stopped.ELSEWHERE: "stopped.elsewhere",
}
NOBODY: Mapping[str, str] = {
    "schedule_is_gone": "nobody.schedule_is_gone",
    "nobody_on_call": "nobody.nobody_on_call",
    "team_is_gone": "nobody.team_is_gone",
    "team_is_empty": "nobody.team_is_empty",
    "cannot_be_reached": "nobody.cannot_be_reached",
    "no_last_resort": "nobody.no_last_resort",
}
#: By the beginning of the configuration's own words; the rest of them is the name.
BECAUSE: Mapping[str, str] = {
    "schedule ": "because.schedule",
    "team ": "because.team",
    "user ": "because.user",
    "webhook ": "because.webhook",
    "handed over by ": "because.handed_over",
    "added by ": "because.added",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A text by its id, and what fills its blanks."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that happened."""

    at: Instant
    told: Told
    #: The member it speaks of; None: the whole group.
    alert_id: AlertId | None = None
    #: True for what only explains the inner works.
    fine_print: bool = False


def story(entries: Iterable[tuple[Instant, Sequence[Fact]]]) -> tuple[Line, ...]:
    """Every fact as a line, oldest first."""
    pages: dict[PageId, Page] = {}
    lines: list[Line] = []
    for _, facts in entries:
        for fact in facts:
            if isinstance(fact, paging.PageOpened):
                pages[fact.page.id] = fact.page
            lines.append(line(fact, pages))
    return tuple(lines)


def line(fact: Fact, pages: Mapping[PageId, Page]) -> Line:
    """What one fact reads like; `pages` are those that were opened before it."""
    if isinstance(fact, GroupOpened):
        return Line(at=fact.at, told=Told("story.group_opened"), fine_print=True)
    if isinstance(fact, model.Fact):
        alert_id = fact.alert.id if isinstance(fact, model.AlertTriggered) else fact.alert_id
        return Line(
            at=fact.at,
            told=of_alert(fact),
            alert_id=alert_id,
            fine_print=isinstance(fact, model.AlertKeptAlive),
        )
    if isinstance(fact, climb.Fact):
        return Line(at=fact.at, told=_of_run(fact), fine_print=isinstance(fact, climb.RunHeld | climb.RunEnded))
    page = fact.page if isinstance(fact, paging.PageOpened) else pages[fact.page_id]
    important = isinstance(fact, paging.AttemptFailed | paging.ContactPassed | paging.NobodyReached)
    return Line(at=fact.at, told=of_page(fact, page), fine_print=not important)


def why_quiet(reason: Reason) -> Told:
    """Why an alert pages nobody."""
    return Told(WHY[reason.why], {"subject": reason.subject or "", "by": reason.subject or ""})


def nobody(missing: Nobody) -> Told:
    """Why a target came to nobody."""
    return Told(NOBODY[missing.reason], {"subject": missing.subject, "person": missing.subject})


def because(words: str) -> Told:
    """Why just this one is asked, out of the words of the configuration."""
    for beginning, text in BECAUSE.items():
        if words.startswith(beginning):
            name = words.removeprefix(beginning)
            return Told(text, {"name": name, "by": name})
    return Told("because.other", {"name": words})


def of_alert(fact: model.Fact) -> Told:
    """What a fact of an alert's life reads like."""
    match fact:
        case model.AlertTriggered():
            values = {"summary": fact.alert.summary, "source": fact.alert.source or fact.alert.integration}
            return Told("story.triggered", values)
        case model.AlertReopened():
            return Told("story.reopened", {"summary": fact.summary})
        case model.AlertWorsened():
            return Told("story.worsened", {"severity": fact.severity})
        case model.AlertKeptAlive(expires_at=None):
            return Told("story.kept_alive.open")
        case model.AlertKeptAlive():
            return Told("story.kept_alive", {"until": fact.expires_at})
        case model.AlertAcknowledged():
            return Told("story.acknowledged", {"by": fact.by, "via": fact.via})
        case model.AlertSnoozed():
            return Told("story.snoozed", {"by": fact.by, "until": fact.until})
        case model.AlertSuppressed():
            return Told("story.suppressed", {"reason": why_quiet(fact.reason)})
        case model.AlertRings(by=None):
            return Told("story.rings", {"reason": why_quiet(fact.after)})
        case model.AlertRings():
            return Told("story.given_back", {"by": fact.by})
        case model.AlertResolved():
            return Told("story.resolved", {"reason": why_quiet(Reason(why=fact.why, subject=fact.by))})
        case model.NoteAdded():
            return Told("story.note", {"by": fact.by, "note": fact.text})
        case _:
            assert_never(fact)


def _of_run(fact: climb.Fact) -> Told:
    match fact:
        case climb.RunStarted():
            return Told("story.run_started", {"policy": fact.policy.name})
        case climb.StepBegan():
            people = tuple(climb.recipient_of(one) for one in fact.asked)
            return Told("story.step_began", {"step": step_name(fact), "people": people})
        case climb.StepPassed(missing=()):
            return Told("story.step_passed.condition", {"step": step_name(fact)})
        case climb.StepPassed():
            return Told("story.step_passed", {"step": step_name(fact), "reasons": tuple(map(nobody, fact.missing))})
        case climb.EscalatedByHand():
            return Told("story.escalated", {"by": fact.by})
        case climb.PersonAdded():
            return Told("story.person_added", {"by": fact.by, "person": climb.recipient_of(fact.asked)})
        case climb.Reassigned():
            return Told("story.reassigned", {"by": fact.by, "person": climb.recipient_of(fact.asked)})
        case climb.OutOfReach():
            return Told("story.out_of_reach", {"person": fact.recipient})
        case climb.RunHeld():
            return Told("story.run_held")
        case climb.RunEnded():
            return Told("story.run_ended")
        case _:
            assert_never(fact)


def of_page(fact: paging.Fact, page: Page) -> Told:
    """What a fact of a page reads like."""
    person: dict[str, object] = {"person": page.recipient}
    match fact:
        case paging.PageOpened():
            return Told("story.page_opened", {**person, "because": because(page.because)})
        case paging.AttemptMade(failing_since=Instant() as since):
            values = {"contact": page.plan[fact.line].contact, **_provider(page, fact.line), "since": since}
            return Told("story.attempt_made.failing", {**person, **values})
        case paging.AttemptMade():
            text = "story.attempt_made" if fact.tries == 1 else "story.attempt_again"
            return Told(text, {**person, "contact": page.plan[fact.line].contact, "tries": fact.tries})
        case paging.ContactPassed():
            values = {
                "contact": page.plan[fact.line].contact,
                **_provider(page, fact.line),
                "since": fact.failing_since,
            }
            return Told("story.contact_passed", {**person, **values})
        case paging.AttemptSucceeded(failing_since=None):
            return Told("story.attempt_succeeded", person)
        case paging.AttemptSucceeded():
            return Told("story.attempt_succeeded.recovered", {**person, "since": fact.failing_since})
        case paging.AttemptFailed():
            return Told("story.attempt_failed", {**person, "why": fact.why})
        case paging.NobodyReached():
            return Told("story.nobody_reached", person)
        case paging.PageStopped():
            return Told("story.page_stopped", {**person, "reason": Told(STOPPED[fact.why])})
        case _:
            assert_never(fact)


def _provider(page: Page, line: int) -> dict[str, object]:
    planned = page.plan[line]
    return {"provider": provider_of(planned.channel, planned.address).shown}


def step_name(fact: climb.StepBegan | climb.StepPassed) -> Told:
    """Which step it is, and of which round."""
    if fact.step is None:
        return Told("ladder.last_resort")
    if fact.round:
        return Told("ladder.step_again", {"step": fact.step + 1, "round": fact.round + 1})
    return Told("ladder.step", {"step": fact.step + 1})
