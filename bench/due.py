"""6,000 escalations due in the same instant: how late their first pages are handed to the provider."""

from __future__ import annotations

import tempfile
import time
from datetime import datetime
from pathlib import Path

import uvloop
from _filling import filling
from _ground import fsyncs_a_second, machine, table
from _installation import Installation, Spent, free_port
from _provider import Provider, company, until

ESCALATIONS = 6_000
SERVICES = 40
#: The delay of the policies' first step: time to fill, and to start the node on what was filled.
DELAY_SECONDS = 14


def main() -> None:
    """Fill, start, wait for the instant, and print."""
    sink = free_port()
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        made = company(services=SERVICES, sink=sink, delay=f"{DELAY_SECONDS}s")
        tocsin = Installation(Path(folder), made)
        tocsin.start()
        tocsin.end()
        due_at = uvloop.run(_fill(tocsin))
        tocsin.start()
        spare = due_at.timestamp() - time.time()
        late, spent = uvloop.run(_heard(tocsin, sink, due_at))
        tocsin.end()
    print(f"{machine()}\nthis disk: {fsyncs_a_second():,.0f} fdatasync of 8 KB a second, one after the other")
    print(f"the node stood ready {spare:.1f} s before\n")
    share = [late[int(part * (len(late) - 1))] for part in (0.0, 0.5, 0.99, 1.0)]
    rows = [(f"{ESCALATIONS:,} due at once", "first s", "p50 s", "p99 s", "last s", "never called")]
    rows.append(("handed to the provider", *(f"{at:.2f}" for at in share), str(ESCALATIONS - len(late))))
    print(table(rows) + "\n")
    costs = (f"{part / ESCALATIONS * 1e6:,.0f}" for part in (spent.node, spent.database))
    print(table([("processor time, microseconds", "node", "database"), ("one step with its page", *costs)]))


async def _fill(tocsin: Installation) -> datetime:
    async with filling(tocsin.data) as filler:
        await filler.take(ESCALATIONS, services=SERVICES)
        return await filler.next_due()


async def _heard(tocsin: Installation, sink: int, due_at: datetime) -> tuple[list[float], Spent]:
    """Seconds after the instant at which each was called, sorted; and what it cost."""
    provider = Provider()
    listening = await provider.listen(sink)
    before = tocsin.spent()
    await until(lambda: len(provider.calls) >= ESCALATIONS, seconds=DELAY_SECONDS + 40)
    await until(lambda: tocsin.metric("tocsin_deliveries_total") >= ESCALATIONS, seconds=10)
    spent = tocsin.spent() - before
    listening.close()
    origin = time.time() - time.perf_counter() - due_at.timestamp()
    first = provider.first(lambda call: call.body["alert_ids"])
    return sorted(at + origin for at in first.values()), spent


if __name__ == "__main__":
    main()
