"""The clocks change while an alert climbs: waits are elapsed time, and the shift that holds is the right one."""

from __future__ import annotations

from datetime import timedelta

from playbook import TEAM, Playbook
from tocsin.core.vocabulary import utc

#: Hands over at 03:00 local time, which on 2026-10-25 comes an hour of elapsed time later than on other days.
ROTA = (
    TEAM.replace("{page: [{user: ada}]}, {after: 5m, page: [{user: linus}]}", "{page: [{schedule: night}]}")
    + """
schedules:
  - name: night
    team: data
    time_zone: Europe/Berlin
    layers:
      - {name: early, rotation: {every: 1 day, from: "2026-10-01T00:00", people: [ada]},
         only: [{between: ["00:00", "03:00"]}]}
      - {name: late, rotation: {every: 1 day, from: "2026-10-01T00:00", people: [linus]},
         only: [{between: ["03:00", "00:00"]}]}
"""
)


async def test_five_minutes_are_five_minutes_and_three_oclock_comes_later() -> None:
    """At 02:58 for the first time Ada has the night, five elapsed minutes later, at 02:03 again, she still has it."""
    book = Playbook(ROTA, start=utc(2026, 10, 25, 0, 58))
    taken = await book.event()
    book.expect("ada hook")
    begun = book.clock()
    await book.let_pass(minutes=5)
    assert book.heard()[-1] == "ada hook"
    await book.let_pass(minutes=60)
    assert "linus hook" in book.heard()
    record = await book.alert(taken)
    story = await book.store.story(record.group_id)
    steps = [fact for entry in story for fact in entry.facts if type(fact).__name__ == "StepBegan"]
    assert steps[1].at - begun == timedelta(minutes=5)
