"""Writes scripts: a town's bad days out of a seed. Trouble comes in company: calm for a day, then much at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tocsin.simulation.chance import Chance
from tocsin.simulation.script import (
    Behaviour,
    ClockOff,
    Deed,
    Does,
    Ends,
    Fails,
    Frozen,
    Happening,
    Killed,
    NoticesLost,
    Pages,
    ProviderFails,
    Reaction,
    Reconfigured,
    RoughStore,
    Script,
    Step,
    StoreAway,
    StoreClockSteps,
    TakenThere,
)
from tocsin.simulation.town import CHANNELS, NAMES, SERVICES, VARIANTS

DAY, HOUR, MINUTE = 86_400.0, 3_600.0, 60.0
#: At the end nothing new happens for so long: whatever is stuck then is stuck for good.
CALM_END = 3 * HOUR
#: Bad times a day.
TIMES_A_DAY = 1.0

_STEPS: tuple[Step, ...] = (Step.NOW, Step.NOW, *Step)
#: A node that stands still is worst for others where it has promised to call.
_STILL: tuple[Step, ...] = (Step.NOW, Step.CLAIMED, Step.CLAIMED, Step.CALLING, Step.WRITTEN)
_SEVERITIES = ("critical", "critical", "error", "warning")


def write(seed: int, *, days: float, nodes: int) -> Script:
    """The script of a seed, in the order of time."""
    chance = Chance(f"script/{seed}")
    length = days * DAY - CALM_END
    lines = [
        line
        for number in range(max(1, round(days * TIMES_A_DAY)))
        for line in _bad_time(chance.of(str(number)), number, length=length, nodes=nodes)
        if line.at < length
    ]
    return tuple(sorted(lines, key=lambda line: line.at))


def _bad_time(chance: Chance, number: int, *, length: float, nodes: int) -> Iterator[Happening]:
    """Some alerts within minutes, and what goes wrong around them."""
    begins = chance.between(10 * MINUTE, length)
    alerts = [
        line
        for alert in range(chance.one_of((1, 1, 2, 3)))
        for line in _alert(chance.of(f"alert/{alert}"), f"{number}-{alert}", begins)
    ]
    yield from alerts
    moments = [line.at for line in alerts if isinstance(line, Fails)]
    rolls = chance.of("faults")
    if rolls.happens(0.4):
        # In weather like this a request takes its time, so that whatever else happens finds it on its way.
        yield _rough(rolls.of("weather"), min(moments) - rolls.between(0, 10), lasts=rolls.skewed(20.0, 4 * MINUTE))
    for fault in range(rolls.one_of((0, 1, 1, 2, 2, 3, 4, 6))):
        yield _fault(rolls.of(str(fault)), _moment(rolls, begins, moments), nodes=nodes)
    if rolls.happens(0.3):
        yield from _change(rolls.of("change"), begins)
    if rolls.happens(0.1):
        yield Pages(at=begins + rolls.between(0, 15 * MINUTE), person=rolls.number(0, len(NAMES) - 1))


def _moment(chance: Chance, begins: float, moments: Sequence[float]) -> float:
    """When a fault begins: somewhere about, or just when somebody is being called for an alert."""
    if chance.happens(0.3):
        return begins + chance.between(-2 * MINUTE, 20 * MINUTE)
    # The steps of most climbs are some whole minutes apart.
    return chance.one_of(moments) + MINUTE * chance.one_of((0, 0, 0, 1, 3, 4, 5)) + chance.skewed(0.01, 12.0)


def _alert(chance: Chance, name: str, begins: float) -> Iterator[Happening]:
    at = begins + chance.skewed(1.0, 15 * MINUTE)
    # Some conditions come again and again under one key.
    key = chance.one_of(("disk", "queue", name, name, name))
    service = chance.number(0, len(SERVICES) - 1)
    answered = chance.happens(0.85)
    fails = Fails(
        at=at,
        key=key,
        service=service,
        severity=chance.one_of(_SEVERITIES),
        count=chance.number(2, 20) if chance.happens(0.05) else 1,
        expires_after=chance.skewed(3 * MINUTE, 90 * MINUTE) if chance.happens(0.2) else 0.0,
        reaction=_reaction(chance.of("reaction")) if answered else None,
    )
    yield fails
    for _ in range(chance.one_of((0, 0, 0, 1, 2, 5))):
        again = chance.skewed(5.0, 40 * MINUTE)
        yield Fails(at=at + again, key=key, service=service, severity=chance.one_of(_SEVERITIES))
    if chance.happens(0.15):
        yield TakenThere(at=at + chance.skewed(10.0, 20 * MINUTE), key=key, service=service)
    for _ in range(chance.one_of((0, 0, 0, 1, 2))):
        after = chance.skewed(5.0, 40 * MINUTE)
        yield Does(at=at + after, key=key, deed=chance.one_of(tuple(Deed)), person=chance.number(0, len(NAMES) - 1))
    if fails.count > 1 or chance.happens(0.5):
        yield Ends(at=at + chance.skewed(20.0, 30 * MINUTE), key=key, service=service)
    # What nobody answers goes on until it ends by itself; that it has ended is said once more, later.
    ends = at + chance.skewed(41 * MINUTE, 80 * MINUTE)
    yield Ends(at=ends, key=key, service=service)
    yield Ends(at=ends + 20 * MINUTE, key=key, service=service)


def _reaction(chance: Chance) -> Reaction:
    return Reaction(
        deed=chance.one_of((Deed.ACKNOWLEDGE, Deed.LINK, Deed.LINK, Deed.RESOLVE, Deed.SNOOZE)),
        after_rings=chance.one_of((1, 1, 1, 2, 3, 5)),
        after_seconds=chance.skewed(0.1, 30 * MINUTE),
        times=chance.one_of((1, 1, 1, 2, 3)),
    )


def _rough(chance: Chance, at: float, *, lasts: float) -> RoughStore:
    return RoughStore(
        at=at,
        lasts=lasts,
        rolls=chance.bits(32),
        fails=chance.one_of((0.0, 0.05, 0.3)),
        unanswered=chance.one_of((0.0, 0.05, 0.3)),
        crawls=chance.one_of((0.0, 0.02, 0.2)),
    )


def _fault(chance: Chance, at: float, *, nodes: int) -> Happening:
    node, rolls = chance.number(0, nodes - 1), chance.bits(32)
    match chance.number(0, 11):
        case 0 | 1:
            back = chance.skewed(1.0, 5 * MINUTE)
            return Killed(
                at=at, node=node, step=chance.one_of(_STEPS), back_after=back, leaves_orphans=chance.happens(0.5)
            )
        case 2 | 3:
            return Frozen(at=at, node=node, step=chance.one_of(_STILL), lasts=chance.skewed(2.0, 4 * MINUTE))
        case 4:
            return ClockOff(at=at, node=node, seconds=chance.one_of((-1, 1)) * chance.skewed(0.5, 2 * HOUR))
        case 5:
            return StoreClockSteps(at=at, seconds=chance.one_of((-1, 1)) * chance.skewed(0.05, 45.0))
        case 6:
            return StoreAway(at=at, lasts=chance.skewed(2.0, 5 * MINUTE))
        case 7:
            return NoticesLost(at=at, lasts=chance.skewed(MINUTE, 30 * MINUTE), rolls=rolls, lost=chance.between(0, 1))
        case 8:
            return _rough(chance, at, lasts=chance.skewed(5.0, 5 * MINUTE))
        case _:
            return ProviderFails(
                at=at,
                channel=chance.one_of(CHANNELS),
                lasts=chance.skewed(10.0, 6 * HOUR),
                behaviour=chance.one_of(tuple(Behaviour)),
                rolls=rolls,
            )


def _change(chance: Chance, begins: float) -> Iterator[Happening]:
    """Another configuration, and the usual one again."""
    at = begins + chance.between(-5 * MINUTE, 20 * MINUTE)
    yield Reconfigured(at=at, variant=chance.number(1, VARIANTS - 1))
    yield Reconfigured(at=at + chance.skewed(10.0, 2 * HOUR), variant=0)
