"""People, their contacts and rules, and the teams they form."""

from tocsin.core.people.person import Contact, Person, Role, Rule, Rules
from tocsin.core.people.team import Team

__all__ = ["Contact", "Person", "Role", "Rule", "Rules", "Team"]
