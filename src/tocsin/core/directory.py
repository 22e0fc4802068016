"""The configuration as the core sees it: everybody and everything by name, at one revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from tocsin.core.alerts.model import Course, Reason, Why
from tocsin.core.alerts.quiet import Maintenance, Silence, matchable, quiet_reason
from tocsin.core.appointments import Source
from tocsin.core.escalation.policy import Policy, everybody_of, straight_to
from tocsin.core.escalation.steps import WholeTeam
from tocsin.core.events import Event
from tocsin.core.paging.calm import Calm
from tocsin.core.people import Person, Role, Team
from tocsin.core.routing import Choice, Route, choose
from tocsin.core.schedules import CalendarName, Circumstances, Rota, Schedule
from tocsin.core.services import Service
from tocsin.core.syncs import Sync, SyncName
from tocsin.core.vocabulary import (
    Instant,
    IntegrationName,
    Labels,
    PersonName,
    PolicyName,
    ScheduleName,
    ServiceName,
    TeamName,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """An inbound address with a key and a protocol."""

    name: IntegrationName
    #: The name of the door that reads it.
    protocol: str
    #: SHA-256 of the key, in hex; the key itself is not kept.
    key_hash: str
    service: ServiceName | None = None
    #: True: nobody is told when it is silent against its habit.
    may_fall_silent: bool = False
    #: Events that each node takes of it each second for ever. None: as many as are usual.
    events_a_second: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """How administrators hear that the promises are in danger."""

    #: An outside address that is told as well; None: there is none.
    tell: str | None = None
    #: By which channels administrators are told first. Empty: as each wishes.
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What holds for the whole installation unless something nearer says otherwise."""

    #: A trigger within this time after the end opens the same alert again; zero: always a new one.
    reopen_within: timedelta = timedelta(minutes=5)
    #: An alert is resolved when open for so long; None: never for its age.
    resolve_after: timedelta | None = None
    calm: Calm = field(default_factory=Calm)
    #: How long links to acknowledge stay good.
    links_last: timedelta = timedelta(days=3)
    #: Raw events are deleted after this.
    keep_events: timedelta = timedelta(days=90)
    #: Called while all is well; None: nobody is told.
    dead_man_url: str | None = None
    dead_man_every: timedelta = timedelta(minutes=1)
    watchdog: Watched = field(default_factory=Watched)


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Everything that is configured. Immutable: a new revision is a new directory."""

    revision: int = 0
    people: Mapping[PersonName, Person] = field(default_factory=dict)
    teams: Mapping[TeamName, Team] = field(default_factory=dict)
    schedules: Mapping[ScheduleName, Schedule] = field(default_factory=dict)
    policies: Mapping[PolicyName, Policy] = field(default_factory=dict)
    services: Mapping[ServiceName, Service] = field(default_factory=dict)
    integrations: Mapping[IntegrationName, Integration] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    silences: tuple[Silence, ...] = ()
    maintenances: tuple[Maintenance, ...] = ()
    #: What outside follows the schedules.
    syncs: Mapping[SyncName, Sync] = field(default_factory=dict)
    #: Calendars that are kept elsewhere.
    calendars: Mapping[CalendarName, Source] = field(default_factory=dict)
    habits: Habits = field(default_factory=Habits)
    #: What the answers of the schedules depend on besides themselves.
    circumstances: Circumstances = field(default_factory=Circumstances)
    #: The schedules, ready to be asked: made of them and of the circumstances.
    rota: Rota = field(init=False, repr=False, compare=False)
    #: Those who are paged when a configuration names nobody else. Every decision asks for them.
    administrators: tuple[PersonName, ...] = field(init=False, repr=False, compare=False)
    #: The policies in force, as they were asked for: a directory does not change, and every decision asks for one.
    _in_force: dict[tuple[ServiceName | None, PolicyName | None], Policy] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "rota", Rota(self.schedules, self.circumstances))
        administrators = tuple(person.name for person in self.people.values() if person.role is Role.ADMIN)
        object.__setattr__(self, "administrators", administrators)

    # A Roster for escalation/steps.

    def on_call(self, schedule: ScheduleName, at: Instant) -> tuple[PersonName, ...] | None:
        """Who is on call; empty: a gap; None: there is no such schedule any more."""
        return self.rota.on_call(schedule, at).people if schedule in self.schedules else None

    def members(self, team: TeamName) -> tuple[PersonName, ...] | None:
        """Who is in the team; None: there is no such team any more."""
        found = self.teams.get(team)
        return None if found is None else found.members

    def is_reachable(self, person: PersonName) -> bool:
        """True when the person exists and has a contact."""
        found = self.people.get(person)
        return found is not None and bool(found.contacts)

    def answerable(self, schedule: ScheduleName) -> tuple[PersonName, ...]:
        """Who hears of trouble with a schedule: its team's lead, or all of a team without one; administrators."""
        known = self.schedules.get(schedule)
        team = self.teams.get(known.team) if known is not None and known.team is not None else None
        of_team = () if team is None else (team.lead,) if team.lead is not None else team.members
        return tuple(dict.fromkeys((*of_team, *self.administrators)))

    def choice(self, event: Event, integration: IntegrationName) -> Choice:
        """What the routes say of an event of this integration.

        Conditions see the service that the source names; where the catalog has none of that name it is not chosen.
        """
        known = self.integrations.get(integration)
        default = known.service if known is not None else None
        choice = choose(event, integration=integration, default_service=default, routes=self.routes)
        return choice if choice.service in self.services else replace(choice, service=default)

    def course(self, event: Event, choice: Choice, now: Instant) -> Course:
        """How the alert of an event is to be treated."""
        route = choice.route
        resolve_after = route.resolve_after if route is not None else None
        return Course(
            service=choice.service,
            urgency=choice.urgency,
            quiet=self._quiet(event, choice, now),
            resolve_after=resolve_after or self.habits.resolve_after,
            reopen_within=self.habits.reopen_within,
        )

    def _quiet(self, event: Event, choice: Choice, now: Instant) -> Reason | None:
        if choice.route is not None and choice.route.suppress:
            return Reason(why=Why.ROUTE_SUPPRESSES, subject=choice.route.name)
        labels = matchable(event.labels, summary=event.summary, severity=event.severity.value, service=choice.service)
        return self.quiet(labels, choice.service, now)

    def quiet(self, labels: Labels, service: ServiceName | None, now: Instant) -> Reason | None:
        """What keeps an alert with these labels from ringing now."""
        return quiet_reason(labels, service, silences=self.silences, maintenances=self.maintenances, now=now)

    def policy_for(self, service: ServiceName | None, named: PolicyName | None) -> Policy:
        """The policy in force for a service: the one named, else the service's own, else the administrators.

        Its last resort is never empty as long as there is an administrator.
        """
        key = (service if service in self.services else None, named if named in self.policies else None)
        if key not in self._in_force:
            self._in_force[key] = self._policy_for(*key)
        return self._in_force[key]

    def _policy_for(self, service: ServiceName | None, named: PolicyName | None) -> Policy:
        known = self.services.get(service) if service is not None else None
        names = [name for name in (named, known.policy if known is not None else None) if name is not None]
        team = WholeTeam(team=known.team) if known is not None and known.team is not None else None
        last_resort = everybody_of(team, self.administrators)
        policy = next((self.policies[name] for name in names if name in self.policies), None)
        if policy is None:
            return straight_to(self.administrators, name="administrators", last_resort=last_resort)
        return policy if policy.last_resort else replace(policy, last_resort=last_resort)
