"""People, their contacts and rules, and the teams they form."""

from tocsin.core.people.granting import TokenWish, refuse_ungrantable, refuse_unless_theirs
from tocsin.core.people.password import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    Weakness,
    known_of,
    prepared,
    wait_after,
    weakness,
)
from tocsin.core.people.permission import TABLE, Permission, Reach, Standing, lesser
from tocsin.core.people.person import Contact, Person, Role, Rule, Rules
from tocsin.core.people.team import Team

__all__ = [
    "LONGEST_PASSWORD",
    "SHORTEST_PASSWORD",
    "TABLE",
    "Contact",
    "Permission",
    "Person",
    "Reach",
    "Role",
    "Rule",
    "Rules",
    "Standing",
    "Team",
    "TokenWish",
    "Weakness",
    "known_of",
    "lesser",
    "prepared",
    "refuse_ungrantable",
    "refuse_unless_theirs",
    "wait_after",
    "weakness",
]
