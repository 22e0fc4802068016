"""A gap in the rota: the step moves on at once and says so; nobody waits for nobody."""

from __future__ import annotations

from playbook import TEAM, Playbook
from tocsin.core.vocabulary import utc

ROTA = (
    TEAM.replace("steps: [{page: [{user: ada}]}", "steps: [{page: [{schedule: office}]}")
    + """
schedules:
  - name: office
    team: data
    time_zone: Europe/Berlin
    layers:
      - {name: days, rotation: {every: 1 week, from: "2026-01-05T09:00", people: [ada]},
         only: [{days: [mon, tue, wed, thu, fri], between: ["09:00", "17:00"]}]}
"""
)


async def test_an_empty_step_moves_on_at_once() -> None:
    """On Sunday at three nobody is on call: the second step begins in the same moment, and the story tells why."""
    book = Playbook(ROTA, start=utc(2026, 11, 22, 3, 11))
    taken = await book.event()
    book.expect("linus hook")
    record = await book.alert(taken)
    story = await book.store.story(record.group_id)
    passed = [fact for entry in story for fact in entry.facts if type(fact).__name__ == "StepPassed"]
    assert [(one.reason, one.subject) for one in passed[0].missing] == [("nobody_on_call", "office")]


async def test_the_same_step_rings_when_somebody_is_on_call() -> None:
    """On Monday at ten the person on call is rung."""
    book = Playbook(ROTA, start=utc(2026, 11, 23, 9, 0))
    await book.event()
    book.expect("ada hook")
