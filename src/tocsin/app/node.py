"""One node: everything that `tocsin serve` runs, wired together, started and stopped in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version

import structlog

from tocsin.app.catalogs import load_catalogs
from tocsin.app.directories import Directories
from tocsin.app.metrics import Metrics
from tocsin.app.settings import Settings
from tocsin.app.silences import StoredSilences
from tocsin.channels import CHANNELS
from tocsin.core.errors import Unavailable
from tocsin.core.people import Role
from tocsin.engine.commands import Counter
from tocsin.engine.courier import Courier
from tocsin.engine.ids import new_id
from tocsin.engine.links import Links, Session, token_hash
from tocsin.engine.live import Live
from tocsin.engine.notices import Notices
from tocsin.engine.taking import Taker
from tocsin.engine.transport import Transport
from tocsin.engine.watchdog import Watchdog
from tocsin.engine.worker import Worker
from tocsin.intake import DOORS
from tocsin.ports.channels import Show
from tocsin.ports.state import Token
from tocsin.store.postgres import PostgresStore
from tocsin.web.context import Context, Readiness
from tocsin.web.doorway import Doorway
from tocsin.web.pages import routers
from tocsin.web.pages.rendering import error_page
from tocsin.web.server import create_app

log = structlog.get_logger()

#: A delivery that has no outcome after this is taken over; longer than any call may take.
LEASE = timedelta(seconds=30)
#: How long a stopping node waits for the calls that are under way.
DRAIN_SECONDS = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A running node."""

    settings: Settings
    store: PostgresStore
    directories: Directories
    counter: Counter
    links: Links
    taker: Taker
    worker: Worker
    courier: Courier
    watchdog: Watchdog
    live: Live
    app: Doorway

    def sign_in_url(self) -> str:
        """A one-time address that signs in as an administrator."""
        return self.links.sign_in_url(Session(subject="setup", role=Role.ADMIN.value))


@asynccontextmanager
async def running_node(
    settings: Settings,
    store: PostgresStore,
    *,
    pace: float = 1.0,
    again: Callable[[], Awaitable[None]] | None = None,
    show: Callable[[Show], None] | None = None,
) -> AsyncIterator[Node]:
    """Wire a node on an open store, run its loops, and let the calls under way end when it stops."""
    directories = Directories(store)
    await directories.refresh()
    if settings.admin_token is not None:
        token = Token(hash=token_hash(settings.admin_token), name="TOCSIN_ADMIN_TOKEN", role=Role.ADMIN.value)
        await store.put_token(token)
    async with Transport(settings.channels, show=show) as transport:
        node = _wire(settings, store, directories, transport, pace=pace, again=again)
        tasks = _loops(node)
        try:
            yield node
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with contextlib.suppress(Unavailable):
                await node.courier.drain(seconds=DRAIN_SECONDS)


def _wire(
    settings: Settings,
    store: PostgresStore,
    directories: Directories,
    transport: Transport,
    *,
    pace: float,
    again: Callable[[], Awaitable[None]] | None,
) -> Node:
    current = directories.current
    catalogs, live, name = load_catalogs(), Live(), _node_name()
    links = Links(settings.secret_key, public_url=settings.public_url, answers_last=current().habits.links_last)
    counter = Counter(store, current)
    taker = Taker(store, current)
    courier = Courier(
        store,
        current,
        transport,
        Notices(current, links, catalogs),
        channels={channel.name: channel for channel in CHANNELS},
        settings=settings.channels,
        node=name,
        lease=LEASE,
    )
    worker = Worker(store, current, courier, node=name, lease=LEASE)
    watchdog = Watchdog(store, current, transport, (worker.pulse, courier.pulse))
    metrics = Metrics(taker=taker, worker=worker, courier=courier, watchdog=watchdog)
    context = Context(
        counter=counter,
        links=links,
        live=live,
        catalogs=catalogs,
        upkeep=store,
        doors=DOORS,
        readiness=lambda: _readiness(store, watchdog),
        metrics=metrics.text,
        version=version("tocsin"),
        pace=pace,
        phones=again is not None,
        secure=settings.secure,
    )
    silences = StoredSilences(store, directories)
    app = create_app(context, page_routers=routers(context, again), error_page=error_page, silences=silences)
    doorway = Doorway(app, doors=DOORS, directory=current, taker=taker, readings=store)
    metrics.watch(doorway)
    return Node(
        settings=settings,
        store=store,
        directories=directories,
        counter=counter,
        links=links,
        taker=taker,
        worker=worker,
        courier=courier,
        watchdog=watchdog,
        live=live,
        app=doorway,
    )


def _loops(node: Node) -> list[asyncio.Task[None]]:
    changed = asyncio.Event()

    def heard(topic: str, payload: str) -> None:
        match topic:
            case "work":
                node.worker.pulse.wake()
            case "outbox":
                node.courier.pulse.wake()
            case "configuration":
                changed.set()
            case "case":
                node.live.changed(payload)
            case _:
                log.debug("a notice that this version does not know", topic=topic)

    node.store.watch(heard)
    running = (node.worker.run(), node.courier.run(), node.watchdog.run(), _follow(node, changed))
    return [asyncio.create_task(loop) for loop in running]


async def _follow(node: Node, changed: asyncio.Event) -> None:
    """Keep the configuration fresh: at every notice, and once a minute in case one was lost."""
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), 60)
        changed.clear()
        try:
            if await node.directories.refresh():
                await node.store.wake_all()
                node.worker.pulse.wake()
        except Unavailable as trouble:
            log.warning("the configuration cannot be read", error=trouble.detail)


async def _readiness(store: PostgresStore, watchdog: Watchdog) -> Readiness:
    try:
        async with asyncio.timeout(3):
            await store.now()
    except (Unavailable, TimeoutError):
        return Readiness(ready=False, troubles=("the database does not answer",))
    if watchdog.health is None:
        return Readiness(ready=True)
    return Readiness(ready=True, troubles=watchdog.troubles())


def _node_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{new_id()[-6:]}"
