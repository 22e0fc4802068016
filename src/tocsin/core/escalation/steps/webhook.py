"""A target: a program behind an address, called as the webhook channel calls."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.escalation.steps.found import Asked, Found, Nobody, Roster
from tocsin.core.vocabulary import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program behind an address. It does not answer a page: the climb goes on."""

    address: str

    def find(self, roster: Roster, now: Instant) -> Found | Nobody:
        """The address itself."""
        return Found(asked=(Asked(person=None, address=self.address, because=f"webhook {self.address}"),))
