"""Doors in: what one inbound wire format promises. A door is pure; sockets and storage are others' business."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tocsin.core.alerts.model import Status
from tocsin.core.arrivals import Outcome
from tocsin.core.errors import TocsinError
from tocsin.core.events import Event
from tocsin.core.vocabulary import AlertId, EventId, Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One inbound request, as it came."""

    method: str
    #: The whole path, still percent-encoded, without the query: `%2F` inside a segment is part of a name.
    path: str
    #: What follows the door's own prefix in `path`, still percent-encoded, with its leading slash, or empty.
    rest: str = ""
    #: Decoded; of a name that comes several times, the last.
    query: Mapping[str, str] = field(default_factory=dict)
    #: Names in lower case.
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    received_at: Instant
    #: The key that stood in the path (`/in/KEY`); None: look for it where the dialect puts it.
    key: str | None = None
    #: The sender's address; None: not known.
    client: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one event, as its door may tell the client after the commit."""

    event_id: EventId
    dedup_key: str
    outcome: Outcome
    #: None: no alert is concerned.
    alert_id: AlertId | None
    #: The alert's status afterwards; None: no alert is concerned.
    status: Status | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """A request that brings events: all are stored, or none."""

    #: The integration's key as the request carries it; None: it carries none.
    key: str | None
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusOf:
    """A request that asks what became of an earlier one."""

    key: str | None
    #: The identity that the earlier answer gave: the id of its first event.
    request_id: EventId


Read = Events | StatusOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes back to the client."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What became of an earlier request."""

    taken: Taken
    #: The action of its first event: "trigger", "acknowledge", ...
    action: str
    integration: str
    processed_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One inbound wire format."""

    #: The protocol's name in an integration's configuration.
    name: str
    #: Path prefixes that lead here, besides `/in/KEY`; a prefix matches whole segments.
    paths: tuple[str, ...]
    #: Raises `Refused` when the request is wrong; then nothing is stored.
    read: Callable[[Request], Read]
    #: The answer after the commit, to a request that brought events. The tuple is in the order of the events.
    answer: Callable[[Request, tuple[Taken, ...]], Reply]
    #: The answer to a refusal or to trouble of ours, in the dialect's own shape.
    refuse: Callable[[Request, TocsinError], Reply]
    #: The answer to `StatusOf`; None as argument: there was no such request.
    tell: Callable[[Request, Earlier | None], Reply] | None = None
    #: What to paste where at the sender, in English Markdown with {url} and {key}.
    help: str = ""
    #: Where and how a sender was tried: "recorded", "documented".
    evidence: str = "documented"
