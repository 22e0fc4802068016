"""The promises, tried by chance: whatever happens in whatever order, somebody is rung, and nobody twice or for nothing.

A machine plays sources, people, providers and a changing configuration against whole cases on a virtual clock. After
each step it asks what must never be otherwise; `Watched` asks it of every single decision.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.scene import (
    Night,
    acknowledge,
    asked,
    directory,
    minutes,
    mute,
    person,
    policy,
    resolve,
    step,
    trigger,
)
from tocsin.core.alerts.model import Alert, Status
from tocsin.core.alerts.quiet import Comparison, Maintenance, Matcher, Silence
from tocsin.core.case import Case, Fact, evolve
from tocsin.core.directory import Habits
from tocsin.core.effects import SendPage, StopPage
from tocsin.core.escalation.policy import Condition, Policy
from tocsin.core.escalation.run import AddPerson, EscalateNow, Reassign, StepPassed
from tocsin.core.escalation.steps import OnSchedule, Program, WholeTeam
from tocsin.core.events import Event
from tocsin.core.flow import Telling
from tocsin.core.paging.attempt import NobodyReached, PageOpened, Stop, Stopped
from tocsin.core.people import Role
from tocsin.core.routing import Condition as Expression
from tocsin.core.routing import Route
from tocsin.core.schedules import Layer, Rotation, Schedule, Turn, Unit
from tocsin.core.vocabulary import (
    AlertId,
    GroupId,
    Instant,
    PageId,
    PersonName,
    ScheduleName,
    ServiceName,
    Severity,
    Span,
    TeamName,
    Urgency,
)

EXAMPLES = int(os.environ.get("PROMISES", "60"))

KEYS = ("disk", "memory", "network")
NAMES = ("ada", "linus", "boss", "root")
PRIMARY = OnSchedule(schedule=ScheduleName("primary"))
DATA = WholeTeam(team=TeamName("data"))
HOOK = Program(address="http://log.example/")
ONLY_CRITICAL = Condition(severities=frozenset({Severity.CRITICAL}))

#: What people agree on, from the usual to the odd.
POLICIES: list[Policy] = [
    policy(step("ada"), step("linus", wait=5), repeat=2),
    policy(step(PRIMARY), step("linus", wait=5), repeat=1, last_resort=(DATA,)),
    policy(step(PRIMARY), step(DATA, round_robin=True), repeat=50, acknowledgement_lapses_after=minutes(7)),
    policy(step("ada", HOOK, wait=3), step("linus", when=ONLY_CRITICAL), step(PRIMARY, wait=5), last_resort=()),
    policy(step("ada", when=ONLY_CRITICAL), step(HOOK), repeat=2, last_resort=("nobody",)),
    policy(step("ada"), step("ada"), step("linus", wait=1), repeat=50, last_resort=(HOOK,)),
    policy(last_resort=("boss",), repeat=2),
]

LOW = Route(name="low", when=Expression('severity == "warning"'), urgency=Urgency.LOW)
NOISE = Route(name="noise", when=Expression('severity == "info"'), suppress=True)
ROUTES: list[tuple[Route, ...]] = [
    (),
    (Route(name="all", when=None, group_by=(), group_window=minutes(5)),),
    (NOISE, replace(LOW, group_by=("zone",)), Route(name="rest", when=None, group_by=("zone",))),
]

#: More than one decision could ever need beside two facts for each member: a few for each step, person and page.
LONGEST_DECISION = 80


@dataclass
class Watched(Night):
    """A night of which every decision is looked at."""

    opened: set[PageId] = field(default_factory=set)
    made: set[tuple[PageId, int]] = field(default_factory=set)
    folded: dict[GroupId, Case] = field(default_factory=dict)

    def _carry_out(self, telling: Telling) -> None:
        case = telling.case
        assert len(telling.facts) <= LONGEST_DECISION + 2 * len(case.alerts)
        self._fold(case.group.id, telling.facts)
        for fact in telling.facts:
            if isinstance(fact, PageOpened):
                assert fact.page.id not in self.opened, "one name for two pages"
                self.opened.add(fact.page.id)
            if isinstance(fact, StepPassed) and fact.step is None:
                assert not any(map(self.directory.is_reachable, self.directory.administrators)), "a silent end"
        self._watch_calls(telling)
        super()._carry_out(telling)

    def _fold(self, group_id: GroupId, facts: Iterable[Fact]) -> None:
        case = self.folded.get(group_id)
        for fact in facts:
            case = evolve(case, fact)
        assert case is not None
        self.folded[group_id] = case

    def _watch_calls(self, telling: Telling) -> None:
        case, stopped = telling.case, [one.page_id for one in telling.effects if isinstance(one, StopPage)]
        for call in telling.effects:
            if not isinstance(call, SendPage):
                continue
            assert (call.page_id, call.attempt) not in self.made, "the same attempt made twice"
            self.made.add((call.page_id, call.attempt))
            assert call.at == self.now
            if call.page_id not in case.pages:
                assert call.page_id in stopped, "a call for a page that is neither live nor called back"
                continue
            assert case.ringing or case.pages[call.page_id].by_hand, "a call for what is quiet"
            assert call.alert_ids, "a call about nothing"


class Promises(RuleBasedStateMachine):
    """Sources, people, providers and time against the core."""

    night: Watched
    quiet_begins_later = False

    @initialize(
        agreed=st.sampled_from(POLICIES),
        routes=st.sampled_from(ROUTES),
        reopen=st.sampled_from([0, 5]),
        too_old=st.sampled_from([None, None, 45]),
    )
    def begin(self, agreed: Policy, routes: tuple[Route, ...], reopen: int, too_old: int | None) -> None:
        people = (person("ada", "hook", "mail"), person("linus"), person("boss"), person("root", role=Role.ADMIN))
        habits = Habits(reopen_within=minutes(reopen), resolve_after=None if too_old is None else minutes(too_old))
        installation = directory(agreed, people=people, routes=routes, habits=habits, schedules={})
        self.night = Watched(installation, provider=lambda _call: None)
        self.serve("ada")

    # What is there to choose from.

    def _cases(self) -> list[Case]:
        return [case for case in self.night.cases.values() if case.is_open]

    def _alerts(self) -> list[Alert]:
        return [alert for case in self._cases() for alert in case.alerts.values() if alert.is_open]

    def _chosen(self, number: int) -> Case:
        cases = self._cases()
        return cases[number % len(cases)]

    def _chosen_alert(self, number: int) -> AlertId:
        alerts = self._alerts()
        return alerts[number % len(alerts)].id

    # Sources.

    @rule(
        events=st.lists(
            st.one_of(
                st.builds(
                    lambda key, severity, at, expires, zone: ("trigger", key, severity, at, expires, zone),
                    st.sampled_from(KEYS),
                    st.sampled_from(Severity),
                    st.sampled_from([None, None, -2, 0]),
                    st.sampled_from([None, None, -1, 3, 12]),
                    st.sampled_from("ab"),
                ),
                st.builds(lambda key, at: ("resolve", key, at), st.sampled_from(KEYS), st.sampled_from([None, -1, 1])),
                st.builds(lambda key: ("acknowledge", key), st.sampled_from(KEYS)),
            ),
            min_size=1,
            max_size=4,
        )
    )
    def events(self, events: list[tuple]) -> None:
        self.night.take(*map(self._event, events))

    def _event(self, said: tuple) -> Event:
        def instant(count: int | None) -> Instant | None:
            return None if count is None else self.night.now + minutes(count)

        match said:
            case ("trigger", key, severity, at, expires, zone):
                return trigger(
                    key,
                    severity=severity,
                    at=instant(at),
                    expires_at=instant(expires),
                    labels={"zone": zone, "key": key},
                )
            case ("resolve", key, at):
                return resolve(key, at=instant(at))
        return acknowledge(said[1])

    @rule(number=st.integers(0, 9), name=st.sampled_from(NAMES))
    def page_directly(self, number: int, name: str) -> None:
        self.night.take(trigger(f"by hand {number}"), people=(name,))

    # People.

    @precondition(lambda self: self._alerts())
    @rule(number=st.integers(0, 9), deed=st.sampled_from(["acknowledge", "give_back", "close", "snooze"]))
    def answer(self, number: int, deed: str) -> None:
        alert_id = self._chosen_alert(number)
        match deed:
            case "snooze":
                self.night.snooze(alert_id, 1 + number)
            case _:
                getattr(self.night, deed)(alert_id)

    @precondition(lambda self: self._cases())
    @rule(
        number=st.integers(0, 9), name=st.sampled_from(NAMES), deed=st.sampled_from(["add", "hand", "escalate", "own"])
    )
    def by_hand(self, number: int, name: str, deed: str) -> None:
        night, case = self.night, self._chosen(number)

        def act(telling: Telling) -> None:
            match deed:
                case "add":
                    telling.to_run(AddPerson(now=night.now, by="zoe", asked=asked(name)))
                case "hand":
                    telling.to_run(Reassign(now=night.now, by="zoe", asked=asked(name)))
                case "escalate":
                    telling.to_run(EscalateNow(now=night.now, by="zoe"))
                case "own":
                    for page in tuple(telling.case.pages.values())[:1]:
                        telling.to_page(page.id, Stop(now=night.now, why=Stopped.ANSWERED))

        night.tell(case.group.id, act)

    # Providers.

    @precondition(lambda self: self.night.under_way)
    @rule(number=st.integers(0, 30), became=st.sampled_from(["sent", "later", "uncertain", "refused"]))
    def outcome(self, number: int, became: str) -> None:
        calls = list(self.night.under_way.values())
        call = calls[number % len(calls)]
        late = call.page_id not in self.night.cases[call.group_id].pages
        facts = len(self.night.journal[call.group_id])
        self.night.outcome(call, became)
        changed = len(self.night.journal[call.group_id]) > facts
        assert not (late and changed) or self.quiet_begins_later, "a late outcome changed something"

    @precondition(lambda self: self.night.under_way)
    @rule()
    def all_providers_are_dead(self) -> None:
        for call in tuple(self.night.under_way.values()):
            self.night.outcome(call, "refused")

    # Configuration.

    @rule(
        kind=st.sampled_from(["silence", "maintenance", "none"]),
        key=st.sampled_from(KEYS),
        begins=st.sampled_from([-1, 0, 4]),
        lasts=st.integers(1, 20),
    )
    def quiet(self, kind: str, key: str, begins: int, lasts: int) -> None:
        night = self.night
        span = Span(night.now + minutes(begins), night.now + minutes(begins + lasts))
        matcher = Matcher(label="key", comparison=Comparison.EQUAL, value=key)
        silence = Silence(name=f"silence-{key}", matchers=(matcher,), span=span)
        work = Maintenance(name="work", services=frozenset({ServiceName("pipelines")}), span=span)
        night.directory = replace(
            night.directory,
            silences=(silence,) if kind == "silence" else (),
            maintenances=(work,) if kind == "maintenance" else (),
        )
        self.quiet_begins_later = kind != "none" and begins > 0
        night.look_again()

    @rule(name=st.sampled_from(NAMES), way=st.sampled_from(["lost", "found", "gone"]))
    def contacts(self, name: str, way: str) -> None:
        night, role = self.night, Role.ADMIN if name == "root" else Role.RESPONDER
        people = {key: known for key, known in night.directory.people.items() if key != name}
        if way != "gone":
            people[PersonName(name)] = person(name, role=role) if way == "found" else mute(name, role)
        night.directory = replace(night.directory, people=people)
        night.look_again()

    @rule(name=st.sampled_from(["ada", "linus", ""]))
    def serve(self, name: str) -> None:
        serving = (PersonName(name),) if name else ()
        turns = Rotation(
            every=Turn(count=1, unit=Unit.DAYS),
            anchor=datetime.fromisoformat("2026-11-01T00:00"),
            participants=(serving,),
        )
        primary = Schedule(name=PRIMARY.schedule, time_zone=ZoneInfo("UTC"), layers=(Layer(name="l", rotation=turns),))
        self.night.directory = replace(self.night.directory, schedules={primary.name: primary})

    # Time.

    @rule(count=st.sampled_from([0.2, 1, 5, 16]))
    def let_pass(self, count: float) -> None:
        self.night.let_pass(count)

    @rule(count=st.sampled_from([2, 30, 600]))
    def sleep_and_wake_up_late(self, count: int) -> None:
        self.night.now += minutes(count)
        self.night.settle()

    # What must never be otherwise.

    @invariant()
    def nobody_is_forgotten(self) -> None:
        """What rings climbs, has a next step at a time that is still to come, and waits no longer than agreed."""
        for case in self._cases_begun():
            if not case.ringing:
                continue
            run = case.run
            assert run is not None
            assert run.next_at is not None
            assert not case.lacks_climb
            assert case.due_at is not None
            assert self.night.now < case.due_at <= run.next_at <= self.night.now + longest_wait(run.policy)

    @invariant()
    def nothing_is_due_that_was_done(self) -> None:
        """After a decision nothing is due at its instant, and a second look brings about nothing.

        Only a silence or planned work that has begun meanwhile is noticed by the first look.
        """
        for case in self._cases_begun():
            assert case.due_at is None or case.due_at > self.night.now
            telling = self.night.telling(case)
            telling.settle()
            facts, effects = len(telling.facts), len(telling.effects)
            assert self.quiet_begins_later or (facts, effects) == (0, 0)
            telling.settle()
            assert (len(telling.facts), len(telling.effects)) == (facts, effects)

    @invariant()
    def what_is_quiet_rings_nobody(self) -> None:
        """A case without a ringing member does not climb; its only pages are those asked for by hand since."""
        for case in self._cases_begun():
            if case.ringing:
                continue
            assert case.run is None or not case.run.climbs
            assert case.is_open or (not case.pages and (case.run is None or case.run.ended))
            quiet_since = [alert.quiet_since for alert in case.alerts.values() if alert.quiet_since is not None]
            assert all(page.by_hand and page.opened_at >= max(quiet_since) for page in case.pages.values())

    @invariant()
    def nobody_is_rung_twice(self) -> None:
        """One live page for each recipient of a case, each with a name of its own."""
        for case in self._cases_begun():
            recipients = [page.recipient for page in case.pages.values()]
            assert len(recipients) == len(set(recipients))
            assert all(page_id == page.id and page.is_live for page_id, page in case.pages.items())

    @invariant()
    def everything_can_be_shown(self) -> None:
        """Every alert that does not ring has its reason, and the facts alone make each case again."""
        for case in self._cases_begun():
            for alert in case.alerts.values():
                assert (alert.reason is None) == (alert.status is Status.TRIGGERED)
            folded = self.night.folded[case.group.id]
            kept_alive = {
                alert.id: replace(alert, expires_at=case.alerts[alert.id].expires_at)
                for alert in folded.alerts.values()
            }
            assert replace(folded, alerts=kept_alive) == case

    def _cases_begun(self) -> list[Case]:
        return list(self.night.cases.values()) if hasattr(self, "night") else []


def longest_wait(agreed: Policy) -> timedelta:
    """The longest that anybody has agreed to wait for anything."""
    return max(agreed.last_resort_every, agreed.wait_after_last, *(minutes(0), *(each.after for each in agreed.steps)))


TestPromises = Promises.TestCase
TestPromises.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


# What a decision may cost


@pytest.mark.parametrize("agreed", POLICIES, ids=lambda agreed: f"{len(agreed.steps)}-{agreed.repeat}")
@pytest.mark.parametrize("world", ["dead", "mute", "empty"])
def test_a_decision_is_short_whatever_is_broken(agreed: Policy, world: str) -> None:
    """With every provider dead, nobody reachable, nobody there at all: a decision is a few facts, the case goes on."""
    people = {
        "dead": tuple(person(name, role=Role.ADMIN if name == "root" else Role.RESPONDER) for name in NAMES),
        "mute": tuple(map(mute, NAMES)),
        "empty": (person("somebody else"),),
    }[world]
    night = Watched(directory(replace(agreed, repeat=50), people=people), provider=lambda _call: "refused")
    night.take(trigger())
    for _ in range(5):
        run = night.case.run
        assert run is not None
        assert run.next_at is not None
        assert night.now < run.next_at <= night.now + longest_wait(run.policy)
        night.now = run.next_at
        night.settle()
    assert len(night.journal[night.case.group.id]) < 40 * 6
    assert sum(isinstance(fact, NobodyReached) for fact in night.journal[night.case.group.id]) == len(night.calls)


def test_a_storm_is_one_decision_for_each_group() -> None:
    """Hundreds of alerts of one group are decided by one climb, and a second look at them costs no fact."""
    night = Watched(directory(POLICIES[0], routes=ROUTES[1]))
    night.take_only(*(trigger(f"{number:03}") for number in range(200)))
    (opened,) = night.cases
    telling = night.telling(night.cases[opened])
    telling.settle()
    assert len(telling.facts) == 4
    assert sum(isinstance(effect, SendPage) for effect in telling.effects) == 1
