"""`tocsin simulate-faults`: the engine in a simulated world, where all that can fail does, out of a seed."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Annotated, Any

import typer

from tocsin.app.catalogs import load_catalogs
from tocsin.app.commands.usage import NO, Json
from tocsin.app.terminal import answer
from tocsin.ports.words import Catalogs
from tocsin.simulation.run import Outcome, simulate
from tocsin.simulation.script import Script
from tocsin.simulation.shrinking import shortest

_HOUR = 3_600.0
#: Of the history of a broken promise, so many last lines are shown.
_SHOWN = 40

Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="The first seed; each is a world of its own.")]
Days = Annotated[float, typer.Option("--days", metavar="D", min=0.2, max=3_660, help="How long each world lasts.")]
Seeds = Annotated[int, typer.Option("--seeds", metavar="K", min=1, help="How many seeds.")]
Workers = Annotated[
    int | None, typer.Option("--workers", metavar="W", min=1, help="How many at a time.  [default: one for each core]")
]


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of the seeds so far."""

    seeds: int = 0
    simulated_hours: float = 0.0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    #: The first promise that was broken, in its shortest history; None: none was.
    broken: Outcome | None = None

    def add(self, outcome: Outcome) -> None:
        """One more seed is done."""
        self.seeds += 1
        self.simulated_hours += outcome.seconds / _HOUR
        self.faults += outcome.faults
        self.counts.update(outcome.counts)

    @property
    def hours_a_minute(self) -> float:
        """How fast it went, in simulated hours for a minute on the wall."""
        return self.simulated_hours / max(self.seconds, 1e-9) * 60


def simulate_faults(
    seed: Seed = 1, days: Days = 4.0, seeds: Seeds = 1, workers: Workers = None, as_json: Json = False
) -> None:
    """Try to break the four promises: nodes die, the store refuses, providers lie, clocks step, people answer twice.

    The real engine runs on a simulated clock, store and network. The same seed is the same history, on every machine.
    A broken promise ends the run with exit code 1, its seed, and the shortest history that breaks it. `--days 365` is a
    year of bad luck. Stretches in which nothing can happen are passed over, and counted as simulated.
    """
    at_a_time = min(seeds, workers or os.cpu_count() or 1)
    tally = _run(range(seed, seed + seeds), days, workers=at_a_time, show=sys.stderr.isatty())
    answer(json.dumps(as_document(tally, days)) if as_json else as_text(tally, days))
    if tally.broken is not None:
        raise typer.Exit(NO)


def _run(seeds: range, days: float, *, workers: int, show: bool) -> Tally:
    tally, began = Tally(), time.perf_counter()
    with _outcomes(seeds, days, workers) as outcomes:
        for outcome in outcomes:
            tally.add(outcome)
            tally.seconds = time.perf_counter() - began
            if show:
                _progress(f"{tally.seeds} of {len(seeds)} seeds, {tally.simulated_hours:,.0f} hours")
            if outcome.broken is not None:
                tally.broken = outcome
                break
    if tally.broken is not None:
        if show:
            _progress(f"seed {tally.broken.seed} breaks a promise; looking for its shortest history")
        tally.broken = _shortest(tally.broken, days)
    if show:
        _progress("")
    return tally


@contextmanager
def _outcomes(seeds: range, days: float, workers: int) -> Iterator[Iterator[Outcome]]:
    """What comes of each seed, in their order; each worker is a process of its own."""
    run = partial(_outcome, days=days)
    if workers == 1:
        yield map(run, seeds)
        return
    # Fresh processes: what this one has loaded and opened is none of theirs.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=fresh, initializer=_leave_interrupts) as pool:
        try:
            yield pool.map(run, seeds)
        finally:
            pool.shutdown(cancel_futures=True)


def _leave_interrupts() -> None:
    """Ctrl-C is for the process that waits; its workers end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _outcome(seed: int, *, days: float) -> Outcome:
    return simulate(seed, days=days, catalogs=_catalogs())


def _shortest(outcome: Outcome, days: float) -> Outcome:
    def replay(script: Script) -> Outcome:
        return simulate(outcome.seed, days=days, catalogs=_catalogs(), script=script)

    return shortest(outcome, replay)


@cache
def _catalogs() -> Catalogs:
    return load_catalogs()


def _progress(text: str) -> None:
    sys.stderr.write(f"\r\x1b[K{text}")
    sys.stderr.flush()


def as_document(tally: Tally, days: float) -> dict[str, Any]:
    """The result as JSON values."""
    return {
        "seeds": tally.seeds,
        "days": days,
        "simulated_hours": round(tally.simulated_hours, 1),
        "seconds": round(tally.seconds, 2),
        "hours_a_minute": round(tally.hours_a_minute),
        "events": tally.counts["event"],
        "facts": tally.counts["fact"],
        "calls": tally.counts["call"],
        "repeats_marked": tally.counts["call again"],
        "rings": tally.counts["ring"],
        "faults": dict(sorted(tally.faults.items())),
        "broken": None if tally.broken is None else _broken_document(tally.broken),
    }


def _broken_document(outcome: Outcome) -> dict[str, Any]:
    broken = outcome.broken
    return {
        "seed": outcome.seed,
        "promise": broken.promise if broken is not None else None,
        "sentence": broken.sentence if broken is not None else None,
        "script": [line.text for line in outcome.script],
        "history": list(outcome.lines)[-_SHOWN:],
    }


def as_text(tally: Tally, days: float) -> str:
    """A line of figures; after it, where a promise was broken, how."""
    faults = ", ".join(f"{count:,} {_words(kind)}" for kind, count in tally.faults.most_common()) or "none"
    counts = tally.counts
    speed = f"{tally.seconds:,.1f} s ({tally.hours_a_minute:,.0f} hours a minute)"
    calls = f"{counts['call']:,} calls, {counts['call again']:,} of them marked as repeats"
    lines = [
        f"{tally.seeds:,} seeds of {days:g} days: {tally.simulated_hours:,.0f} simulated hours in {speed}",
        f"{counts['event']:,} requests taken in, {calls}, {counts['ring']:,} rings",
        f"faults: {faults}",
        "every promise was kept" if tally.broken is None else "A PROMISE WAS BROKEN",
    ]
    return "\n".join([*lines, *(() if tally.broken is None else _told(tally.broken, days))])


def _told(outcome: Outcome, days: float) -> Iterator[str]:
    broken = outcome.broken
    if broken is None:
        return
    yield f"{broken.promise}: {broken.sentence}"
    yield ""
    yield f"seed {outcome.seed}, again: tocsin simulate-faults --seed {outcome.seed} --days {days:g}"
    yield f"the shortest script found ({len(outcome.script)} lines):"
    yield from (f"  {line.text}" for line in outcome.script)
    yield "how it ended:"
    yield from (f"  {line}" for line in outcome.lines[-_SHOWN:])


def _words(kind: str) -> str:
    """The name of a kind of faults as people say it: "provider fails"."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind).strip()
