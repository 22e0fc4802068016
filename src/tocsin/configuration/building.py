"""Documents -> the core's values: everybody and everything by name, as one directory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from typing import Any, TypeVar

import msgspec

from tocsin.configuration import forms, notation, rota_forms, rota_notation, sync_forms
from tocsin.configuration.circumstances import Feeds, absences_of, circumstances, kept_absence
from tocsin.configuration.documents import KIND, form, position
from tocsin.configuration.forms import Form
from tocsin.configuration.rota import Kept, kept_override, merged, schedule
from tocsin.core.alerts.quiet import Maintenance, Silence, matcher_of
from tocsin.core.appointments import Source
from tocsin.core.directory import Directory, Habits, Integration, Watched
from tocsin.core.errors import Broken, Refused
from tocsin.core.escalation import Condition, Policy, Step, Target
from tocsin.core.escalation.steps import OnePerson, OnSchedule, Program, WholeTeam
from tocsin.core.paging.calm import Calm
from tocsin.core.people import Contact, Person, Rule, Rules, Team
from tocsin.core.routing import Condition as RouteCondition
from tocsin.core.routing import Route
from tocsin.core.schedules import CalendarName, Circumstances, Schedule, Weekday
from tocsin.core.services import Service
from tocsin.core.vocabulary import (
    IntegrationName,
    PersonName,
    PolicyName,
    ScheduleName,
    ServiceName,
    Span,
    TeamName,
)
from tocsin.ports.state import Document

F = TypeVar("F", bound=Form)
V = TypeVar("V")
D = TypeVar("D", Policy, Route, Habits, Calm)

_NO_FEEDS = Feeds()
_WEEKDAY_NUMBER = {day: number for number, day in enumerate(Weekday)}


def directory(documents: Iterable[Document], revision: int = 0, *, calendars: Feeds = _NO_FEEDS) -> Directory:
    """Everything that is configured, at one revision. Routes come in the order of their positions.

    `calendars`: what the calendars say that are kept elsewhere; without it nobody is booked or away by one.

    Raises:
        Broken: a document cannot be read; the message names it.
    """
    kept = sorted(documents, key=lambda each: (position(each), each.kind, each.name))
    for each in kept:
        if each.kind not in KIND:
            raise Broken(f"stored {each.kind} {each.name!r}: no such kind is known to this version of Tocsin")
    settings = _all(kept, forms.Settings, habits)
    people = {each.name: each for each in _all(kept, forms.User, person)}
    return Directory(
        revision=revision,
        people=people,
        teams={each.name: each for each in _all(kept, forms.Team, team)},
        schedules=_schedules(kept, people),
        policies={each.name: each for each in _all(kept, forms.Policy, policy)},
        services={each.name: each for each in _all(kept, forms.Service, service)},
        integrations={each.name: each for each in _all(kept, forms.Integration, integration)},
        routes=tuple(_all(kept, forms.Route, route)),
        silences=tuple(_all(kept, forms.Silence, silence)),
        maintenances=tuple(_all(kept, forms.Maintenance, maintenance)),
        syncs={each.name: each for each in _all(kept, sync_forms.Sync, sync_forms.sync)},
        calendars={each.name: each for each in _all(kept, rota_forms.Calendar, source)},
        habits=settings[0] if settings else Habits(),
        circumstances=_circumstances(kept, people, calendars),
    )


def person(written: forms.User) -> Person:
    """Somebody, with their contacts and wishes."""
    return Person(
        name=PersonName(written.name),
        full_name=written.full_name or written.name,
        email=written.email,
        time_zone=notation.zone(written.time_zone),
        role=written.role,
        language=written.language,
        contacts=tuple(
            Contact(name=each.name, channel=each.channel, address=each.address) for each in written.contacts
        ),
        rules=Rules(high=_rules(written.rules.high), low=_rules(written.rules.low)),
        holidays=written.holidays,
        reminders=tuple(dict.fromkeys(map(rota_notation.length, written.reminders))),
    )


def team(written: forms.Team) -> Team:
    """People who run something together."""
    lead = PersonName(written.lead) if written.lead is not None else None
    return Team(name=TeamName(written.name), members=tuple(map(PersonName, written.members)), lead=lead)


def source(written: rota_forms.Calendar) -> Source:
    """Where a calendar is kept."""
    zone = notation.zone(written.time_zone) if written.time_zone is not None else None
    return Source(name=CalendarName(written.name), url=written.url, file=written.file, time_zone=zone)


def policy(written: forms.Policy) -> Policy:
    """What was agreed about whom to reach."""
    made = Policy(
        name=PolicyName(written.name),
        steps=tuple(map(_step, written.steps)),
        repeat=written.repeat,
        last_resort=tuple(map(_target, written.last_resort)),
    )
    return _but(
        made,
        repeat_after=_length(written.repeat_after),
        last_resort_every=_length(written.last_resort_every),
        acknowledgement_lapses_after=_length(written.acknowledgement_lapses_after),
    )


def service(written: forms.Service) -> Service:
    """Something a team runs."""
    return Service(
        name=ServiceName(written.name),
        team=TeamName(written.team) if written.team is not None else None,
        policy=PolicyName(written.policy) if written.policy is not None else None,
        tier=written.tier,
    )


def integration(written: forms.Integration) -> Integration:
    """An inbound address, with the hash of its key."""
    return Integration(
        name=IntegrationName(written.name),
        protocol=written.protocol,
        key_hash=notation.key_hash(written.key),
        service=ServiceName(written.service) if written.service is not None else None,
        may_fall_silent=written.may_fall_silent,
        events_a_second=written.events_a_second,
    )


def route(written: forms.Route) -> Route:
    """One line of the routing table, its condition compiled."""
    made = Route(
        name=written.name,
        when=RouteCondition(written.when) if written.when is not None else None,
        integrations=frozenset(map(IntegrationName, written.integrations)),
        service=ServiceName(written.service) if written.service is not None else None,
        urgency=written.urgency,
        policy=PolicyName(written.policy) if written.policy is not None else None,
        group_by=written.group_by,
        suppress=written.suppress,
        resolve_after=_length(written.resolve_after),
    )
    return _but(made, group_window=_length(written.group_window))


def silence(written: forms.Silence) -> Silence:
    """What is kept from ringing by its labels."""
    return Silence(
        name=written.name,
        matchers=tuple(map(matcher_of, written.match)),
        span=Span(notation.instant(written.from_), notation.instant(written.to)),
    )


def maintenance(written: forms.Maintenance) -> Maintenance:
    """Planned work."""
    return Maintenance(
        name=written.name,
        services=frozenset(map(ServiceName, written.services)),
        span=Span(notation.instant(written.from_), notation.instant(written.to)),
    )


def habits(written: forms.Settings) -> Habits:
    """What holds for the whole installation."""
    calm, watchdog = written.calm or forms.Calm(), written.watchdog or forms.Watchdog()
    return _but(
        Habits(calm=_but(Calm(), at_once=calm.at_once, every=_length(calm.every))),
        reopen_within=_length(written.reopen_within),
        resolve_after=_length(written.resolve_after),
        links_last=_length(written.links_last),
        keep_events=_length(written.keep_events),
        dead_man_url=written.dead_man_url,
        dead_man_every=_length(written.dead_man_every),
        watchdog=Watched(tell=watchdog.tell, channels=watchdog.channels),
    )


def _schedules(kept: Iterable[Document], people: Collection[PersonName]) -> dict[ScheduleName, Schedule]:
    """The schedules, with the overrides that are kept apart from them; one whose schedule is gone is left out."""
    found = {each.name: each for each in _all(kept, rota_forms.Schedule, schedule)}

    def override(written: rota_forms.KeptOverride) -> Kept | None:
        known = found.get(ScheduleName(written.schedule))
        return kept_override(written, known.time_zone) if known is not None else None

    overrides = _all(kept, rota_forms.KeptOverride, override)
    return merged(found, (each for each in overrides if each is not None), people)


def _circumstances(kept: Iterable[Document], people: Mapping[PersonName, Person], calendars: Feeds) -> Circumstances:
    zones = {name: each.time_zone for name, each in people.items()}
    own = chain.from_iterable(_all(kept, forms.User, lambda written: absences_of(written, calendars)))
    apart = _all(kept, rota_forms.KeptAbsence, lambda written: kept_absence(written, zones))
    return circumstances(zones, (*own, *apart), calendars)


def _all(kept: Iterable[Document], expected: type[F], build: Callable[[F], V]) -> list[V]:
    return [_built(each, expected, build) for each in kept if KIND[each.kind].form is expected]


def _built(kept: Document, expected: type[F], build: Callable[[F], V]) -> V:
    try:
        return build(form(kept, expected))
    except (msgspec.ValidationError, Refused) as error:
        raise Broken(f"stored {kept.kind} {kept.name!r} cannot be read: {error}") from error


def _rules(written: tuple[forms.Rule, ...]) -> tuple[Rule, ...]:
    return tuple(Rule(contact=each.contact, after=notation.duration(each.after)) for each in written)


def _step(written: forms.Step) -> Step:
    return Step(
        targets=tuple(map(_target, written.page)),
        after=notation.duration(written.after),
        when=_condition(written.when) if written.when is not None else None,
        round_robin=written.round_robin,
    )


def _condition(written: forms.When) -> Condition:
    between = written.between
    return Condition(
        severities=frozenset(written.severity),
        weekdays=frozenset(_WEEKDAY_NUMBER[day] for day in written.days),
        between=(notation.clock(between[0]), notation.clock(between[1])) if between is not None else None,
        time_zone=notation.zone(written.time_zone).key,
    )


def _target(written: forms.OneTarget) -> Target:
    match written:
        case forms.OneTarget(schedule=str(name)):
            return OnSchedule(schedule=ScheduleName(name))
        case forms.OneTarget(user=str(name)):
            return OnePerson(person=PersonName(name))
        case forms.OneTarget(team=str(name)):
            return WholeTeam(team=TeamName(name))
        case forms.OneTarget(webhook=str(address)):
            return Program(address=address)
        case _:
            raise Refused("a target names nobody", hint="a schedule, a user, a team or a webhook")


def _length(text: str | None) -> timedelta | None:
    return None if text is None else notation.duration(text)


def _but(made: D, **given: Any) -> D:
    """The value with what is given instead of its own; None is not given."""
    return replace(made, **{name: value for name, value in given.items() if value is not None})
