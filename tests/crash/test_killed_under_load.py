"""Killed again and again while events come in: nothing that was answered is lost, and nobody is paged twice."""

from __future__ import annotations

import http.client
import json
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from crash.ground import CRASHES, dice
from served import KEY, Served, Sink

KILLS = CRASHES or 6
EVENTS = 200 * KILLS
CONNECTIONS = 32


class Sender:
    """One connection of a careful client: what is not answered is sent again."""

    def __init__(self, port: int, stop: Event) -> None:
        self._port = port
        self._stop = stop
        self._connection: http.client.HTTPConnection | None = None

    def send(self, number: int) -> str | None:
        """Send one event until it is answered 2xx; the alert's id, or None when the test is over."""
        body = json.dumps(
            {"action": "trigger", "dedup_key": f"job-{number}", "summary": f"job {number}", "severity": "error"}
        )
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        while not self._stop.is_set():
            try:
                connection = self._connected()
                connection.request("POST", "/api/v1/events", body, headers)
                answer = connection.getresponse()
                found = json.loads(answer.read())
                if answer.status == 202:
                    return str(found["alert_id"])
                assert answer.status == 503, found
            except (OSError, http.client.HTTPException, ValueError):
                self._connection = None
            time.sleep(0.05)
        return None

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        return self._connection


@pytest.mark.crash
@pytest.mark.timeout(400)
@pytest.mark.xdist_group("alone")
def test_nothing_answered_is_lost_and_nobody_is_paged_twice(tmp_path: Path) -> None:
    """32 connections, kill after kill: every answered alert is there and was paged once, or is marked."""
    sink = Sink()
    server = Served(tmp_path, sink=sink.port)
    server.start()
    stop = Event()
    sent = iter(range(EVENTS))
    answered: dict[int, str] = {}

    def client() -> None:
        sender = Sender(server.port, stop)
        for number in sent:
            alert_id = sender.send(number)
            if alert_id is not None:
                answered[number] = alert_id
            time.sleep(0.05)

    chance = dice()
    with ThreadPoolExecutor(CONNECTIONS) as clients:
        for _ in range(CONNECTIONS):
            clients.submit(client)
        try:
            _kill_again_and_again(server, chance)
        except BaseException:
            stop.set()
            raise
    try:
        assert len(answered) == EVENTS
        known = {alert["id"]: alert for alert in server.alerts()}
        missing = [number for number, alert_id in answered.items() if alert_id not in known]
        assert not missing, f"{len(missing)} answered events have no alert"
        assert len(known) == EVENTS
        _await_pages(sink, set(known))
        _check_pages(sink, set(known))
    finally:
        server.kill()
        sink.close()


def _kill_again_and_again(server: Served, chance: random.Random) -> None:
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.1, 0.6))
        server.kill()
        server.start()


def _await_pages(sink: Sink, alerts: set[str]) -> None:
    """Deliveries that were under way at a kill are taken over once the node that called them is missed."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        told = {alert_id for call in sink.calls() for alert_id in call["alert_ids"]}
        if alerts <= told:
            time.sleep(3)
            return
        time.sleep(0.2)


def _check_pages(sink: Sink, alerts: set[str]) -> None:
    first: Counter[str] = Counter()
    repeats: Counter[str] = Counter()
    for call in sink.calls():
        (repeats if call["repeat"] else first).update(call["alert_ids"])
    unpaged = alerts - set(first) - set(repeats)
    doubled = {alert_id: count for alert_id, count in first.items() if count > 1}
    assert not unpaged, f"{len(unpaged)} alerts paged nobody"
    assert not doubled, f"{len(doubled)} alerts were paged twice without the mark"


@pytest.mark.crash
@pytest.mark.xdist_group("alone")
def test_a_stopping_server_ends_in_order(tmp_path: Path) -> None:
    """Asked to stop, the server answers what it has taken, ends within seconds, and starts again on its data."""
    sink = Sink()
    server = Served(tmp_path, sink=sink.port)
    try:
        server.start()
        status, _ = server.call(
            "POST", "/api/v1/events", {"action": "trigger", "summary": "x", "severity": "info"}, bearer=KEY
        )
        assert status == 202
        begun = time.monotonic()
        server.kill(15)
        assert time.monotonic() - begun < 15
        assert server.process is not None
        assert server.process.returncode == 0, server.log()[-2000:]
        server.start()
        assert len(server.alerts()) == 1
    finally:
        server.kill()
        sink.close()
