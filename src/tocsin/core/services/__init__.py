"""The catalog: what the teams run."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.vocabulary import PolicyName, ServiceName, TeamName


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something a team runs."""

    name: ServiceName
    team: TeamName | None = None
    #: The escalation policy of its alerts; None: whoever administers Tocsin is paged.
    policy: PolicyName | None = None
    #: 1 is what the business stands on; larger figures matter less. None: not said.
    tier: int | None = None
