"""A person: where they live, how they are reached, and how they want to be reached by urgency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from tocsin.core.vocabulary import PersonName, Urgency


class Role(StrEnum):
    """What a person may do, from most to least."""

    ADMIN = "admin"
    MANAGER = "manager"
    RESPONDER = "responder"
    STAKEHOLDER = "stakeholder"
    READ_ONLY = "read-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One way to reach a person: a channel and an address on it."""

    name: str
    channel: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of a person's wishes: this contact, so long after the line before it."""

    contact: str
    after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """In which order and at what distance a person's contacts are tried."""

    high: tuple[Rule, ...] = ()
    low: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can be reached and may answer."""

    name: PersonName
    full_name: str
    email: str | None
    time_zone: ZoneInfo
    role: Role = Role.RESPONDER
    #: BCP 47 tag of a catalog that exists ("en", "zh").
    language: str = "en"
    contacts: tuple[Contact, ...] = ()
    rules: Rules = Rules()
    #: Whose public holidays count for this person: "DE-BE", "CN". None: nobody's.
    holidays: str | None = None
    #: How long before each shift they want to be reminded of it. Empty: not at all.
    reminders: tuple[timedelta, ...] = (timedelta(days=1),)

    def contact(self, name: str) -> Contact | None:
        """The contact of this name, or None."""
        return next((contact for contact in self.contacts if contact.name == name), None)

    @property
    def by_mail(self) -> tuple[Contact, ...]:
        """Their own mail address alone: for what nobody else may read. Empty: none is known."""
        return () if self.email is None else (Contact(name="email", channel="email", address=self.email),)

    def every_way(self, urgency: Urgency) -> tuple[tuple[timedelta, Contact], ...]:
        """The plan, and after it at once every contact that no rule names: for whoever no rule could reach."""
        plan = self.plan(urgency)
        named = {contact.name for _, contact in plan}
        return (*plan, *((timedelta(0), contact) for contact in self.contacts if contact.name not in named))

    def plan(self, urgency: Urgency) -> tuple[tuple[timedelta, Contact], ...]:
        """The contacts to try for a page, each with its wait after the one before.

        A person without rules for this urgency, or with rules that name no contact there is, is still
        reached: by the rules of the other urgency, else by every contact at once. Lost is worse than loud.
        """
        chosen = self.rules.high if urgency is Urgency.HIGH else self.rules.low
        for rules in (chosen, self.rules.high, self.rules.low):
            found = ((rule.after, self.contact(rule.contact)) for rule in rules)
            if plan := tuple((after, contact) for after, contact in found if contact is not None):
                return plan
        return tuple((timedelta(0), contact) for contact in self.contacts)
