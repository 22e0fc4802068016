"""A small installation around a store: people, a policy, routes, and a clock that moves when it is told to."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from tocsin.core import arrivals as arriving
from tocsin.core.alerts.model import Acknowledge, Resolve, Snooze, Why
from tocsin.core.arrivals import Arrival, Decided, Known, Verdict
from tocsin.core.case import Case
from tocsin.core.directory import Directory, Habits, Integration
from tocsin.core.escalation.policy import Policy, Step
from tocsin.core.escalation.steps import OnePerson, WholeTeam
from tocsin.core.events import Action, Event
from tocsin.core.flow import Telling, World
from tocsin.core.paging import attempt as paging
from tocsin.core.paging.calm import Calm
from tocsin.core.paging.outbox import Delivery
from tocsin.core.people import Contact, Person, Role, Rule, Rules, Team
from tocsin.core.routing import Route
from tocsin.core.services import Service
from tocsin.core.vocabulary import AlertId, EventId, GroupId, Instant, Severity, utc
from tocsin.ports.state import Claimed, Ended, Incoming, Raw, Result, Turn, Worked
from tocsin.store.memory import MemoryStore
from tocsin.store.postgres import PostgresStore

Store = MemoryStore | PostgresStore

START = utc(2026, 11, 22, 3, 11)
LEASE = timedelta(hours=1)
CALM = Calm(at_once=5, every=timedelta(seconds=10))
NATIVE = "native"
GROUPED = "grouped"


def _person(name: str, role: Role = Role.RESPONDER) -> Person:
    hook = Contact(name="hook", channel="webhook", address=f"http://{name}.example/")
    return Person(
        name=name, full_name=name.title(), email=None, time_zone=ZoneInfo("UTC"), role=role, contacts=(hook,),
        rules=Rules(high=(Rule(contact="hook"),), low=(Rule(contact="hook"),)),
    )  # fmt: skip


def directory(*, calm: Calm = CALM) -> Directory:
    """Ada first, Linus five minutes later, then everybody; one integration groups by the label `team`."""
    ada, linus = _person("ada", Role.ADMIN), _person("linus")
    climb = Policy(
        name="climb",
        steps=(
            Step(targets=(OnePerson(person="ada"),)),
            Step(targets=(OnePerson(person="linus"),), after=timedelta(minutes=5)),
        ),
        repeat=1,
        last_resort=(WholeTeam(team="data"),),
    )
    in_turn = Step(targets=(WholeTeam(team="data"),), round_robin=True)
    return Directory(
        revision=1,
        people={"ada": ada, "linus": linus},
        teams={"data": Team(name="data", members=("ada", "linus"))},
        policies={"climb": climb, "turns": Policy(name="turns", steps=(in_turn,))},
        services={
            "pipelines": Service(name="pipelines", team="data", policy="climb"),
            "rota": Service(name="rota", team="data", policy="turns"),
        },
        integrations={
            name: Integration(name=name, protocol="tocsin", key_hash="", service="pipelines")
            for name in (NATIVE, GROUPED)
        },
        routes=(Route(name="by-team", when=None, integrations=frozenset({GROUPED}), group_by=("team",)),),
        habits=Habits(calm=calm),
    )


def trigger(key: str = "disk", **more: object) -> Event:
    """A trigger of the condition `key`."""
    values = {"summary": f"{key} is full", "severity": Severity.CRITICAL, **more}
    return Event(action=Action.TRIGGER, dedup_key=key, **values)


def resolve(key: str = "disk", **more: object) -> Event:
    """The end of the condition `key`."""
    return Event(action=Action.RESOLVE, dedup_key=key, **more)


class Scene:
    """A store in use."""

    def __init__(self, store: Store, move: Callable[[Instant], Awaitable[None]], *, calm: Calm = CALM) -> None:
        self.store = store
        self.directory = directory(calm=calm)
        self.calm = calm
        self.now = START
        self._move = move
        self._ids = 0

    async def let_pass(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)
        await self._move(self.now)

    def new_id(self) -> str:
        """An id that nothing has yet; the same ones in each scene."""
        self._ids += 1
        return str(uuid.UUID(int=self._ids))

    def incoming(self, *events: Event, integration: str = NATIVE) -> list[Incoming]:
        """Events of one request, as intake gives them to the store."""
        first = EventId(self.new_id())
        raw = Raw(method="POST", path="/in/x", headers={"content-type": "text/plain"}, body=b"\x00\xff raw")
        ids = [first, *(EventId(self.new_id()) for _ in events[1:])]
        return [
            Incoming(
                arrival=Arrival(
                    event_id=event_id,
                    integration=integration,
                    event=event,
                    choice=self.directory.choice(event, integration),
                    alert_id=AlertId(self.new_id()),
                    group_id=GroupId(self.new_id()),
                ),
                request_id=first,
                raw=raw if event_id == first else None,
            )
            for event_id, event in zip(ids, events, strict=True)
        ]

    async def take(self, *events: Event, integration: str = NATIVE) -> list[Verdict]:
        """Take events in as one batch."""
        return await self.store.take_in(self.incoming(*events, integration=integration), self.decide_batch, self.calm)

    def decide_batch(self, arrivals: list[Arrival], known: Known) -> Decided:
        """What intake passes to the store."""
        return arriving.take_in(arrivals, known, self.directory)

    async def one(self, event: Event, integration: str = NATIVE) -> AlertId:
        """Take one event in; the alert that it speaks of."""
        [verdict] = await self.take(event, integration=integration)
        assert verdict.alert_id is not None
        return verdict.alert_id

    async def work(self, *, node: str = "one", limit: int = 64, lease: timedelta = LEASE) -> Worked:
        """One round of work."""
        return await self.store.work(node=node, limit=limit, lease=lease, calm=self.calm, decide=self.settle)

    def settle(self, case: Case, now: Instant, turn: Turn) -> Telling:
        """What the worker passes to the store."""
        telling = Telling(case, World(directory=self.directory, now=now, turn=turn))
        telling.settle()
        return telling

    async def claim(self, *, node: str = "one", limit: int = 64, lease: timedelta = LEASE) -> Worked:
        """One round of claiming."""
        return await self.store.claim(node=node, limit=limit, lease=lease)

    async def finish(self, *claims: Claimed, ended: Ended = Ended.SENT) -> None:
        """Write how calls ended."""

        def decide(case: Case, now: Instant, turn: Turn, delivery: Delivery) -> Telling:
            telling = Telling(case, World(directory=self.directory, now=now, turn=turn))
            for item in delivery.items:
                if item.group_id == case.group.id:
                    telling.to_page(item.page_id, _outcome(ended, item.attempt, now))
            telling.settle()
            return telling

        results = [Result(claimed=one, ended=ended, answer={"text": "a\0b"}, decide=decide) for one in claims]
        await self.store.finish(results, self.calm)

    async def command(self, alert_id: AlertId, kind: str = "acknowledge") -> Case | None:
        """A person answers."""

        def decide(case: Case, now: Instant, turn: Turn) -> Telling:
            telling = Telling(case, World(directory=self.directory, now=now, turn=turn))
            match kind:
                case "acknowledge":
                    telling.to_alert(alert_id, Acknowledge(now=now, by="ada", via="web"))
                case "resolve":
                    telling.to_alert(alert_id, Resolve(now=now, why=Why.RESOLVED_BY_PERSON, by="ada"))
                case _:
                    telling.to_alert(alert_id, Snooze(now=now, by="ada", until=now + timedelta(minutes=7)))
            telling.settle()
            return telling

        found = await self.store.command([alert_id], decide, self.calm)
        return found[0] if found else None

    async def case_of(self, alert_id: AlertId) -> Case:
        """The case of an alert as it is stored."""
        record = await self.store.alert(alert_id)
        assert record is not None
        case = await self.store.case(record.group_id)
        assert case is not None
        return case

    async def statuses(self, alert_id: AlertId) -> list[str]:
        """How the deliveries that cover an alert stand, by name."""
        return sorted(one.status for one in await self.store.deliveries_of(alert_id))


def _outcome(ended: Ended, number: int, now: Instant) -> paging.Command:
    match ended:
        case Ended.SENT:
            return paging.Sent(now=now, number=number)
        case Ended.FAILED:
            return paging.Refused(now=now, number=number, why="no\0")
        case Ended.UNCERTAIN:
            return paging.TryLater(now=now, number=number, why="lost", limits=paging.Limits(), uncertain=True)
