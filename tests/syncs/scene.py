"""A small installation whose syncs reach a twin of Slack, and a program that listens, over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import web

from tocsin.app.configuring import read_files
from tocsin.configuration.building import directory as built
from tocsin.core.directory import Directory
from tocsin.core.syncs import Entry, State, SyncName
from tocsin.core.vocabulary import Instant, PersonName, utc
from tocsin.engine.syncing import Syncing, SyncStore
from tocsin.engine.transport import Transport
from tocsin.ports.channels import Settings
from tocsin.store.memory import MemoryStore
from tocsin.syncs import SYNCS
from tocsin.testing import FixedClock
from tocsin.testing.slack import SlackTwin

#: A Sunday; ada is on call until Monday at nine, then grace.
START = utc(2026, 11, 22, 3, 11)
HANDOVER = utc(2026, 11, 23, 9)

PEOPLE = """
tocsin: 1
users:
  - {name: ada, full_name: Ada Byron, email: Ada@example.org, role: admin}
  - {name: grace, full_name: Grace Hopper, email: grace@example.org}
  - {name: linus, full_name: Linus Pauling, email: linus@example.org}
  - {name: mei, full_name: Chen Mei}
teams: [{name: data, members: [ada, grace, linus], lead: linus}]
schedules:
  - {name: data-primary, team: data, time_zone: UTC, layers: [
      {name: weekly, rotation: {every: 1 week, from: "2026-11-16T09:00", people: [ada, grace]}}]}
  - {name: data-secondary, team: data, time_zone: UTC, layers: [
      {name: weekly, rotation: {every: 1 week, from: "2026-11-16T09:00", people: [linus, ada]}}]}
  - {name: no-mail, team: data, time_zone: UTC, layers: [
      {name: weekly, rotation: {every: 1 week, from: "2026-11-16T09:00", people: [[ada, mei]]}}]}
  - {name: empty, team: data, time_zone: UTC}
"""

ONE_LINE = "syncs: [{name: data-oncall, schedule: data-primary, slack_group: data-oncall}]\n"
NAME = SyncName("data-oncall")


def configured(syncs: str = ONE_LINE, *, people: str = PEOPLE, revision: int = 1) -> Directory:
    """The directory of a configuration."""
    draft = read_files([("tocsin.yaml", people + syncs)], environment={"SYNC_SECRET": "set where it is applied"})
    return built(draft.documents, revision)


class Receiver:
    """A program that takes webhooks, and keeps each with its headers."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.url = ""

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What was said, oldest first."""
        return [json.loads(body) for _, body in self.calls]

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Receiver]:
        """Listen on a port of the loopback interface."""
        app = web.Application()
        app.router.add_post("/oncall", self._take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/oncall"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        self.calls.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status, headers=self.headers, text="ok")


async def once(node: Syncing) -> timedelta:
    """Let a node look once, and attempt what is due to its end; how long it would sleep then."""
    due, sleep = await node.look()
    await asyncio.gather(*map(node.follow, due))
    return sleep


@dataclass
class Scene:
    """One installation, its clock, and what its syncs reach."""

    store: Any
    clock: FixedClock
    slack: SlackTwin
    receiver: Receiver
    transport: Transport
    current: Directory = field(default_factory=configured)
    environment: dict[str, str] = field(default_factory=dict)
    #: What the nodes have been given of Slack's settings.
    slack_settings: dict[str, Any] = field(default_factory=dict)

    @property
    def people(self) -> dict[str, str]:
        """What Slack calls people, by the beginning of their address."""
        return {user.name: user.id for user in self.slack.workspace.users.values()}

    def node(self, store: SyncStore | None = None) -> Syncing:
        """A node's share of the syncs; two nodes are two of these."""
        settings = {"slack": Settings(values=self.slack_settings), "webhook": Settings(values={"secret": "derived"})}
        return Syncing(
            store or self.store,
            lambda: self.current,
            self.transport,
            kinds=SYNCS,
            settings=settings,
            environment=self.environment,
        )

    def members(self, handle: str = "data-oncall") -> set[str]:
        """Who is in a group, by the beginning of their address."""
        users = self.slack.workspace.users
        return {users[one].name for one in self.slack.workspace.group(handle).users}

    async def let_pass(self, node: Syncing, **by: float) -> None:
        """Let time pass, then let the node look once."""
        self.clock.move(timedelta(**by))
        await once(node)

    async def state(self, name: str = NAME) -> State:
        """What is known of a sync."""
        return next(one for one in await self.store.sync_states() if one.name == name)

    async def log(self, name: str = NAME) -> list[Entry]:
        """What a sync did, oldest first."""
        return [*await self.store.sync_log(SyncName(name), limit=1_000)][::-1]

    async def told(self, kind: str) -> list[str]:
        """Who was told of something, by name, in order."""
        people = sorted(self.current.people)
        found = [record for person in people for record in await self.store.messages_to(PersonName(person), limit=100)]
        return [record.message.person for record in found if record.message.kind == kind]


@asynccontextmanager
async def scene(*, at: Instant = START, make: Callable[[FixedClock], Any] = MemoryStore) -> AsyncIterator[Scene]:
    """A scene with three people in Slack, whose group still has somebody of last year."""
    clock, slack, receiver = FixedClock(at), SlackTwin(), Receiver()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(slack)
        await stack.enter_async_context(receiver.listening())
        transport = await stack.enter_async_context(Transport({}))
        for name in ("ada", "grace", "linus"):
            slack.workspace.add_user(f"{name}@example.org")
        old = slack.workspace.add_user("last-year@example.org")
        slack.workspace.add_group("data-oncall", [old])
        made = Scene(store=make(clock), clock=clock, slack=slack, receiver=receiver, transport=transport)
        made.slack_settings |= {"token": slack.token, "url": slack.url}
        yield made
