"""A second, deliberately simple reading of the rules: it steps minute by minute and shares no code with the product.

The one thing it knows about zones is what a wall clock shows at an instant. A local time has come once the clock has
shown it, or anything later; so the oracle keeps the latest time that the clock has shown so far.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from tocsin.core.schedules import Layer, Restriction, Schedule
from tocsin.core.vocabulary import Instant, Span

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
HOURS_IN = {"hours": 1, "days": 24, "weeks": 168}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

#: Start, end, people, source; nobody has no source.
Line = tuple[Instant, Instant, tuple[str, ...], str]


def render(schedule: Schedule, window: Span) -> list[Line]:
    """The final shifts and gaps of the window, in order."""
    lines: list[Line] = []
    for minute, who, source in minutes(schedule, window):
        if lines and lines[-1][2:] == (who, source):
            lines[-1] = (lines[-1][0], minute + MINUTE, who, source)
        else:
            lines.append((minute, minute + MINUTE, who, source))
    return lines


def minutes(schedule: Schedule, window: Span) -> Iterator[tuple[Instant, tuple[str, ...], str]]:
    """Who is on call in each minute of the window."""
    anchors = [layer.rotation.anchor.replace(tzinfo=window.start.tzinfo) for layer in schedule.layers]
    now = min([window.start, *anchors]) - 3 * DAY
    duties = [Duty(layer) for layer in schedule.layers]
    clock = shown(schedule, now)
    while now < window.end:
        clock = max(clock, shown(schedule, now))
        for duty in duties:
            duty.step(now, clock)
        if now >= window.start:
            yield now, *decide(schedule, duties, now, clock)
        now += MINUTE


def shown(schedule: Schedule, now: Instant) -> datetime:
    """What the clock on the wall shows."""
    return now.astimezone(schedule.time_zone).replace(tzinfo=None, fold=0)


def decide(schedule: Schedule, duties: list[Duty], now: Instant, clock: datetime) -> tuple[tuple[str, ...], str]:
    """Overrides first, the one made last first; then layers from the top, where they have somebody."""
    hits = [override for override in schedule.overrides if override.span.start <= now < override.span.end]
    if hits:
        latest = max(override.made for override in hits)
        winner = [override for override in hits if override.made == latest][-1]
        return winner.people, "override" if winner.people else ""
    for duty in reversed(duties):
        who = duty.people(now, clock)
        if who:
            return who, duty.layer.name
    return (), ""


class Duty:
    """Whose turn it is in one layer, kept up to date minute by minute."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.turn: int | None = None
        self.began: Instant | None = None

    def step(self, now: Instant, clock: datetime) -> None:
        rotation = self.layer.rotation
        hours = rotation.every.count * HOURS_IN[rotation.every.unit]
        if self.turn is None or self.began is None:
            if clock < rotation.anchor:
                return
            self.turn, self.began = 0, now
        elapsed = rotation.every.unit == "hours" and 24 % hours != 0
        passed = now - self.began if elapsed else clock - rotation.anchor
        while passed >= (self.turn + 1) * timedelta(hours=hours):
            self.turn += 1

    def people(self, now: Instant, clock: datetime) -> tuple[str, ...]:
        layer = self.layer
        if self.turn is None:
            return ()
        if layer.start is not None and now < layer.start:
            return ()
        if layer.end is not None and now >= layer.end:
            return ()
        if layer.only and not any(inside(restriction, clock) for restriction in layer.only):
            return ()
        return layer.rotation.participants[self.turn % len(layer.rotation.participants)]


def inside(restriction: Restriction, clock: datetime) -> bool:
    """True when a window that started today or yesterday has come and is not over."""
    for day in (clock.date() - DAY, clock.date()):
        begins = datetime.combine(day, restriction.begins)
        ends = datetime.combine(day, restriction.ends)
        if ends <= begins:
            ends += DAY
        on_this_day = not restriction.days or WEEKDAYS[day.weekday()] in restriction.days
        if on_this_day and begins <= clock < ends:
            return True
    return False
