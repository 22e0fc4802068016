"""One PostgreSQL data folder is made and copied for each test: making one takes seconds."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crash.ground import Load, Node, Postgres, Provider


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a server that was never started."""
    server = Postgres(tmp_path_factory.mktemp("made"))
    server.make()
    return server.folder


@pytest.fixture
def postgres(made: Path, tmp_path: Path) -> Iterator[Callable[..., Postgres]]:
    """Makes servers, and ends them."""
    servers: list[Postgres] = []

    def another(name: str = "server", *, folder: Path | None = None, copied: bool = True, **settings: str) -> Postgres:
        server = Postgres(folder or tmp_path / name, **settings)
        if copied:
            subprocess.run(["cp", "-a", str(made / "postgres"), str(server.folder)], check=True)
        servers.append(server)
        return server

    yield another
    for server in servers:
        server.kill()


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider."""
    found = Provider()
    yield found
    found.close()


@pytest.fixture
def nodes(tmp_path: Path, provider: Provider) -> Iterator[Callable[..., Node]]:
    """Makes nodes, and ends them."""
    found: list[Node] = []

    def another(database: str, **more: str) -> Node:
        node = Node(tmp_path / f"node-{len(found)}", sink=provider.port, database=database, **more)
        found.append(node)
        return node

    yield another
    for node in found:
        node.kill()


@pytest.fixture
def load() -> Iterator[Callable[..., Load]]:
    """Makes senders, and stops them when a test fails."""
    found: list[Load] = []

    def another(*nodes: Node, **more: float) -> Load:
        found.append(Load([node.port for node in nodes], **more))
        return found[-1]

    yield another
    for one in found:
        one._stop.set()
