"""Laws of every door: whatever comes in is read or refused, what is read can be stored, every refusal can be sent."""

from __future__ import annotations

import json
from datetime import UTC

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.wire import BY_NAME, RECEIVED_AT, request_to
from tocsin.core.errors import TocsinError
from tocsin.core.events import Event
from tocsin.intake import DOORS
from tocsin.intake.body import DEEPEST_KEPT
from tocsin.intake.values import LONGEST_KEY
from tocsin.ports.doors import Door, Events, Request

#: Fields that a door looks for, so that the search is not among names which all of them ignore.
FIELDS = {
    "tocsin": ["action", "dedup_key", "summary", "severity", "source", "service", "labels", "details", "links", "at"],
    "opsgenie": ["message", "alias", "description", "priority", "tags", "details", "entity", "source", "user", "note"],
    "pagerduty": ["routing_key", "event_action", "dedup_key", "payload", "links", "images", "client", "client_url"],
    "alertmanager": ["alerts", "status", "groupKey", "truncatedAlerts", "externalURL", "version", "receiver"],
}
INNER = [
    "summary", "source", "severity", "timestamp", "custom_details", "component", "href", "text", "src", "alt", "labels",
    "annotations", "startsAt", "endsAt", "generatorURL", "status", "fingerprint", "values", "runbook_url",
]  # fmt: skip
WORDS = st.sampled_from(
    ["trigger", "resolve", "acknowledge", "firing", "resolved", "critical", "P1", "https://x", "2026-01-31T09:00:00Z",
     "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "", "\0", "\ud83d\ude00", "x" * 600]
)  # fmt: skip
TEXTS = st.text(max_size=20) | WORDS
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
NAMES = st.sampled_from(INNER) | TEXTS
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=25
)
PATHS = ["", "/", "/x/close", "/x%2Fy/acknowledge", "/requests/x", "/%00%FF/close", "/api/v2/alerts", "/v2/enqueue"]
HEADERS = st.dictionaries(st.just("authorization"), st.text(max_size=40) | st.just("Basic Oms="), max_size=1)

each_door = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)


def bodies(door: Door) -> st.SearchStrategy[bytes]:
    """Bodies much like the door's own, JSON of any kind, and noise."""
    own = st.dictionaries(st.sampled_from(FIELDS[door.name]), VALUES, max_size=8)
    likely = own | st.lists(own, max_size=3) | VALUES
    return likely.map(lambda value: json.dumps(value).encode("utf-8", "replace")) | st.binary(max_size=200)


@each_door
@given(data=st.data())
def test_whatever_comes_is_read_or_refused(door: Door, data: st.DataObject) -> None:
    """No body, path, method, query or header makes a door fail: it reads, or refuses, and the refusal can be sent."""
    tail = data.draw(st.sampled_from(PATHS))
    request = Request(
        method=data.draw(st.sampled_from(["POST", "GET", "PUT"])),
        path=data.draw(st.sampled_from(door.paths)) + tail,
        rest=tail,
        query={"identifierType": data.draw(st.sampled_from(["alias", "id", "tiny", "x", ""]))},
        headers=data.draw(HEADERS),
        body=data.draw(bodies(door)),
        received_at=RECEIVED_AT,
        key=data.draw(st.none() | st.text(max_size=5)),
    )
    try:
        read = door.read(request)
    except TocsinError as error:
        reply = door.refuse(request, error)
        assert 400 <= reply.status < 500
        assert isinstance(json.loads(reply.body), dict)
        return
    if isinstance(read, Events):
        for event in read.events:
            assert_can_be_kept(event)


def assert_can_be_kept(event: Event) -> None:
    """Keys fit an index, instants are in UTC, no text has a NUL, links are web addresses, and all of it is JSON."""
    assert 0 < len(event.dedup_key) <= LONGEST_KEY
    assert event.source_group is None or 0 < len(event.source_group) <= LONGEST_KEY
    assert all(instant is None or instant.tzinfo is UTC for instant in (event.at, event.expires_at))
    assert all(link.href.lower().startswith(("http://", "https://")) for link in event.links)
    assert all(isinstance(value, str) for pair in event.labels.items() for value in pair)
    kept = msgspec.json.encode((event.summary, event.labels, event.details, event.links, event.actor, event.note))
    assert b"\\u0000" not in kept.replace(b"\\\\", b"")


@each_door
@pytest.mark.parametrize("depth", [DEEPEST_KEPT + 2, 500, 200_000])
@pytest.mark.parametrize("pair", [(b"[", b"]"), (b'{"a":', b"}")], ids=["lists", "objects"])
def test_a_depth_bomb_is_refused(door: Door, depth: int, pair: tuple[bytes, bytes]) -> None:
    """JSON that nests deeper than any message has reason to is refused, alone and inside the fields of a good one."""
    bomb = pair[0] * depth + b"1" + pair[1] * depth
    good = {
        "tocsin": b'{"action":"trigger","summary":"x","severity":"info","details":%s}',
        "opsgenie": b'{"message":"x","details":{"a":%s}}',
        "pagerduty": b'{"routing_key":"r","event_action":"trigger",'
        b'"payload":{"summary":"x","source":"x","severity":"info","custom_details":%s}}',
        "alertmanager": b'{"alerts":[{"status":"firing","labels":{"a":"b"},"values":%s}]}',
    }
    for body in (bomb, good[door.name] % bomb):
        with pytest.raises(TocsinError):
            door.read(request_to(door, door.paths[0], body))


def test_doors_have_names_and_addresses_of_their_own() -> None:
    """No two doors share a name or an address, and each tells how to use it."""
    paths = [path for door in DOORS for path in door.paths]
    assert len(BY_NAME) == len(DOORS)
    assert len(set(paths)) == len(paths)
    assert all("{url}" in door.help and "{key}" in door.help for door in DOORS)
    assert all(door.help.format(url="https://tocsin.example.org", key="k") for door in DOORS)
