"""Serves a node over HTTP until it is asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import structlog
import uvicorn
import uvloop

from tocsin.app.configuring import apply_path, counted
from tocsin.app.database import open_store
from tocsin.app.ending import ending_signals, until_ended
from tocsin.app.node import Node, running_node
from tocsin.app.settings import Settings
from tocsin.core.errors import Unavailable

log = structlog.get_logger()

_BACKLOG = 2_048


class _Server(uvicorn.Server):
    """Leaves signals to us, so that a stopping node can finish its calls."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


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
    """The whole product, until SIGTERM or SIGINT.

    Raises:
        Unavailable: it cannot start; says why, in one sentence.
        Refused: the configuration is wrong; says where.
    """
    with contextlib.closing(bind(settings.host, settings.port)) as listening:
        async with open_store(settings, attach=False) as store:
            if config is not None:
                plan = await apply_path(store, config, by="serve --config")
                say(f"Applied {config}: {counted(plan)}.")
            async with running_node(settings, store) as node:
                say(f"Tocsin is ready: {settings.public_url}")
                say(f"Sign in once, within 24 hours: {node.sign_in_url()}")
                await answer(node, listening)


async def answer(node: Node, listening: socket.socket, *, beside: Callable[[], Awaitable[None]] | None = None) -> None:
    """Answer requests until a signal comes; `beside` runs at the same time and ends with it."""
    server = _Server(
        uvicorn.Config(
            node.app,
            log_config=None,
            access_log=False,
            lifespan="off",
            http="httptools",
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


def _ask_to_stop(server: uvicorn.Server, node: Node) -> None:
    if server.should_exit:
        server.force_exit = True
    server.should_exit = True
    node.live.close()


async def _quietly(beside: Callable[[], Awaitable[None]]) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await beside()
