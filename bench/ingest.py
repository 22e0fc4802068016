"""Durable events a second at 64 connections, beside the same HTTP server with nothing behind it."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from _ground import Load, empty_server, event, fsyncs_a_second, load, machine, request, served, table

CONNECTIONS = 64
SECONDS = 5.0
ROUNDS = 3
#: Alerts that are kept and page nobody: what intake alone can do.
QUIET = "routes: [{suppress: true}]"
#: Repeats speak of so many conditions.
CONDITIONS = 1_000


def main() -> None:
    """Take turns, so that a slow minute of the machine is slow for all, and print medians."""
    kinds = ("bare", "empty", "kept", "repeats", "ringing")
    runs: dict[str, list[Load]] = {kind: [] for kind in kinds}
    with empty_server(bare=True) as bare, empty_server(bare=False) as empty:
        for turn in range(ROUNDS):
            runs["bare"].append(_run(bare, lambda n: f"b{n}"))
            runs["empty"].append(_run(empty, lambda n: f"e{n}"))
            with served(more=QUIET) as quiet:
                _run(quiet, lambda n: f"r{n % CONDITIONS}", seconds=1.0)
                runs["repeats"].append(_run(quiet, lambda n: f"r{n % CONDITIONS}"))
                runs["kept"].append(_run(quiet, lambda n, turn=turn: f"n{turn}-{n}"))
            with served() as ringing:
                runs["ringing"].append(_run(ringing, lambda n, turn=turn: f"n{turn}-{n}"))
    base = statistics.median(one.rate for one in runs["empty"])
    rows: list[tuple[str, ...]] = [("at 64 connections", "events/s", "of the same HTTP", "p50 ms", "p99 ms", "refused")]
    rows.append(_row("an answer and nothing else", runs["bare"], base))
    rows.append(_row("the same HTTP without a database", runs["empty"], base))
    rows.append(_row(f"durable: repeats of {CONDITIONS:,} alerts", runs["repeats"], base))
    rows.append(_row("durable: new alerts that a route suppresses", runs["kept"], base))
    rows.append(_row("durable: new alerts, each rings the same person", runs["ringing"], base))
    print(machine())
    print(f"this disk: {fsyncs_a_second():,.0f} fdatasync of 8 KB a second, one after the other\n")
    print(table(rows))


def _run(port: int, key: Callable[[int], str], *, seconds: float = SECONDS) -> Load:
    return load(port, connections=CONNECTIONS, seconds=seconds, make=lambda n: request(event(n, key=key(n))))


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
