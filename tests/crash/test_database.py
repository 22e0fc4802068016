"""The database itself fails: it is killed, its answers get lost, its disk is full, it becomes a replica."""

from __future__ import annotations

import contextlib
import http.client
import json
import shutil
import socket
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crash.cutting import Way
from crash.ground import CRASHES, SHORT_LEASE, Load, Node, Postgres, Provider, dice, report, settle, soon, start_all
from served import KEY
from tocsin.store.servers import Servers as Reach

pytestmark = [pytest.mark.crash, pytest.mark.xdist_group("alone"), pytest.mark.timeout(900)]

Servers, Nodes, Loads = Callable[..., Postgres], Callable[..., Node], Callable[..., Load]


def test_postgres_is_killed_and_starts_again_from_its_data(
    postgres: Servers, nodes: Nodes, load: Loads, provider: Provider
) -> None:
    """PostgreSQL is killed under load: nodes refuse, say when to come again, and go on by themselves."""
    server = postgres()
    server.start()
    pair = [nodes(server.address()) for _ in range(2)]
    start_all(*pair)
    chance, back = dice(), list[float]()
    with load(*pair) as sending:
        for _ in range(CRASHES or 2):
            time.sleep(chance.uniform(0.5, 1.5))
            server.kill()
            soon(lambda: all(node.readiness()[0] == 503 for node in pair), seconds=10, what="nobody is ready")
            soon(lambda: sending.statuses[503] > 0, seconds=10, what="senders are told to come again")
            begun = time.monotonic()
            server.start()
            soon(lambda: all(node.readiness()[0] == 200 for node in pair), seconds=20, what="nodes come back")
            back.append(time.monotonic() - begun)
        sending.stop()
    counted = settle(server, sending, provider, seconds=60)
    report("postgres_killed", back_within=round(max(back), 2), statuses=dict(sending.statuses), counted=str(counted))
    assert counted.is_clean, counted
    assert sending.without_retry == 0


async def test_both_ends_of_a_connection_ask_whether_the_other_is_there(postgres: Servers) -> None:
    """A machine that vanishes without a word is missed by the kernel at both ends, and soon."""
    server = postgres()
    server.start()
    connection = await Reach(server.address()).connect(patience_seconds=5)
    shown = [await connection.fetchval(f"SHOW tcp_{name}") for name in ("keepalives_idle", "user_timeout")]
    assert shown == ["10", "20000"]
    ours = connection._transport.get_extra_info("socket")
    assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 20_000
    await connection.close()


def test_the_answer_to_a_commit_is_lost(postgres: Servers, nodes: Nodes, load: Loads, provider: Provider) -> None:
    """Connections are cut between commit and answer: senders ask again, and nobody is called twice without the mark."""
    server = postgres()
    server.start()
    way = Way(server.port, dice())
    address = server.address().replace(str(server.port), str(way.port))
    pair = [nodes(address, lease=SHORT_LEASE) for _ in range(2)]
    try:
        start_all(*pair)
        with load(*pair) as sending:
            way.share = 0.1
            soon(lambda: way.cuts >= (CRASHES or 2) * 10, seconds=120, what="answers get lost")
            way.share = 0.0
            sending.stop()
        counted = settle(server, sending, provider, seconds=60)
        report("answer_lost", cuts=way.cuts, statuses=dict(sending.statuses), counted=str(counted))
        assert counted.is_clean, counted
        _falls_silent(way, pair[0])
    finally:
        way.close()


def _falls_silent(way: Way, node: Node) -> None:
    """The database says nothing, as when its machine has vanished: this is noticed, and so is its coming back."""
    way.silent = True
    soon(lambda: node.readiness()[0] == 503, seconds=15, what="a silent database is no database")
    if CRASHES:
        assert _posted(node) == 503
    way.silent = False
    soon(lambda: node.readiness()[0] == 200, seconds=40, what="the database is back")


def _posted(node: Node) -> int:
    """The status of an event that is sent with patience."""
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=40)
    body = json.dumps({"action": "trigger", "summary": "x", "severity": "error"})
    connection.request("POST", "/api/v1/events", body, {"Authorization": f"Bearer {KEY}"})
    return connection.getresponse().status


def test_a_database_becomes_a_replica_and_another_takes_its_place(
    postgres: Servers, nodes: Nodes, load: Loads, provider: Provider
) -> None:
    """The primary dies and a replica is left: nodes wait, not ready; once it is promoted they go on by themselves."""
    primary = postgres("primary", synchronous_standby_names="*", synchronous_commit="local")
    primary.start()
    standby = postgres("standby", copied=False)
    standby.follow(primary)
    standby.start()
    primary.settings["synchronous_commit"] = "on"
    primary.ask("SELECT 1")
    primary.stop()
    primary.start()
    soon(lambda: primary.ask("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"), seconds=30, what="sync")
    address = f"postgresql://tocsin@127.0.0.1:{primary.port},127.0.0.1:{standby.port}/tocsin"
    pair = [nodes(f"{address}?target_session_attrs=read-write"), nodes(address)]
    start_all(*pair)
    with load(*pair) as sending:
        soon(lambda: sending.count > 50, seconds=30, what="events come in")
        primary.kill()
        soon(lambda: all(node.readiness()[0] == 503 for node in pair), seconds=10, what="nobody is ready")
        soon(lambda: sending.statuses[503] > 0, seconds=15, what="senders are told to come again")
        assert all(node.readiness()[1] for node in pair)
        time.sleep(1)
        begun = time.monotonic()
        standby.ask("SELECT pg_promote()")
        soon(lambda: all(node.readiness()[0] == 200 for node in pair), seconds=30, what="nodes find the new primary")
        back = time.monotonic() - begun
        before = sending.count
        soon(lambda: sending.count > before + 20, seconds=30, what="events come in again")
        sending.stop()
    counted = settle(standby, sending, provider, seconds=60)
    report("failover", back_within=round(back, 2), statuses=dict(sending.statuses), counted=str(counted))
    assert counted.is_clean, counted
    assert sending.without_retry == 0
    assert back < 10


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 200 MB; skipped, loudly, where none may be made."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=200m", "tmpfs", str(folder)], check=False)
    if not made or made.returncode != 0:
        warnings.warn("NOT TESTED: a full disk. Only root may mount a small one.", stacklevel=1)
        pytest.skip("only root may mount a small disk")
    folder.chmod(0o711)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def _fill(ballast: Path) -> None:
    """Take all the room that there is."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as filling:
        while True:
            filling.write(bytes(65_536))


def test_a_full_disk(postgres: Servers, nodes: Nodes, load: Loads, provider: Provider, small_disk: Path) -> None:
    """The database's disk fills up: events are refused, not half taken; with room again all goes on."""
    server = postgres(folder=small_disk, min_wal_size="32MB", max_wal_size="48MB")
    server.start()
    pair = [nodes(server.address()) for _ in range(2)]
    start_all(*pair)
    ballast = small_disk / "ballast"
    with load(*pair, pause=0.01, senders=6) as sending:
        soon(lambda: sending.count > 50, seconds=30, what="events come in")
        _fill(ballast)
        soon(lambda: sending.statuses[503] > 0, seconds=60, what="events are refused")
        time.sleep(2)
        ballast.unlink()
        if not server.lives():
            server.start()
        before = sending.count
        soon(lambda: sending.count > before + 20, seconds=60, what="events come in again")
        sending.stop()
    counted = settle(server, sending, provider, seconds=60)
    report("disk_full", statuses=dict(sending.statuses), counted=str(counted))
    assert counted.is_clean, counted
    assert sending.without_retry == 0
