"""From the command to ready: the first start, which makes the embedded database, and a start on 20,000 alerts."""

from __future__ import annotations

import signal
import statistics
import tempfile
from pathlib import Path

import uvloop
from _filling import filling
from _ground import machine, table
from _installation import Installation, free_port
from _provider import company

ROUNDS = 3
ALERTS = 20_000
SERVICES = 40


def main() -> None:
    """Start and start again, and print medians."""
    first: list[float] = []
    again: list[float] = []
    killed: list[float] = []
    for turn in range(ROUNDS):
        with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
            tocsin = Installation(Path(folder), company(services=SERVICES, sink=free_port()))
            first.append(tocsin.start())
            tocsin.end()
            if turn == 0:
                uvloop.run(_fill(tocsin))
                for _ in range(ROUNDS):
                    again.append(tocsin.start())
                    tocsin.end(signal.SIGKILL)
                    killed.append(tocsin.start())
                    tocsin.end()
    print(machine() + "\n")
    rows = [("from the command to ready", "median s", "most s", "goal s")]
    rows.append(_row("the first start, with the embedded database", first, "6"))
    rows.append(_row(f"on {ALERTS:,} open alerts", again, "2"))
    rows.append(_row("the same after kill -9", killed, ""))
    print(table(rows))


async def _fill(tocsin: Installation) -> None:
    async with filling(tocsin.data) as filler:
        await filler.take(1, services=1)
        await filler.settle()
        await filler.copy(ALERTS - 1)


def _row(name: str, seconds: list[float], goal: str) -> tuple[str, ...]:
    return name, f"{statistics.median(seconds):.2f}", f"{max(seconds):.2f}", goal


if __name__ == "__main__":
    main()
