"""How a person wants to be reached, and how they are reached where they have not said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.scene import minutes, person
from tocsin.core.people import Rule, Rules
from tocsin.core.vocabulary import Urgency

HOOK, MAIL, GONE = Rule(contact="hook"), Rule(contact="mail", after=minutes(2)), Rule(contact="gone")
ALL = [(0, "hook"), (0, "mail"), (0, "phone")]


@pytest.mark.parametrize(
    ("rules", "urgency", "plan"),
    [
        (Rules(high=(HOOK, MAIL), low=(MAIL,)), Urgency.HIGH, [(0, "hook"), (2, "mail")]),
        (Rules(high=(HOOK, MAIL), low=(MAIL,)), Urgency.LOW, [(2, "mail")]),
        (Rules(high=(HOOK,)), Urgency.LOW, [(0, "hook")]),
        (Rules(low=(MAIL,)), Urgency.HIGH, [(2, "mail")]),
        (Rules(), Urgency.HIGH, ALL),
        (Rules(high=(GONE, HOOK)), Urgency.HIGH, [(0, "hook")]),
        (Rules(high=(GONE,), low=(MAIL,)), Urgency.HIGH, [(2, "mail")]),
        (Rules(high=(GONE,), low=(GONE,)), Urgency.HIGH, ALL),
        (Rules(high=(HOOK, HOOK)), Urgency.HIGH, [(0, "hook"), (0, "hook")]),
    ],
)
def test_who_is_tried_when(rules: Rules, urgency: Urgency, plan: list[tuple[int, str]]) -> None:
    """Their rules for the urgency, else for the other one, else every contact: whoever has a contact is reached."""
    ada = replace(person("ada", "hook", "mail", "phone"), rules=rules)
    assert [(wait / minutes(1), contact.name) for wait, contact in ada.plan(urgency)] == plan


RULES = st.lists(st.sampled_from([HOOK, MAIL, GONE]), max_size=3).map(tuple)


@given(RULES, RULES, st.sets(st.sampled_from(["hook", "mail"])), st.sampled_from(Urgency))
def test_whoever_has_a_contact_has_a_plan(high: tuple, low: tuple, contacts: set[str], urgency: Urgency) -> None:
    """A plan is empty exactly where there is no contact at all, and names only contacts that there are."""
    ada = person("ada", "hook", "mail")
    ada = replace(
        ada, contacts=tuple(one for one in ada.contacts if one.name in contacts), rules=Rules(high=high, low=low)
    )
    plan = ada.plan(urgency)
    assert bool(plan) == bool(contacts)
    assert all(contact in ada.contacts for _, contact in plan)


def test_a_contact_is_found_by_its_name() -> None:
    """A name that no contact has finds none."""
    ada = person("ada", "hook", "mail")
    assert ada.contact("mail") == ada.contacts[1]
    assert ada.contact("pigeon") is None
