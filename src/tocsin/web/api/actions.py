"""Acting on an alert. Every call may be made twice, and answers with the alert as it is afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from tocsin.core.alerts.model import NoteAdded
from tocsin.core.escalation.run import EscalatedByHand, PersonAdded, Reassigned
from tocsin.core.vocabulary import Urgency
from tocsin.engine.commands import LONGEST_NOTE
from tocsin.web.api.access import BY_TOKEN_OR_SESSION, Acting, AlertPath, Here, Text, actor_of, problems
from tocsin.web.api.instants import Asked
from tocsin.web.api.repeats import said_before
from tocsin.web.api.shapes import AlertShape, alert_shape

router = APIRouter(tags=["acting"], dependencies=BY_TOKEN_OR_SESSION)


class Strict(BaseModel):
    """A body without room for slips of the finger."""

    model_config = ConfigDict(extra="forbid")


class SnoozeBody(Strict):
    """How long: one of the two."""

    minutes: int | None = Field(default=None, gt=0, le=43_200, description="At most 30 days.", examples=[30])
    until: Asked | None = Field(default=None, description="Or an instant.")


class PersonBody(Strict):
    """Whom."""

    person: Text = Field(min_length=1, max_length=200, examples=["grace"])


class NoteBody(Strict):
    """What to write down."""

    text: Text = Field(min_length=1, max_length=LONGEST_NOTE, examples=["restarted the consumer, watching"])


class PageBody(Strict):
    """Whom to page, and what to tell them."""

    people: Annotated[list[Text], Field(min_length=1, max_length=50, examples=[["ada", "grace"]])]
    summary: Text = Field(min_length=1, max_length=1_000, examples=["please join the call about the outage"])
    urgency: Urgency = Urgency.HIGH


@router.post("/alerts/{alert_id}/acknowledge", summary="Acknowledge", responses=problems(403, 404))
async def acknowledge_alert(alert_id: AlertPath, here: Here, caller: Acting) -> AlertShape:
    """You have it: nothing rings for it any more."""
    return alert_shape(await here.counter.acknowledge(alert_id, actor_of(caller)))


@router.post("/alerts/{alert_id}/unacknowledge", summary="Give back", responses=problems(403, 404))
async def unacknowledge_alert(alert_id: AlertPath, here: Here, caller: Acting) -> AlertShape:
    """Whoever had it gives it back: the climb begins anew."""
    return alert_shape(await here.counter.unacknowledge(alert_id, actor_of(caller)))


@router.post("/alerts/{alert_id}/resolve", summary="Resolve", responses=problems(403, 404))
async def resolve_alert(alert_id: AlertPath, here: Here, caller: Acting) -> AlertShape:
    """It is over."""
    return alert_shape(await here.counter.resolve(alert_id, actor_of(caller)))


@router.post("/alerts/{alert_id}/snooze", summary="Snooze", responses=problems(403, 404))
async def snooze_alert(alert_id: AlertPath, body: SnoozeBody, here: Here, caller: Acting) -> AlertShape:
    """Leave it alone for a time; then the climb begins anew."""
    lasts = None if body.minutes is None else timedelta(minutes=body.minutes)
    return alert_shape(await here.counter.snooze(alert_id, actor_of(caller), lasts=lasts, until=body.until))


@router.post("/alerts/{alert_id}/escalate", summary="Escalate", responses=problems(403, 404))
async def escalate_alert(alert_id: AlertPath, here: Here, caller: Acting) -> AlertShape:
    """The next step at once. An acknowledgement ends with it.

    The same asker's call within half a minute, with nothing done by anybody in between, is the same call.
    """
    before = await said_before(
        here, alert_id, lambda fact: isinstance(fact, EscalatedByHand) and fact.by == caller.name
    )
    return alert_shape(before or await here.counter.escalate(alert_id, actor_of(caller)))


@router.post("/alerts/{alert_id}/reassign", summary="Hand over", responses=problems(403, 404))
async def reassign_alert(alert_id: AlertPath, body: PersonBody, here: Here, caller: Acting) -> AlertShape:
    """Hand it to a person, who is paged at once. An acknowledgement ends with it."""
    asked = (caller.name, body.person)
    before = await said_before(
        here, alert_id, lambda fact: isinstance(fact, Reassigned) and (fact.by, fact.asked.person) == asked
    )
    return alert_shape(before or await here.counter.reassign(alert_id, actor_of(caller), body.person))


@router.post("/alerts/{alert_id}/responders", summary="Call somebody in", responses=problems(403, 404))
async def add_responder(alert_id: AlertPath, body: PersonBody, here: Here, caller: Acting) -> AlertShape:
    """Page one more person; the climb goes on as it was."""
    asked = (caller.name, body.person)
    before = await said_before(
        here, alert_id, lambda fact: isinstance(fact, PersonAdded) and (fact.by, fact.asked.person) == asked
    )
    return alert_shape(before or await here.counter.add_responder(alert_id, actor_of(caller), body.person))


@router.post("/alerts/{alert_id}/notes", summary="Write a note", responses=problems(403, 404))
async def add_note(alert_id: AlertPath, body: NoteBody, here: Here, caller: Acting) -> AlertShape:
    """Write something down beside the alert; the timeline shows it."""
    said = (alert_id, caller.name, body.text.strip())
    before = await said_before(
        here, alert_id, lambda fact: isinstance(fact, NoteAdded) and (fact.alert_id, fact.by, fact.text) == said
    )
    return alert_shape(before or await here.counter.note(alert_id, actor_of(caller), body.text))


@router.post("/pages", status_code=202, summary="Page people directly", responses=problems(403))
async def page_people(body: PageBody, here: Here, caller: Acting) -> AlertShape:
    """An alert of its own for just these people; unanswered it climbs to the administrators. Each call pages anew."""
    people = tuple(dict.fromkeys(body.people))
    page = here.counter.page(people, actor_of(caller), summary=body.summary, urgency=body.urgency)
    return alert_shape(await page)
