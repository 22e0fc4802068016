"""200,000 open alerts that wait: what one more costs beside 200 that wait, and what a node at rest uses."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import uvloop
from _filling import filling
from _ground import event, fsyncs_a_second, machine, request, table
from _installation import NOTHING, Installation, Spent, free_port
from _posting import Post, post
from _provider import Provider, company, until

AMOUNTS = (200, 200_000)
#: So many alerts are added, one after the other, each when the one before was called; in rounds that take turns.
MORE = 50
ROUNDS = 4
SERVICES = 40
REST_SECONDS = 8


@dataclass(slots=True)
class Waiting:
    """An installation with so many waiting, and what was seen of it."""

    tocsin: Installation
    sink: int
    bytes_on_disk: int
    provider: Provider = field(default_factory=Provider)
    #: Milliseconds from posting one more to the provider being called, and the processor time of all of them.
    took: list[float] = field(default_factory=list)
    spent: Spent = NOTHING
    #: Share of a core at rest.
    rest: Spent = NOTHING
    megabytes: float = 0.0

    @property
    def each(self) -> Spent:
        """Microseconds of processor time for one more."""
        return Spent(*(part / len(self.took) * 1e6 for part in (self.spent.node, self.spent.database)))


def main() -> None:
    """Fill two, measure them in turns, and print."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        places = {amount: Path(folder) / str(amount) for amount in AMOUNTS}
        for place in places.values():
            place.mkdir()
        filled = {amount: uvloop.run(_filled(place, amount)) for amount, place in places.items()}
        try:
            uvloop.run(_measure(list(filled.values())))
        finally:
            for one in filled.values():
                one.tocsin.end()
    print(f"{machine()}\nthis disk: {fsyncs_a_second():,.0f} fdatasync of 8 KB a second, one after the other\n")
    few, many = filled.values()
    rows = [("open alerts that wait", *(f"{amount:,}" for amount in AMOUNTS), "ratio")]
    rows.append(_row("one more, from posting to the call, p50 ms", *(median(one.took) for one in (few, many))))
    rows.append(_row("one more, microseconds of the node", few.each.node, many.each.node))
    rows.append(_row("one more, microseconds of the database", few.each.database, many.each.database))
    rows.append((*_row("node at rest, % of a core", 100 * few.rest.node, 100 * many.rest.node)[:3], ""))
    rows.append((*_row("database at rest, % of a core", 100 * few.rest.database, 100 * many.rest.database)[:3], ""))
    rows.append((*_row("memory of the node, MB", few.megabytes, many.megabytes)[:3], ""))
    print(table(rows))
    each = (many.bytes_on_disk - few.bytes_on_disk) / (AMOUNTS[1] - AMOUNTS[0])
    print(f"\nan alert that was paged once and waits takes {each:,.0f} bytes on disk, its event left out")


def _row(name: str, few: float, many: float) -> tuple[str, ...]:
    return name, f"{few:,.1f}", f"{many:,.1f}", f"{many / few:.2f}" if few else ""


async def _filled(folder: Path, amount: int) -> Waiting:
    sink = free_port()
    tocsin = Installation(folder, company(services=SERVICES, sink=sink))
    tocsin.start()
    tocsin.end()
    async with filling(tocsin.data) as filler:
        await filler.take(1, services=1)
        await filler.settle()
        await filler.copy(amount - 1)
        return Waiting(tocsin, sink, await filler.bytes())


async def _measure(both: list[Waiting]) -> None:
    for one in both:
        one.tocsin.start()
    listening = [await one.provider.listen(one.sink) for one in both]
    for turn in range(1 + ROUNDS):
        for one in both:
            before = one.tocsin.spent()
            took = await _add(one.tocsin, one.provider, turn)
            if turn:
                one.took += took
                one.spent += one.tocsin.spent() - before
    await asyncio.sleep(1)
    before = [one.tocsin.spent() for one in both]
    await asyncio.sleep(REST_SECONDS)
    for one, then in zip(both, before, strict=True):
        rest = one.tocsin.spent() - then
        one.rest = Spent(rest.node / REST_SECONDS, rest.database / REST_SECONDS)
        one.megabytes = one.tocsin.megabytes()
    for server in listening:
        server.close()


async def _add(tocsin: Installation, provider: Provider, turn: int) -> list[float]:
    took = []
    for number in range(MORE):
        name = f"one more {turn}-{number}"
        heard = len(provider.calls)
        posted = await post(tocsin.port, [Post(name, request(event(number, key=name, summary=name)))], connections=1)
        await until(lambda heard=heard: len(provider.calls) > heard, seconds=10)
        took.append((provider.calls[-1].at - posted.sent[name]) * 1_000)
    return took


if __name__ == "__main__":
    main()
