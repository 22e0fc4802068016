"""An escalation policy: what was agreed beforehand about whom to reach, in which order, how often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from tocsin.core.escalation.steps import OnePerson, Target, WholeTeam
from tocsin.core.vocabulary import Instant, PersonName, PolicyName, Severity

#: The wait after the last step where the policy names none and its last step has none.
USUAL_WAIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """When a step is taken at all. What is left empty does not restrict."""

    severities: frozenset[Severity] = frozenset()
    #: Weekdays by local date, Monday is 0.
    weekdays: frozenset[int] = frozenset()
    #: Local times of day; the end may lie on the next day (22:00 to 06:00 belongs to the day it starts on).
    between: tuple[time, time] | None = None
    time_zone: str = "UTC"

    def holds(self, severity: Severity, now: Instant) -> bool:
        """True when an alert of this severity takes the step at this instant."""
        if self.severities and severity not in self.severities:
            return False
        local = now.astimezone(ZoneInfo(self.time_zone))
        return self._holds_at(local.weekday(), local.time())

    def _holds_at(self, weekday: int, clock: time) -> bool:
        if self.between is None:
            return self._on(weekday)
        begins, ends = self.between
        if begins < ends:
            return self._on(weekday) and begins <= clock < ends
        if clock >= begins:
            return self._on(weekday)
        return clock < ends and self._on((weekday - 1) % 7)

    def _on(self, weekday: int) -> bool:
        return not self.weekdays or weekday in self.weekdays


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung: whom to reach, so long after the rung before."""

    targets: tuple[Target, ...]
    after: timedelta = timedelta(0)
    when: Condition | None = None
    #: True: each new climb asks only the next of the people found, in turn.
    round_robin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Ordered steps, how often they are gone through again, and the last resort, which never stops."""

    name: PolicyName
    steps: tuple[Step, ...]
    #: How many times the steps are gone through again after the first time.
    repeat: int = 0
    #: The wait between the last step and the first of the next round; None: as long as before the last step.
    repeat_after: timedelta | None = None
    last_resort: tuple[Target, ...] = ()
    #: How often the last resort is rung until somebody answers.
    last_resort_every: timedelta = timedelta(minutes=15)
    #: An acknowledgement lapses after this and the climb begins anew; None: it holds.
    acknowledgement_lapses_after: timedelta | None = None

    @property
    def wait_before_first(self) -> timedelta:
        """How long an alert may end by itself before the first step."""
        return self.steps[0].after if self.steps else timedelta(0)

    def wait_after(self, step: int) -> timedelta:
        """How long a step may be answered before the one that follows it, or the next round."""
        following = step + 1
        return self.steps[following].after if following < len(self.steps) else self.wait_after_last

    @property
    def wait_after_last(self) -> timedelta:
        """How long the last step may be answered before the next round or the last resort."""
        if self.repeat_after is not None:
            return self.repeat_after
        last = self.steps[-1].after if self.steps else timedelta(0)
        return last or USUAL_WAIT


def straight_to(people: tuple[PersonName, ...], *, name: str, last_resort: tuple[Target, ...]) -> Policy:
    """The policy of a page that somebody sends to people by hand, or of an alert that no service owns."""
    targets = tuple(OnePerson(person=person) for person in people)
    steps = (Step(targets=targets),) if targets else ()
    return Policy(name=PolicyName(name), steps=steps, repeat=2, last_resort=last_resort)


def everybody_of(team: WholeTeam | None, administrators: tuple[PersonName, ...]) -> tuple[Target, ...]:
    """The last resort where a policy names none: the team that owns the service, and the administrators."""
    admins = tuple(OnePerson(person=person) for person in administrators)
    return admins if team is None else (team, *admins)
