"""A message through a real server: asked for over HTTP, told by a real call, shown afterwards, and counted."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from served import ADMIN, Served, Sink


@pytest.mark.postgres
def test_a_test_message_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for a test message gets it at once, and finds it among their messages."""
    monkeypatch.setenv("TOCSIN_CHANNEL_WEBHOOK_MESSAGES", "true")
    sink = Sink()
    served = Served(tmp_path, sink=sink.port)
    served.start()
    try:
        asked = time.monotonic()
        assert served.call("POST", "/api/v1/people/ada/messages/test", {}, bearer=ADMIN)[0] == 202
        while not sink.calls() and time.monotonic() < asked + 20:
            time.sleep(0.05)
        [call] = sink.calls()
        assert (call["kind"], call["person"], call["repeat"]) == ("test", "ada", False)
        assert call["values"] == {"by": "TOCSIN_ADMIN_TOKEN"}
        assert time.monotonic() < asked + 10
        [shown] = _once_told(served)["items"]
        assert (shown["id"], shown["title"]) == (call["message_id"], call["title"])
        assert [one["outcome"] for one in shown["tried"]] == ["reached"]
        assert 'tocsin_messages_total{ended="told"} 1.0' in served.call("GET", "/metrics")[1]
    finally:
        served.kill()
        sink.close()


def _once_told(served: Served) -> dict[str, list[dict[str, object]]]:
    """Ada's messages, as soon as one is told."""
    for _ in range(100):
        _, answer = served.call("GET", "/api/v1/people/ada/messages", bearer=ADMIN)
        if answer["items"][0]["status"] == "told":
            break
        time.sleep(0.05)
    found: dict[str, list[dict[str, object]]] = answer
    return found
