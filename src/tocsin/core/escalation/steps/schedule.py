"""A target: whoever is on call for a schedule when the step begins."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.escalation.steps.found import Asked, Found, Nobody, Roster
from tocsin.core.vocabulary import Instant, ScheduleName


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSchedule:
    """Whoever is on call for the schedule."""

    schedule: ScheduleName

    def find(self, roster: Roster, now: Instant) -> Found | Nobody:
        """The people of the present shift."""
        people = roster.on_call(self.schedule, now)
        if people is None:
            return Nobody(reason="schedule_is_gone", subject=self.schedule)
        if not people:
            return Nobody(reason="nobody_on_call", subject=self.schedule)
        because = f"schedule {self.schedule}"
        return Found(asked=tuple(Asked(person=person, address=None, because=because) for person in people))
