"""What was seen becomes troubles: by table, what threatens the promises and what is worth a word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tocsin.core.vocabulary import IntegrationName, PersonName, utc
from tocsin.core.watch import Broken, Disk, FailingProvider, Key, Lull, Name, Promises, Queue, Sighting, Silence
from tocsin.core.watch.troubles import shown, troubles

NOW = utc(2026, 11, 22, 3, 11)
WELL = Sighting(node="one", at=NOW, promises=Promises(), skew=timedelta(milliseconds=40))
GB = 1_000_000_000


def provider(*, people: int = 1, cut_off: tuple[str, ...] = ()) -> FailingProvider:
    """A mail server that does not answer."""
    since = NOW - timedelta(minutes=3)
    names = tuple(map(PersonName, cut_off))
    return FailingProvider(channel="email", host="", since=since, why="no answer", people=people, cut_off=names)


def disk(free: float, total: float = 100) -> Disk:
    """A disk by gigabytes."""
    return Disk(folder="/data", free_bytes=int(free * GB), total_bytes=int(total * GB))


def silence(seconds: float, *, carries_pages: bool = True) -> Silence:
    """A loop that is silent."""
    return Silence(loop="worker", lasts=timedelta(seconds=seconds), carries_pages=carries_pages)


def test_all_is_well() -> None:
    """Where nothing is wrong nothing is said."""
    assert troubles(WELL) == ()
    near = replace(WELL, silences=(silence(9),), skew=timedelta(seconds=-2), disks=(disk(6), disk(1.1, 10)))
    assert troubles(near) == ()


@pytest.mark.parametrize(
    ("seen", "name", "threatens"),
    [
        ({"promises": None, "away": "gone"}, Name.STORE_AWAY, True),
        ({"promises": Promises(late_cases=2, lateness=timedelta(seconds=40))}, Name.STEPS_LATE, True),
        ({"promises": Promises(without_next_step=1)}, Name.STEPS_MISSING, True),
        ({"promises": Promises(stuck_deliveries=1)}, Name.DELIVERIES_STUCK, True),
        ({"silences": (silence(11),)}, Name.LOOP_SILENT, True),
        ({"silences": (silence(91, carries_pages=False),)}, Name.LOOP_SILENT, False),
        ({"nobody_pages": True}, Name.NOBODY_PAGES, True),
        ({"skew": timedelta(seconds=2.1)}, Name.CLOCK_SKEWED, False),
        ({"skew": timedelta(seconds=-31)}, Name.CLOCK_SKEWED, True),
        ({"disks": (disk(4.9),)}, Name.DISK_LOW, False),
        ({"disks": (disk(0.4),)}, Name.DISK_LOW, True),
        ({"intake": Queue(waiting=4_097)}, Name.INTAKE_CROWDED, True),
        ({"messages": Queue(waiting=3, overdue=timedelta(minutes=11))}, Name.MESSAGES_LATE, False),
        ({"providers": (provider(),)}, Name.PROVIDER_FAILING, False),
        ({"providers": (provider(people=2),)}, Name.PROVIDER_FAILING, True),
        ({"providers": (provider(cut_off=("ada",)),)}, Name.PROVIDER_FAILING, True),
        ({"gone": (("two", NOW),)}, Name.NODE_GONE, False),
        (
            {"lulls": (Lull(integration=IntegrationName("x"), last_at=NOW, usual=timedelta(minutes=3)),)},
            Name.INBOUND_SILENT,
            False,
        ),
        ({"syncs": (Broken(name="x", since=NOW, why="y"),)}, Name.SYNC_FAILING, False),
        ({"calendars": (Broken(name="x", since=NOW, why="y"),)}, Name.CALENDAR_STALE, False),
        ({"dead_man_mute_since": NOW}, Name.DEAD_MAN_MUTE, False),
    ],
)
def test_each_trouble_has_its_name(seen: dict[str, object], name: Name, threatens: bool) -> None:
    """One thing that is wrong is one trouble under its stable name, of its own weight, and no younger than it is."""
    (found,) = troubles(replace(WELL, **seen))
    assert (found.key.name, found.threatens) == (name, threatens)
    assert found.since <= NOW


def test_every_name_can_be_found() -> None:
    """No name is promised that nothing leads to."""
    marks = test_each_trouble_has_its_name.pytestmark  # type: ignore[attr-defined]
    assert {row[1] for row in marks[0].args[1]} == set(Name)


def test_the_worst_comes_first() -> None:
    """What threatens the promises stands before what does not."""
    found = troubles(replace(WELL, gone=(("two", NOW),), skew=timedelta(seconds=3), nobody_pages=True))
    assert [trouble.threatens for trouble in found] == [True, False, False]


@pytest.mark.parametrize(
    ("name", "subject", "inside"),
    [
        (Name.CLOCK_SKEWED, "one", {"skew": timedelta(seconds=1.6)}),
        (Name.DISK_LOW, "/data on one", {"disks": (disk(6),)}),
        (Name.INTAKE_CROWDED, "one", {"intake": Queue(waiting=3_100)}),
    ],
)
def test_a_limit_is_left_on_its_other_side(name: Name, subject: str, inside: dict[str, object]) -> None:
    """What has crossed a limit goes on until it is well inside again, so that it does not flap."""
    seen, key = replace(WELL, **inside), Key(name=name, subject=subject)
    assert troubles(seen) == ()
    assert [trouble.key for trouble in troubles(seen, {key})] == [key]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (14.6, "15 s"), (119, "119 s"), (120, "2 min"), (7_199, "120 min"), (7_200, "2 h")],
)
def test_lengths_are_shown_as_people_read_them(seconds: float, text: str) -> None:
    """Seconds, then minutes, then hours."""
    assert shown(timedelta(seconds=seconds)) == text
