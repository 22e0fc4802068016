"""The watchdog of real nodes: what probes, metrics and doctor say, and how soon the dead are missed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.conftest import Terminal, line_with
from served import Sink, free_port
from tocsin.app.configuring import apply_text
from tocsin.app.database import open_store
from tocsin.app.node import Node, running_node
from tocsin.app.settings import Settings, load
from tocsin.channels import CHANNELS
from tocsin.core.watch import Name, course
from tocsin.store.postgres import PostgresStore

KEY = {"TOCSIN_SECRET_KEY": "k" * 32}
SOON = 15.0

TEXT = """
tocsin: 1
users:
  - {{name: ada, role: admin, contacts: [{{name: hook, channel: webhook, address: "http://127.0.0.1:{sink}/ada"}}]}}
teams: [{{name: ops, members: [ada]}}]
policies: [{{name: climb, steps: [{{page: [{{user: ada}}]}}]}}]
services: [{{name: web, team: ops, policy: climb}}]
integrations: [{{name: native, protocol: tocsin, service: web, key: native-key-0000000000000000}}]
"""


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A program that takes every call."""
    sink = Sink()
    yield sink
    sink.close()


def settings_of(folder: Path, database_url: str) -> Settings:
    """Settings of a node."""
    return load(CHANNELS, environment={"TOCSIN_DATABASE_URL": database_url, **KEY}, data=str(folder))


@asynccontextmanager
async def running(folder: Path, database_url: str, sink: Sink) -> AsyncIterator[tuple[Node, PostgresStore]]:
    """A whole node in this process, but for its sockets."""
    settings = settings_of(folder, database_url)
    async with open_store(settings, attach=True) as store:
        await apply_text(store, [("a.yaml", TEXT.format(sink=sink.port))], by="test")
        async with running_node(settings, store) as node:
            yield node, store


async def ask(node: Node, path: str) -> str:
    """What the node answers to a request."""
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: object) -> None:
        sent.append(dict(message))  # type: ignore[call-overload]

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "path": path,
        "raw_path": path.encode(), "query_string": b"", "headers": [], "scheme": "http", "root_path": "",
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1),
    }  # fmt: skip
    await node.app(scope, receive, send)  # type: ignore[arg-type]
    return b"".join(bytes(message.get("body", b"")) for message in sent).decode()  # type: ignore[arg-type]


async def until(asks: Callable[[], object], *, seconds: float) -> float:
    """How long it takes until the answer is yes."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        answer = asks()
        if asyncio.iscoroutine(answer):
            answer = await answer
        if answer:
            return time.monotonic() - begun
        await asyncio.sleep(0.1)
    raise AssertionError(f"it did not happen within {seconds:.0f} s")


async def end_task(name: str) -> None:
    """Cancel a task of this process by its name, once it runs."""
    await until(lambda: name in {task.get_name() for task in asyncio.all_tasks()}, seconds=5)
    next(task for task in asyncio.all_tasks() if task.get_name() == name).cancel()


@pytest.mark.postgres
async def test_a_worker_that_is_dead_for_good_is_noticed_and_told(
    tmp_path: Path, database_url: str, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker's task is gone and nobody starts it again: probes and metrics say so within fifteen seconds, and the
    administrators hear of it, by the node itself.
    """
    monkeypatch.setattr(course, "LASTING", timedelta(seconds=12))
    async with running(tmp_path, database_url, sink) as (node, _):
        assert json.loads(await ask(node, "/readyz")) == {"status": "ready", "troubles": []}
        await end_task("tocsin minder of the worker")

        async def is_seen() -> bool:
            return "The worker on" in await ask(node, "/readyz")

        assert await until(is_seen, seconds=SOON) < SOON
        metrics = await ask(node, "/metrics")
        assert 'tocsin_trouble{name="loop_silent"} 1.0' in metrics
        assert "tocsin_pages_in_danger 1.0" in metrics
        await until(sink.calls, seconds=10)
        (call,) = sink.calls()
        assert call["kind"] == "watch_danger"
        assert call["title"].startswith("Pages are in danger: The worker on")


@pytest.mark.postgres
async def test_a_worker_that_ends_is_started_again(tmp_path: Path, database_url: str, sink: Sink) -> None:
    """The worker's task is cancelled in a running node: a moment later it works again, and the stumble is counted."""
    async with running(tmp_path, database_url, sink) as (node, _):
        await end_task("tocsin worker")
        await asyncio.sleep(1.2)
        event = {"action": "trigger", "summary": "disk", "severity": "critical"}
        assert await posted(node, event) == 202
        await until(sink.calls, seconds=5)
        assert "tocsin_cases_undecidable_total 1.0" in await ask(node, "/metrics")


async def posted(node: Node, event: dict[str, str]) -> int:
    """The status that the node answers to an event."""
    body, sent = json.dumps(event).encode(), []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: object) -> None:
        sent.append(dict(message))  # type: ignore[call-overload]

    headers = [
        (b"authorization", b"Bearer native-key-0000000000000000"),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": "/api/v1/events",
        "raw_path": b"/api/v1/events", "query_string": b"", "headers": headers, "scheme": "http", "root_path": "",
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1),
    }  # fmt: skip
    await node.app(scope, receive, send)  # type: ignore[arg-type]
    return int(sent[0]["status"])


@pytest.mark.postgres
async def test_every_documented_metric_is_there(tmp_path: Path, database_url: str, sink: Sink) -> None:
    """Rules are written by names: what docs/watchdog.md promises is told, and every trouble stands there."""
    async with running(tmp_path, database_url, sink) as (node, _):
        await until(lambda: len(asyncio.all_tasks()) > 8, seconds=5)
        await asyncio.sleep(0.5)
        families = {one.name: one for one in text_string_to_metric_families(await ask(node, "/metrics"))}
    text = (Path(__file__).parents[2] / "docs" / "watchdog.md").read_text(encoding="utf-8")
    table = text.partition("## Metrics")[2]
    documented = {name.removesuffix("_total") for name in re.findall(r"`(tocsin_[a-z_]+)", table)}
    assert documented <= set(families)
    assert {sample.labels["name"] for sample in families["tocsin_trouble"].samples} == set(Name)
    named = {name for line in text.partition("## How")[0].splitlines() for name in re.findall(r"^\| (.+?) \|", line)}
    assert set(Name) <= set(re.findall(r"`(\w+)`", " ".join(named)))


@pytest.mark.postgres
async def test_a_node_that_ends_in_order_is_missed_by_nobody(tmp_path: Path, database_url: str, sink: Sink) -> None:
    """While it runs it is known by its role and version; it says goodbye before it goes."""
    async with running(tmp_path, database_url, sink) as (_, store):

        async def is_known() -> bool:
            return bool((await store.presences())[1])

        await until(is_known, seconds=5)
        (one,) = (await store.presences())[1]
        assert (one.role, bool(one.version)) == ("all", True)
    async with open_store(settings_of(tmp_path, database_url), attach=True) as store:
        assert (await store.presences())[1] == ()


class Process:
    """A `tocsin serve` against a database, in a folder of its own."""

    def __init__(self, terminal: Terminal, database_url: str) -> None:
        self.port = free_port()
        self._process = terminal.start("serve", "--port", str(self.port), TOCSIN_DATABASE_URL=database_url, **KEY)
        line_with(self._process, "ready")

    def troubles(self) -> list[str]:
        """What its probe says."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=10) as answer:
            return list(json.loads(answer.read())["troubles"])

    def end(self) -> None:
        """End it without a word."""
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.communicate(timeout=30)


@pytest.mark.postgres
def test_a_killed_node_is_noticed_by_the_other(terminal: Terminal, database_url: str) -> None:
    """Of two nodes one is killed: the other knows it within fifteen seconds, and doctor names both."""
    processes = [Process(terminal, database_url) for _ in range(2)]
    try:
        assert processes[0].troubles() == []
        time.sleep(3)
        processes[1].end()
        begun = time.monotonic()
        while not processes[0].troubles():
            assert time.monotonic() - begun < SOON
            time.sleep(0.2)
        (trouble,) = processes[0].troubles()
        assert "has not been heard of since" in trouble
        answer = terminal.run("doctor", "--json", TOCSIN_DATABASE_URL=database_url, **KEY)
        (nodes,) = (one for one in json.loads(answer.stdout)["findings"] if one["name"] == "nodes")
        assert not nodes["well"]
        assert "(all, " in nodes["text"]
        assert "has not been heard of since" in nodes["text"]
    finally:
        for one in processes:
            one.end()
