"""A target: everybody in a team."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.escalation.steps.found import Asked, Found, Nobody, Roster
from tocsin.core.vocabulary import Instant, TeamName


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeTeam:
    """All members of the team."""

    team: TeamName

    def find(self, roster: Roster, now: Instant) -> Found | Nobody:
        """The members who can be reached."""
        members = roster.members(self.team)
        if members is None:
            return Nobody(reason="team_is_gone", subject=self.team)
        if not members:
            return Nobody(reason="team_is_empty", subject=self.team)
        because = f"team {self.team}"
        return Found(asked=tuple(Asked(person=person, address=None, because=because) for person in members))
