"""The product in one minute: a failing pipeline, three phones, an escalation in accelerated time."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import tempfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from tocsin.app.configuring import apply_text
from tocsin.app.database import open_store
from tocsin.app.node import Node, running_node
from tocsin.app.serving import answer, bind
from tocsin.app.settings import Settings, load
from tocsin.channels import CHANNELS
from tocsin.core.alerts.model import Status
from tocsin.core.errors import TocsinError
from tocsin.core.events import Action, Event
from tocsin.core.vocabulary import IntegrationName, Link, Severity
from tocsin.engine.commands import Actor
from tocsin.ports.channels import Show
from tocsin.ports.state import AlertQuery, AlertRecord, Raw

#: So many times faster than the clock on the wall: five minutes pass in ten seconds.
PACE = 30.0
#: When nobody answers, the lead does, after so many seconds on the wall.
_PATIENCE_SECONDS = 32.0
_AIRFLOW = IntegrationName("airflow")


async def demo(*, port: int, say: Callable[[str], None]) -> None:
    """Serve the demo in a temporary folder until it is stopped.

    Raises:
        Unavailable: it cannot start; says why, in one sentence.
    """
    with (
        contextlib.closing(bind("127.0.0.1", port)) as listening,
        tempfile.TemporaryDirectory(prefix="tocsin-demo-") as folder,
    ):
        settings = _settings(Path(folder), port)
        async with open_store(settings, attach=False) as store:
            await store.set_pace(PACE)
            text = files("tocsin.app").joinpath("demo.yaml").read_text(encoding="utf-8")
            environment = {"TOCSIN_DEMO_KEY": secrets.token_urlsafe(24)}
            await apply_text(store, [("demo.yaml", text)], by="demo", environment=environment)
            story = _Story()
            rings = _Rings(say)
            async with running_node(settings, store, pace=PACE, again=story.again, show=rings.show) as node:
                story.node = node
                _invite(node, say)
                await story.again()
                await answer(node, listening, beside=story.tell)


def _settings(folder: Path, port: int) -> Settings:
    environment = {"TOCSIN_SECRET_KEY": secrets.token_urlsafe(32)}
    return load(CHANNELS, environment=environment, data=str(folder), host="127.0.0.1", port=port)


def _invite(node: Node, say: Callable[[str], None]) -> None:
    say("")
    say("  A data pipeline fails, and Ada's phone rings. Nobody seems to answer.")
    say(f"  Watch, and answer, here:  {node.sign_in_url()}?next=/demo")
    say("")
    say(f"  Time runs {PACE:.0f} times faster than the clock on the wall. Ctrl-C ends the demo and leaves nothing.")
    say("")


class _Rings:
    """The phones once more, as lines in the terminal."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def show(self, message: Show) -> None:
        """One ring, or a message that makes no sound."""
        does = "rings" if message.rings else "shows"
        self._say(f"  {message.to.title()}'s phone {does}: {message.title}")


class _Story:
    """What happens in the demo, as often as it is asked for."""

    def __init__(self) -> None:
        self.node: Node | None = None
        self._begun = asyncio.Event()

    async def again(self) -> None:
        """Put right what is broken, and break it again."""
        node = self._running()
        for record in await self._open(node):
            await node.counter.resolve(record.alert.id, Actor(name="demo", via="demo"))
        integration = node.directories.current().integrations[_AIRFLOW]
        await node.taker.take(
            integration, (_failure(),), Raw(method="POST", path="/api/v1/events", headers={}, body=b"")
        )
        self._begun.set()

    async def tell(self) -> None:
        """When no visitor answers, the last one who is rung does."""
        while True:
            await self._begun.wait()
            self._begun.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._begun.wait(), _PATIENCE_SECONDS)
                self._begun.set()
                continue
            with contextlib.suppress(TocsinError):
                await self._linus_answers()

    async def _linus_answers(self) -> None:
        node = self._running()
        for record in await self._open(node):
            if record.alert.status is Status.TRIGGERED:
                await node.counter.acknowledge(record.alert.id, Actor(name="linus", via="browser"))

    async def _open(self, node: Node) -> tuple[AlertRecord, ...]:
        statuses = tuple(status for status in Status if status is not Status.RESOLVED)
        return (await node.store.alerts(AlertQuery(statuses=statuses))).items

    def _running(self) -> Node:
        if self.node is None:
            raise LookupError("the demo has not started yet")
        return self.node


def _failure() -> Event:
    return Event(
        action=Action.TRIGGER,
        dedup_key="etl/orders:late",
        summary="Orders pipeline has not finished: 2.1 h late for the 06:00 report",
        severity=Severity.CRITICAL,
        source="airflow",
        labels={"dag": "orders", "team": "data", "env": "prod"},
        description="load_orders waits for a lock in the warehouse since 03:58.",
        links=(Link(href="https://airflow.example.org/dags/orders", text="Open the DAG"),),
    )
