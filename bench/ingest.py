"""Durable events a second at 64 connections and in batches, beside the machine's own limits; what an event costs."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from _bars import Bar, bars
from _ground import CONFIGURATION, KEY, Load, empty_server, event, fsyncs_a_second, machine, request, table
from _installation import Installation, Spent, installed
from _loader import Make, pour
from _statements import statements_a_second

from tocsin.store.embedded import running

CONNECTIONS = 64
SECONDS = 4.0
ROUNDS = 3
#: Repeats speak of so many conditions.
CONDITIONS = 1_000
#: A webhook of Alertmanager brings so many alerts.
ALERTS = 100
#: Events in one transaction of the node, as they come at 64 connections.
TOGETHER = 32

_QUIET = "routes: [{suppress: true}]"
_WEBHOOK_KEY = "bench-key-alertmanager-00"
_INTEGRATION = "{{name: family, protocol: alertmanager, service: pipelines, key: " + _WEBHOOK_KEY + "}}"


@dataclass(slots=True)
class Measured:
    """What the runs of one kind came to. A request may bring more than one event."""

    events_each: int = 1
    loads: list[Load] = field(default_factory=list)
    spent: list[Spent] = field(default_factory=list)
    grown: list[int] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Events a second, the median of the runs."""
        return statistics.median(load.rate for load in self.loads) * self.events_each

    @property
    def middle(self) -> Load:
        """The run in the middle."""
        return sorted(self.loads, key=lambda load: load.rate)[len(self.loads) // 2]

    def micros(self, of: Callable[[Spent], float]) -> float:
        """Microseconds of processor time for one event."""
        each = zip(self.spent, self.loads, strict=True)
        return statistics.median(of(spent) * 1e6 / (load.answered * self.events_each) for spent, load in each)

    @property
    def bytes_each(self) -> float:
        """How much the database grows by one event."""
        return sum(self.grown) / (sum(load.answered for load in self.loads) * self.events_each)


def main() -> None:
    """Take turns, so that a slow minute of the machine is slow for all; print medians, and draw them."""
    runs: dict[str, Measured] = {name: Measured() for name in ("bare", "empty", "repeats", "new", "half", "ringing")}
    runs |= {name: Measured(events_each=ALERTS) for name in ("webhooks", "webhooks again")}
    with empty_server(bare=True) as bare, empty_server(bare=False) as empty:
        for turn in range(ROUNDS):
            runs["bare"].loads.append(_pour(bare, _single("b")))
            runs["empty"].loads.append(_pour(empty, _single("e")))
            with _served(_QUIET) as tocsin:
                _quiet(tocsin, runs, turn)
            with _served() as tocsin:
                _measure(tocsin, runs["ringing"], _single(f"n{turn}"))
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        alone = statements_a_second(Path(folder), batch=TOGETHER)
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        in_batches = statements_a_second(Path(folder), batch=ALERTS)
    _print(runs, alone, in_batches)
    if folder := os.environ.get("TOCSIN_BENCH_PICTURES"):
        (Path(folder) / "ingest.svg").write_text(_picture(runs, alone), encoding="utf-8")


@contextmanager
def _served(more: str = "") -> Iterator[Installation]:
    configuration = CONFIGURATION.replace("integrations: [", f"integrations: [{_INTEGRATION}, ")
    with installed(configuration.format(sink=9, key=KEY, at_once=5, every="10s", more=more)) as tocsin:
        yield tocsin


def _quiet(tocsin: Installation, runs: dict[str, Measured], turn: int) -> None:
    """All that intake alone can do: alerts that are kept and page nobody."""
    _pour(tocsin.port, _single("r", among=CONDITIONS), seconds=1.0)
    _measure(tocsin, runs["repeats"], _single("r", among=CONDITIONS))
    _measure(tocsin, runs["new"], _single(f"n{turn}"))
    rate = runs["new"].loads[-1].rate / 2
    _measure(tocsin, runs["half"], _single(f"h{turn}"), rate=rate)
    webhooks = [_webhook(number, f"w{turn}") for number in range(400)]
    _measure(tocsin, runs["webhooks"], webhooks.__getitem__, most=len(webhooks))
    _measure(tocsin, runs["webhooks again"], lambda number: webhooks[number % len(webhooks)])


def _measure(
    tocsin: Installation, measured: Measured, make: Make, *, rate: float | None = None, most: int | None = None
) -> None:
    size, before = asyncio.run(_database_bytes(tocsin)), tocsin.spent()
    measured.loads.append(_pour(tocsin.port, make, rate=rate, most=most))
    measured.spent.append(tocsin.spent() - before)
    measured.grown.append(asyncio.run(_database_bytes(tocsin)) - size)


def _pour(
    port: int, make: Make, *, seconds: float = SECONDS, rate: float | None = None, most: int | None = None
) -> Load:
    return pour(port, make, seconds=seconds, connections=CONNECTIONS, rate=rate, most=most)


async def _database_bytes(tocsin: Installation) -> int:
    address = running(tocsin.data)
    assert address is not None
    connection = await asyncpg.connect(address)
    try:
        return int(await connection.fetchval("SELECT pg_database_size(current_database())"))
    finally:
        await connection.close()


def _single(prefix: str, *, among: int = 100_000_000) -> Make:
    return lambda number: request(event(number, key=f"{prefix}-{number % among}"))


def _webhook(number: int, prefix: str) -> bytes:
    """A webhook of 100 alerts as Alertmanager writes it."""
    alerts = [_alert(f"{prefix}-{number * ALERTS + place}") for place in range(ALERTS)]
    body = {
        "version": "4", "groupKey": '{}:{alertname="DiskFull"}', "truncatedAlerts": 0, "status": "firing",
        "receiver": "tocsin", "groupLabels": {"alertname": "DiskFull"}, "commonLabels": {"alertname": "DiskFull"},
        "commonAnnotations": {}, "externalURL": "http://alertmanager.example.org:9093", "alerts": alerts,
    }  # fmt: skip
    return request(json.dumps(body).encode(), path="/alertmanager/webhook").replace(KEY.encode(), _WEBHOOK_KEY.encode())


def _alert(name: str) -> dict[str, object]:
    return {
        "status": "firing",
        "labels": {"alertname": "DiskFull", "instance": f"{name}:9100", "job": "node", "severity": "critical"},
        "annotations": {
            "summary": f"disk of {name} is 96 % full", "description": "It fills up within four hours at this rate.",
            "runbook_url": "https://runbooks.example.org/disk",
        },
        "startsAt": "2026-11-22T08:00:00Z", "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example.org/graph?g0.expr=up", "fingerprint": name,
    }  # fmt: skip


_NAMES = {
    "bare": "an answer and nothing else",
    "empty": "the same HTTP without a database",
    "repeats": f"durable: repeats of {CONDITIONS:,} alerts",
    "new": "durable: new alerts that a route suppresses",
    "half": "the same at half that load",
    "ringing": "durable: new alerts, each rings the same person",
    "webhooks": f"durable: webhooks of {ALERTS} new alerts",
    "webhooks again": f"durable: webhooks of {ALERTS} repeats",
}


def _print(runs: dict[str, Measured], alone: tuple[float, float], in_batches: tuple[float, float]) -> None:
    base = runs["empty"].rate
    rows = [("at 64 connections", "events/s", "of the same HTTP", "p50 ms", "p99 ms", "refused")]
    rows += [_row(_NAMES[name], measured, base) for name, measured in runs.items()]
    limits = [("PostgreSQL alone, the same statements", "new alerts/s", "repeats/s")]
    for size, rates in ((TOGETHER, alone), (ALERTS, in_batches)):
        limits.append((f"batches of {size}, two connections", *(f"{rate:,.0f}" for rate in rates)))
    costs = [("one event costs", "node, µs", "PostgreSQL, µs", "bytes on disk")]
    costs += [_cost(_NAMES[name], measured) for name, measured in runs.items() if measured.spent]
    print(machine())
    print(f"this disk: {fsyncs_a_second():,.0f} fdatasync of 8 KB a second, one after the other\n")
    print("\n\n".join(table(each) for each in (rows, limits, costs)))


def _row(name: str, measured: Measured, base: float) -> tuple[str, ...]:
    middle = measured.middle
    return (
        name,
        f"{measured.rate:,.0f}",
        f"{measured.rate / base:.2f}",
        f"{middle.at(0.5):.1f}",
        f"{middle.at(0.99):.1f}",
        str(sum(one.refused for one in measured.loads)),
    )


def _cost(name: str, measured: Measured) -> tuple[str, ...]:
    node, database = measured.micros(lambda spent: spent.node), measured.micros(lambda spent: spent.database)
    return (name, f"{node:,.0f}", f"{database:,.0f}", f"{measured.bytes_each:,.0f}")


def _picture(runs: dict[str, Measured], alone: tuple[float, float]) -> str:
    figures = [
        Bar(_NAMES["bare"], runs["bare"].rate, False),
        Bar(_NAMES["empty"], runs["empty"].rate, False),
        Bar(f"PostgreSQL alone: repeats, by {TOGETHER}", alone[1], False),
        Bar(f"PostgreSQL alone: new alerts, by {TOGETHER}", alone[0], False),
    ]
    shown = ("webhooks again", "webhooks", "repeats", "new", "ringing")
    figures += [Bar(_NAMES[name], runs[name].rate, True) for name in shown]
    goal = 0.6 * runs["empty"].rate
    return bars("Events a second that are on disk when they are answered", figures, goal=goal, goal_says="0.6 of HTTP")


if __name__ == "__main__":
    main()
