"""One node: everything that `tocsin serve` runs, started and stopped in order. wiring.py joins its parts."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.types import ASGIApp

from tocsin.app.catalogs import load_catalogs
from tocsin.app.directories import Directories
from tocsin.app.loops import Loops
from tocsin.app.settings import Settings
from tocsin.app.wiring import Demo, Ground, wire_beside, wire_faces, wire_paging
from tocsin.app.wiring_watch import wire_watch
from tocsin.core.errors import TocsinError, Unavailable
from tocsin.core.people import Role
from tocsin.engine.commands import Counter
from tocsin.engine.ids import new_id
from tocsin.engine.links import Links, Session, token_hash
from tocsin.engine.live import Live
from tocsin.engine.taking import Taker
from tocsin.engine.transport import Transport
from tocsin.ports.channels import Show
from tocsin.ports.state import Token
from tocsin.store.postgres import PostgresStore

#: How long a stopping node waits for the calls that are under way.
DRAIN_SECONDS = 12.0
#: The same for messages, which are told again if need be.
MESSAGES_DRAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A running node."""

    settings: Settings
    store: PostgresStore
    directories: Directories
    links: Links
    taker: Taker
    counter: Counter
    live: Live
    app: ASGIApp

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
    async with Transport(settings.channels, show=show, outgoing=settings.outgoing) as transport:
        ground = _ground(settings, store, directories, transport)
        paging, beside = wire_paging(ground), wire_beside(ground)
        watch = wire_watch(ground, paging, beside)
        faces = wire_faces(ground, paging, beside=beside, watch=watch, demo=Demo(pace=pace, again=again))
        loops = Loops(ground, paging, beside=beside, watch=watch, faces=faces)
        loops.start()
        try:
            yield Node(
                settings=settings,
                store=store,
                directories=directories,
                links=ground.links,
                taker=paging.taker,
                counter=faces.counter,
                live=faces.live,
                app=faces.app,
            )
        finally:
            await loops.stop()
            with contextlib.suppress(Unavailable):
                await paging.courier.drain(seconds=DRAIN_SECONDS)
            await beside.teller.drain(seconds=MESSAGES_DRAIN_SECONDS)
            with contextlib.suppress(TocsinError):
                await store.leave(ground.name)


def _ground(settings: Settings, store: PostgresStore, directories: Directories, transport: Transport) -> Ground:
    links_last = directories.current().habits.links_last
    return Ground(
        settings=settings,
        store=store,
        directories=directories,
        transport=transport,
        links=Links(settings.secret_key, public_url=settings.public_url, answers_last=links_last),
        catalogs=load_catalogs(),
        name=_node_name(),
    )


def _node_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{new_id()[-6:]}"
