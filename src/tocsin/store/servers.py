"""The servers that an address names, and connections to the one of them that takes writes.

An address may name several (`postgresql://u@one:5432,two:5432/db`): each is asked in turn, the one that was right last
first, and each has its own share of the patience, so that one that has vanished without a word does not use up all of
it. One that only reads is passed over, unless the address itself says otherwise (target_session_attrs).
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

Session: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Host: TypeAlias = tuple[str, int]

_PORT = 5432
#: The least that one of several servers is given to answer.
_LEAST_SECONDS = 1.5

#: A machine that dies without a word says nothing for two hours by the rules of TCP. Both sides ask sooner, so that
#: what it held is free, and its place is known to be empty, within half a minute.
_IDLE_SECONDS, _ASK_SECONDS, _ASKED, _UNHEARD_MS = 10, 5, 3, 20_000
_LASTING = {
    "tcp_keepalives_idle": str(_IDLE_SECONDS),
    "tcp_keepalives_interval": str(_ASK_SECONDS),
    "tcp_keepalives_count": str(_ASKED),
    "tcp_user_timeout": str(_UNHEARD_MS),
}
#: Not every system knows each of them.
_OPTIONS = {
    "TCP_KEEPIDLE": _IDLE_SECONDS,
    "TCP_KEEPINTVL": _ASK_SECONDS,
    "TCP_KEEPCNT": _ASKED,
    "TCP_USER_TIMEOUT": _UNHEARD_MS,
}

#: Where the driver keeps what the loop knows of its socket; it shows it to nobody.
_TRANSPORT = "_transport"


class Servers:
    """Where the database may be."""

    def __init__(self, address: str) -> None:
        self.address = address
        #: None stands for what the driver itself reads from the address, which names one server at most.
        self._hosts: list[Host | None] = [*hosts_of(address)] or [None]
        self._wanted = None if "target_session_attrs" in address else "read-write"

    async def connect(
        self, *, patience_seconds: float, settings: Mapping[str, str] | None = None, **options: Any
    ) -> Session:
        """A connection to the first server that will do. `options` are the driver's.

        Raises:
            Exception: whatever the driver said of the last one that was asked.
        """
        share = max(patience_seconds / len(self._hosts), _LEAST_SECONDS) if self._hosts[1:] else patience_seconds
        options |= {"timeout": share, "server_settings": _LASTING | dict(settings or {})}
        failure: Exception | None = None
        for host in tuple(self._hosts):
            try:
                connection = await self._connect(host, options)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
                failure = error
                continue
            self._hosts.sort(key=lambda other: other != host)
            _keep_asking(connection)
            return connection
        raise failure or ConnectionError("there is no server")

    async def _connect(self, host: Host | None, options: dict[str, Any]) -> Session:
        place = {} if host is None else {"host": host[0], "port": host[1]}
        asked: dict[str, Any] = {**options, **place, "target_session_attrs": self._wanted}
        connection: Session = await asyncpg.connect(self.address, **asked)
        return connection


def hosts_of(address: str) -> tuple[Host, ...]:
    """The servers of an address that names several; nothing when it names one, which the driver reads by itself.

    Raises:
        ValueError: it cannot be read.
    """
    parts = urlsplit(address)
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    named = unquote(parts.netloc.rpartition("@")[2]) or asked.get("host", "")
    if "," not in named:
        return ()
    ports = [int(port) for port in asked.get("port", str(_PORT)).split(",")]
    names = named.split(",")
    if len(ports) not in (1, len(names)):
        raise ValueError("it names more ports than servers, or fewer")
    spread = ports * len(names) if len(ports) == 1 else ports
    return tuple(_host(name, port) for name, port in zip(names, spread, strict=True))


def _host(text: str, port: int) -> Host:
    """`name`, `name:port`, `[2001:db8::1]:port`, or the folder of a socket."""
    if text.startswith("["):
        name, _, rest = text[1:].partition("]")
        return name, int(rest.removeprefix(":") or port)
    name, colon, last = text.rpartition(":")
    return (name, int(last)) if colon and not text.startswith("/") else (text, port)


def _keep_asking(connection: Session) -> None:
    """Let the kernel find out when the server has vanished; the driver has no setting of its own for it."""
    end = getattr(connection, _TRANSPORT).get_extra_info("socket")
    if end is None or end.family not in (socket.AF_INET, socket.AF_INET6):
        return
    end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS.items():
        option = getattr(socket, name, None)
        if option is not None:
            end.setsockopt(socket.IPPROTO_TCP, option, value)
