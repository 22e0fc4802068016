"""What becomes of events: each finds its alert, or makes one, within one transaction for many requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from tocsin.core.alerts import lifecycle
from tocsin.core.alerts.grouping import Grouping, group_key, may_join
from tocsin.core.alerts.model import Acknowledge, Alert, Course, Resolve, Status, Why
from tocsin.core.case import Case, Group, GroupOpened
from tocsin.core.directory import Directory
from tocsin.core.events import Action, Event
from tocsin.core.flow import Telling, World
from tocsin.core.routing import Choice
from tocsin.core.vocabulary import AlertId, EventId, GroupId, Instant, IntegrationName, Severity

#: A resolve that finds nothing is remembered this long, for a trigger that it has overtaken.
REMEMBERED = lifecycle.OVERTAKEN_WITHIN


class Outcome(StrEnum):
    """What became of one event."""

    CREATED = "created"
    REPEATED = "repeated"
    REOPENED = "reopened"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    #: It asks for what is already so.
    ALREADY = "already"
    #: There is no open alert that it could speak of.
    NOTHING_OPEN = "nothing_open"
    #: Kept beside the alerts; it pages nobody.
    NOTED = "noted"


#: What makes two events speak of one condition.
Key = tuple[IntegrationName, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One event at the door, with the ids that it may need; ids are made at the edge."""

    event_id: EventId
    integration: IntegrationName
    event: Event
    #: What the routes say of it.
    choice: Choice
    #: Used when it makes a new alert, or a new group.
    alert_id: AlertId
    group_id: GroupId
    #: Page just these people; empty: as routes and policies say.
    people: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """What it shares with every event of the same condition."""
        return (self.integration, self.event.dedup_key)

    @property
    def grouping_key(self) -> str | None:
        """What it shares with alerts that page together with it; None: it pages alone."""
        route = self.choice.route
        if route is None or route.group_by is None:
            return None
        grouping = Grouping(labels=route.group_by, window=route.group_window)
        return group_key(grouping, self.event, route=route.name, service=self.choice.service)


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """As much of a known alert as a plain repeat needs."""

    alert_id: AlertId
    group_id: GroupId
    integration: IntegrationName
    status: Status
    severity: Severity
    expires_at: Instant | None

    @classmethod
    def at(cls, alert: Alert, group_id: GroupId) -> Glance:
        """A glance at an alert."""
        return cls(
            alert_id=alert.id,
            group_id=group_id,
            integration=alert.integration,
            status=alert.status,
            severity=alert.severity,
            expires_at=alert.expires_at,
        )

    def is_plainly_repeated_by(self, event: Event) -> bool:
        """True when the event says nothing new: it is counted, and may move the alert's expiry away, no more."""
        if event.action is not Action.TRIGGER or self.status is Status.RESOLVED:
            return False
        if event.severity.rank < self.severity.rank:
            return False
        if event.expires_at == self.expires_at:
            return True
        if event.expires_at is None or self.expires_at is None:
            return False
        return event.expires_at > self.expires_at


@dataclass(slots=True, kw_only=True)
class Known:
    """What is known of the conditions that a batch speaks of; grows while the batch is decided."""

    now: Instant
    #: The newest alert of each key.
    by_key: dict[Key, Glance] = field(default_factory=dict)
    #: Alerts that events name by id.
    by_id: dict[AlertId, Glance] = field(default_factory=dict)
    #: The open group that gathers under a grouping key.
    gathering: dict[str, GroupId] = field(default_factory=dict)
    #: The open alerts of a source's own group, for a resolve of the whole.
    in_source_group: dict[tuple[IntegrationName, str], tuple[Glance, ...]] = field(default_factory=dict)
    #: When a source said that something was over of which nothing was known.
    ended_early: dict[Key, Instant] = field(default_factory=dict)
    #: The cases of all glances, save those whose alerts are plainly repeated by the whole batch.
    cases: dict[GroupId, Case] = field(default_factory=dict)

    def glance(self, arrival: Arrival) -> Glance | None:
        """The alert that an event speaks of; only one of its own integration. A trigger names it by its key alone."""
        if arrival.event.alert_id is None or arrival.event.action is Action.TRIGGER:
            return self.by_key.get(arrival.key)
        found = self.by_id.get(arrival.event.alert_id)
        return found if found is not None and found.integration == arrival.integration else None


def groups_to_load(arrivals: list[Arrival], known: Known) -> set[GroupId]:
    """The groups whose whole case a batch must read, and lock, before it can be decided."""
    wanted = set(known.gathering.values())
    for arrival in arrivals:
        glance = known.glance(arrival)
        if glance is not None and not glance.is_plainly_repeated_by(arrival.event):
            wanted.add(glance.group_id)
    for glances in known.in_source_group.values():
        wanted.update(glance.group_id for glance in glances)
    return wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one event."""

    arrival: Arrival
    outcome: Outcome
    #: None: no alert is concerned.
    alert_id: AlertId | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Further triggers of one alert."""

    count: int
    #: The newest expiry that they brought.
    expires_at: Instant | None


@dataclass(slots=True, kw_only=True)
class Decided:
    """What a batch comes to."""

    verdicts: list[Verdict] = field(default_factory=list)
    #: The decisions by case, those of new cases among them.
    tellings: dict[GroupId, Telling] = field(default_factory=dict)
    repeats: dict[AlertId, Repeat] = field(default_factory=dict)
    #: Alerts that are no longer the newest of their key.
    replaced: list[AlertId] = field(default_factory=list)
    #: Resolves that found nothing, to be remembered.
    ended_early: dict[Key, Instant] = field(default_factory=dict)


def take_in(arrivals: list[Arrival], known: Known, directory: Directory) -> Decided:
    """Decide a batch in its order. Pure: `known` is used up, and all that matters afterwards is in the result."""
    batch = _Batch(known, World(directory=directory, now=known.now))
    for arrival in arrivals:
        batch.decided.verdicts.append(batch.take(arrival))
    for group_id in batch.answered:
        telling = batch.decided.tellings[group_id]
        if not telling.case.ringing:
            telling.settle()
    return batch.decided


class _Batch:
    """A batch while it is decided."""

    def __init__(self, known: Known, world: World) -> None:
        self.known = known
        self.world = world
        self.decided = Decided()
        #: Groups whose climb must follow at once, not when a worker comes by: something was answered.
        self.answered: dict[GroupId, None] = {}

    def take(self, arrival: Arrival) -> Verdict:
        """Decide one event."""
        match arrival.event.action:
            case Action.CHANGE:
                return Verdict(arrival=arrival, outcome=Outcome.NOTED)
            case Action.TRIGGER:
                return self._trigger(arrival)
            case Action.RESOLVE if arrival.event.whole_group:
                return self._resolve_group(arrival)
            case Action.ACKNOWLEDGE | Action.RESOLVE:
                return self._answer(arrival)

    def _trigger(self, arrival: Arrival) -> Verdict:
        glance = self.known.by_key.get(arrival.key)
        if glance is None:
            return self._create(arrival)
        if glance.is_plainly_repeated_by(arrival.event) and not self._is_at_hand(glance.group_id):
            self._count(glance, arrival.event)
            return _verdict(arrival, Outcome.REPEATED, glance)
        telling = self._telling(glance.group_id)
        alert = telling.case.alerts[glance.alert_id]
        course = self._course(arrival)
        if not alert.is_open and self._ended_early(arrival) is not None:
            self._count(glance, arrival.event)
            return _verdict(arrival, Outcome.REPEATED, glance)
        if not alert.is_open and not lifecycle.may_reopen(alert, arrival.event, course, self.known.now):
            self.decided.replaced.append(alert.id)
            return self._create(arrival)
        was_open = alert.is_open
        changed = telling.tell(lifecycle.retrigger(alert, arrival.event, course=course, now=self.known.now))
        self._count(glance, arrival.event)
        seen = self._look_again(arrival, telling, alert.id)
        return _verdict(arrival, Outcome.REPEATED if was_open or not changed else Outcome.REOPENED, seen)

    def _create(self, arrival: Arrival) -> Verdict:
        now = self.known.now
        begun = lifecycle.begin(
            arrival.event,
            alert_id=arrival.alert_id,
            integration=arrival.integration,
            course=self._course(arrival),
            now=now,
        )
        telling = self._home(arrival)
        ended_at = self._ended_early(arrival)
        if ended_at is not None:
            telling.tell(lifecycle.begin_overtaken(begun, ended_at))
        else:
            telling.tell((begun,))
        return _verdict(arrival, Outcome.CREATED, self._look_again(arrival, telling, arrival.alert_id))

    def _ended_early(self, arrival: Arrival) -> Instant | None:
        """The end that the source has told of a trigger before it came in; None: it has told none."""
        at, ended_at = arrival.event.at, self.known.ended_early.get(arrival.key)
        return ended_at if at is not None and ended_at is not None and at < ended_at else None

    def _home(self, arrival: Arrival) -> Telling:
        """The case that takes a new alert in: one that gathers its like, or one of its own."""
        key, now = arrival.grouping_key, self.known.now
        group_id = self.known.gathering.get(key) if key is not None else None
        if group_id is not None:
            telling = self._telling(group_id)
            group = telling.case.group
            joins = may_join(
                members=len(telling.case.alerts),
                opened_at=group.opened_at,
                gathers_until=group.gathers_until,
                rings=bool(telling.case.ringing),
                now=now,
            )
            if joins:
                return telling
        telling = Telling(None, self.world)
        telling.tell((GroupOpened(at=now, group=_group(arrival, key, now)),))
        self.decided.tellings[arrival.group_id] = telling
        if key is not None:
            self.known.gathering[key] = arrival.group_id
        return telling

    def _answer(self, arrival: Arrival) -> Verdict:
        glance = self.known.glance(arrival)
        if glance is None:
            return self._nothing(arrival)
        telling = self._telling(glance.group_id)
        alert = telling.case.alerts[glance.alert_id]
        if not alert.is_open:
            return self._nothing(arrival, alert)
        resolves = arrival.event.action is Action.RESOLVE
        command = self._resolve(arrival) if resolves else self._acknowledge(arrival, telling)
        if not telling.to_alert(alert.id, command):
            return _verdict(arrival, Outcome.ALREADY, glance)
        self.answered[glance.group_id] = None
        outcome = Outcome.RESOLVED if resolves else Outcome.ACKNOWLEDGED
        return _verdict(arrival, outcome, self._look_again(arrival, telling, alert.id))

    def _nothing(self, arrival: Arrival, over: Alert | None = None) -> Verdict:
        if arrival.event.action is Action.RESOLVE and arrival.event.alert_id is None:
            self._note_end(arrival, over)
        return Verdict(
            arrival=arrival,
            outcome=Outcome.NOTHING_OPEN,
            alert_id=over.id if over is not None else None,
            status=over.status if over is not None else None,
        )

    def _note_end(self, arrival: Arrival, over: Alert | None) -> None:
        """Remember the latest end that the source has told and no alert knows of."""
        ended_at = arrival.event.at
        known = (self.known.ended_early.get(arrival.key), over.ended_at if over is not None else None)
        if ended_at is not None and all(end is None or end < ended_at for end in known):
            self.decided.ended_early[arrival.key] = self.known.ended_early[arrival.key] = ended_at

    def _resolve_group(self, arrival: Arrival) -> Verdict:
        ended = False
        for alert_id, group_id in self._of_source_group(arrival).items():
            telling = self._telling(group_id)
            if telling.to_alert(alert_id, self._resolve(arrival)):
                ended = True
                self.answered[group_id] = None
                self._look_again(arrival, telling, alert_id)
        return Verdict(arrival=arrival, outcome=Outcome.RESOLVED if ended else Outcome.NOTHING_OPEN)

    def _of_source_group(self, arrival: Arrival) -> dict[AlertId, GroupId]:
        """The alerts of the source's own group, those of this batch among them, and where they are."""
        key = (arrival.integration, arrival.event.source_group or "")
        found = {glance.alert_id: glance.group_id for glance in self.known.in_source_group.get(key, ())}
        for group_id, telling in self.decided.tellings.items():
            members = telling.case.alerts.values()
            found |= {alert.id: group_id for alert in members if (alert.integration, alert.source_group) == key}
        return found

    def _resolve(self, arrival: Arrival) -> Resolve:
        by = arrival.event.actor or arrival.integration
        return Resolve(now=self.known.now, why=Why.RESOLVED_BY_SOURCE, by=by, at=arrival.event.at)

    def _acknowledge(self, arrival: Arrival, telling: Telling) -> Acknowledge:
        lapses_after = telling.acknowledgement_lapses_after
        by = arrival.event.actor or arrival.integration
        return Acknowledge(now=self.known.now, by=by, via=arrival.integration, lapses_after=lapses_after)

    def _course(self, arrival: Arrival) -> Course:
        return self.world.directory.course(arrival.event, arrival.choice, self.known.now)

    def _is_at_hand(self, group_id: GroupId) -> bool:
        """True when the case is before us anyway: it must hear of what is said of it, or it expires in spite of it."""
        return group_id in self.known.cases or group_id in self.decided.tellings

    def _telling(self, group_id: GroupId) -> Telling:
        telling = self.decided.tellings.get(group_id)
        if telling is None:
            telling = self.decided.tellings[group_id] = Telling(self.known.cases[group_id], self.world)
        return telling

    def _count(self, glance: Glance, event: Event) -> None:
        before = self.decided.repeats.get(glance.alert_id)
        count = 1 if before is None else before.count + 1
        self.decided.repeats[glance.alert_id] = Repeat(count=count, expires_at=event.expires_at)

    def _look_again(self, arrival: Arrival, telling: Telling, alert_id: AlertId) -> Glance:
        glance = Glance.at(telling.case.alerts[alert_id], telling.case.group.id)
        self.known.by_id[alert_id] = glance
        self.known.by_key[arrival.integration, telling.case.alerts[alert_id].dedup_key] = glance
        return glance


def _group(arrival: Arrival, key: str | None, now: Instant) -> Group:
    route = arrival.choice.route
    window = route.group_window if route is not None and key is not None else timedelta(0)
    return Group(
        id=arrival.group_id,
        key=key,
        opened_at=now,
        gathers_until=now + window,
        service=arrival.choice.service,
        policy=arrival.choice.policy,
        people=arrival.people,
    )


def _verdict(arrival: Arrival, outcome: Outcome, glance: Glance) -> Verdict:
    return Verdict(arrival=arrival, outcome=outcome, alert_id=glance.alert_id, status=glance.status)
