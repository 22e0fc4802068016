"""What the API answers about alerts: their shape, their list, their story. Fields may be added, none changes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tocsin.core.alerts.model import Status
from tocsin.core.vocabulary import Severity, Urgency
from tocsin.ports.state import AlertRecord
from tocsin.web.api.instants import Written
from tocsin.web.api.reasons import reason_text

_ID = "01957d3a-5c1e-7c44-9a52-3f1f0f6f6f11"

NextCursor = Annotated[
    str | None, Field(description="Give it as `cursor` to read on; null: this was the last part.", examples=[None])
]


class LinkShape(BaseModel):
    """An address that the source wants a responder to open."""

    href: str = Field(examples=["https://wiki.example.org/runbooks/disk"])
    text: str = Field(examples=["Runbook"])


class AlertShape(BaseModel):
    """One condition, deduplicated by its dedup key within one integration."""

    id: str = Field(examples=[_ID])
    dedup_key: str = Field(examples=["disk:db-1"])
    status: Status
    summary: str = Field(examples=["disk of db-1 is 96 % full"])
    severity: Severity
    urgency: Urgency = Field(description="By which of their rules people are paged.")
    service: str | None = Field(description="Null: no service is concerned.", examples=["pipelines"])
    integration: str = Field(description="By which integration it came in.", examples=["native"])
    count: int = Field(description="How many triggers it has had.", examples=[3])
    alert_group_id: str = Field(description="Alerts of one group page together.", examples=[_ID])
    created_at: Written
    updated_at: Written
    last_seen_at: Written
    reason: str | None = Field(
        description="Why it pages nobody, in words; null: it pages.", examples=["acknowledged by ada"]
    )
    reason_name: str | None = Field(description="The same for programs.", examples=["acknowledged"])
    source: str | None = Field(examples=["db-1"])
    labels: dict[str, str] = Field(examples=[{"host": "db-1"}])
    links: list[LinkShape]
    description: str | None
    drill: bool = Field(description="An exercise.")


class AlertList(BaseModel):
    """A part of the list, newest first."""

    items: list[AlertShape]
    next_cursor: NextCursor


class FactShape(BaseModel):
    """One thing that happened. Every fact has `fact` and `at`; its further fields go by its name."""

    model_config = ConfigDict(extra="allow")

    fact: str = Field(
        description="`alert_triggered`, `step_began`, `attempt_made`, ...", examples=["alert_acknowledged"]
    )
    at: Written


class EntryShape(BaseModel):
    """What was written in one commit."""

    version: int = Field(description="Grows by one with each commit.", examples=[4])
    at: Written
    facts: list[FactShape]


class Timeline(BaseModel):
    """The story of an alert, its climb and its pages, oldest first."""

    items: list[EntryShape]
    next_cursor: NextCursor


def alert_shape(record: AlertRecord) -> AlertShape:
    """An alert with what is counted beside it, as the API gives it."""
    alert = record.alert
    return AlertShape(
        id=alert.id,
        dedup_key=alert.dedup_key,
        status=alert.status,
        summary=alert.summary,
        severity=alert.severity,
        urgency=alert.urgency,
        service=alert.service,
        integration=alert.integration,
        count=record.count,
        alert_group_id=record.group_id,
        created_at=alert.created_at,
        updated_at=alert.updated_at,
        last_seen_at=record.last_seen_at,
        reason=None if alert.reason is None else reason_text(alert.reason),
        reason_name=None if alert.reason is None else alert.reason.why.value,
        source=alert.source,
        labels=dict(alert.labels),
        links=[LinkShape(href=link.href, text=link.text) for link in alert.links],
        description=alert.description,
        drill=alert.drill,
    )
