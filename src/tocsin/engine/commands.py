"""The one counter where faces ask and command: web, API, chat and command line say the same things here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from tocsin.core.alerts.model import (
    Acknowledge,
    AddNote,
    Command,
    Resolve,
    Snooze,
    Status,
    Unacknowledge,
    Why,
)
from tocsin.core.arrivals import Arrival, take_in
from tocsin.core.case import Case
from tocsin.core.directory import Directory
from tocsin.core.errors import NotFound, Refused
from tocsin.core.escalation.run import AddPerson, EscalateNow, Reassign
from tocsin.core.escalation.steps import Asked
from tocsin.core.events import Action, Event
from tocsin.core.flow import Telling, World
from tocsin.core.paging.attempt import Stop, Stopped
from tocsin.core.paging.outbox import Item
from tocsin.core.routing import Choice
from tocsin.core.vocabulary import (
    AlertId,
    DeliveryId,
    EventId,
    GroupId,
    Instant,
    IntegrationName,
    PersonName,
    ScheduleName,
    ServiceName,
    Severity,
    Urgency,
)
from tocsin.engine.ids import new_id
from tocsin.ports.duty import DutyBook
from tocsin.ports.messages import Messages
from tocsin.ports.state import (
    AlertRecord,
    DeliveryRecord,
    Incoming,
    Intake,
    Readings,
    Turn,
    Work,
)

#: Events that people make by hand are kept under this name.
BY_HAND = IntegrationName("by-hand")
LONGEST_SNOOZE = timedelta(days=30)
LONGEST_NOTE = 25_000
#: Of a bundle, so many pages are answered in one transaction.
PORTION = 100


class CounterStore(Intake, Work, Readings, DutyBook, Messages, Protocol):
    """What the counter needs to have kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks, and by which way: "ada" via "web"."""

    name: str
    via: str


class Counter:
    """Asks and commands. Every command may be given twice: the second time nothing happens."""

    def __init__(
        self, store: CounterStore, directory: Callable[[], Directory], *, new_id: Callable[[], str] = new_id
    ) -> None:
        self._store = store
        self._directory = directory
        self._new_id = new_id

    @property
    def directory(self) -> Directory:
        """The configuration in force on this node."""
        return self._directory()

    @property
    def reads(self) -> Readings:
        """What there is to show."""
        return self._store

    @property
    def messages(self) -> Messages:
        """What people are told besides pages."""
        return self._store

    @property
    def duty(self) -> DutyBook:
        """Who was on call."""
        return self._store

    async def alert(self, alert_id: str) -> AlertRecord:
        """One alert.

        Raises:
            NotFound: there is none of this id.
        """
        record = await self._store.alert(AlertId(alert_id))
        if record is None:
            raise NotFound(f"there is no alert {alert_id}", field="id")
        return record

    async def acknowledge(self, alert_id: str, actor: Actor) -> AlertRecord:
        """Somebody has it: nothing rings for it any more."""

        def act(telling: Telling, now: Instant) -> None:
            telling.to_alert(AlertId(alert_id), _acknowledgement(telling, actor, now))

        return await self._decide(alert_id, act)

    async def unacknowledge(self, alert_id: str, actor: Actor) -> AlertRecord:
        """Whoever had it gives it back: the climb begins anew."""
        return await self._to_alert(alert_id, lambda now: Unacknowledge(now=now, by=actor.name))

    async def resolve(self, alert_id: str, actor: Actor) -> AlertRecord:
        """It is over."""
        return await self._to_alert(alert_id, lambda now: Resolve(now=now, why=Why.RESOLVED_BY_PERSON, by=actor.name))

    async def snooze(
        self, alert_id: str, actor: Actor, *, lasts: timedelta | None = None, until: Instant | None = None
    ) -> AlertRecord:
        """Leave it alone for a time, or until an instant; then the climb begins anew.

        Raises:
            Refused: neither or both are given, the end lies in the past, or it is too far away.
        """
        if (lasts is None) == (until is None):
            raise Refused("a snooze needs its length or its end", field="until", hint="give one of `minutes`, `until`")
        now = await self._store.now()
        end = until if until is not None else now + (lasts or timedelta(0))
        if not now < end <= now + LONGEST_SNOOZE:
            raise Refused(
                "the end of a snooze lies in the future, at most 30 days away",
                field="until",
                hint="for longer, resolve it",
            )
        return await self._to_alert(alert_id, lambda at: Snooze(now=at, by=actor.name, until=end))

    async def note(self, alert_id: str, actor: Actor, text: str) -> AlertRecord:
        """Write something down beside the alert.

        Raises:
            Refused: the text is empty or too long.
        """
        if not text.strip() or len(text) > LONGEST_NOTE:
            raise Refused("a note has between 1 and 25,000 characters", field="text")
        return await self._to_alert(alert_id, lambda now: AddNote(now=now, by=actor.name, text=text.strip()))

    async def escalate(self, alert_id: str, actor: Actor) -> AlertRecord:
        """The next step, without waiting for its time. An acknowledgement ends with it."""
        return await self._to_run(alert_id, lambda now: EscalateNow(now=now, by=actor.name), reopens=actor)

    async def reassign(self, alert_id: str, actor: Actor, person: str) -> AlertRecord:
        """Hand it to a person, who is paged at once. An acknowledgement ends with it.

        Raises:
            Refused: there is no such person, or no way to reach them.
        """
        asked = self._asked(person, f"handed over by {actor.name}")
        return await self._to_run(alert_id, lambda now: Reassign(now=now, by=actor.name, asked=asked), reopens=actor)

    async def add_responder(self, alert_id: str, actor: Actor, person: str) -> AlertRecord:
        """Page one more person; the climb goes on as it was.

        Raises:
            Refused: there is no such person, or no way to reach them.
        """
        asked = self._asked(person, f"added by {actor.name}")
        return await self._to_run(alert_id, lambda now: AddPerson(now=now, by=actor.name, asked=asked))

    async def page(
        self, people: tuple[str, ...], actor: Actor, *, summary: str, urgency: Urgency = Urgency.HIGH
    ) -> AlertRecord:
        """Page people directly: an alert of its own, which climbs to the administrators when nobody answers.

        Raises:
            Refused: nobody is named, one of them cannot be reached, or there is no summary.
        """
        if not people or not summary.strip():
            raise Refused("a page needs people and a summary", field="people" if not people else "summary")
        for person in people:
            self._asked(person, "")
        event = _event_by_hand(EventId(self._new_id()), actor, summary.strip(), urgency)
        arrival = Arrival(
            event_id=EventId(event.dedup_key),
            integration=BY_HAND,
            event=event,
            choice=Choice(route=None, service=None, urgency=urgency, policy=None),
            alert_id=AlertId(self._new_id()),
            group_id=GroupId(self._new_id()),
            people=people,
        )
        directory = self.directory
        await self._store.take_in(
            [Incoming(arrival=arrival, request_id=arrival.event_id, raw=None)],
            lambda arrivals, known: take_in(arrivals, known, directory),
            directory.habits.calm,
        )
        return await self.alert(arrival.alert_id)

    async def answer(self, delivery_id: DeliveryId, recipient: str) -> tuple[AlertRecord, ...]:
        """Acknowledge everything that one delivery told its recipient."""
        delivery = await self.told_by(delivery_id)
        actor = Actor(name=recipient, via=delivery.delivery.channel)
        for items in _portions(delivery.delivery.items):
            await self._answer(items, actor)
        told = dict.fromkeys(alert_id for item in delivery.delivery.items for alert_id in item.alert_ids)
        return await self._store.alerts_of(tuple(told))

    async def _answer(self, items: Sequence[Item], actor: Actor) -> None:
        """Answer some of a delivery's pages, in one transaction."""
        told = tuple(dict.fromkeys(alert_id for item in items for alert_id in item.alert_ids))

        def act(telling: Telling, now: Instant) -> None:
            for alert_id in told:
                if alert_id in telling.case.alerts:
                    telling.to_alert(alert_id, _acknowledgement(telling, actor, now))
            for item in items:
                telling.to_page(item.page_id, Stop(now=now, why=Stopped.ANSWERED))

        await self._command(told, act)

    async def told_by(self, delivery_id: DeliveryId) -> DeliveryRecord:
        """What one delivery told.

        Raises:
            NotFound: there is none of this id.
        """
        record = await self._store.delivery(delivery_id)
        if record is None:
            raise NotFound("there is no such delivery any more", field="id")
        return record

    def _asked(self, person: str, because: str) -> Asked:
        if not self.directory.is_reachable(PersonName(person)):
            raise Refused(f"{person!r} is nobody who can be reached", field="person", hint="a user with a contact")
        return Asked(person=PersonName(person), address=None, because=because)

    async def _to_alert(self, alert_id: str, command: Callable[[Instant], Command]) -> AlertRecord:
        def act(telling: Telling, now: Instant) -> None:
            telling.to_alert(AlertId(alert_id), command(now))

        return await self._decide(alert_id, act)

    async def _to_run(
        self,
        alert_id: str,
        command: Callable[[Instant], EscalateNow | Reassign | AddPerson],
        *,
        reopens: Actor | None = None,
    ) -> AlertRecord:
        def act(telling: Telling, now: Instant) -> None:
            alert = telling.case.alerts[AlertId(alert_id)]
            if not alert.is_open:
                raise Refused("this alert is resolved", field="id", hint="its source opens it again when it comes back")
            if telling.case.run is None:
                telling.settle()
            if reopens is not None and alert.status is Status.ACKNOWLEDGED:
                telling.to_alert(alert.id, Unacknowledge(now=now, by=reopens.name))
            if not telling.to_run(command(now)):
                text = f"nothing climbs for this alert: it is {alert.status.value}"
                raise Refused(text, field="id", hint="page the person directly, or wait until it rings")

        return await self._decide(alert_id, act)

    async def _decide(self, alert_id: str, act: Callable[[Telling, Instant], None]) -> AlertRecord:
        if not await self._command((AlertId(alert_id),), act):
            raise NotFound(f"there is no alert {alert_id}", field="id")
        return await self.alert(alert_id)

    async def _command(self, alert_ids: tuple[AlertId, ...], act: Callable[[Telling, Instant], None]) -> bool:
        """Act on the cases of these alerts; False: there is no such alert."""
        directory = self.directory

        def decide(case: Case, now: Instant, turn: Turn) -> Telling:
            telling = Telling(case, World(directory=directory, now=now, turn=turn))
            act(telling, now)
            telling.settle()
            return telling

        return bool(await self._store.command(alert_ids, decide, directory.habits.calm))


def _portions(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """A bundle may be thousands of pages: each transaction takes so many, and others get their turn in between."""
    return (items[start : start + PORTION] for start in range(0, len(items), PORTION))


def _acknowledgement(telling: Telling, actor: Actor, now: Instant) -> Acknowledge:
    return Acknowledge(now=now, by=actor.name, via=actor.via, lapses_after=telling.acknowledgement_lapses_after)


def _event_by_hand(event_id: EventId, actor: Actor, summary: str, urgency: Urgency) -> Event:
    return Event(
        action=Action.TRIGGER,
        dedup_key=event_id,
        summary=summary,
        severity=Severity.CRITICAL if urgency is Urgency.HIGH else Severity.WARNING,
        source=actor.via,
        actor=actor.name,
    )


def services_of_team(directory: Directory, team: str) -> tuple[ServiceName, ...]:
    """The services that a team owns."""
    return tuple(service.name for service in directory.services.values() if service.team == team)


def schedule_names(directory: Directory, schedule: str | None) -> tuple[ScheduleName, ...]:
    """The schedule that is asked for, or all.

    Raises:
        NotFound: there is no schedule of this name.
    """
    if schedule is None:
        return tuple(sorted(directory.schedules))
    if ScheduleName(schedule) not in directory.schedules:
        raise NotFound(f"there is no schedule {schedule!r}", field="schedule")
    return (ScheduleName(schedule),)
