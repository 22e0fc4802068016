"""Rungs that come faster than a person's own first wait: whoever is asked again and again is reached all the same."""

from __future__ import annotations

from playbook import Playbook
from tocsin.core.vocabulary import Severity
from tocsin.ports.channels import Answer

#: Grace wants to be called three minutes after she is asked; the policy asks her again every two.
HURRIED = """
tocsin: 1
users:
  - {name: grace, full_name: Grace, time_zone: Europe/Berlin, role: admin,
     contacts: [{name: hook, channel: webhook, address: "http://grace.example/"}],
     rules: {high: [{after: 3m, contact: hook}], low: [{contact: hook}]}}
policies:
  - {name: climb, steps: [{page: [{user: grace}]}], repeat: 5, repeat_after: 2m, last_resort: [{user: grace}]}
services: [{name: pipelines, policy: climb}]
integrations: [{name: native, protocol: tocsin, service: pipelines, key: native-key-000000}]
"""


async def test_who_is_asked_again_before_being_tried_is_not_put_off() -> None:
    """The page of the second rung keeps the time at which the first one would have called."""
    book = Playbook(HURRIED)
    await book.event()
    await book.let_pass(minutes=2, seconds=30)
    book.expect()
    await book.let_pass(minutes=1)
    book.expect("grace hook")


async def test_after_a_call_the_own_wait_counts_again() -> None:
    """Once somebody was tried, the next rung gives them their own wait again, and calls go on for ever."""
    book = Playbook(HURRIED)
    await book.event()
    await book.let_pass(minutes=30)
    assert len(book.heard()) >= 5


#: What is not urgent goes to Ada by mail alone, and nobody else is there to ask.
BY_MAIL_ALONE = """
tocsin: 1
users:
  - {name: ada, full_name: Ada, email: ada@example.org, time_zone: Europe/Berlin, role: admin,
     contacts: [{name: hook, channel: webhook, address: "http://ada.example/"},
                {name: mail, channel: email, address: ada@example.org}],
     rules: {high: [{contact: hook}], low: [{contact: mail}]}}
policies:
  - {name: climb, steps: [{page: [{user: ada}]}], last_resort: [{user: ada}], last_resort_every: 5m}
services: [{name: pipelines, policy: climb}]
routes: [{name: low, when: 'severity == "warning"', urgency: low}]
integrations: [{name: native, protocol: tocsin, service: pipelines, key: native-key-000000}]
"""


async def test_whom_no_rule_reaches_is_reached_by_any_contact() -> None:
    """When the rules' only contact is dead, the next rung, which comes at once, tries those that no rule names."""
    book = Playbook(BY_MAIL_ALONE)
    book.providers.answers = lambda address: None if address.startswith("http") else Answer(status=550)
    await book.event(severity=Severity.WARNING)
    book.expect("ada hook")


async def test_as_long_as_a_rule_reaches_no_other_contact_is_used() -> None:
    """While mail arrives, what is not urgent goes by mail, rung after rung."""
    book = Playbook(BY_MAIL_ALONE)
    await book.event(severity=Severity.WARNING)
    await book.let_pass(minutes=20)
    assert set(book.heard()) == {"ada mail"}
