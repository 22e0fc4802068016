"""What real senders send, read by its door: each recorded request means exactly the events that lie beside it.

`TOCSIN_UPDATE_FIXTURES=1 pytest tests/intake` writes the events anew; read the difference before you keep it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from intake.wire import BY_NAME, FIXTURES, as_json, header, request_to, said, taken
from tocsin.core.vocabulary import EventId
from tocsin.ports.doors import Earlier, Events, Request

CASES = sorted(path for path in FIXTURES.glob("*/*.json") if not path.name.endswith(".events.json"))
UPDATE = os.environ.get("TOCSIN_UPDATE_FIXTURES") == "1"


def case_name(path: Path) -> str:
    """The door and the case: how pytest names the test."""
    return f"{path.parent.name}/{path.stem}"


def load(path: Path) -> tuple[Request, dict[str, Any]]:
    """A recorded request, and all that was recorded of it."""
    case = json.loads(path.read_text(encoding="utf-8"))
    sent = dict(case["request"])
    return request_to(BY_NAME[path.parent.name], sent.pop("path"), sent.pop("body"), **sent), case


@pytest.mark.parametrize("path", CASES, ids=case_name)
def test_a_request_means_its_events(path: Path) -> None:
    """A recorded request is read as the events that lie beside it, no more and no less."""
    request, _ = load(path)
    found = as_json(BY_NAME[path.parent.name].read(request))
    expected = path.with_suffix(".events.json")
    if UPDATE:
        expected.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert expected.exists(), f"{expected.name} is missing: what does the request mean?"
    assert found == json.loads(expected.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [path for path in CASES if "answered" in load(path)[1]], ids=case_name)
def test_an_answer_has_the_recorded_shape(path: Path) -> None:
    """The answer has the status, the headers, the fields and the kinds of value that satisfied the real client."""
    request, case = load(path)
    door = BY_NAME[path.parent.name]
    read = door.read(request)
    if isinstance(read, Events):
        whole = tuple(taken(event_id=EventId(f"event-{n}"), dedup_key=e.dedup_key) for n, e in enumerate(read.events))
        reply = door.answer(request, whole)
    else:
        assert door.tell is not None
        earlier = Earlier(taken=taken(), action="trigger", integration="airflow", processed_at=request.received_at)
        reply = door.tell(request, earlier)
    answered = case["answered"]
    assert reply.status == answered["status"]
    assert all(header(reply, name.lower()) for name in answered["headers"])
    assert _shape(said(reply) if reply.body else None) == _shape(answered["body"])


def test_every_expectation_has_its_request() -> None:
    """No expectation is left over from a case that is gone."""
    kept = {path.with_suffix(".events.json") for path in CASES}
    assert set(FIXTURES.glob("*/*.events.json")) == kept


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}
    return type(value).__name__
