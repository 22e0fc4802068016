"""One test for every channel: a notice or a memo becomes just this call, an answer means just this verdict.

`fixtures/<channel>/<case>.page.json` is a notice, `<case>.memo.json` a memo, `<case>.call.json` (and `.call.html` of a
mail) the call that it becomes; `<case>.answers.json` lists answers with their verdicts; `settings.json` holds the
channel's settings.
After a change that is meant, `TOCSIN_RECORD=1 pytest tests/channels` writes the calls anew: read the difference.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tocsin.channels import CHANNELS
from tocsin.ports.channels import Answer, Call, Channel, HttpCall, Mail, Memo, Notice, NotNow, Settings, Verdict

FIXTURES = Path(__file__).parent / "fixtures"
IS_RECORDING = bool(os.environ.get("TOCSIN_RECORD"))


def settings_of(channel: Channel) -> Settings:
    """The channel's defaults, with what its fixtures set."""
    path = FIXTURES / channel.name / "settings.json"
    own = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return Settings(values={setting.name: setting.default for setting in channel.settings} | own)


def cases(ending: str) -> list[Any]:
    """Every fixture with this ending, with its channel."""
    return [
        pytest.param(channel, path, id=f"{channel.name}-{path.name.removesuffix(ending)}")
        for channel in CHANNELS
        for path in sorted((FIXTURES / channel.name).glob(f"*{ending}"))
    ]


@pytest.mark.parametrize(("channel", "path"), cases(".page.json"))
def test_a_notice_becomes_this_call(channel: Channel, path: Path) -> None:
    """What leaves for a provider is what was written down, to the letter."""
    call = channel.compose(msgspec.json.decode(path.read_bytes(), type=Notice), settings_of(channel))
    _is_this_call(call, str(path).removesuffix(".page.json"))


@pytest.mark.parametrize(("channel", "path"), cases(".memo.json"))
def test_a_memo_becomes_this_call(channel: Channel, path: Path) -> None:
    """A message leaves just as it was written down, and nothing about it asks to be acknowledged."""
    assert channel.tell is not None
    memo = msgspec.json.decode(path.read_bytes(), type=Memo)
    call = channel.tell(memo, settings_of(channel))
    _is_this_call(call, str(path).removesuffix(".memo.json"))
    assert not re.search("acknowledge|认领", repr(call), re.IGNORECASE)


@pytest.mark.parametrize(("channel", "path"), cases(".answers.json"))
def test_an_answer_means_this_verdict(channel: Channel, path: Path) -> None:
    """Each answer that a provider may give is reached, not now or never, as the table says."""
    for line in json.loads(path.read_text(encoding="utf-8")):
        answer = msgspec.convert(line["answer"], Answer)
        assert _told(channel.interpret(answer)) == line["verdict"], answer


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_every_channel_has_its_tables(channel: Channel) -> None:
    """No channel goes without a notice, a memo (if it tells any) and answers, or refuses its own address hint."""
    assert any((FIXTURES / channel.name).glob("*.page.json"))
    assert channel.tell is None or any((FIXTURES / channel.name).glob("*.memo.json"))
    assert any((FIXTURES / channel.name).glob("*.answers.json"))
    assert channel.check_address(channel.address_hint) is None


def test_no_call_is_left_over() -> None:
    """Every recorded call belongs to a notice or a memo that still stands."""
    left = [
        path
        for path in FIXTURES.rglob("*.call.*")
        if not any(
            path.with_name(f"{path.name.partition('.call.')[0]}.{kind}.json").exists() for kind in ("page", "memo")
        )
    ]
    assert not left


def _is_this_call(call: Call, case: str) -> None:
    _is_as_written(Path(f"{case}.call.json"), f"{json.dumps(_shown(call), ensure_ascii=False, indent=2)}\n")
    if isinstance(call, Mail):
        _is_as_written(Path(f"{case}.call.html"), call.html)


def _is_as_written(path: Path, text: str) -> None:
    if IS_RECORDING:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def _shown(call: Call) -> dict[str, Any]:
    shown = {"call": type(call).__name__, **asdict(call)}
    if isinstance(call, HttpCall):
        shown["body"] = json.loads(call.body)
    shown.pop("html", None)
    return shown


def _told(verdict: Verdict) -> dict[str, Any]:
    told = {"verdict": type(verdict).__name__, **asdict(verdict)}
    if isinstance(verdict, NotNow):
        told["wait"] = None if verdict.wait is None else verdict.wait.total_seconds()
    return told
