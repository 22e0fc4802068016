"""Alerts of the Prometheus family: Alertmanager's webhook, and its API v2 as Prometheus itself sends to it.

The shape of the body decides, not the address: an object is a webhook (version "4", and Grafana's "1"), a list is the API.
At `/in/KEY` and `/in/KEY/api/v2/alerts`, or at `/alertmanager/...` with the key as Bearer token, Basic password or `?key=`.

- One event for each alert. A webhook's alert is known by its fingerprint, one of the API by all of its labels.
- A webhook says what fires and what is over. When a whole group is over of which some alerts were cut off
  (`max_alerts`), their own end is never told: the whole group is ended.
- In the API an alert fires while its `endsAt` lies ahead, and ends by itself when that passes without a new word; without
  `endsAt` that is five minutes, as `resolve_timeout` has it.
- A batch with one bad alert is refused whole. The original stores the good ones and answers 400 all the same; with us
  every 4xx means that nothing was stored.
- Trouble of ours is 503, never 429: the webhook is not sent again after any 4xx.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from tocsin.core.errors import NotFound, Refused, TocsinError
from tocsin.core.events import Action, Event
from tocsin.core.vocabulary import Instant, Labels, Link, Severity
from tocsin.intake.body import LARGEST_BATCH, decoded, kept, within
from tocsin.intake.credentials import key_of
from tocsin.intake.replies import WrongMethod, detail_of, headers_of, json_reply, status_of
from tocsin.intake.values import digest, instant_of, key_that_fits, link_of, links_of
from tocsin.ports.doors import Door, Events, Reply, Request, Taken

#: How long an alert without an end of its own lives without a new word.
RESOLVE_TIMEOUT = timedelta(minutes=5)
LONGEST_SUMMARY = 1_024

#: What people write into the label `severity`. A word that is not here, and none at all, is an error.
SEVERITIES = {
    **dict.fromkeys(("critical", "crit", "page", "fatal", "emergency", "disaster", "p1"), Severity.CRITICAL),
    **dict.fromkeys(("error", "err", "high", "major", "p2"), Severity.ERROR),
    **dict.fromkeys(("warning", "warn", "minor", "medium", "p3"), Severity.WARNING),
    **dict.fromkeys(("info", "information", "informational", "notice", "none", "low", "p4", "p5"), Severity.INFO),
}

_RESTS = frozenset({"", "/api/v2/alerts"})


class _Alert(
    msgspec.Struct, rename={"starts_at": "startsAt", "ends_at": "endsAt", "generator_url": "generatorURL"}, gc=False
):
    """One alert of the API; a webhook's has more."""

    labels: dict[str, str]
    annotations: dict[str, str] | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    generator_url: str | None = None


class _ToldAlert(
    _Alert,
    kw_only=True,
    rename={"silence_url": "silenceURL", "dashboard_url": "dashboardURL", "panel_url": "panelURL"},
):
    """One alert of a webhook. The last fields are Grafana's."""

    status: Literal["firing", "resolved"]
    fingerprint: str | None = None
    values: Any = None
    silence_url: str | None = None
    dashboard_url: str | None = None
    panel_url: str | None = None


class _Webhook(msgspec.Struct, rename="camel"):
    alerts: list[_ToldAlert]
    status: str = ""
    group_key: str | None = None
    truncated_alerts: int | None = None
    receiver: str | None = None
    external_url: str | None = msgspec.field(name="externalURL", default=None)


_WEBHOOK = msgspec.json.Decoder(_Webhook)
_BATCH = msgspec.json.Decoder(list[_Alert])


def read(request: Request) -> Events:
    """All that a webhook or a batch says."""
    if request.rest.rstrip("/") not in _RESTS:
        raise NotFound(f"There is nothing at {request.path}.", hint="Post to /alertmanager/api/v2/alerts.")
    if request.method not in ("POST", "PUT"):
        raise WrongMethod(request.method, "POST")
    body = within(request.body, LARGEST_BATCH)
    events = _batch(request, body) if _is_batch(request) else _webhook(body)
    return Events(key=key_of(request, schemes=None, query="key"), events=tuple(events))


def answer(request: Request, taken: tuple[Taken, ...]) -> Reply:
    """That it was taken; the API has nothing to add, and a webhook's sender looks at the status alone."""
    return Reply(status=200, body=b"", headers=()) if _is_batch(request) else json_reply(200, {})


def refuse(request: Request, error: TocsinError) -> Reply:
    """The API's own shape of an error, which Alertmanager and Prometheus write into their logs."""
    status = status_of(error, refused=400)
    hint = error.hint if isinstance(error, Refused) else None
    message = f"{detail_of(error)} {hint}" if hint else detail_of(error)
    return json_reply(status, {"code": status, "message": message}, *headers_of(error))


def _webhook(body: bytes) -> Iterator[Event]:
    told = decoded(body, _WEBHOOK)
    source = told.external_url or "alertmanager"
    group = key_that_fits(told.group_key) if told.group_key else None
    for place, alert in enumerate(told.alerts):
        yield _told(told, alert, _labels(alert, f"alerts[{place}]"), source, group, body)
    if told.status == "resolved" and told.truncated_alerts and group is not None:
        yield Event(action=Action.RESOLVE, dedup_key=group, source=source, source_group=group, whole_group=True)
