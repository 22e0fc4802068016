"""Notices for tests of channels, worded as the engine words them: by the real catalogs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from tocsin.app.catalogs import load_catalogs
from tocsin.core.paging.wording import Mentioned, Occasion, word
from tocsin.core.vocabulary import AlertId, DeliveryId, GroupId, PageId, PersonName, Severity, Urgency, utc
from tocsin.ports.channels import Mention, Notice

NOW = utc(2026, 3, 23, 2, 0, 12)
CATALOGS = load_catalogs()

_BARE = Notice(
    delivery_id=DeliveryId("delivery-1"),
    page_id=PageId("page-1"),
    alert_group_id=GroupId("group-1"),
    alerts=(),
    person=PersonName("ada"),
    address="ada@example.org",
    step=1,
    attempt=1,
    repeat=False,
    urgency=Urgency.HIGH,
    drill=False,
    acknowledge_url="https://tocsin.example.org/a/token",
    open_url="https://tocsin.example.org/alerts/alert-1",
    at=NOW,
    language="en",
    time_zone="Europe/Berlin",
    title="",
    text="",
)


def mention(number: int = 1, *, summary: str = "Orders pipeline has not finished") -> Mention:
    """An alert four minutes old."""
    return Mention(
        alert_id=AlertId(f"alert-{number}"),
        summary=summary,
        severity=Severity.CRITICAL,
        service="pipelines",
        count=3,
        since=NOW - timedelta(minutes=4),
    )


def notice(*alerts: Mention, **changes: object) -> Notice:
    """A notice about these alerts, or about one, in words."""
    bare = replace(_BARE, alerts=alerts or (mention(),), **changes)  # type: ignore[arg-type]
    occasion = Occasion(
        alerts=tuple(mentioned(alert) for alert in bare.alerts),
        urgency=bare.urgency,
        step=bare.step,
        repeat=bare.repeat,
        drill=bare.drill,
        because="schedule data-primary",
    )
    wording = word(occasion, texts=CATALOGS.of(bare.language), zone=ZoneInfo(bare.time_zone), now=NOW)
    return replace(bare, title=wording.title, text=wording.text, words=wording.words)


def mentioned(alert: Mention) -> Mentioned:
    """The same alert as the wording takes it."""
    return Mentioned(
        summary=alert.summary,
        severity=alert.severity,
        service=alert.service,
        count=alert.count,
        since=alert.since,
    )
