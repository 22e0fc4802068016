"""A case: what it is by its members, when it is due, and that its journal makes it again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.scene import T0, Night, after, asked, directory, minutes, trigger
from tocsin.core.alerts.model import AlertAcknowledged
from tocsin.core.case import Case, Group, GroupOpened, evolve
from tocsin.core.errors import Broken
from tocsin.core.escalation.run import AddPerson, RunHeld
from tocsin.core.routing import Route
from tocsin.core.vocabulary import AlertId, GroupId, Severity, Urgency

GROUPED = directory(routes=(Route(name="all", when=None, group_by=()),))


def pair() -> Night:
    """Two alerts in one case, of which the second is worse."""
    night = Night(GROUPED)
    night.take(trigger("disk", severity=Severity.WARNING), trigger("memory", severity=Severity.CRITICAL))
    return night


def test_a_case_is_as_severe_as_the_worst_that_rings() -> None:
    """Members that are taken care of do not count while another rings."""
    night = pair()
    assert night.case.severity is Severity.CRITICAL
    night.acknowledge(night.alert_of("memory").id)
    assert night.case.severity is Severity.WARNING
    night.acknowledge(night.alert_of("disk").id)
    assert night.case.severity is Severity.CRITICAL
    assert Case(group=night.case.group).severity is Severity.INFO


def test_a_page_speaks_of_what_rings() -> None:
    """Of the members that ring; where none does, of all that are open."""
    night = pair()
    assert [alert.dedup_key for alert in night.case.told] == ["disk", "memory"]
    night.acknowledge(night.alert_of("disk").id)
    assert [alert.dedup_key for alert in night.case.told] == ["memory"]
    night.close(night.alert_of("memory").id)
    assert [alert.dedup_key for alert in night.case.told] == ["disk"]


def test_a_case_is_open_until_every_member_is_resolved() -> None:
    """One open member keeps it open; without any nothing is due."""
    night = pair()
    night.close(night.alert_of("disk").id)
    assert night.case.is_open
    night.close(night.alert_of("memory").id)
    assert not night.case.is_open
    assert night.case.due_at is None


def test_a_case_that_rings_without_a_climb_is_due_at_once() -> None:
    """Before its first decision, and whenever it rings again, a case waits for nothing."""
    night = Night()
    night.take_only(trigger())
    assert (night.case.lacks_climb, night.case.due_at) == (True, T0)
    night.settle()
    assert (night.case.lacks_climb, night.case.due_at) == (False, after(5))
    held = evolve(night.case, RunHeld(at=T0))
    assert (held.lacks_climb, held.due_at) == (True, T0)


def test_a_case_whose_climb_began_less_urgently_is_due_at_once() -> None:
    """A member that rings with high urgency does not wait for the next step of a climb of low urgency."""
    night = Night()
    night.take(trigger())
    run = night.case.run
    assert run is not None
    assert night.case.urgency is Urgency.HIGH
    slow = replace(night.case, run=replace(run, urgency=Urgency.LOW))
    assert (slow.lacks_climb, slow.due_at) == (True, T0)


def test_a_case_is_due_when_the_first_of_its_parts_is() -> None:
    """The climb's next step, a member's end, a page's next attempt: whichever comes first."""
    night = Night(replace(directory(), habits=replace(directory().habits, resolve_after=minutes(4))))
    night.take(trigger())
    assert night.case.due_at == after(4)
    other = Night(provider=lambda _call: "later")
    other.take(trigger())
    assert other.case.due_at == min(page.due_at for page in other.case.pages.values() if page.due_at is not None)


def test_an_acknowledged_case_is_due_for_nothing() -> None:
    """Without a lapse, whoever has it has it."""
    night = Night()
    night.take(trigger())
    night.acknowledge(night.alert.id)
    assert night.case.due_at is None


def test_a_journal_begins_with_its_group() -> None:
    """Facts without the case that they speak of are damaged data, and said to be."""
    with pytest.raises(Broken):
        evolve(None, RunHeld(at=T0))


def test_the_journal_makes_the_case_again() -> None:
    """Folding the facts in their order gives the case, whatever happened in it."""
    night = pair()
    night.let_pass(7)
    night.tell(
        night.case.group.id, lambda telling: telling.to_run(AddPerson(now=night.now, by="x", asked=asked("root")))
    )
    night.acknowledge(night.alert_of("disk").id)
    night.snooze(night.alert_of("memory").id, 10)
    night.let_pass(11)
    night.close(night.alert_of("disk").id)
    again: Case | None = None
    for fact in night.journal[night.case.group.id]:
        again = evolve(again, fact)
    assert again == night.case


def test_a_fact_changes_the_part_that_it_belongs_to() -> None:
    """An alert's fact leaves climb and pages as they are, and a stopped page is gone."""
    night = Night()
    night.take(trigger())
    fact = AlertAcknowledged(at=T0, alert_id=night.alert.id, by="ada", via="web", lapses_at=None)
    changed = evolve(night.case, fact)
    assert (changed.run, changed.pages) == (night.case.run, night.case.pages)
    night.acknowledge(night.alert.id)
    assert not night.case.pages


def test_a_group_of_its_own_has_no_key() -> None:
    """One alert alone by default."""
    opened = GroupOpened(at=T0, group=Group(id=GroupId("g"), key=None, opened_at=T0, gathers_until=T0, service=None))
    assert evolve(None, opened) == Case(group=opened.group)
    assert AlertId("a") not in evolve(None, opened).alerts
