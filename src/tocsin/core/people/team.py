"""A team: the people who run something together."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.vocabulary import PersonName, TeamName


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """People who run something together, with one who leads."""

    name: TeamName
    members: tuple[PersonName, ...] = ()
    #: None: nobody leads; what would go to the lead goes to all members.
    lead: PersonName | None = None
