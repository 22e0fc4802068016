"""`tocsin doctor`: what is in force and where it comes from, and whether all is well."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tocsin.app.catalogs import load_catalogs
from tocsin.app.checking import in_short, looked_through
from tocsin.app.database import open_store
from tocsin.app.directories import Directories
from tocsin.app.providers import look
from tocsin.app.settings import Settings
from tocsin.channels import CHANNELS
from tocsin.core.directory import Directory
from tocsin.core.errors import Unavailable
from tocsin.core.syncs import State
from tocsin.core.vocabulary import Instant
from tocsin.core.watch import Book, Name, Presence, gone
from tocsin.core.watch.troubles import MESSAGES_OVERDUE, NO_BYTES, SKEW
from tocsin.engine import clock
from tocsin.engine.alarm import sentence
from tocsin.engine.lookout import ALLOWED, disk_of
from tocsin.ports.state import Health
from tocsin.ports.watch import Depths
from tocsin.store.postgres import PostgresStore

_DAYS_AHEAD = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    name: str
    well: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that was looked at."""

    settings: Settings
    findings: tuple[Finding, ...]

    @property
    def is_well(self) -> bool:
        """True when nothing is wrong."""
        return all(finding.well for finding in self.findings)

    def as_text(self) -> str:
        """The report for a reader."""
        width = max(len(value.name) for value in self.settings.values)
        lines = ["Settings in force"]
        lines += [f"  {value.name:<{width}}  {value.shown}  ({value.origin})" for value in self.settings.values]
        lines += ["", "What was looked at"]
        lines += [
            f"  {'ok  ' if finding.well else 'LOOK'}  {finding.name}: {finding.text}" for finding in self.findings
        ]
        return "\n".join(lines)

    def as_document(self) -> dict[str, Any]:
        """The report as JSON values; secrets are left out."""
        return {
            "well": self.is_well,
            "settings": [
                {"name": value.name, "value": value.shown, "origin": value.origin} for value in self.settings.values
            ],
            "findings": [
                {"name": finding.name, "well": finding.well, "text": finding.text} for finding in self.findings
            ],
        }


async def examine(settings: Settings) -> Report:
    """Look at everything. A database that does not answer is a finding, not an error."""
    findings = [_disk(settings)]
    try:
        async with open_store(settings, attach=True) as store:
            findings += [finding async for finding in _stored(settings, store)]
    except Unavailable as trouble:
        findings.append(Finding(name="database", well=False, text=trouble.detail))
    findings += _secrets(settings)
    return Report(settings=settings, findings=tuple(findings))


def _disk(settings: Settings) -> Finding:
    # A node on a database of yours has no data folder until it must keep something.
    folder = settings.data.absolute()
    disk = disk_of(next(each for each in (folder, *folder.parents) if os.path.lexists(each)))
    if disk is None:
        return Finding(name="disk", well=False, text=f"{settings.data}: it cannot be asked how much room there is")
    text = f"{disk.free_bytes / 1e9:.1f} GB free in {settings.data}"
    return Finding(name="disk", well=disk.free_bytes > NO_BYTES, text=text)


def _secrets(settings: Settings) -> Iterator[Finding]:
    generated = any(value.name == "secret_key" and "secret-key" in value.origin for value in settings.values)
    if settings.database_url is not None and generated:
        text = "it lies in the data folder of this node alone: with several nodes set TOCSIN_SECRET_KEY on each"
        yield Finding(name="secret key", well=False, text=text)
    if not settings.secure and settings.host not in ("127.0.0.1", "::1", "localhost"):
        text = "people reach it without TLS: put a proxy in front and set TOCSIN_PUBLIC_URL to its https address"
        yield Finding(name="public address", well=False, text=text)


async def _stored(settings: Settings, store: PostgresStore) -> AsyncIterator[Finding]:
    begun = time.perf_counter()
    now, nodes = await store.presences()
    took = (time.perf_counter() - begun) * 1_000
    yield Finding(name="database", well=True, text=f"answers in {took:.1f} ms")
    skew = abs(clock.now() - now)
    yield Finding(name="clock", well=skew < SKEW, text=f"{skew.total_seconds():.2f} s from the database's")
    yield _promises(await store.health(allowed=ALLOWED))
    for finding in _watched(await store.watch_book(), nodes, now):
        yield finding
    for finding in _depths(await store.depths()):
        yield finding
    directories = Directories(store)
    await directories.refresh()
    for finding in _configured(directories.current()):
        yield finding
    for finding in _followed(directories.current(), await store.sync_states()):
        yield finding
    async for reach in look(CHANNELS, settings.channels, directories.current()):
        yield Finding(name=f"channel {reach.channel}", well=reach.well, text=reach.text)


def _watched(book: Book, nodes: Sequence[Presence], now: Instant) -> Iterator[Finding]:
    """The nodes, and what their watchdogs know; of nodes that have ended nobody has a word."""
    alive = [one for one in nodes if one.lives(now)]
    missed = gone(nodes, now)
    if not alive and not missed:
        return
    shown = [f"{one.node} ({one.role}, {one.version})" for one in alive] or ["none is alive"]
    shown += [f"{one.node} has not been heard of since {one.seen_at:%Y-%m-%d %H:%M:%S} UTC" for one in missed]
    yield Finding(name="nodes", well=bool(alive) and not missed, text="; ".join(shown))
    texts = load_catalogs().of("en")
    for trouble in book.going_on if alive else ():
        if trouble.key.name is not Name.NODE_GONE:
            yield Finding(
                name=f"trouble {trouble.key.name}", well=False, text=sentence(trouble, texts, ZoneInfo("UTC"))
            )


def _depths(depths: Depths) -> Iterator[Finding]:
    waits = max(depths.outbox.overdue, timedelta(0))
    text = f"{depths.outbox.waiting} deliveries are due, the oldest for {waits.total_seconds():.0f} s"
    if depths.messages.waiting:
        text += f"; {depths.messages.waiting} messages, the oldest for {depths.messages.overdue.total_seconds():.0f} s"
    well = waits < ALLOWED and depths.messages.overdue < MESSAGES_OVERDUE
    if depths.outbox.waiting or depths.messages.waiting:
        yield Finding(name="queues", well=well, text=text)
    if depths.database_folder is not None and (disk := disk_of(Path(depths.database_folder))) is not None:
        free = f"{disk.free_bytes / 1e9:.1f} GB free in {disk.folder}"
        yield Finding(name="database's disk", well=disk.free_bytes > NO_BYTES, text=free)


def _followed(directory: Directory, states: Iterable[State]) -> Iterator[Finding]:
    known = {state.name: state for state in states}
    for name in sorted(directory.syncs):
        state = known.get(name)
        if state is None:
            yield Finding(
                name=f"sync {name}", well=False, text="it was never tried: `tocsin sync --dry-run` tells more"
            )
        elif state.failing_since is not None:
            text = f"fails since {state.failing_since:%Y-%m-%d %H:%M} UTC: {state.text}"
            yield Finding(name=f"sync {name}", well=False, text=text)
        else:
            missing = "".join(f"; {one.person} is missing: {one.why}" for one in state.missed)
            text = f"{state.verdict.value} at {state.tried_at:%Y-%m-%d %H:%M} UTC{missing}"
            yield Finding(name=f"sync {name}", well=not state.missed, text=text)


def _promises(health: Health) -> Finding:
    wrong = health.late_cases + health.cases_without_next_step + health.stuck_deliveries
    text = (
        f"{sum(health.open_alerts.values())} open alerts, {health.cases_without_next_step} without a next step, "
        f"{health.late_cases} steps late, {health.stuck_deliveries} deliveries stuck"
    )
    return Finding(name="watchdog", well=wrong == 0, text=text)


def _configured(directory: Directory) -> Iterator[Finding]:
    if not directory.people:
        yield Finding(name="configuration", well=False, text="there is none yet: run `tocsin apply PATH`")
        return
    parts = (
        f"people: {len(directory.people)}",
        f"schedules: {len(directory.schedules)}",
        f"services: {len(directory.services)}",
        f"integrations: {len(directory.integrations)}",
    )
    yield Finding(name="configuration", well=True, text=f"revision {directory.revision}: {', '.join(parts)}")
    if not directory.administrators:
        text = "nobody has the role admin: when a policy runs out there is nobody left to ring"
        yield Finding(name="administrators", well=False, text=text)
    checked = looked_through(directory, days=_DAYS_AHEAD)
    yield Finding(name="coverage", well=checked.is_well, text=in_short(checked))
