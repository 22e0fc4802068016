"""PagerDuty's Events API v2: trigger, acknowledge and resolve at `/v2/enqueue`, change events at `/v2/change/enqueue`.

Both also under `/pagerduty`, and at `/in/KEY`; the key is the body's `routing_key`.

- Every answer to a trigger carries a `dedup_key`: the Python client takes anything else for a fault of the server's.
- An acknowledge or a resolve of nothing is answered as any other: Airflow tests its connection with one.
- A change is kept beside the alerts and pages nobody.
- What is wrong comes as 400 with a list in the vendor's words, an unknown key as one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tocsin.core.errors import Forbidden, NotFound, Refused, TocsinError
from tocsin.core.events import Action, Event
from tocsin.core.vocabulary import Link, Severity
from tocsin.intake.body import decoded_object, kept, within
from tocsin.intake.replies import WrongMethod, detail_of, headers_of, json_reply, status_of
from tocsin.intake.values import fingerprint, instant_of, labels_of, link_of, links_of, named, text
from tocsin.ports.doors import Door, Events, Reply, Request, Taken

#: The vendor's limits: a body in bytes; texts in characters. A longer summary is cut, a longer key is refused.
LARGEST = 512 * 1024
LONGEST_SUMMARY = 1024
LONGEST_DEDUP_KEY = 255

_ACTIONS = {"trigger": Action.TRIGGER, "acknowledge": Action.ACKNOWLEDGE, "resolve": Action.RESOLVE}
_SEVERITIES = {severity.value: severity for severity in Severity}
_CHOICES = "'critical', 'warning', 'error' or 'info'"
_RESTS = frozenset({"", "/enqueue", "/v2/enqueue", "/change/enqueue", "/v2/change/enqueue"})
_STATUSES = {400: "invalid event", 401: "invalid event", 404: "not found", 405: "invalid method", 413: "invalid event"}

Body = Mapping[str, Any]


class InvalidEvent(Refused):
    """The event is wrong in one or more fields."""

    def __init__(self, errors: tuple[str, ...]) -> None:
        super().__init__("; ".join(errors), field=errors[0].split("'")[1])
        #: What is wrong, each in the vendor's words.
        self.errors = errors


def read(request: Request) -> Events:
    """The one event of a request."""
    if request.rest.rstrip("/") not in _RESTS:
        raise NotFound(f"There is nothing at {request.path}.", hint="Post to /v2/enqueue.")
    if request.method != "POST":
        raise WrongMethod(request.method, "POST")
    body = _there(decoded_object(within(request.body, LARGEST)))
    key = request.key or text(body.get("routing_key"))
    payload = _there(body.get("payload"))
    action = Action.CHANGE if _is_change(request) else _ACTIONS.get(str(body.get("event_action")))
    complaints = [*_blank({"routing_key": key}, "routing_key"), *_complaints(action, body, payload)]
    if complaints or action is None:
        raise InvalidEvent(tuple(complaints))
    return Events(key=key, events=(_event(request, body, payload, action),))


def answer(request: Request, taken: tuple[Taken, ...]) -> Reply:
    """The vendor's word that it is processed, with the key that a later resolve has to name."""
    if _is_change(request):
        return json_reply(202, {"message": "Change event processed", "status": "success"})
    return json_reply(202, {"status": "success", "message": "Event processed", "dedup_key": taken[0].dedup_key})


def refuse(request: Request, error: TocsinError) -> Reply:
    """What is wrong, as a list; a key that nobody knows is an invalid event like any other."""
    status = status_of(error, refused=400)
    errors: tuple[str, ...] = (detail_of(error),)
    if isinstance(error, InvalidEvent):
        errors = error.errors
    elif isinstance(error, Forbidden) and not error.known:
        status, errors = 400, ("Invalid routing key",)
    said = "Event object is invalid" if status == 400 else errors[0]
    body = {"status": _STATUSES.get(status, "error"), "message": said, "errors": errors}
    return json_reply(status, body, *headers_of(error))


def _event(request: Request, body: Body, payload: Body, action: Action) -> Event:
    summary = text(payload.get("summary")) or ""
    dedup_key = text(body.get("dedup_key")) or fingerprint(request)
    if action in (Action.ACKNOWLEDGE, Action.RESOLVE):
        return Event(action=action, dedup_key=dedup_key, summary=summary[:LONGEST_SUMMARY], source=_source(payload))
    return Event(
        action=action,
        dedup_key=dedup_key,
        summary=summary[:LONGEST_SUMMARY],
        severity=_SEVERITIES.get(_severity(payload), Severity.INFO),
        source=_source(payload),
        labels=_labels(payload),
        details=_details(request, body, payload, summary),
        links=links_of(*_links(body)),
        at=instant_of(payload.get("timestamp")),
    )


def _complaints(action: Action | None, body: Body, payload: Body) -> Iterator[str]:
    dedup_key = text(body.get("dedup_key"))
    if dedup_key is not None and len(dedup_key) > LONGEST_DEDUP_KEY:
        yield f"'dedup_key' is too long (maximum is {LONGEST_DEDUP_KEY} characters)"
    match action:
        case None if "event_action" not in body:
            yield "'event_action' is missing or blank"
        case None:
            yield "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')"
        case Action.ACKNOWLEDGE | Action.RESOLVE:
            yield from _blank(body, "dedup_key")
        case Action.CHANGE:
            yield from _blank(payload, "summary", inside="payload")
        case Action.TRIGGER:
            yield from _blank(payload, "summary", "source", "severity", inside="payload")
            if "severity" in payload and _severity(payload) not in _SEVERITIES:
                yield f"'payload.severity' is invalid (must be one of the following: {_CHOICES})"


def _blank(values: Body, *names: str, inside: str | None = None) -> Iterator[str]:
    """A complaint for each of the names that has no text."""
    for name in names:
        if not (text(values.get(name)) or "").strip():
            yield f"'{inside}.{name}' is missing or blank" if inside else f"'{name}' is missing or blank"


def _there(value: object) -> dict[str, Any]:
    """The fields of an object that hold something; none when it is no object."""
    if not isinstance(value, dict):
        return {}
    return {name: inner for name, inner in value.items() if inner not in (None, "", [], {})}


def _severity(payload: Body) -> str:
    return (text(payload.get("severity")) or "").strip().lower()


def _source(payload: Body) -> str | None:
    return named(payload.get("source"))


def _labels(payload: Body) -> dict[str, str]:
    """Component, group and class, then the plain entries of the custom details."""
    custom = payload.get("custom_details")
    pairs = custom.items() if isinstance(custom, dict) else ()
    plain = [(name, value) for name, value in pairs if isinstance(value, str)]
    return labels_of([*((name, payload.get(name)) for name in ("component", "group", "class")), *plain])


def _details(request: Request, body: Body, payload: Body, summary: str) -> object:
    found = {"custom_details": payload.get("custom_details"), "client": text(body.get("client"))}
    if len(summary) > LONGEST_SUMMARY:
        found["summary"] = summary
    return kept({name: value for name, value in found.items() if value is not None}, request.body) or None


def _links(body: Body) -> Iterator[Link | None]:
    """The links, where the client lives, and the images."""
    for link in _objects(body, "links"):
        yield link_of(link.get("href"), link.get("text"))
    yield link_of(body.get("client_url"), body.get("client"))
    for image in _objects(body, "images"):
        yield link_of(image.get("href") or image.get("src"), image.get("alt"))


def _objects(body: Body, name: str) -> Iterator[dict[str, Any]]:
    listed = body.get(name)
    if isinstance(listed, list):
        yield from (item for item in listed if isinstance(item, dict))


def _is_change(request: Request) -> bool:
    return request.path.rstrip("/").endswith("/change/enqueue")


DOOR = Door(
    name="pagerduty",
    paths=("/v2/enqueue", "/v2/change/enqueue", "/pagerduty/v2/enqueue", "/pagerduty/v2/change/enqueue"),
    read=read,
    answer=answer,
    refuse=refuse,
    help="""\
Give the sender `{key}` as its routing key (integration key), and in place of `https://events.pagerduty.com`:

- a sender that takes a base address (the Python client): `{url}`; it wants https
- a sender that takes a whole address (Alertmanager's `url`, Grafana, Uptime Kuma): `{url}/v2/enqueue`

With Alertmanager write `routing_key`, not `service_key`: the older protocol ignores `url`.
""",
    evidence="recorded",
)
