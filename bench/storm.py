"""A storm of 3,330 events a second, one in ten a new alert, over 40 services: how late pages are, in it and beside."""

from __future__ import annotations

import itertools
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvloop
from _filling import filling
from _ground import event, fsyncs_a_second, machine, request, table
from _installation import Installation, free_port, installed
from _picture import scatter
from _posting import Post, Posted, post
from _provider import Provider, company, until

#: The storm of a minute at its rate, for as long as a benchmark may take: half of it.
SECONDS = 30
NEW_A_SECOND = 333
TIMES = 10
CONNECTIONS = 64
SERVICES = 40
#: Services outside of the storm: one alert each in so many seconds.
QUIET = 10
QUIET_EVERY = 5
AT_ONCE = 5
EVERY_SECONDS = 10


def main() -> None:
    """Let it storm, and print."""
    sink = free_port()
    made = company(services=SERVICES, sink=sink, at_once=AT_ONCE, every=f"{EVERY_SECONDS}s")
    with installed(made) as tocsin:
        storm = uvloop.run(_storm(tocsin, sink))
        tocsin.end()
        stored = uvloop.run(_stored(tocsin.data))
    print(f"{machine()}\nthis disk: {fsyncs_a_second():,.0f} fdatasync of 8 KB a second, one after the other\n")
    _print(storm, stored)
    if folder := os.environ.get("TOCSIN_BENCH_PICTURES"):
        _draw(storm, Path(folder) / "storm.svg")


@dataclass(frozen=True, slots=True)
class Storm:
    """What became of it."""

    posted: Posted
    provider: Provider
    told: int
    most_megabytes: float

    @property
    def alone(self) -> dict[str, float]:
        """When each alert that was called at once was called, by its summary: the first few calls of each person."""
        made: Counter[str] = Counter()
        called: dict[str, float] = {}
        for call in self.provider.calls:
            made[call.path] += 1
            if made[call.path] <= AT_ONCE:
                called.setdefault(call.body["summary"], call.at)
        return called

    def late(self, *, quiet: bool) -> list[tuple[float, float]]:
        """Of alerts that were called at once: seconds since the beginning, and seconds from sending to the call."""
        found = []
        for summary, at in self.alone.items():
            sent = self.posted.sent[summary]
            if quiet == ("quiet" in summary):
                found.append((sent - self.posted.begun, at - sent))
        return sorted(found)

    @property
    def most_calls(self) -> int:
        """The most calls that one person had in any minute."""
        times: dict[str, list[float]] = {}
        for call in self.provider.calls:
            times.setdefault(call.path, []).append(call.at)
        return max(sum(start <= at < start + 60 for at in each) for each in times.values() for start in each)


async def _storm(tocsin: Installation, sink: int) -> Storm:
    provider = Provider()
    listening = await provider.listen(sink)
    posted = await post(tocsin.port, _posts(), connections=CONNECTIONS)
    distinct = len({name for name in posted.answered if not name.endswith(" again")})
    told: set[str] = set()

    def all_told() -> bool:
        told.update(alert_id for call in provider.calls for alert_id in call.body["alert_ids"])
        return len(told) >= distinct

    await until(all_told, seconds=2 * EVERY_SECONDS)
    listening.close()
    return Storm(posted, provider, len(told), tocsin.most_megabytes())


def _posts() -> Iterator[Post]:
    """Every alert, spread over the storm, and its repeats at random after it; quiet services beside."""
    dice = random.Random(20261122)
    loud = SERVICES - QUIET
    planned: list[tuple[float, str, str, str]] = []
    for number in range(NEW_A_SECOND * SECONDS):
        at = number / NEW_A_SECOND
        service = 0 if dice.random() < 0.4 else dice.randrange(loud)
        again = (at + dice.random() * (SECONDS - at) for _ in range(TIMES - 1))
        moments = itertools.chain([at], again)
        name = f"run {number} of s{service}"
        planned += [
            (moment, f"{name}{' again' * bool(nth)}", name, f"s{service}") for nth, moment in enumerate(moments)
        ]
    for nth in range(SECONDS // QUIET_EVERY):
        for number in range(QUIET):
            at = QUIET_EVERY * (nth + number / QUIET)
            name = f"quiet run {nth} of s{loud + number}"
            planned.append((at, name, name, f"s{loud + number}"))
    for at, name, key, service in sorted(planned):
        yield Post(name, request(event(0, key=key, summary=key, service=service)), at)


async def _stored(data: Path) -> int:
    async with filling(data) as filler:
        return await filler.rows("events")


def _print(storm: Storm, stored: int) -> None:
    posted = storm.posted
    events = NEW_A_SECOND * SECONDS * TIMES + QUIET * SECONDS // QUIET_EVERY
    rows = [("the storm", "planned", "came to")]
    rows.append(("seconds", str(SECONDS), f"{posted.ended - posted.begun:.1f}"))
    rows.append(("events answered and stored", f"{events:,}", f"{stored:,}"))
    rows.append(("answered 503, and sent again", "", f"{posted.put_off:,}"))
    rows.append(
        ("alerts told to a person", f"{NEW_A_SECOND * SECONDS + QUIET * SECONDS // QUIET_EVERY:,}", f"{storm.told:,}")
    )
    rows.append(("calls of one person in a minute, at most", f"{AT_ONCE + 60 // EVERY_SECONDS}", str(storm.most_calls)))
    rows.append(("calls in all", "", f"{len(storm.provider.calls):,}"))
    rows.append(("memory of the node at most, MB", "", f"{storm.most_megabytes:,.0f}"))
    print(table(rows) + "\n")
    rows = [("from posting to the call, first pages of each person", "pages", "p50 ms", "p99 ms", "most ms")]
    rows.append(_row("people in the storm", storm.late(quiet=False)))
    rows.append(_row("teams outside of it", storm.late(quiet=True)))
    print(table(rows))


def _row(name: str, late: list[tuple[float, float]]) -> tuple[str, ...]:
    took = sorted(1_000 * wait for _, wait in late)
    shares = (took[int(share * (len(took) - 1))] for share in (0.5, 0.99, 1.0))
    return name, str(len(took)), *(f"{share:,.0f}" for share in shares)


def _draw(storm: Storm, file: Path) -> None:
    series = {
        f"{name}: {len(late)} first pages": [(at, 1_000 * wait) for at, wait in late]
        for name, late in (
            ("people in the storm", storm.late(quiet=False)),
            ("teams outside of it", storm.late(quiet=True)),
        )
    }
    file.write_text(scatter("From posting to the call, through the storm", series, goal=1_000), encoding="utf-8")
    print(f"\ndrawn: {file.name}")


if __name__ == "__main__":
    main()
