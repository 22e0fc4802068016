"""Joins the parts of a node: the paging, what runs beside it, and the faces. The watch is joined in wiring_watch.py."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import TypedDict

from starlette.types import ASGIApp

from tocsin.app.audit import StoredAudit
from tocsin.app.directories import Directories
from tocsin.app.exchange import StoredExchange
from tocsin.app.metrics import Metrics
from tocsin.app.previews import StoredPreviews
from tocsin.app.settings import Settings
from tocsin.app.silences import StoredSilences
from tocsin.calendars import read as read_calendar
from tocsin.channels import CHANNELS
from tocsin.core.directory import Directory
from tocsin.engine.calendars import Calendars
from tocsin.engine.commands import Counter
from tocsin.engine.courier import Courier
from tocsin.engine.feeding import Feeding
from tocsin.engine.handovers import Handovers
from tocsin.engine.hashing import Hashing
from tocsin.engine.keeper import Keeper
from tocsin.engine.links import Links
from tocsin.engine.live import Live
from tocsin.engine.memos import Memos
from tocsin.engine.notices import Notices
from tocsin.engine.passwords import PasswordDesk
from tocsin.engine.pulse import Pulse
from tocsin.engine.rota_news import RotaNews
from tocsin.engine.sessions import SessionBook
from tocsin.engine.syncing import Syncing
from tocsin.engine.taking import Taker
from tocsin.engine.teller import Teller
from tocsin.engine.transport import Transport
from tocsin.engine.watchdog import Watchdog
from tocsin.engine.worker import Worker
from tocsin.intake import DOORS
from tocsin.ports.channels import Channel
from tocsin.ports.channels import Settings as ChannelSettings
from tocsin.ports.words import Catalogs
from tocsin.store.postgres import PostgresStore
from tocsin.syncs import SYNCS
from tocsin.web.context import Context, Readiness
from tocsin.web.doorway import Doorway
from tocsin.web.pages import routers
from tocsin.web.pages.rendering import error_page
from tocsin.web.probes import OnlyProbes
from tocsin.web.server import create_app

#: A delivery that has no outcome after this is taken over; longer than any call may take.
LEASE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What every part stands on."""

    settings: Settings
    store: PostgresStore
    directories: Directories
    transport: Transport
    links: Links
    catalogs: Catalogs
    #: The name of this node, which no other bears.
    name: str

    @property
    def current(self) -> Callable[[], Directory]:
        """Asks for the configuration in force."""
        return self.directories.current


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """What pages depend on."""

    taker: Taker
    worker: Worker
    courier: Courier


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What runs beside the pages and may never hold them up."""

    teller: Teller
    syncing: Syncing
    feeding: Feeding
    keeper: Keeper
    handovers: Handovers
    exchange: StoredExchange

    @property
    def pulses(self) -> tuple[Pulse, ...]:
        """Of its loops."""
        return (self.teller.pulse, self.syncing.pulse, self.feeding.pulse, self.keeper.pulse)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who looks after the loops, and what is counted and told of them."""

    watchdog: Watchdog
    metrics: Metrics
    readiness: Callable[[], Awaitable[Readiness]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What is different where the product is only shown."""

    #: How many times faster than the clock on the wall time runs.
    pace: float = 1.0
    #: Begins the story again. None: there is none, this is no demo.
    again: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Faces:
    """What people and programs speak to."""

    counter: Counter
    live: Live
    app: ASGIApp


class _Calling(TypedDict):
    """What the loops that call providers have in common."""

    channels: Mapping[str, Channel]
    settings: Mapping[str, ChannelSettings]
    node: str


def wire_paging(ground: Ground) -> Paging:
    """The taker of events, the loop over due cases, and the loop over deliveries."""
    store, current = ground.store, ground.current
    notices = Notices(current, ground.links, ground.catalogs)
    courier = Courier(store, current, ground.transport, notices, **_calling(ground), lease=LEASE)
    worker = Worker(store, current, courier, node=ground.name, lease=LEASE)
    return Paging(taker=Taker(store, current), worker=worker, courier=courier)


def wire_beside(ground: Ground) -> Beside:
    """Messages, syncs, calendars of others, and the chores."""
    store, current, transport = ground.store, ground.current, ground.transport
    news, handovers = RotaNews(store), Handovers(store, current)
    exchange = StoredExchange(store, ground.directories)
    chores = (news.remind, news.tell_moves, news.warn, handovers.chase, exchange.expire, exchange.tidy)
    return Beside(
        teller=Teller(store, current, transport, Memos(ground.links, ground.catalogs), **_calling(ground)),
        syncing=Syncing(store, current, transport, kinds=SYNCS, settings=ground.settings.syncs, environment=os.environ),
        feeding=Feeding(store, current, transport, read=read_calendar),
        keeper=Keeper(store, current, chores=chores),
        handovers=handovers,
        exchange=exchange,
    )


def wire_faces(ground: Ground, paging: Paging, *, beside: Beside, watch: Watch, demo: Demo) -> Faces:
    """The doors, the API and the pages."""
    store, directories = ground.store, ground.directories
    counter, live = Counter(store, ground.current), Live()
    passwords = password_desk(ground.settings, store, ground.current, ground.links)
    context = Context(
        counter=counter,
        links=ground.links,
        live=live,
        catalogs=ground.catalogs,
        upkeep=store,
        tokens=store,
        sessions=SessionBook(store),
        passwords=passwords,
        audit=StoredAudit(store=store),
        doors=DOORS,
        readiness=watch.readiness,
        metrics=watch.metrics.text,
        version=version("tocsin"),
        syncs=beside.syncing,
        handovers=beside.handovers,
        exchange=beside.exchange,
        calendars=Calendars(store, ground.current, ground.links),
        preview=StoredPreviews(store, directories).preview,
        pace=demo.pace,
        phones=demo.again is not None,
        secure=ground.settings.secure,
    )
    silences = StoredSilences(store, directories)
    app = create_app(context, page_routers=routers(context, demo.again), error_page=error_page, silences=silences)
    doorway = Doorway(app, doors=DOORS, directory=ground.current, taker=paging.taker, readings=store)
    watch.metrics.watch(doorway, sign_ins=passwords.counts)
    return Faces(counter=counter, live=live, app=doorway if ground.settings.role.answers else OnlyProbes(doorway))


def password_desk(
    settings: Settings, store: PostgresStore, directory: Callable[[], Directory], links: Links
) -> PasswordDesk:
    """Where passwords are checked and set. Mails go out where a mail server is set."""
    mails = bool(settings.channels["email"].text("host"))
    return PasswordDesk(store, directory, links, hashing=Hashing(), mails=mails)


def _calling(ground: Ground) -> _Calling:
    return _Calling(channels={one.name: one for one in CHANNELS}, settings=ground.settings.channels, node=ground.name)
