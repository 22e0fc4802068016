"""The evidence: every call that was made for an alert, and every event that came in for it."""

from __future__ import annotations

import base64
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from tocsin.core.vocabulary import AlertId
from tocsin.ports.state import DeliveryRecord, EventRecord, Raw
from tocsin.web.api.access import BY_TOKEN_OR_SESSION, Here, Looking, known_id, problems
from tocsin.web.api.instants import Written
from tocsin.web.api.privacy import may_see_addresses, veiled_address
from tocsin.web.api.shapes import NextCursor

router = APIRouter(tags=["evidence"], dependencies=BY_TOKEN_OR_SESSION)


class DeliveryShape(BaseModel):
    """One call to one contact, with its times and the provider's answer."""

    id: str = Field(description="The idempotency key of the call.")
    page_id: str
    alert_id: str
    alert_ids: list[str] = Field(description="All alerts that this call told of; several when it was bundled.")
    person: str | None = Field(description="Null: a program behind the address.", examples=["ada"])
    channel: str = Field(examples=["email"])
    address: str = Field(examples=["ada@example.org"])
    status: str = Field(
        description="waiting, calling, sent, failed, uncertain or cancelled: nobody needed it any more.",
        examples=["sent"],
    )
    attempt: int = Field(description="Its number within its page.", examples=[1])
    repeat: bool = Field(description="An earlier call for the same may have arrived.")
    due_at: Written
    claimed_at: Written | None
    sent_at: Written | None
    answer: dict[str, Any] | None = Field(
        description="What the provider answered; null: nothing yet, or you look on.", examples=[{"status": 200}]
    )


class DeliveryList(BaseModel):
    """Every delivery that covered an alert, oldest first."""

    items: list[DeliveryShape]
    next_cursor: NextCursor


class RawShape(BaseModel):
    """A request as it came, secrets taken out."""

    method: str = Field(examples=["POST"])
    path: str = Field(examples=["/api/v1/events"])
    headers: dict[str, str]
    body: str
    encoding: Literal["utf-8", "base64"] = Field(description="How `body` is to be read.")


class EventShape(BaseModel):
    """One event as it was taken in: what was understood, and what had come."""

    id: str
    request_id: str = Field(description="The id of the first event of the same request.")
    integration: str = Field(examples=["native"])
    received_at: Written
    action: str = Field(examples=["trigger"])
    dedup_key: str = Field(examples=["disk:db-1"])
    outcome: str = Field(description="What became of it.", examples=["created"])
    alert_id: str | None
    event: dict[str, Any] = Field(description="The event as Tocsin understood it.")
    raw: RawShape | None = Field(
        description="Null: it came as a further event of its request, was deleted for its age, or you look on."
    )


class EventList(BaseModel):
    """The newest events of an alert."""

    items: list[EventShape]
    next_cursor: NextCursor


async def alert_asked_for(
    alert: Annotated[str, Query(description="The alert's id.", json_schema_extra={"format": "uuid"})],
) -> str:
    """The alert that the query names.

    Raises:
        NotFound: it cannot be the id of anything.
    """
    return known_id(alert, what="alert")


AskedFor = Annotated[str, Depends(alert_asked_for)]


@router.get("/deliveries", summary="Every call that was made for an alert", responses=problems(404))
async def list_deliveries(alert: AskedFor, here: Here, viewer: Looking) -> DeliveryList:
    """Every delivery that covered an alert, oldest first. Those who look on see addresses in part."""
    await here.counter.alert(alert)
    records = await here.counter.reads.deliveries_of(AlertId(alert))
    veils = not may_see_addresses(viewer)
    return DeliveryList(
        items=[_delivery_shape(record, AlertId(alert), veils=veils) for record in records], next_cursor=None
    )


@router.get("/events", summary="Every event that came in for an alert", responses=problems(404))
async def list_events(
    alert: AskedFor, here: Here, viewer: Looking, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> EventList:
    """The newest events of an alert, normalised and raw. Those who look on do not see the raw requests."""
    await here.counter.alert(alert)
    records = await here.counter.reads.events_of(AlertId(alert), limit)
    return EventList(
        items=[_event_shape(record, raw=may_see_addresses(viewer)) for record in records], next_cursor=None
    )


def _delivery_shape(record: DeliveryRecord, alert_id: AlertId, *, veils: bool) -> DeliveryShape:
    delivery = record.delivery
    item = next((item for item in delivery.items if alert_id in item.alert_ids), delivery.items[0])
    return DeliveryShape(
        id=delivery.id,
        page_id=item.page_id,
        alert_id=alert_id,
        alert_ids=list(dict.fromkeys(one for item in delivery.items for one in item.alert_ids)),
        person=delivery.person,
        channel=delivery.channel,
        address=veiled_address(delivery.address) if veils else delivery.address,
        status=record.status,
        attempt=item.attempt,
        repeat=delivery.repeat,
        due_at=delivery.due_at,
        claimed_at=record.claimed_at,
        sent_at=record.sent_at,
        answer=None if veils or record.answer is None else dict(record.answer),
    )


def _event_shape(record: EventRecord, *, raw: bool) -> EventShape:
    return EventShape(
        id=record.id,
        request_id=record.request_id,
        integration=record.integration,
        received_at=record.received_at,
        action=record.action,
        dedup_key=record.dedup_key,
        outcome=record.outcome,
        alert_id=record.alert_id,
        event=dict(record.event),
        raw=_raw_shape(record.raw) if raw and record.raw is not None else None,
    )


def _raw_shape(raw: Raw) -> RawShape:
    try:
        body, encoding = raw.body.decode(), "utf-8"
    except UnicodeDecodeError:
        body, encoding = base64.b64encode(raw.body).decode(), "base64"
    return RawShape.model_validate(
        {"method": raw.method, "path": raw.path, "headers": dict(raw.headers), "body": body, "encoding": encoding}
    )
