"""Two nodes on one PostgreSQL: one is killed, frozen or asked to end, and the other carries on."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest

from crash.ground import (
    CRASHES,
    SHORT_LEASE,
    Load,
    Node,
    Postgres,
    Provider,
    dice,
    leaving_times,
    pending,
    quantile,
    report,
    settle,
    soon,
    start_all,
)

pytestmark = [pytest.mark.crash, pytest.mark.xdist_group("alone"), pytest.mark.timeout(900)]

Servers, Nodes, Loads = Callable[..., Postgres], Callable[..., Node], Callable[..., Load]

#: What is due at the kill of a node leaves within this.
PROMISED_SECONDS = 5.0


def _two(postgres: Servers, nodes: Nodes, **more: str) -> tuple[Postgres, list[Node]]:
    """A server, and two nodes that are ready."""
    server = postgres()
    server.start()
    pair = [nodes(server.address(), **more) for _ in range(2)]
    start_all(*pair)
    return server, pair


def test_a_killed_node_is_taken_over_within_five_seconds(
    postgres: Servers, nodes: Nodes, load: Loads, provider: Provider
) -> None:
    """One of two nodes is killed again and again: what was due leaves within 5 s, nothing is lost or doubled."""
    server, pair = _two(postgres, nodes)
    chance, took, crashes = dice(), list[float](), CRASHES or 3
    with load(*pair) as sending:
        for _ in range(crashes):
            time.sleep(chance.uniform(0.7, 1.7))
            victim = chance.choice(pair)
            victim.kill()
            killed_at = time.monotonic()
            waiting = pending(server, victim.pid)
            took += leaving_times(provider, waiting, killed_at, seconds=40)
            victim.start()
        sending.stop()
    counted = settle(server, sending, provider, seconds=40)
    assert took
    report(
        "takeover",
        kills=crashes,
        deliveries=len(took),
        p50=round(quantile(took, 0.5), 2),
        p99=round(quantile(took, 0.99), 2),
        max=round(max(took), 2),
        counted=str(counted),
    )
    assert counted.is_clean, counted
    assert max(took) < PROMISED_SECONDS


def test_a_frozen_node_neither_pages_again_nor_overwrites(
    postgres: Servers, nodes: Nodes, load: Loads, provider: Provider
) -> None:
    """A node stands still for longer than its lease and goes on: others have paged, and it doubles nothing."""
    server, (zombie, other) = _two(postgres, nodes, **({} if CRASHES else {"lease": SHORT_LEASE}))
    provider.delay = 0.5
    with load(zombie, other) as sending:
        soon(lambda: sending.count > 60, seconds=30, what="events come in")
        zombie.freeze()
        sending.ports = [other.port]
        frozen_at = time.monotonic()
        waiting = pending(server, zombie.pid)
        leaving_times(provider, waiting, frozen_at, seconds=60)
        time.sleep(3)
        zombie.thaw()
        soon(lambda: zombie.readiness()[0] == 200, seconds=30, what="the zombie is back")
        sending.ports = [zombie.port, other.port]
        time.sleep(2)
        sending.stop()
    counted = settle(server, sending, provider, seconds=60)
    report("frozen", stood_still=round(time.monotonic() - frozen_at, 1), counted=str(counted))
    assert waiting
    assert counted.is_clean, counted


def test_a_rolling_restart_misses_no_page_and_fails_no_careful_sender(
    postgres: Servers, nodes: Nodes, load: Loads, provider: Provider
) -> None:
    """One node after the other is asked to end and started again: no page is lost or doubled, none even as a repeat."""
    server, pair = _two(postgres, nodes)
    with load(*pair) as sending:
        for node in pair * (2 if CRASHES else 1):
            time.sleep(1)
            node.kill(signal.SIGTERM)
            assert node.process is not None
            assert node.process.returncode == 0, node.log()[-2000:]
            node.start()
        sending.stop()
    counted = settle(server, sending, provider, seconds=30)
    report("rolling_restart", statuses=dict(sending.statuses), counted=str(counted))
    assert counted.is_clean, counted
    assert counted.repeats == 0
    assert set(sending.statuses) <= {0, 202, 503}


def test_a_web_node_and_a_worker_share_the_work(
    postgres: Servers, nodes: Nodes, load: Loads, provider: Provider
) -> None:
    """A web node takes events and calls nobody; a worker calls, takes none, and answers probes."""
    server = postgres()
    server.start()
    web, worker = nodes(server.address(), role="web"), nodes(server.address(), role="worker")
    web.start()
    with load(web, pause=0.2) as sending:
        time.sleep(2)
        assert sending.count > 0
        assert provider.calls() == []
        worker.start()
        sending.stop()
    counted = settle(server, sending, provider, seconds=30)
    assert counted.is_clean, counted
    assert worker.call("GET", "/healthz") == (200, {"status": "alive"})
    assert worker.call("GET", "/metrics")[0] == 200
    status, answer = worker.call("POST", "/api/v1/events", {"action": "trigger"})
    assert (status, answer["detail"].startswith("this node only works")) == (404, True)
    roles = {row["role"] for row in server.ask("SELECT role FROM heartbeats")}
    assert roles == {"web", "worker"}
