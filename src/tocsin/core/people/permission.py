"""Who may do what: one table, asked by pages, API, chat and command line alike.

A role reaches so far with each permission: nowhere, to what is one's own, to what is one's teams', or to everything.
Whoever leads a team reaches as far within it as a manager does. A token may be narrower than whoever has it, never
wider.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType

from tocsin.core.people.person import Role
from tocsin.core.vocabulary import PersonName, TeamName


class Permission(StrEnum):
    """Something that not everybody may do."""

    #: See alerts and their story, services, schedules, who is on call.
    LOOK = "look"
    #: See addresses of people and programs, and what the monitoring has sent, as it came.
    REACH = "reach"
    #: Acknowledge, resolve, snooze, escalate, add people, page people, write notes.
    ANSWER = "answer"
    #: Keep alerts from ringing for a time.
    SILENCE = "silence"
    #: One's own duty: put oneself on call, offer and take shifts, be away, be told.
    SERVE = "serve"
    #: The same for others.
    ARRANGE = "arrange"
    #: Change schedules, policies, routes, services, integrations.
    CONFIGURE = "configure"
    #: See who has changed what.
    AUDIT = "audit"
    #: Give out and end API tokens; invite people, and end their sessions.
    GRANT = "grant"


class Reach(IntEnum):
    """How far a permission goes."""

    NOWHERE = 0
    OWN = 1
    TEAM = 2
    EVERYWHERE = 3


_EVERYTHING = dict.fromkeys(Permission, Reach.EVERYWHERE)
_MANAGING = {**_EVERYTHING, Permission.CONFIGURE: Reach.TEAM, Permission.GRANT: Reach.OWN}
_RESPONDING = {
    **_MANAGING,
    Permission.SERVE: Reach.OWN,
    Permission.ARRANGE: Reach.NOWHERE,
    Permission.CONFIGURE: Reach.NOWHERE,
    Permission.AUDIT: Reach.NOWHERE,
}

#: The table. What is not named, a role may not.
TABLE: Mapping[Role, Mapping[Permission, Reach]] = MappingProxyType(
    {
        Role.ADMIN: MappingProxyType(_EVERYTHING),
        Role.MANAGER: MappingProxyType(_MANAGING),
        Role.RESPONDER: MappingProxyType(_RESPONDING),
        Role.STAKEHOLDER: MappingProxyType({Permission.LOOK: Reach.EVERYWHERE, Permission.GRANT: Reach.OWN}),
        Role.READ_ONLY: MappingProxyType({Permission.LOOK: Reach.EVERYWHERE}),
    }
)
#: What a manager may and a responder may not, they may where they lead.
_LED = frozenset({Permission.ARRANGE, Permission.CONFIGURE})
_CAN_LEAD = frozenset({Role.MANAGER, Role.RESPONDER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who asks, as far as it matters for what they may do."""

    role: Role
    #: None: no person, but a token of its own or the first sign-in.
    person: PersonName | None = None
    teams: frozenset[TeamName] = frozenset()
    #: Those of their teams that they lead.
    leads: frozenset[TeamName] = frozenset()
    #: What their token is for; None: everything that they may.
    scope: frozenset[Permission] | None = None

    def reach(self, permission: Permission) -> Reach:
        """How far they reach with it, teams that they lead left aside."""
        return TABLE[self.role].get(permission, Reach.NOWHERE) if self._is_meant(permission) else Reach.NOWHERE

    def may(self, permission: Permission, *, team: TeamName | None = None, owner: PersonName | None = None) -> bool:
        """Whether they may do it to what is this team's, or this person's; neither: to what is nobody's own."""
        match self.reach(permission):
            case Reach.EVERYWHERE:
                return True
            case Reach.TEAM if team is not None and team in self.teams:
                return True
            case Reach.OWN | Reach.TEAM if owner is not None and owner == self.person:
                return True
        return team is not None and team in self._led(permission)

    def may_somewhere(self, permission: Permission) -> bool:
        """Whether there is anything to which they may do it."""
        return self.reach(permission) is not Reach.NOWHERE or bool(self._led(permission))

    def _led(self, permission: Permission) -> frozenset[TeamName]:
        """The teams in which they may do it because they lead them: whoever answers for alerts can lead."""
        leads = permission in _LED and self._is_meant(permission) and self.role in _CAN_LEAD
        return self.leads if leads else frozenset()

    def _is_meant(self, permission: Permission) -> bool:
        return self.scope is None or permission in self.scope


def lesser(one: Role, other: Role) -> Role:
    """The role of the two that may less."""
    return max(one, other, key=list(Role).index)
