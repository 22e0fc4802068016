"""One node: everything that `tocsin serve` runs, wired together, started and stopped in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import TypedDict

import structlog

from tocsin.app.catalogs import load_catalogs
from tocsin.app.directories import Directories
from tocsin.app.exchange import StoredExchange
from tocsin.app.metrics import Metrics
from tocsin.app.previews import StoredPreviews
from tocsin.app.settings import Settings
from tocsin.app.silences import StoredSilences
from tocsin.calendars import read as read_calendar
from tocsin.channels import CHANNELS
from tocsin.core.errors import Unavailable
from tocsin.core.people import Role
from tocsin.engine.calendars import Calendars
from tocsin.engine.commands import Counter
from tocsin.engine.courier import Courier
from tocsin.engine.feeding import Feeding
from tocsin.engine.handovers import Handovers
from tocsin.engine.ids import new_id
from tocsin.engine.keeper import Keeper
from tocsin.engine.links import Links, Session, token_hash
from tocsin.engine.live import Live
from tocsin.engine.memos import Memos
from tocsin.engine.notices import Notices
from tocsin.engine.rota_news import RotaNews
from tocsin.engine.syncing import Syncing
from tocsin.engine.taking import Taker
from tocsin.engine.teller import Teller
from tocsin.engine.transport import Transport
from tocsin.engine.watchdog import Watchdog
from tocsin.engine.worker import Worker
from tocsin.intake import DOORS
from tocsin.ports.channels import Channel, Show
from tocsin.ports.channels import Settings as ChannelSettings
from tocsin.ports.state import Token
from tocsin.store.postgres import PostgresStore
from tocsin.syncs import SYNCS
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
#: The same for messages, which are told again if need be.
MESSAGES_DRAIN_SECONDS = 2.0


class _Calling(TypedDict):
    """What the loops that call providers have in common."""

    channels: Mapping[str, Channel]
    settings: Mapping[str, ChannelSettings]
    node: str


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
    teller: Teller
    watchdog: Watchdog
    syncing: Syncing
    keeper: Keeper
    feeding: Feeding
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
            await node.teller.drain(seconds=MESSAGES_DRAIN_SECONDS)


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
    notices, memos = Notices(current, links, catalogs), Memos(links, catalogs)
    calling = _Calling(channels={one.name: one for one in CHANNELS}, settings=settings.channels, node=name)
    courier = Courier(store, current, transport, notices, **calling, lease=LEASE)
    worker = Worker(store, current, courier, node=name, lease=LEASE)
    teller = Teller(store, current, transport, memos, **calling)
    syncing = Syncing(store, current, transport, kinds=SYNCS, settings=settings.syncs, environment=os.environ)
    feeding = Feeding(store, current, transport, read=read_calendar)
    news, handovers, exchange = RotaNews(store), Handovers(store, current), StoredExchange(store, directories)
    chores = (news.remind, news.tell_moves, news.warn, handovers.chase, exchange.expire, exchange.tidy)
    keeper = Keeper(store, current, chores=chores)
    beside = (teller.pulse, syncing.pulse, feeding.pulse, keeper.pulse)
    watchdog = Watchdog(store, current, transport, (worker.pulse, courier.pulse), beside=beside)
    metrics = Metrics(taker=taker, worker=worker, courier=courier, teller=teller, watchdog=watchdog)
    context = Context(
        counter=counter,
        links=links,
        live=live,
        catalogs=catalogs,
        upkeep=store,
        doors=DOORS,
        readiness=lambda: _readiness(store, watchdog, syncing),
        metrics=metrics.text,
        version=version("tocsin"),
        syncs=syncing,
        handovers=handovers,
        exchange=exchange,
        calendars=Calendars(store, current, links),
        preview=StoredPreviews(store, directories).preview,
        pace=pace,
        phones=again is not None,
        secure=settings.secure,
    )
    doorway = _doorway(context, store, directories, taker, again)
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
        teller=teller,
        watchdog=watchdog,
        syncing=syncing,
        keeper=keeper,
        feeding=feeding,
        live=live,
        app=doorway,
    )


def _doorway(
    context: Context,
    store: PostgresStore,
    directories: Directories,
    taker: Taker,
    again: Callable[[], Awaitable[None]] | None,
) -> Doorway:
    """The server behind its doors."""
    silences = StoredSilences(store, directories)
    app = create_app(context, page_routers=routers(context, again), error_page=error_page, silences=silences)
    return Doorway(app, doors=DOORS, directory=directories.current, taker=taker, readings=store)


def _loops(node: Node) -> list[asyncio.Task[None]]:
    changed = asyncio.Event()

    def heard(topic: str, payload: str) -> None:
        match topic:
            case "work":
                node.worker.pulse.wake()
            case "outbox":
                node.courier.pulse.wake()
            case "messages":
                node.teller.pulse.wake()
            case "configuration":
                changed.set()
            case "case":
                node.live.changed(payload)
            case _:
                log.debug("a notice that this version does not know", topic=topic)

    node.store.watch(heard)
    running = (
        node.worker.run(),
        node.courier.run(),
        node.watchdog.run(),
        node.teller.run(),
        node.syncing.run(),
        node.keeper.run(),
        node.feeding.run(),
        _follow(node, changed),
    )
    return [asyncio.create_task(loop) for loop in running]


async def _follow(node: Node, changed: asyncio.Event) -> None:
    """Keep the configuration fresh: at every notice, and once a minute in case one was lost."""
    while True:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(60):
                await changed.wait()
        changed.clear()
        try:
            if await node.directories.refresh():
                await node.store.wake_all()
                node.worker.pulse.wake()
                node.syncing.pulse.wake()
                node.keeper.pulse.wake()
                node.feeding.pulse.wake()
        except Unavailable as trouble:
            log.warning("the configuration cannot be read", error=trouble.detail)


async def _readiness(store: PostgresStore, watchdog: Watchdog, syncing: Syncing) -> Readiness:
    try:
        async with asyncio.timeout(3):
            await store.now()
    except (Unavailable, TimeoutError):
        return Readiness(ready=False, troubles=("the database does not answer",))
    troubles = () if watchdog.health is None else watchdog.troubles()
    return Readiness(ready=True, troubles=(*troubles, *syncing.troubles))


def _node_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{new_id()[-6:]}"
