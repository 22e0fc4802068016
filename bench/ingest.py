"""Durable events a second at 64 connections, beside the same HTTP server with nothing behind it."""

from __future__ import annotations

import statistics
import sys

from _ground import Load, empty_server, event, fsyncs_a_second, load, machine, request, served, table

CONNECTIONS = 64
SECONDS = 6.0
ROUNDS = 3
#: Repeats speak of so many conditions.
CONDITIONS = 1_000


def main() -> None:
    """Take turns, so that a slow minute of the machine is slow for both, and print medians."""
    runs: dict[str, list[Load]] = {"empty": [], "new": [], "repeats": []}
    with empty_server() as empty, served() as tocsin:
        load(tocsin, connections=CONNECTIONS, seconds=1.0, make=lambda n: request(event(n, key=f"warm-{n}")))
        for turn in range(ROUNDS):
            runs["empty"].append(_run(empty, lambda n, turn=turn: f"e{turn}-{n}"))
            runs["new"].append(_run(tocsin, lambda n, turn=turn: f"n{turn}-{n}"))
            runs["repeats"].append(_run(tocsin, lambda n: f"r{n % CONDITIONS}"))
    base = statistics.median(one.rate for one in runs["empty"])
    rows: list[tuple[str, ...]] = [
        ("at 64 connections", "requests/s", "of the empty server", "p50 ms", "p99 ms", "refused")
    ]
    rows.append(_row("the same HTTP, nothing behind it", runs["empty"], base))
    rows.append(_row("durable: each event a new alert", runs["new"], base))
    rows.append(_row(f"durable: repeats of {CONDITIONS:,} alerts", runs["repeats"], base))
    print(machine())
    print(f"this disk: {fsyncs_a_second():,.0f} fdatasync of 8 KB a second, one after the other\n")
    print(table(rows))
    sys.exit(0)


def _run(port: int, key: object) -> Load:
    return load(port, connections=CONNECTIONS, seconds=SECONDS, make=lambda n: request(event(n, key=key(n))))  # type: ignore[operator]


def _row(name: str, loads: list[Load], base: float) -> tuple[str, ...]:
    rate = statistics.median(one.rate for one in loads)
    middle = sorted(loads, key=lambda one: one.rate)[len(loads) // 2]
    return (
        name,
        f"{rate:,.0f}",
        f"{rate / base:.2f}",
        f"{middle.at(0.5):.1f}",
        f"{middle.at(0.99):.1f}",
        str(sum(one.refused for one in loads)),
    )


if __name__ == "__main__":
    main()
