"""What is wrong, out of what was seen: each trouble with a stable name, and whether it threatens the promises.

A limit that was crossed is left again only well on its other side: what goes on is asked for with `going_on`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from tocsin.core.vocabulary import Instant
from tocsin.core.watch.sighting import Disk, FailingProvider, Sighting, Silence

#: A loop that gives no sign of life for so long is called silent: each comes round every five seconds at least.
SILENT = timedelta(seconds=10)
#: The same for what runs beside the pages, and may rest for longer.
SILENT_BESIDE = timedelta(seconds=90)
#: Clocks that differ by more are worth a word; by more than the other, links and evidence are in danger.
SKEW = timedelta(seconds=2)
DANGEROUS_SKEW = timedelta(seconds=30)
#: A disk with less room than this share of it, and than so many bytes, is worth a word.
LITTLE_ROOM, LITTLE_BYTES = 0.10, 5_000_000_000
#: With less than this the store may stop.
NO_BYTES = 500_000_000
#: Events wait for their commit for milliseconds; so many at a look are too many. A node takes twice as many.
CROWDED = 4_096
#: Messages may wait, but not for so long.
MESSAGES_OVERDUE = timedelta(minutes=10)
#: One provider that so many people are reached through is everybody's trouble.
MANY = 2
#: A limit is left again at this share of it.
_WELL_INSIDE = 0.75


class Name(StrEnum):
    """Every trouble there is. The names are in metrics, in rules and in the catalogs: they stay as they are."""

    STORE_AWAY = "store_away"
    STEPS_LATE = "steps_late"
    STEPS_MISSING = "steps_missing"
    DELIVERIES_STUCK = "deliveries_stuck"
    LOOP_SILENT = "loop_silent"
    NOBODY_PAGES = "nobody_pages"
    PROVIDER_FAILING = "provider_failing"
    INTAKE_CROWDED = "intake_crowded"
    CLOCK_SKEWED = "clock_skewed"
    DISK_LOW = "disk_low"
    NODE_GONE = "node_gone"
    INBOUND_SILENT = "inbound_silent"
    MESSAGES_LATE = "messages_late"
    SYNC_FAILING = "sync_failing"
    CALENDAR_STALE = "calendar_stale"
    DEAD_MAN_MUTE = "dead_man_mute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Which trouble it is: two with one key are one, whoever sees them."""

    name: Name
    #: What it is about: a loop of a node, a provider, an integration; empty: the whole installation.
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that is wrong. Its sentence is `message.trouble_<name>.title` in the catalogs."""

    key: Key
    #: True when it may cost a page.
    threatens: bool
    since: Instant
    #: What the sentence speaks of.
    values: Mapping[str, str] = field(default_factory=dict)


def troubles(sighting: Sighting, going_on: Collection[Key] = ()) -> tuple[Trouble, ...]:
    """Everything that is wrong by what was seen, the worst first. `going_on`: what was wrong before."""
    looks = (_promises, _loops, _clock, _disks, _intake, _providers, _nodes, _beside)
    found = [trouble for look in looks for trouble in look(sighting, going_on)]
    return tuple(sorted(found, key=lambda trouble: not trouble.threatens))


def shown(length: timedelta) -> str:
    """A length of time as people read it: "12 s", "7 min", "3 h"."""
    seconds = max(length, timedelta(0)).total_seconds()
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7_200 else f"{seconds / 3_600:.0f} h"


def _promises(sighting: Sighting, _: Collection[Key]) -> Iterator[Trouble]:
    seen = sighting.promises
    if seen is None:
        yield _threat(sighting, Name.STORE_AWAY, sighting.node, node=sighting.node, why=sighting.away)
        return
    if seen.late_cases:
        late = {"count": str(seen.late_cases), "lasts": shown(seen.lateness)}
        yield Trouble(key=Key(name=Name.STEPS_LATE), threatens=True, since=sighting.at - seen.lateness, values=late)
    if seen.without_next_step:
        yield _threat(sighting, Name.STEPS_MISSING, count=str(seen.without_next_step))
    if seen.stuck_deliveries:
        yield _threat(sighting, Name.DELIVERIES_STUCK, count=str(seen.stuck_deliveries))


def _loops(sighting: Sighting, _: Collection[Key]) -> Iterator[Trouble]:
    for one in sighting.silences:
        if one.lasts > (SILENT if one.carries_pages else SILENT_BESIDE):
            yield _silent(sighting, one)
    if sighting.nobody_pages:
        yield _threat(sighting, Name.NOBODY_PAGES)


def _silent(sighting: Sighting, one: Silence) -> Trouble:
    return Trouble(
        key=Key(name=Name.LOOP_SILENT, subject=f"{one.loop} on {sighting.node}"),
        threatens=one.carries_pages,
        since=sighting.at - one.lasts,
        values={"loop": one.loop, "node": sighting.node, "lasts": shown(one.lasts)},
    )


def _clock(sighting: Sighting, going_on: Collection[Key]) -> Iterator[Trouble]:
    if sighting.skew is None:
        return
    key, skew = Key(name=Name.CLOCK_SKEWED, subject=sighting.node), abs(sighting.skew)
    if skew > SKEW * (_WELL_INSIDE if key in going_on else 1):
        values = {"node": sighting.node, "skew": f"{skew.total_seconds():.1f} s"}
        yield Trouble(key=key, threatens=skew > DANGEROUS_SKEW, since=sighting.at, values=values)


def _disks(sighting: Sighting, going_on: Collection[Key]) -> Iterator[Trouble]:
    for disk in sighting.disks:
        key = Key(name=Name.DISK_LOW, subject=f"{disk.folder} on {sighting.node}")
        slack = 1 / _WELL_INSIDE if key in going_on else 1.0
        if _has_little(disk, slack):
            free = f"{disk.free_bytes / 1e9:.1f} GB"
            values = {"folder": disk.folder, "node": sighting.node, "free": free}
            yield Trouble(key=key, threatens=disk.free_bytes < NO_BYTES, since=sighting.at, values=values)


def _has_little(disk: Disk, slack: float) -> bool:
    """Of a large disk so many bytes are enough, whatever share they are."""
    return disk.free_bytes < min(disk.total_bytes * LITTLE_ROOM, LITTLE_BYTES) * slack


def _intake(sighting: Sighting, going_on: Collection[Key]) -> Iterator[Trouble]:
    key = Key(name=Name.INTAKE_CROWDED, subject=sighting.node)
    if sighting.intake.waiting > CROWDED * (_WELL_INSIDE if key in going_on else 1):
        values = {"count": str(sighting.intake.waiting), "node": sighting.node}
        yield Trouble(key=key, threatens=True, since=sighting.at, values=values)


def _providers(sighting: Sighting, _: Collection[Key]) -> Iterator[Trouble]:
    for one in sighting.providers:
        values = {"provider": one.shown, "since": one.since.isoformat(), "why": one.why}
        yield Trouble(
            key=Key(name=Name.PROVIDER_FAILING, subject=one.shown),
            threatens=_is_everybodys(one),
            since=one.since,
            values=values,
        )


def _is_everybodys(provider: FailingProvider) -> bool:
    """One person's own program is that person's trouble, unless nothing else reaches them."""
    return provider.people >= MANY or bool(provider.cut_off)


def _nodes(sighting: Sighting, _: Collection[Key]) -> Iterator[Trouble]:
    for node, seen_at in sighting.gone:
        values = {"node": node, "since": seen_at.isoformat()}
        yield Trouble(key=Key(name=Name.NODE_GONE, subject=node), threatens=False, since=seen_at, values=values)


def _beside(sighting: Sighting, _: Collection[Key]) -> Iterator[Trouble]:
    for lull in sighting.lulls:
        values = {"integration": lull.integration, "since": lull.last_at.isoformat(), "usual": shown(lull.usual)}
        yield _word(Name.INBOUND_SILENT, lull.integration, lull.last_at, **values)
    if sighting.messages.overdue > MESSAGES_OVERDUE:
        overdue = sighting.messages.overdue
        values = {"count": str(sighting.messages.waiting), "lasts": shown(overdue)}
        yield _word(Name.MESSAGES_LATE, "", sighting.at - overdue, **values)
    for sync in sighting.syncs:
        yield _word(
            Name.SYNC_FAILING, sync.name, sync.since, sync=sync.name, since=sync.since.isoformat(), why=sync.why
        )
    for one in sighting.calendars:
        values = {"calendar": one.name, "since": one.since.isoformat(), "why": one.why}
        yield _word(Name.CALENDAR_STALE, one.name, one.since, **values)
    if sighting.dead_man_mute_since is not None:
        since = sighting.dead_man_mute_since
        yield _word(Name.DEAD_MAN_MUTE, sighting.node, since, node=sighting.node, since=since.isoformat())


def _threat(sighting: Sighting, name: Name, subject: str = "", **values: str) -> Trouble:
    return Trouble(key=Key(name=name, subject=subject), threatens=True, since=sighting.at, values=values)


def _word(name: Name, subject: str, begun: Instant, **values: str) -> Trouble:
    return Trouble(key=Key(name=name, subject=subject), threatens=False, since=begun, values=values)
