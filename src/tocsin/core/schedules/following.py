"""Schedules that refer to each other: which of them have to be known before another.

Whoever refers to a schedule that is not there, or to itself by way of others, refers to nothing there: `check_together`
refuses such schedules, but what is stored may be odd, and has to be answered all the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from tocsin.core.schedules.schedule import Schedule
from tocsin.core.vocabulary import ScheduleName


def followed_by(schedule: Schedule) -> tuple[ScheduleName, ...]:
    """The schedules that a schedule follows, now or after a planned change, in the order of the text."""
    follows = (schedule.follows, *(change.follows for change in schedule.changes))
    return tuple(dict.fromkeys(follow.schedule for follow in follows if follow is not None))


def referred_by(schedule: Schedule) -> tuple[ScheduleName, ...]:
    """The schedules that a schedule follows, or keeps apart from."""
    return tuple(dict.fromkeys((*followed_by(schedule), *schedule.apart_from)))


def circle(
    schedules: Mapping[ScheduleName, Schedule], name: ScheduleName, other: ScheduleName
) -> tuple[ScheduleName, ...]:
    """The shortest way from a schedule over another one back to it, without the return; empty: there is none."""
    before: dict[ScheduleName, ScheduleName] = {}
    waiting = [other]
    for each in waiting:  # it grows while it is gone through
        if each == name:
            way = [before[each]] if each in before else []
            while way and way[-1] != other:
                way.append(before[way[-1]])
            return (name, *reversed(way))
        for further in referred_by(schedules[each]) if each in schedules else ():
            if further not in before and further != other:
                before[further] = each
                waiting.append(further)
    return ()


class References:
    """Which schedule refers to which."""

    def __init__(self, schedules: Mapping[ScheduleName, Schedule]) -> None:
        self._schedules = schedules
        self._sound: dict[ScheduleName, frozenset[ScheduleName]] = {}

    def of(self, name: ScheduleName) -> frozenset[ScheduleName]:
        """The schedules to which one refers, without those that are missing and those that refer back to it."""
        found = self._sound.get(name)
        if found is None:
            named = (other for other in referred_by(self._schedules[name]) if other in self._schedules)
            found = frozenset(other for other in named if not circle(self._schedules, name, other))
            self._sound[name] = found
        return found

    def before(self, name: ScheduleName) -> tuple[ScheduleName, ...]:
        """All schedules that have to be known before this one, each after those that it needs itself."""
        done: dict[ScheduleName, None] = {}
        waiting = [(name, False)]
        while waiting:
            each, is_ready = waiting.pop()
            if is_ready:
                done[each] = None
            elif each not in done:
                waiting.append((each, True))
                waiting += ((other, False) for other in sorted(self.of(each)))
        return tuple(other for other in done if other != name)
