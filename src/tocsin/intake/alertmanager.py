"""Alerts of the Prometheus family: Alertmanager's webhook, and its API v2 as Prometheus itself sends to it.

The shape of the body decides, not the address: an object is a webhook (version "4", and Grafana's "1"), a list is the
API. At `/in/KEY` and `/in/KEY/api/v2/alerts`, or below `/alertmanager` with the key as Bearer token, Basic password or
`?key=`.

- One event for each alert. A webhook's alert is known by its fingerprint, one of the API by all of its labels.
- A webhook says what fires and what is over. When a whole group is over of which alerts were cut off (`max_alerts`),
  their own end is never told: the whole group is ended.
- In the API an alert fires while its `endsAt` lies ahead, and ends by itself when that passes without a new word;
  without `endsAt` that is after five minutes, as `resolve_timeout` has it.
- A batch with one bad alert is refused whole. The original stores the good ones and answers 400 all the same; with us
  every 4xx means that nothing was stored.
- Trouble of ours, and a sender that is too quick, is 503, never 429: a webhook is not sent again after any 4xx.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Literal, TypeVar

import msgspec

from tocsin.core.errors import NotFound, Refused, TocsinError, Unavailable
from tocsin.core.events import Action, Event
from tocsin.core.vocabulary import Instant, Labels, Severity
from tocsin.intake.body import LARGEST_BATCH, LARGEST_KEPT, LONGEST_KEPT_TEXT, decoded, kept, within
from tocsin.intake.credentials import key_of
from tocsin.intake.replies import TooLarge, WrongMethod, detail_of, headers_of, json_reply, status_of
from tocsin.intake.values import (
    LONGEST_LABEL,
    LONGEST_VALUE,
    MOST_OWN_LABELS,
    digest,
    instant_of,
    key_that_fits,
    link_of,
    links_of,
    named,
)
from tocsin.ports.doors import Door, Events, Reply, Request, Taken

#: How long an alert of the API that names no end lives without a new word.
RESOLVE_TIMEOUT = timedelta(minutes=5)

#: More alerts in one request are refused; in the senders' own writing so many do not fit into the largest body.
MOST_ALERTS = 20_000

#: The longest summary, in characters; a longer one is cut, and whole in the description.
LONGEST_SUMMARY = 1_024

#: What people write into the label `severity`, in any case. Another word, or none, is an error.
SEVERITIES = {
    **dict.fromkeys(("critical", "crit", "page", "fatal", "emergency", "disaster", "p1"), Severity.CRITICAL),
    **dict.fromkeys(("error", "err", "high", "major", "p2"), Severity.ERROR),
    **dict.fromkeys(("warning", "warn", "minor", "medium", "p3"), Severity.WARNING),
    **dict.fromkeys(("info", "information", "informational", "notice", "none", "low", "p4", "p5"), Severity.INFO),
}

#: The annotations that may serve as a summary, the best one first.
_SUMMARIES = ("summary", "title", "message", "description")
_RESTS = frozenset({"", "/api/v2/alerts"})


class _Alert(msgspec.Struct, kw_only=True, rename="camel"):
    """One alert of the API."""

    labels: dict[str, str]
    annotations: dict[str, str] | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    generator_url: str | None = msgspec.field(name="generatorURL", default=None)


class _ToldAlert(_Alert, kw_only=True, rename="camel"):
    """One alert of a webhook; the last four fields are Grafana's."""

    status: Literal["firing", "resolved"]
    fingerprint: str | None = None
    values: msgspec.Raw = msgspec.Raw()
    silence_url: str | None = msgspec.field(name="silenceURL", default=None)
    dashboard_url: str | None = msgspec.field(name="dashboardURL", default=None)
    panel_url: str | None = msgspec.field(name="panelURL", default=None)


class _Webhook(msgspec.Struct, kw_only=True, rename="camel"):
    alerts: list[_ToldAlert]
    status: str = ""
    version: str | None = None
    receiver: str | None = None
    group_key: str | None = None
    truncated_alerts: int | None = None
    external_url: str | None = msgspec.field(name="externalURL", default=None)


A = TypeVar("A", bound=_Alert)

_WEBHOOK = msgspec.json.Decoder(_Webhook)
_BATCH = msgspec.json.Decoder(list[_Alert])
_FREE = msgspec.json.Decoder(Any)


def read(request: Request) -> Events:
    """All that a webhook or a batch says."""
    if request.rest.rstrip("/") not in _RESTS:
        raise NotFound(f"There is nothing at {request.path}.", hint="Post to /alertmanager/api/v2/alerts.")
    if request.method not in ("POST", "PUT"):
        raise WrongMethod(request.method, "POST, PUT")
    body = within(request.body, LARGEST_BATCH)
    if _is_batch(request):
        events = tuple(_of_batch(_not_too_many(decoded(body, _BATCH)), request.received_at))
    else:
        told = decoded(body, _WEBHOOK)
        _not_too_many(told.alerts)
        events = tuple(_of_webhook(told))
    return Events(key=key_of(request, schemes=None, query="key"), events=events)


def answer(request: Request, taken: tuple[Taken, ...]) -> Reply:
    """That it was taken: the senders look at the status alone."""
    return Reply(status=200, body=b"", headers=()) if _is_batch(request) else json_reply(200, {})


def refuse(request: Request, error: TocsinError) -> Reply:
    """An error in the API's own shape; the senders write it into their logs."""
    status = 503 if isinstance(error, Unavailable) else status_of(error, refused=400)
    hint = error.hint if isinstance(error, Refused) else None
    message = f"{detail_of(error)} {hint}" if hint else detail_of(error)
    return json_reply(status, {"code": status, "message": message}, *headers_of(error))


def _not_too_many(alerts: list[A]) -> list[A]:
    if len(alerts) > MOST_ALERTS:
        raise TooLarge(f"The request brings {len(alerts):,} alerts.", hint=f"Send at most {MOST_ALERTS:,} at a time.")
    return alerts


# A firing alert carries no `at`: its `startsAt` says when the condition began, not when the message was made. One
# that fires again after a resolve may carry an older beginning, and must ring.


def _of_webhook(told: _Webhook) -> Iterator[Event]:
    group = key_that_fits(told.group_key) if told.group_key else None
    source = named(told.external_url) or "alertmanager"
    for place, alert in enumerate(told.alerts):
        labels = _labels(alert, f"alerts[{place}].labels")
        fires = alert.status == "firing"
        event = _event(
            alert,
            labels,
            dedup_key=key_that_fits(alert.fingerprint) if alert.fingerprint else digest(sorted(labels.items())),
            action=Action.TRIGGER if fires else Action.RESOLVE,
            at=None if fires else instant_of(alert.ends_at),
        )
        yield _with_surroundings(event, alert, told, source=source, group=group)
    if told.status == "resolved" and told.truncated_alerts and group is not None:
        yield Event(action=Action.RESOLVE, dedup_key=group, source=source, source_group=group, whole_group=True)


def _of_batch(alerts: list[_Alert], now: Instant) -> Iterator[Event]:
    for place, alert in enumerate(alerts):
        labels = _labels(alert, f"[{place}].labels")
        ends_at = instant_of(alert.ends_at)
        fires = ends_at is None or ends_at > now
        event = _event(
            alert,
            labels,
            dedup_key=digest(sorted(labels.items())),
            action=Action.TRIGGER if fires else Action.RESOLVE,
            at=None if fires else ends_at,
        )
        yield replace(event, source=_origin(alert), expires_at=(ends_at or now + RESOLVE_TIMEOUT) if fires else None)


def _event(alert: _Alert, labels: Labels, *, dedup_key: str, action: Action, at: Instant | None) -> Event:
    """What both shapes say of an alert."""
    notes = _notes(alert.annotations) if alert.annotations else {}
    summary = _summary(labels, notes)
    description = notes.get("description") or notes.get("message") or summary
    shown = summary[:LONGEST_SUMMARY]
    return Event(
        action=action,
        dedup_key=dedup_key,
        summary=shown,
        severity=SEVERITIES.get(labels.get("severity", "").strip().lower(), Severity.ERROR),
        service=named(labels.get("service")),
        labels=_as_kept(labels),
        description=description if description != shown else None,
        details={"annotations": notes} if notes else None,
        links=links_of(
            link_of(notes.get("runbook_url") or notes.get("runbook"), "Runbook"), link_of(alert.generator_url, "Source")
        ),
        at=at,
    )


def _with_surroundings(event: Event, alert: _ToldAlert, told: _Webhook, *, source: str, group: str | None) -> Event:
    """The event with what a webhook says besides: who was to be told, the figures, where to look and to silence."""
    details = dict(event.details) if isinstance(event.details, dict) else {}
    if told.receiver:
        details["receiver"] = named(told.receiver)
    raw = bytes(alert.values)
    if raw and (values := kept(decoded(raw, _FREE, "values"), raw, "values")):
        details["values"] = values
    links = links_of(
        *event.links,
        link_of(alert.dashboard_url, "Dashboard"),
        link_of(alert.panel_url, "Panel"),
        link_of(alert.silence_url, "Silence"),
        link_of(told.external_url, "Grafana" if told.version == "1" else "Alertmanager"),
    )
    return replace(event, source=source, source_group=group, details=details or None, links=links)


def _labels(alert: _Alert, field: str) -> dict[str, str]:
    """The labels; an empty one is none, as in the original, so that it does not make another identity."""
    labels = {name: value for name, value in alert.labels.items() if value}
    if not labels:
        raise Refused(f"`{field}` is empty.", field=field, hint="An alert needs at least one label with a value.")
    return labels


def _as_kept(labels: Labels) -> Labels:
    """The labels as they are, but for senders without measure. What an alert is known by was taken from all of them."""
    if len(labels) <= MOST_OWN_LABELS and sum(map(len, labels)) + sum(map(len, labels.values())) <= LONGEST_LABEL:
        return labels
    return {name[:LONGEST_LABEL]: value[:LONGEST_VALUE] for name, value in islice(labels.items(), MOST_OWN_LABELS)}


def _notes(annotations: Labels) -> dict[str, str]:
    """The annotations that say something: as many as fit, long ones cut. All of them stay in the raw request."""
    notes: dict[str, str] = {}
    room = LARGEST_KEPT
    for name, text in annotations.items():
        size = len(name) + min(len(text), LONGEST_KEPT_TEXT)
        if text and size <= room:
            notes[name] = text[:LONGEST_KEPT_TEXT]
            room -= size
    return notes


def _summary(labels: Labels, notes: Labels) -> str:
    for name in _SUMMARIES:
        if text := notes.get(name, "").strip():
            return text
    return " ".join(filter(None, (labels.get("alertname"), labels.get("instance")))) or "An alert without a name"


def _origin(alert: _Alert) -> str:
    """The scheme and host of what generated the alert."""
    link = link_of(alert.generator_url)
    return (named("/".join(link.href.split("/")[:3])) if link else None) or "prometheus"


def _is_batch(request: Request) -> bool:
    return request.body.lstrip()[:1] == b"["


DOOR = Door(
    name="alertmanager",
    paths=("/alertmanager/api/v2/alerts", "/alertmanager/webhook"),
    read=read,
    answer=answer,
    refuse=refuse,
    help="""\
Alertmanager, in a receiver:

    webhook_configs:
      - url: {url}/in/{key}
        send_resolved: true

Prometheus, without an Alertmanager, in prometheus.yml (host and scheme as in {url}):

    alerting:
      alertmanagers:
        - path_prefix: /alertmanager
          authorization:
            credentials: {key}
          static_configs:
            - targets: [host:port]

Grafana: a contact point of the kind "Webhook" with the address `{url}/in/{key}`.
""",
    evidence="recorded",
)
