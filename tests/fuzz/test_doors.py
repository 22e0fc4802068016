"""Every door under requests that were twisted: it reads or refuses, and what it reads can be stored and shown."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.mutations import recorded, twisted
from intake.test_any_door import assert_can_be_kept
from intake.wire import BY_NAME, request_to, taken
from tocsin.core.errors import Broken, Refused, TocsinError, Unavailable
from tocsin.core.events import Event, conditions_view
from tocsin.core.routing import Condition
from tocsin.intake import DOORS
from tocsin.intake.alertmanager import MOST_ALERTS
from tocsin.intake.body import LARGEST_KEPT
from tocsin.intake.replies import TooLarge
from tocsin.intake.values import (
    LONGEST_DESCRIPTION,
    LONGEST_HREF,
    LONGEST_LABEL,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_VALUE,
    LONGEST_WORDS,
    MOST_LINKS,
    MOST_OWN_LABELS,
)
from tocsin.ports.doors import Door, Earlier, Events, Request
from tocsin.store.codec import encode_event

each_door = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
LONGEST_SUMMARY = 4_000
SOME = Condition('labels.exists(k, k == "x") || summary.matches("^a+$") || description.contains("y")')


def said_no(door: Door, request: Request, error: TocsinError) -> None:
    """A refusal is a 4xx in JSON with headers that can be sent."""
    reply = door.refuse(request, error)
    assert 400 <= reply.status < 500, (reply.status, error)
    assert isinstance(json.loads(reply.body), dict)
    for name, value in reply.headers:
        assert "\n" not in name + value
        (name + value).encode("latin-1")


def assert_is_bounded(event: Event) -> None:
    """Nothing that a sender writes is kept at any length."""
    assert len(event.summary) <= LONGEST_SUMMARY
    assert len(event.description or "") <= LONGEST_DESCRIPTION
    assert len(event.note or "") <= LONGEST_NOTE
    assert all(len(text or "") <= LONGEST_NAME for text in (event.source, event.service, event.actor))
    assert len(event.labels) <= MOST_OWN_LABELS
    assert all(len(name) <= LONGEST_LABEL and len(value) <= LONGEST_VALUE for name, value in event.labels.items())
    assert len(event.links) <= MOST_LINKS
    assert all(len(link.href) <= LONGEST_HREF and len(link.text) <= LONGEST_WORDS for link in event.links)
    assert len(msgspec.json.encode(event.details)) <= 6 * LARGEST_KEPT  # in characters; one may be written as six


@each_door
def test_there_is_something_to_twist(door: Door) -> None:
    """Each door has recorded requests, and reads them."""
    assert all(door.read(request) for request in recorded(door))


@each_door
@given(data=st.data())
def test_what_was_twisted_is_read_or_refused(door: Door, data: st.DataObject) -> None:
    """No byte, value, encoding or address makes a door fail; what it reads can be kept, decided and answered."""
    request = data.draw(twisted(door))
    try:
        read = door.read(request)
    except Refused as error:
        said_no(door, request, error)
        return
    if not isinstance(read, Events):
        assert door.tell is not None
        earlier = Earlier(taken=taken(), action="x", integration="y", processed_at=request.received_at)
        assert door.tell(request, earlier).status == 200
        return
    for event in read.events:
        assert_can_be_kept(event)
        assert_is_bounded(event)
        assert msgspec.json.decode(encode_event(event), type=Event) == event
        assert SOME.matches(conditions_view(event)) in (True, False)
    if read.events:
        whole = tuple(taken(dedup_key=event.dedup_key) for event in read.events)
        assert 200 <= door.answer(request, whole).status < 300


def test_a_batch_beyond_measure_is_refused_whole() -> None:
    """As many alerts as may come are read; one more is too many, and none of them is taken."""
    alert = b'{"labels":{"a":"%d"}}'
    for count, is_taken in ((MOST_ALERTS, True), (MOST_ALERTS + 1, False)):
        body = b"[" + b",".join(alert % number for number in range(count)) + b"]"
        request = request_to(BY_NAME["alertmanager"], "/alertmanager/api/v2/alerts", body)
        if is_taken:
            assert len(BY_NAME["alertmanager"].read(request).events) == count
        else:
            with pytest.raises(TooLarge):
                BY_NAME["alertmanager"].read(request)


@each_door
@pytest.mark.parametrize("trouble", [Unavailable("later"), Broken("ours")], ids=["unavailable", "broken"])
def test_trouble_of_ours_is_told_as_ours(door: Door, trouble: TocsinError) -> None:
    """What is not the sender's fault is a 5xx, so that it is sent again, and tells nothing of the inside."""
    reply = door.refuse(recorded(door)[0], trouble)
    assert reply.status == (503 if isinstance(trouble, Unavailable) else 500)
    assert b"ours" not in reply.body
