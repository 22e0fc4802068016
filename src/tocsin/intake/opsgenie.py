"""Opsgenie's Alert API: create, close, acknowledge, and what became of a request.

At `/v2/alerts` for clients that can set a host alone, at `/opsgenie/v2/alerts` for the others, and at `/in/KEY`.

- A write is answered after its commit: clients ask for the status of the request at once, and wait minutes when it is
  not there (`isSuccess` false makes the Python SDK sleep ten times, the Go SDK wants a 404 with an error type).
- Every answer is a JSON object with `took` and `requestId`: the Python SDK fails on anything else.
- Identifiers may hold slashes, as `%2F` or raw (Go and Node SDK): the verb is the last segment.
- null, "", [] and {} are absent, unknown fields are ignored, long texts are cut at the vendor's limits.
- Keys come as `GenieKey KEY`, as Basic with an empty user, or as `?apiKey=`.

Not there yet: other verbs (404), lists, and short `tiny` ids (422).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from tocsin.core.arrivals import Outcome
from tocsin.core.errors import Forbidden, NotFound, Refused, TocsinError
from tocsin.core.events import Action, Event
from tocsin.core.vocabulary import AlertId, EventId, Instant, Severity
from tocsin.intake.body import decoded_object, kept, within
from tocsin.intake.credentials import key_of
from tocsin.intake.replies import WrongMethod, detail_of, headers_of, json_reply, status_of
from tocsin.intake.values import LONGEST_DESCRIPTION, LONGEST_NOTE, fingerprint, key_that_fits, labels_of, text
from tocsin.ports.doors import Door, Earlier, Events, Read, Reply, Request, StatusOf, Taken

#: The vendor's limits in characters. A longer text is cut, as its own clients do it.
LONGEST = {
    "message": 130,
    "description": LONGEST_DESCRIPTION,
    "entity": 512,
    "source": 100,
    "user": 100,
    "note": LONGEST_NOTE,
}

#: A priority is how urgent, a severity how bad; an integration may come to have a table of its own.
SEVERITIES = {
    "P1": Severity.CRITICAL,
    "P2": Severity.ERROR,
    "P3": Severity.WARNING,
    "P4": Severity.INFO,
    "P5": Severity.INFO,
}
_USUAL = "P3"

_VERBS = {"acknowledge": Action.ACKNOWLEDGE, "close": Action.RESOLVE}
_ACTIONS = {"trigger": "Create", "acknowledge": "Acknowledge", "resolve": "Close"}
_SAID = {
    Outcome.CREATED: "Created alert",
    Outcome.REPEATED: "Created alert",
    Outcome.REOPENED: "Created alert",
    Outcome.ACKNOWLEDGED: "Acknowledged alert",
    Outcome.RESOLVED: "Closed alert",
    Outcome.ALREADY: "Alert is already acknowledged",
}
_DONE = frozenset(_SAID) - {Outcome.ALREADY}

#: What is kept of a create besides what an event has a place for.
_FREE = ("responders", "visibleTo", "actions", "tags", "details", "entity", "priority")

_SHAPE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PREFIX = re.compile(r"^/v2/alerts(?=/|$)")

Body = dict[str, Any]


class Unprocessable(Refused):
    """The body is wrong in one or more fields."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        field, detail = next(iter(errors.items()))
        super().__init__(detail, field=field)
        #: What is wrong, by field.
        self.errors = errors


def read(request: Request) -> Read:
    """A create, a close, an acknowledge, or the question after an earlier one."""
    path = _PREFIX.sub("", request.rest) if request.key else request.rest
    identifier, _, verb = path.removeprefix("/").rstrip("/").rpartition("/")
    if identifier and verb in _VERBS:
        _allow(request, "POST")
        return Events(key=_key(request), events=(_answer_to(unquote(identifier), _VERBS[verb], request),))
    if identifier == "requests":
        _allow(request, "GET")
        return StatusOf(key=_key(request), request_id=EventId(unquote(verb)))
    if identifier or verb:
        raise NotFound(f"Tocsin does not know {request.path} yet", hint="Create, close and acknowledge are there.")
    _allow(request, "POST")
    return Events(key=_key(request), events=(_create(request),))


def answer(request: Request, taken: tuple[Taken, ...]) -> Reply:
    """The id under which the client may ask what became of it."""
    return _reply(202, {"result": "Request will be processed"}, request_id=taken[0].event_id)


def tell(request: Request, earlier: Earlier | None) -> Reply:
    """What became of an earlier request."""
    own_id = _request_id(request)
    if earlier is None:
        # The one error type that makes the Go SDK ask again.
        error_type = ("x-opsgenie-errortype", "RequestNotProcessed")
        unknown = {"message": "Request not found. It might not be processed, yet."}
        return _reply(404, unknown, error_type, request_id=own_id)
    taken = earlier.taken
    done = taken.outcome in _DONE
    data = {
        "success": done,
        "action": _ACTIONS.get(earlier.action, earlier.action),
        "processedAt": _milliseconds(earlier.processed_at),
        "integrationId": earlier.integration,
        "isSuccess": done,
        "status": _SAID.get(taken.outcome) or _nothing_open(taken),
        "alertId": taken.alert_id or "",
        "alias": taken.dedup_key,
    }
    return _reply(200, {"data": data}, request_id=own_id)


def refuse(request: Request, error: TocsinError) -> Reply:
    """An error as the vendor words it."""
    status = status_of(error, refused=422)
    body: dict[str, object] = {"message": detail_of(error)}
    if isinstance(error, Forbidden) and not error.known:
        status, body = _unauthenticated(request)
    elif isinstance(error, Refused) and status == 422:
        errors = error.errors if isinstance(error, Unprocessable) else {error.field or "body": error.detail}
        body = {"message": "Request body is not processable. Please check the errors.", "errors": errors}
    return _reply(status, body, *headers_of(error), request_id=_request_id(request))


def _unauthenticated(request: Request) -> tuple[int, dict[str, object]]:
    # The vendor looks at a key's shape before it looks the key up. Here a key of another shape may still be known,
    # so that the shape only words the refusal.
    key = _key(request)
    if key is not None and not _SHAPE.fullmatch(key):
        return 422, {"message": "Key format is not valid!"}
    return 401, {"message": "Could not authenticate"}


def _create(request: Request) -> Event:
    body = _body(request)
    errors: dict[str, str] = {}
    said = {name: _text(body, name, errors) for name in ("message", "alias", *LONGEST)}
    message, description = said["message"], said["description"]
    if not message or not message.strip():
        errors.setdefault("message", "Message can not be empty.")
    priority = str(body.get("priority", _USUAL)).strip().upper()
    if priority not in SEVERITIES:
        errors["priority"] = f"should be one of [ {', '.join(SEVERITIES)} ]"
    if not isinstance(body.get("details", {}), dict):
        errors["details"] = "should be an object of texts"
    if errors or message is None:
        raise Unprocessable(errors)
    summary = _within(message, "message")
    details = {name: body[name] for name in _FREE if name in body}
    if summary != message:
        details["message"] = message
        description = description or message
    return Event(
        action=Action.TRIGGER,
        dedup_key=key_that_fits(said["alias"]) if said["alias"] else _of_its_own(request),
        summary=summary,
        severity=SEVERITIES[priority],
        source=_within(said["source"], "source") or request.client,
        labels=_labels(body),
        description=_within(description, "description") or None,
        details=kept(details, request.body) or None,
        actor=_within(said["user"], "user") or None,
        note=_within(said["note"], "note") or None,
    )


def _answer_to(identifier: str, action: Action, request: Request) -> Event:
    """A close or an acknowledge; its body may be missing."""
    kind = request.query.get("identifierType") or "id"
    if kind == "tiny":
        raise Unprocessable({"identifierType": "Tocsin has no tiny ids yet: use id or alias"})
    if kind not in ("id", "alias"):
        raise Unprocessable({"identifierType": "should be one of [ id, alias, tiny ]"})
    body = _body(request) if request.body.strip() else {}
    identifier = key_that_fits(identifier.replace("\0", "�"))
    return Event(
        action=action,
        dedup_key=identifier,
        alert_id=AlertId(identifier) if kind == "id" else None,
        source=_within(text(body.get("source")), "source") or request.client,
        actor=_within(text(body.get("user")), "user") or None,
        note=_within(text(body.get("note")), "note") or None,
    )


def _body(request: Request) -> Body:
    """The fields that are there; `visible_to` is how Airflow's notifier spells it."""
    sent = decoded_object(within(request.body))
    body = {name: value for name, value in sent.items() if value not in (None, "", [], {})}
    if "visible_to" in body:
        body.setdefault("visibleTo", body.pop("visible_to"))
    return body


def _text(body: Body, name: str, errors: dict[str, str]) -> str | None:
    value = body.get(name)
    if isinstance(value, dict | list):
        errors[name] = "should be a text"
    return text(value)


def _within(value: str | None, name: str) -> str:
    return (value or "")[: LONGEST[name]]


def _labels(body: Body) -> dict[str, str]:
    """Entity and tags under their own names, then the details."""
    tags = body.get("tags")
    joined = ",".join(filter(None, map(text, tags))) if isinstance(tags, list) else tags
    return labels_of([("entity", body.get("entity")), ("tags", joined), *body.get("details", {}).items()])


def _of_its_own(request: Request) -> str:
    # Without an alias the vendor takes the new alert's id: such an alert is never deduplicated. The id is not known
    # here, so a key is made that no other request has.
    return f"opsgenie-{fingerprint(request)}"


def _key(request: Request) -> str | None:
    return key_of(request, schemes=frozenset({"geniekey"}), query="apiKey")


def _allow(request: Request, method: str) -> None:
    if request.method != method:
        raise WrongMethod(request.method, method)


def _nothing_open(taken: Taken) -> str:
    # Zabbix reads these texts: the second one ends its asking.
    if taken.alert_id is None:
        return "Alert does not exist"
    return f"There is no open alert with alias [{taken.dedup_key}]"


def _request_id(request: Request) -> str:
    """The id of an answer that stands for no event of ours."""
    return str(UUID(fingerprint(request)))


def _milliseconds(instant: Instant) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _reply(status: int, body: Mapping[str, object], *headers: tuple[str, str], request_id: str) -> Reply:
    # A door has no clock: the time that a request took is not known here, and clients only want a number.
    vendor = (
        ("x-request-id", request_id),
        ("x-response-time", "0.0"),
        ("x-ratelimit-state", "OK"),
        ("x-ratelimit-period-in-sec", "60"),
    )
    return json_reply(status, {**body, "took": 0.0, "requestId": request_id}, *vendor, *headers)


DOOR = Door(
    name="opsgenie",
    paths=("/v2/alerts", "/opsgenie/v2/alerts"),
    read=read,
    answer=answer,
    refuse=refuse,
    tell=tell,
    help="""\
Give the client this address in place of `https://api.opsgenie.com`, and `{key}` as its API key:

- a client that takes an address (Python SDK, Airflow connection, Alertmanager's `api_url`): `{url}/opsgenie`
- a client that takes a whole address of alerts (Grafana, Zabbix): `{url}/opsgenie/v2/alerts`
- a client that takes a host alone (Go SDK, Node SDK): the host of `{url}`. The Go SDK speaks https only with a host
  that has "api" in its name.
""",
    evidence="recorded",
)
