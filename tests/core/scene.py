"""People, policies and nights for tests: `Night` keeps cases as a store would, on a clock of its own.

It loads no more than `groups_to_load` asks for, writes plain repeats beside their case, and lets only those calls
leave that were not stopped by the decision that made them. What it does not do: bundles, leases, crashes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from tocsin.core.alerts.model import Acknowledge, Alert, Resolve, Snooze, Status, Unacknowledge, Why
from tocsin.core.arrivals import (
    REMEMBERED,
    Arrival,
    Glance,
    Key,
    Known,
    Outcome,
    Repeat,
    Verdict,
    groups_to_load,
    take_in,
)
from tocsin.core.case import Case, Fact
from tocsin.core.directory import Directory, Habits, Integration
from tocsin.core.effects import SendPage, StopPage, TakeTurn
from tocsin.core.escalation.policy import Policy, Step
from tocsin.core.escalation.steps import Asked, OnePerson, Target
from tocsin.core.events import Action, Event
from tocsin.core.flow import Telling, World
from tocsin.core.paging import attempt as paging
from tocsin.core.people import Contact, Person, Role, Rule, Rules, Team
from tocsin.core.services import Service
from tocsin.core.vocabulary import (
    AlertId,
    EventId,
    GroupId,
    Instant,
    IntegrationName,
    PageId,
    PersonName,
    PolicyName,
    ServiceName,
    TeamName,
    Urgency,
    utc,
)

#: A Sunday, at an hour at which nobody likes to be rung.
T0 = utc(2026, 11, 22, 3, 0)
NATIVE = IntegrationName("native")


def minutes(count: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=count)


def seconds(count: float) -> timedelta:
    """So many seconds."""
    return timedelta(seconds=count)


def after(count: float) -> Instant:
    """The instant so many minutes after the beginning."""
    return T0 + minutes(count)


def person(name: str, *contacts: str, role: Role = Role.RESPONDER, apart: float = 2) -> Person:
    """Somebody with these contacts (without any: `hook`), tried one after the other so many minutes apart."""
    known = tuple(
        Contact(name=contact, channel="webhook", address=f"http://{name}/{contact}")
        for contact in contacts or ("hook",)
    )
    rules = tuple(Rule(contact=one.name, after=minutes(apart if place else 0)) for place, one in enumerate(known))
    return Person(
        name=PersonName(name),
        full_name=name.title(),
        email=None,
        time_zone=ZoneInfo("UTC"),
        role=role,
        contacts=known,
        rules=Rules(high=rules, low=rules),
    )


def mute(name: str, role: Role = Role.RESPONDER) -> Person:
    """Somebody without a way to be reached."""
    return replace(person(name, role=role), contacts=(), rules=Rules())


def user(name: str) -> OnePerson:
    """This person as a target."""
    return OnePerson(person=PersonName(name))


def step(*targets: str | Target, wait: float = 0, **more: object) -> Step:
    """A step that asks these people or targets, so many minutes after the one before."""
    asked = tuple(user(target) if isinstance(target, str) else target for target in targets)
    return replace(Step(targets=asked, after=minutes(wait)), **more)


def policy(*steps: Step, last_resort: tuple[str | Target, ...] = ("boss",), **more: object) -> Policy:
    """A policy of these steps, which ends with the boss."""
    last = tuple(user(target) if isinstance(target, str) else target for target in last_resort)
    return replace(Policy(name=PolicyName("climb"), steps=steps, last_resort=last), **more)


#: Ada, after five minutes Linus, then the boss again and again.
USUAL = policy(step("ada"), step("linus", wait=5))


def directory(climb: Policy = USUAL, people: Iterable[Person] | None = None, **more: object) -> Directory:
    """One service with this policy, an integration that feeds it, and four people; Root administers."""
    known = people or (person("ada"), person("linus"), person("boss"), person("root", role=Role.ADMIN))
    made = Directory(
        people={one.name: one for one in known},
        teams={TeamName("data"): Team(name=TeamName("data"), members=(PersonName("ada"), PersonName("linus")))},
        policies={climb.name: climb},
        services={ServiceName("pipelines"): Service(name=ServiceName("pipelines"), policy=climb.name)},
        integrations={
            NATIVE: Integration(name=NATIVE, protocol="tocsin", key_hash="", service=ServiceName("pipelines"))
        },
        habits=Habits(reopen_within=minutes(5)),
    )
    return replace(made, **more)


def trigger(key: str = "disk", **more: object) -> Event:
    """Something fails."""
    return replace(Event(action=Action.TRIGGER, dedup_key=key, summary=f"{key} fails"), **more)


def resolve(key: str = "disk", **more: object) -> Event:
    """It is over."""
    return replace(Event(action=Action.RESOLVE, dedup_key=key), **more)


def acknowledge(key: str = "disk", **more: object) -> Event:
    """Somebody took it at the source."""
    return replace(Event(action=Action.ACKNOWLEDGE, dedup_key=key), **more)


def asked(name: str, because: str = "added by ada") -> Asked:
    """Somebody who is asked by hand."""
    return Asked(person=PersonName(name), address=None, because=because)


@dataclass
class Night:
    """Cases through a night."""

    directory: Directory = field(default_factory=directory)
    now: Instant = T0
    cases: dict[GroupId, Case] = field(default_factory=dict)
    journal: dict[GroupId, list[Fact]] = field(default_factory=dict)
    #: Every call that left, in order.
    calls: list[SendPage] = field(default_factory=list)
    #: Calls of which nothing came back yet.
    under_way: dict[tuple[PageId, int], SendPage] = field(default_factory=dict)
    counts: dict[AlertId, int] = field(default_factory=dict)
    turns: dict[tuple[PolicyName, int], int] = field(default_factory=dict)
    #: What becomes of every call; None: it stays under way until somebody answers for it.
    provider: Callable[[SendPage], str | None] = lambda _call: "sent"
    _newest: dict[Key, AlertId] = field(default_factory=dict)
    _ended_early: dict[Key, tuple[Instant, Instant]] = field(default_factory=dict)
    _made: int = 0
    _heard: int = 0

    @property
    def case(self) -> Case:
        """The only case there is."""
        (only,) = self.cases.values()
        return only

    @property
    def alert(self) -> Alert:
        """The only alert there is."""
        (only,) = self.case.alerts.values()
        return only

    def alert_of(self, key: str) -> Alert:
        """The newest alert of a key."""
        alert_id = self._newest[NATIVE, key]
        return self.home(alert_id).alerts[alert_id]

    def home(self, alert_id: AlertId) -> Case:
        """The case that an alert belongs to."""
        return next(case for case in self.cases.values() if alert_id in case.alerts)

    def rang(self) -> list[str]:
        """Who was called since this was last asked."""
        heard, self._heard = self._heard, len(self.calls)
        return [call.person or call.address for call in self.calls[heard:]]

    # What happens to it.

    def take(self, *events: Event, people: tuple[str, ...] = ()) -> list[Outcome]:
        """Take a batch in, and let time work on what it left due."""
        verdicts = self.take_only(*events, people=people)
        self.settle()
        return [verdict.outcome for verdict in verdicts]

    def take_only(self, *events: Event, people: tuple[str, ...] = ()) -> list[Verdict]:
        """Take a batch in, as one transaction does."""
        arrivals = [self.arrival(event, people) for event in events]
        known = self.known(arrivals)
        decided = take_in(arrivals, known, self.directory)
        for group_id, telling in decided.tellings.items():
            self._keep(group_id, telling)
        for alert_id, repeat in decided.repeats.items():
            self._repeat(alert_id, repeat)
        self._ended_early |= {key: (end, self.now) for key, end in decided.ended_early.items()}
        return decided.verdicts

    def arrival(self, event: Event, people: tuple[str, ...] = ()) -> Arrival:
        """An event at the door, with the ids that it may need."""
        self._made += 1
        return Arrival(
            event_id=EventId(f"event-{self._made:04}"),
            integration=NATIVE,
            event=event,
            choice=self.directory.choice(event, NATIVE),
            alert_id=AlertId(f"alert-{self._made:04}"),
            group_id=GroupId(f"group-{self._made:04}"),
            people=people,
        )

    def known(self, arrivals: list[Arrival]) -> Known:
        """As much as a store reads for a batch."""
        known = Known(now=self.now)
        for arrival in arrivals:
            if arrival.key in self._newest:
                known.by_key[arrival.key] = self._glance(self._newest[arrival.key])
            alert_id = arrival.event.alert_id
            if alert_id is not None and any(alert_id in case.alerts for case in self.cases.values()):
                known.by_id[alert_id] = self._glance(alert_id)
            end, noted = self._ended_early.get(arrival.key, (self.now, self.now - REMEMBERED))
            if self.now - noted < REMEMBERED:
                known.ended_early[arrival.key] = end
            self._look_for_company(arrival, known)
        known.cases = {group_id: self.cases[group_id] for group_id in groups_to_load(arrivals, known)}
        return known

    def _look_for_company(self, arrival: Arrival, known: Known) -> None:
        for group_id, case in self.cases.items():
            gathers = case.is_open and case.group.gathers_until > self.now
            if gathers and arrival.grouping_key is not None and case.group.key == arrival.grouping_key:
                known.gathering[arrival.grouping_key] = group_id
            if arrival.event.whole_group:
                key = (arrival.integration, arrival.event.source_group or "")
                members = (one for one in case.alerts.values() if one.is_open and one.source_group == key[1])
                found = known.in_source_group.get(key, ())
                known.in_source_group[key] = (*found, *(Glance.at(one, group_id) for one in members))

    def _glance(self, alert_id: AlertId) -> Glance:
        case = self.home(alert_id)
        return Glance.at(case.alerts[alert_id], case.group.id)

    def _repeat(self, alert_id: AlertId, repeat: Repeat) -> None:
        case = self.home(alert_id)
        alert = case.alerts[alert_id]
        self.counts[alert_id] = self.counts.get(alert_id, 1) + repeat.count
        if alert.expires_at is not None and repeat.expires_at is not None:
            alert = replace(alert, expires_at=max(alert.expires_at, repeat.expires_at))
            self.cases[case.group.id] = replace(case, alerts={**case.alerts, alert_id: alert})

    def telling(self, case: Case) -> Telling:
        """A decision that begins."""
        world = World(directory=self.directory, now=self.now, turn=lambda name, at: self.turns.get((name, at), 0))
        return Telling(case, world)

    def settle(self) -> None:
        """Let time work on whatever is due, until nothing is."""
        for _ in range(20):
            due = [case for case in self.cases.values() if case.due_at is not None and case.due_at <= self.now]
            for case in due:
                telling = self.telling(case)
                telling.settle()
                self._keep(case.group.id, telling)
            if not due:
                return
        raise AssertionError("a case stays due for ever")

    def look_again(self) -> None:
        """Settle every case, due or not: the configuration has changed."""
        for case in tuple(self.cases.values()):
            self.tell(case.group.id, lambda _telling: None)

    def tell(self, group_id: GroupId, act: Callable[[Telling], object]) -> None:
        """Somebody asks something of a case, and it settles."""
        telling = self.telling(self.cases[group_id])
        act(telling)
        telling.settle()
        self._keep(group_id, telling)

    def let_pass(self, count: float) -> None:
        """Minutes pass; whatever is due between is done when it is due."""
        end = self.now + minutes(count)
        while True:
            dues = [case.due_at for case in self.cases.values() if case.due_at is not None]
            upcoming = min((at for at in dues if at <= end), default=None)
            if upcoming is None:
                break
            self.now = max(self.now, upcoming)
            self.settle()
        self.now = end

    def outcome(self, call: SendPage, became: str, **more: object) -> None:
        """What a provider said of a call, perhaps long after."""
        self.under_way.pop((call.page_id, call.attempt), None)
        self.tell(call.group_id, lambda telling: telling.to_page(call.page_id, self._command(call, became, **more)))

    def _command(self, call: SendPage, became: str, **more: object) -> paging.Command:
        number, now = call.attempt, self.now
        match became:
            case "sent":
                return paging.Sent(now=now, number=number)
            case "refused":
                return paging.Refused(now=now, number=number, why="no such address")
            case "later" | "uncertain":
                later = paging.TryLater(now=now, number=number, why="busy", limits=paging.Limits(), **more)
                return replace(later, uncertain=became == "uncertain")
        raise AssertionError(became)

    # What people do.

    def acknowledge(self, alert_id: AlertId, by: str = "ada") -> None:
        """Somebody has it."""

        def act(telling: Telling) -> None:
            lapses_after = telling.acknowledgement_lapses_after
            telling.to_alert(alert_id, Acknowledge(now=self.now, by=by, via="web", lapses_after=lapses_after))

        self.tell(self.home(alert_id).group.id, act)

    def give_back(self, alert_id: AlertId, by: str = "ada") -> None:
        """Whoever had it does not have it any more."""
        command = Unacknowledge(now=self.now, by=by)
        self.tell(self.home(alert_id).group.id, lambda telling: telling.to_alert(alert_id, command))

    def snooze(self, alert_id: AlertId, count: float, by: str = "ada") -> None:
        """Leave it alone for so many minutes."""
        command = Snooze(now=self.now, by=by, until=self.now + minutes(count))
        self.tell(self.home(alert_id).group.id, lambda telling: telling.to_alert(alert_id, command))

    def close(self, alert_id: AlertId, by: str = "ada") -> None:
        """Somebody says that it is over."""
        command = Resolve(now=self.now, why=Why.RESOLVED_BY_PERSON, by=by)
        self.tell(self.home(alert_id).group.id, lambda telling: telling.to_alert(alert_id, command))

    # Keeping.

    def _keep(self, group_id: GroupId, telling: Telling) -> None:
        if not telling.facts:
            return
        self.cases[group_id] = telling.case
        self.journal.setdefault(group_id, []).extend(telling.facts)
        for alert in telling.case.alerts.values():
            newest = self._newest.get((alert.integration, alert.dedup_key))
            if newest is None or newest < alert.id:
                self._newest[alert.integration, alert.dedup_key] = alert.id
        self._carry_out(telling)

    def _carry_out(self, telling: Telling) -> None:
        leaving: list[SendPage] = []
        for effect in telling.effects:
            match effect:
                case SendPage():
                    leaving.append(effect)
                case StopPage():
                    leaving = [call for call in leaving if call.page_id != effect.page_id]
                case TakeTurn():
                    self.turns[effect.policy, effect.step] = self.turns.get((effect.policy, effect.step), 0) + 1
        for call in leaving:
            self.calls.append(call)
            self.under_way[call.page_id, call.attempt] = call
        for call in leaving:
            became = self.provider(call)
            if became is not None:
                self.outcome(call, became)


def statuses(case: Case) -> list[Status]:
    """Where the members stand, in the order in which they came."""
    return [alert.status for alert in case.alerts.values()]


def urgent(case: Case) -> Urgency | None:
    """How urgent the climb is; None: there is none."""
    return None if case.run is None else case.run.urgency
