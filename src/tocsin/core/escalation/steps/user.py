"""A target: one person by name, on call or not."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.escalation.steps.found import Asked, Found, Nobody, Roster
from tocsin.core.vocabulary import Instant, PersonName


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePerson:
    """This person."""

    person: PersonName

    def find(self, roster: Roster, now: Instant) -> Found | Nobody:
        """The person, when there still is one."""
        if not roster.is_reachable(self.person):
            return Nobody(reason="cannot_be_reached", subject=self.person)
        return Found(asked=(Asked(person=self.person, address=None, because=f"user {self.person}"),))
