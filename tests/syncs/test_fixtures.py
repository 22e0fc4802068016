"""One test for every kind of sync: a wish becomes just these calls, and with just these answers comes to this.

`fixtures/<kind>/<case>.json` holds a wish, settings, the steps (call and answer, in turn) and what it comes to. After a
change that is meant, `TOCSIN_RECORD=1 pytest tests/syncs/test_fixtures.py` writes calls and ends anew: read the
difference.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tocsin.core.syncs import Followed
from tocsin.ports.channels import Answer, HttpCall, NoAnswer, Settings
from tocsin.ports.syncs import SyncKind, Wish
from tocsin.syncs import SYNCS

FIXTURES = Path(__file__).parent / "fixtures"
IS_RECORDING = bool(os.environ.get("TOCSIN_RECORD"))


def cases() -> list[Any]:
    """Every fixture with its kind."""
    return [
        pytest.param(kind, path, id=f"{kind.name}-{path.stem}")
        for kind in SYNCS
        for path in sorted((FIXTURES / kind.name).glob("*.json"))
    ]


def answer_of(written: dict[str, Any]) -> Answer | NoAnswer:
    """An answer as fixtures write it: the text may be JSON."""
    if "why" in written:
        return msgspec.convert(written, NoAnswer)
    text = written.get("text", "")
    return msgspec.convert({**written, "text": text if isinstance(text, str) else json.dumps(text)}, Answer)


def played(kind: SyncKind, case: dict[str, Any]) -> tuple[list[dict[str, Any]], Followed]:
    """Drive a kind with the answers of a case; the calls it made, and what it came to."""
    wish = msgspec.convert(case["wish"], Wish)
    defaults = {setting.name: setting.default for setting in kind.settings}
    steps = kind.follow(wish, Settings(values=defaults | case.get("settings", {})))
    answers = [answer_of(step["answer"]) for step in case["steps"]]
    calls: list[dict[str, Any]] = []
    try:
        call = next(steps)
        for answer in answers:
            calls.append(shown(call))
            call = steps.send(answer)
    except StopIteration as end:
        assert len(calls) == len(answers), "it has ended before its answers"
        followed: Followed = end.value
        return calls, followed
    raise AssertionError(f"it wants more answers: {shown(call)}")


def shown(call: HttpCall) -> dict[str, Any]:
    """A call as fixtures write it."""
    made = {"method": call.method, "url": call.url, "headers": [list(one) for one in call.headers]}
    return made | ({"body": call.body.decode()} if call.body else {})


def ended(followed: Followed) -> dict[str, Any]:
    """What an attempt came to, as fixtures write it; what is not there is left out."""
    result = {key: value for key, value in asdict(followed.result).items() if value not in ((), "", None, False)}
    made = {
        "result": {"is": type(followed.result).__name__, **result},
        "unmatched": {one.person: one.why for one in followed.unmatched},
        "learned": dict(followed.learned),
    }
    return json.loads(msgspec.json.encode({key: value for key, value in made.items() if value}))


@pytest.mark.parametrize(("kind", "path"), cases())
def test_a_wish_becomes_these_calls(kind: SyncKind, path: Path) -> None:
    """What leaves for the other side, and how its answers are read, is what was written down, to the letter."""
    case = json.loads(path.read_text(encoding="utf-8"))
    calls, followed = played(kind, case)
    if IS_RECORDING:
        steps = [{"call": call, "answer": step["answer"]} for call, step in zip(calls, case["steps"], strict=True)]
        written = {**case, "steps": steps, "end": ended(followed)}
        path.write_text(f"{json.dumps(written, ensure_ascii=False, indent=2)}\n", encoding="utf-8")
    case = json.loads(path.read_text(encoding="utf-8"))
    assert calls == [step["call"] for step in case["steps"]]
    assert ended(followed) == case["end"]
    if case["wish"].get("dry"):
        assert {call["method"] for call in calls} <= {"GET"}


@pytest.mark.parametrize("kind", SYNCS, ids=lambda kind: kind.name)
def test_every_kind_has_its_cases(kind: SyncKind) -> None:
    """No kind goes without cases, one of a dry run among them, and no secret is among what it shows."""
    assert any((FIXTURES / kind.name).glob("dry-*.json"))
    assert all(setting.secret for setting in kind.settings if setting.name in ("token", "secret"))
