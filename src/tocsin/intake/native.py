"""Tocsin's own events: `POST /api/v1/events`, or `POST /in/KEY` for a sender that can set an address alone.

`{"action": "trigger" | "acknowledge" | "resolve", "dedup_key"?, "summary", "severity": "critical" | "error" | "warning"
| "info", "source"?, "service"?, "labels"?, "details"?, "links"?, "at"?}`; unknown fields are ignored.

- A trigger needs a summary and a severity; an acknowledge or a resolve needs a dedup key and nothing else.
- A trigger without a dedup key gets one made from source, summary and labels, the same for the same three.
- Errors are `application/problem+json`; every 4xx means that nothing was stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated, Any, Literal

import msgspec

from tocsin.core.errors import Forbidden, NotFound, Refused, TocsinError
from tocsin.core.events import Action, Event
from tocsin.core.vocabulary import Instant, Labels, Link, Severity
from tocsin.intake.body import LARGEST_KEPT, decoded, decoded_object, kept, within
from tocsin.intake.credentials import key_of
from tocsin.intake.replies import WrongMethod, detail_of, headers_of, json_reply, status_of
from tocsin.intake.values import (
    LONGEST_HREF,
    LONGEST_KEY,
    LONGEST_LABEL,
    LONGEST_NAME,
    LONGEST_VALUE,
    MOST_LABELS,
    MOST_LINKS,
    digest,
    instant_of,
    link_of,
)
from tocsin.ports.doors import Door, Events, Reply, Request, Taken

#: The longest summary, in characters.
LONGEST_SUMMARY = 4_000

_ACTIONS = {"trigger": Action.TRIGGER, "acknowledge": Action.ACKNOWLEDGE, "resolve": Action.RESOLVE}
_CHOICES = {"action": tuple(_ACTIONS), "severity": tuple(Severity)}
_TITLES = {
    401: "The integration key is not known",
    403: "This key may not do that",
    404: "There is no such address",
    405: "This address does not know the method",
    413: "The event is too large",
    422: "The event is wrong",
    429: "Too many events",
    503: "Tocsin cannot take events right now",
}
_PROBLEM = ("content-type", "application/problem+json")


class _Link(msgspec.Struct):
    href: str
    text: str | None = None


class _Body(msgspec.Struct, gc=False):
    action: Literal["trigger", "acknowledge", "resolve"]
    dedup_key: str | None = None
    summary: str | None = None
    severity: Severity | None = None
    source: str | None = None
    service: str | None = None
    labels: dict[str, str] | None = None
    details: msgspec.Raw = msgspec.Raw()
    links: list[_Link] | None = None
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


_DECODER = msgspec.json.Decoder(_Body)
_FREE = msgspec.json.Decoder(Any)


def read(request: Request) -> Events:
    """The one event of a request."""
    if request.rest not in ("", "/"):
        raise NotFound(f"There is nothing at {request.path}.", hint="Post to /api/v1/events.")
    if request.method != "POST":
        raise WrongMethod(request.method, "POST")
    body = _body(within(request.body))
    labels = _labels(body.labels) if body.labels else {}
    event = Event(
        action=_ACTIONS[body.action],
        dedup_key=body.dedup_key or _dedup_key(body, labels),
        summary=body.summary or "",
        severity=body.severity or Severity.ERROR,
        source=body.source or None,
        service=body.service or None,
        labels=labels,
        details=_details(bytes(body.details)),
        links=_links(body.links) if body.links else (),
        at=_at(body.at) if body.at else None,
    )
    return Events(key=key_of(request), events=(event,))


def answer(request: Request, taken: tuple[Taken, ...]) -> Reply:
    """What became of the event, by its ids."""
    first = taken[0]
    body = {
        "event_id": first.event_id,
        "alert_id": first.alert_id,
        "dedup_key": first.dedup_key,
        "status": first.status,
        "outcome": first.outcome,
    }
    return json_reply(202, body)


def refuse(request: Request, error: TocsinError) -> Reply:
    """A problem document."""
    status = status_of(error, refused=422)
    problem = {
        "type": "about:blank",
        "title": _TITLES.get(status, "Tocsin failed"),
        "status": status,
        "detail": detail_of(error),
        "field": error.field if isinstance(error, Refused) else None,
        "hint": error.hint if isinstance(error, Refused) else None,
    }
    headers = headers_of(error)
    if isinstance(error, Forbidden) and not error.known:
        headers = (*headers, ("www-authenticate", "Bearer"))
    return Reply(status=status, body=msgspec.json.encode(problem), headers=(_PROBLEM, *headers))


def _body(raw: bytes) -> _Body:
    """The body, with all that its action needs."""
    try:
        body = decoded(raw, _DECODER)
    except Refused as refusal:
        refusal.hint = refusal.hint or _hint(refusal.field, raw)
        raise
    if body.action != "trigger":
        if not body.dedup_key:
            raise _missing("dedup_key", f"`dedup_key` is missing: which alert to {body.action}?", raw)
    elif body.summary is None or not body.summary.strip():
        raise _missing("summary", "`summary` is missing: what would a person read?", raw)
    elif body.severity is None:
        raise _missing("severity", "`severity` is missing.", raw)
    if body.summary is not None and len(body.summary) > LONGEST_SUMMARY:
        detail = f"`summary` has {len(body.summary):,} characters."
        raise Refused(detail, field="summary", hint=f"At most {LONGEST_SUMMARY:,}; put the rest into `details`.")
    if body.dedup_key is not None and len(body.dedup_key) > LONGEST_KEY:
        detail = f"`dedup_key` has {len(body.dedup_key):,} characters."
        raise Refused(detail, field="dedup_key", hint=f"At most {LONGEST_KEY}; send a digest of it.")
    for field, name in (("source", body.source), ("service", body.service)):
        if name is not None and len(name) > LONGEST_NAME:
            detail = f"`{field}` has {len(name):,} characters."
            raise Refused(detail, field=field, hint=f"At most {LONGEST_NAME}; put the rest into `details`.")
    return body


def _labels(labels: Labels) -> Labels:
    if len(labels) > MOST_LABELS:
        raise Refused(f"`labels` has {len(labels)} entries.", field="labels", hint=f"Send at most {MOST_LABELS}.")
    for name, value in labels.items():
        if len(name) > LONGEST_LABEL or len(value) > LONGEST_VALUE:
            detail = f"`labels` has an entry of {len(name):,} and {len(value):,} characters."
            hint = f"At most {LONGEST_LABEL} for a name and {LONGEST_VALUE:,} for a value; put the rest into `details`."
            raise Refused(detail, field="labels", hint=hint)
    return labels


def _dedup_key(body: _Body, labels: Labels) -> str:
    return digest(body.source or None, body.summary, sorted(labels.items()))


def _details(raw: bytes) -> object:
    if not raw:
        return None
    if len(raw) > LARGEST_KEPT:
        hint = f"At most {LARGEST_KEPT:,}; link to the rest."
        raise Refused(f"`details` has {len(raw):,} bytes.", field="details", hint=hint)
    return kept(decoded(raw, _FREE, "details"), raw, "details")


def _links(links: list[_Link]) -> tuple[Link, ...]:
    if len(links) > MOST_LINKS:
        raise Refused(f"`links` has {len(links)} entries.", field="links", hint=f"Send at most {MOST_LINKS}.")
    return tuple(_link(link, f"links[{place}].href") for place, link in enumerate(links))


def _link(link: _Link, field: str) -> Link:
    found = link_of(link.href, link.text)
    if found is None:
        hint = f"Write an address that begins with https:// or http://, of at most {LONGEST_HREF:,} characters."
        raise Refused(f"`{field}` is not a web address.", field=field, hint=hint)
    return found


def _at(at: datetime) -> Instant:
    found = instant_of(at)
    if found is None:
        raise Refused(f"`at` lies outside of time: {at.isoformat()}.", field="at", hint="Leave it out when unknown.")
    return found


def _missing(field: str, detail: str, raw: bytes) -> Refused:
    return Refused(detail, field=field, hint=_hint(field, raw))


def _hint(field: str | None, raw: bytes) -> str | None:
    """What the sender may have meant: the field under a name much like it, or the nearest of the values it may have."""
    try:
        sent = decoded_object(raw)
    except Refused:
        return None
    choices = _CHOICES.get(field or "", ())
    if field is None or field in sent:
        return _nearest(sent.get(field or ""), choices)
    unknown = [name for name in sent if name not in _Body.__struct_fields__]
    if near := get_close_matches(field, unknown, n=1):
        return f"Did you mean `{field}` where you wrote `{near[0]}`?"
    return _nearest(None, choices)


def _nearest(value: object, choices: Iterable[str]) -> str | None:
    choices = list(choices)
    if not choices:
        return None
    near = get_close_matches(value.strip().lower(), choices, n=1) if isinstance(value, str) else []
    return f'Did you mean "{near[0]}"?' if near else f"Write one of {', '.join(choices)}."


DOOR = Door(
    name="tocsin",
    paths=("/api/v1/events",),
    read=read,
    answer=answer,
    refuse=refuse,
    help="""\
Post one event for each thing that happens, and one more when it is over:

    curl {url}/api/v1/events -H 'Authorization: Bearer {key}' -d @event.json

with `action` ("trigger", "acknowledge" or "resolve"), `dedup_key`, `summary` and `severity` ("critical", "error",
"warning" or "info") in `event.json`. A sender that can set an address alone posts to `{url}/in/{key}`.
""",
)
