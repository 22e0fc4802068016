"""A way to the database that fails in the worst moment: it lets a commit through and swallows the server's answer."""

from __future__ import annotations

import contextlib
import socket
from random import Random
from threading import Lock, Thread

from served import free_port

#: How a server says that a transaction was committed, or a statement that may be one: CommandComplete, length, tag.
_COMMITTED = tuple(b"C" + (5 + len(tag)).to_bytes(4, "big") + tag + b"\0" for tag in (b"COMMIT", b"SELECT 1"))


class Way:
    """Passes bytes between nodes and the server, for as long as it pleases."""

    def __init__(self, target: int, chance: Random) -> None:
        self.port = free_port()
        self.cuts = 0
        #: Of how many commits the answer is swallowed, and the connection cut.
        self.share = 0.0
        #: While it is set, nothing passes in either direction, and nobody is told.
        self.silent = False
        self._target = target
        self._chance = chance
        self._lock = Lock()
        self._listening = socket.create_server(("127.0.0.1", self.port), backlog=128)
        Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take nobody any more."""
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                node, _ = self._listening.accept()
                with contextlib.suppress(OSError):
                    server = socket.create_connection(("127.0.0.1", self._target))
                    for source, drain, cuts in ((node, server, False), (server, node, True)):
                        Thread(target=self._pass, args=(source, drain), kwargs={"cuts": cuts}, daemon=True).start()
                    continue
                node.close()

    def _pass(self, source: socket.socket, drain: socket.socket, *, cuts: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if self.silent:
                    continue
                if cuts and any(tag in data for tag in _COMMITTED) and self._is_chosen():
                    break
                drain.sendall(data)
        for end in (source, drain):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _is_chosen(self) -> bool:
        with self._lock:
            chosen = self._chance.random() < self.share
            self.cuts += chosen
            return chosen
