"""Serves a node over HTTP until it is asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
import uvicorn
import uvloop

from tocsin.app.configuring import apply_path, counted
from tocsin.app.database import open_store
from tocsin.app.ending import ending_signals, until_ended
from tocsin.app.listening import Listener, most_connections
from tocsin.app.node import Node, running_node
from tocsin.app.roles import NodeRole
from tocsin.app.settings import Settings
from tocsin.app.waiting import Quiet, Waiting
from tocsin.configuration.difference import Plan
from tocsin.core.errors import Outdated, Refused, Unavailable
from tocsin.store.postgres import PostgresStore

log = structlog.get_logger()

_BACKLOG = 2_048
#: How often files are read anew because somebody else has changed the configuration meanwhile.
_TRIES = 10


def bind(host: str, port: int) -> socket.socket:
    """Take the address before anything is started.

    Raises:
        Unavailable: somebody else has it, or it is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(_BACKLOG)
    except OSError as trouble:
        taken.close()
        if trouble.errno == errno.EADDRINUSE:
            text = f"Port {port} on {host} is in use by another program: choose another with --port."
        else:
            text = f"Tocsin cannot listen on {host}, port {port}: {trouble.strerror}."
        raise Unavailable(text) from None
    return taken


def run(main: Coroutine[Any, Any, None], *, ended: int = 143) -> None:
    """Run the program in the main thread, on the quick loop. `ended`: the exit code when it is asked to end early.

    What was loaded until now stays: the collector need not look at it again. Values here hardly ever form circles.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    number = uvloop.run(until_ended(main))
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    if number is not None:
        raise SystemExit(ended)


async def serve(settings: Settings, *, config: Path | None, say: Callable[[str], None]) -> None:
    """The whole product, or the half that the role names, until SIGTERM or SIGINT; a database that is away is awaited.

    Raises:
        Unavailable: it cannot start, and waiting would not help; says why, in one sentence.
        Refused: the configuration is wrong; says where.
    """
    _refuse_half(settings)
    with contextlib.closing(bind(settings.host, settings.port)) as listening:
        async with _opened(settings, listening, say) as store:
            if config is not None:
                say(f"Applied {config}: {counted(await _applied(store, config, settings))}.")
            async with running_node(settings, store) as node:
                say(f"Tocsin is ready: {settings.public_url}")
                say(f"Sign in once, within 24 hours: {node.sign_in_url()}")
                await answer(node, listening)


async def _applied(store: PostgresStore, config: Path, settings: Settings) -> Plan:
    """Make the configuration what the files say. Of nodes that start together one does, and the others find it done."""
    for _ in range(_TRIES):
        with contextlib.suppress(Outdated):
            return await apply_path(store, config, by="serve --config", outgoing=settings.outgoing)
    raise Unavailable("the configuration is changed by others all the time, and the files cannot be applied")


def _refuse_half(settings: Settings) -> None:
    if settings.role is not NodeRole.ALL and settings.database_url is None:
        hint = "set TOCSIN_DATABASE_URL to the PostgreSQL that all nodes share, or leave the role out"
        text = f"a node of the role {settings.role} shares its database with others, and the embedded one is its own"
        raise Refused(text, field="role", hint=hint)


@asynccontextmanager
async def _opened(
    settings: Settings, listening: socket.socket, say: Callable[[str], None]
) -> AsyncIterator[PostgresStore]:
    """The store, as soon as there is one; until then probes are answered."""
    async with contextlib.AsyncExitStack() as stack:
        waiting = Waiting(listening, say)
        try:
            store = await stack.enter_async_context(open_store(settings, attach=False, waiting=waiting))
        finally:
            await waiting.end()
        yield store


async def answer(node: Node, listening: socket.socket, *, beside: Callable[[], Awaitable[None]] | None = None) -> None:
    """Answer requests until a signal comes; `beside` runs at the same time and ends with it."""
    Listener.most = most_connections()
    server = Quiet(
        uvicorn.Config(
            node.app,
            log_config=None,
            access_log=False,
            lifespan="off",
            http=Listener,
            ws="none",
            server_header=False,
            date_header=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=3,
            proxy_headers=False,
        )
    )
    loop = asyncio.get_running_loop()
    for number in ending_signals():
        loop.add_signal_handler(number, _ask_to_stop, server, node)
    task = asyncio.create_task(_quietly(beside)) if beside is not None else None
    try:
        await server.serve(sockets=[listening])
    finally:
        if task is not None:
            task.cancel()
    log.info("stopping")


def _ask_to_stop(server: Quiet, node: Node) -> None:
    if server.should_exit:
        server.force_exit = True
    server.should_exit = True
    node.live.close()


async def _quietly(beside: Callable[[], Awaitable[None]]) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await beside()
