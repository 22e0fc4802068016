"""The town whose pager is tried: people, schedules with gaps, policies from the usual to the odd, and what is changed.

Whoever administers has every channel, so that somebody can be reached while any provider works.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.core.alerts.quiet import Comparison, Maintenance, Matcher, Silence
from tocsin.core.directory import Directory, Habits, Integration
from tocsin.core.escalation.policy import Condition, Policy, Step
from tocsin.core.escalation.steps import OnePerson, OnSchedule, Program, Target, WholeTeam
from tocsin.core.people import Contact, Person, Role, Rule, Rules, Team
from tocsin.core.routing import Condition as Expression
from tocsin.core.routing import Route
from tocsin.core.schedules import Layer, Rotation, Schedule, Turn, Unit
from tocsin.core.services import Service
from tocsin.core.vocabulary import (
    Instant,
    IntegrationName,
    PersonName,
    PolicyName,
    ScheduleName,
    ServiceName,
    Severity,
    Span,
    TeamName,
    Urgency,
)
from tocsin.simulation.chance import Chance
from tocsin.simulation.script import BEGINNING

CHANNELS = ("bell", "horn", "letter")
NAMES = ("ada", "linus", "grace", "ken", "root")
SERVICES = tuple(ServiceName(name) for name in ("orders", "payments", "search", "reports"))
INTEGRATION = IntegrationName("native")
#: How many configurations there are to change between.
VARIANTS = 6

_PRIMARY = OnSchedule(schedule=ScheduleName("primary"))
_DATA = WholeTeam(team=TeamName("data"))
_LOG = Program(address="http://log.example/")
#: Contacts by person, and how long after the one before each is tried.
_WAYS = {
    "ada": (("bell", 0.0), ("letter", 2.0)),
    "linus": (("horn", 0.0),),
    "grace": (("letter", 3.0), ("bell", 1.0)),
    "ken": (("bell", 0.0), ("horn", 0.0)),
    "root": (("bell", 0.0), ("horn", 1.0), ("letter", 1.0)),
}


class Town:
    """One installation and the ways in which its configuration is changed."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._policies = _policies(chance)
        self._reopen = timedelta(minutes=chance.one_of((0, 5)))
        self._known: dict[tuple[int, int], Directory] = {}

    def directory(self, revision: int, variant: int) -> Directory:
        """The configuration of a revision; variant 0 is the one at the beginning."""
        key = (revision, variant)
        if key not in self._known:
            self._known[key] = replace(self._variant(variant), revision=revision)
        return self._known[key]

    def _variant(self, variant: int) -> Directory:
        usual = self._usual()
        began = BEGINNING + timedelta(days=self._chance.of("quiet").between(0, 1))
        match variant:
            case 1:
                return replace(usual, people={**usual.people, PersonName("ada"): _person("ada", ways=())})
            case 2:
                return replace(usual, silences=(_silence(began),))
            case 3:
                span = Span(began, began + timedelta(days=400))
                work = Maintenance(name="work", services=frozenset({SERVICES[1]}), span=span)
                return replace(usual, maintenances=(work,))
            case 4:
                return replace(usual, schedules={}, teams={})
            case 5:
                return replace(
                    usual, policies={}, people={name: usual.people[name] for name in map(PersonName, ("root", "ken"))}
                )
            case _:
                return usual

    def _usual(self) -> Directory:
        members = tuple(map(PersonName, ("ada", "linus", "grace")))
        return Directory(
            people={PersonName(name): _person(name, ways=_WAYS[name]) for name in NAMES},
            teams={_DATA.team: Team(name=_DATA.team, members=members)},
            schedules={_PRIMARY.schedule: _schedule()},
            policies={policy.name: policy for policy in self._policies},
            services={
                name: Service(name=name, team=_DATA.team, policy=policy.name)
                for name, policy in zip(SERVICES, self._policies, strict=True)
            },
            integrations={
                INTEGRATION: Integration(name=INTEGRATION, protocol="tocsin", key_hash="", service=SERVICES[0])
            },
            routes=_ROUTES,
            habits=Habits(reopen_within=self._reopen, keep_events=timedelta(days=36_500)),
        )


_ROUTES = (
    Route(name="low", when=Expression('severity == "warning"'), urgency=Urgency.LOW),
    Route(name="together", when=Expression('service == "search"'), group_by=("zone",)),
)


def _policies(chance: Chance) -> tuple[Policy, ...]:
    """One for each service; which service is how odd is left to chance."""
    lapses = timedelta(minutes=chance.number(7, 40))
    found = [
        _policy(0, _step("ada"), _step("linus", after=5), repeat=chance.number(0, 2), last_resort=("root",)),
        _policy(1, _step(_PRIMARY), _step(_DATA, after=4, round_robin=True), repeat=1, lapses=lapses),
        _policy(
            2, _step(_PRIMARY, _LOG), _step("ken", "grace", after=3), last_resort=(_DATA,), every=chance.number(2, 15)
        ),
        _policy(
            3,
            _step("grace", when=Condition(severities=frozenset({Severity.CRITICAL}))),
            _step(_LOG, after=1),
            _step("linus", after=chance.number(0, 6)),
            repeat=chance.number(0, 3),
            last_resort=("nobody",),
            every=chance.number(2, 15),
        ),
    ]
    turned = chance.number(0, len(found) - 1)
    return tuple(found[turned:] + found[:turned])


def _policy(number: int, *steps: Step, lapses: timedelta | None = None, every: int = 15, **more: object) -> Policy:
    repeat, last_resort = more.get("repeat", 0), more.get("last_resort", ())
    return Policy(
        name=PolicyName(f"climb-{number}"),
        steps=steps,
        repeat=repeat if isinstance(repeat, int) else 0,
        last_resort=tuple(map(_target, last_resort)) if isinstance(last_resort, tuple) else (),
        last_resort_every=timedelta(minutes=every),
        acknowledgement_lapses_after=lapses,
    )


def _step(*targets: str | Target, after: float = 0.0, when: Condition | None = None, round_robin: bool = False) -> Step:
    found = tuple(map(_target, targets))
    return Step(targets=found, after=timedelta(minutes=after), when=when, round_robin=round_robin)


def _target(target: str | Target) -> Target:
    return OnePerson(person=PersonName(target)) if isinstance(target, str) else target


def _person(name: str, *, ways: tuple[tuple[str, float], ...]) -> Person:
    rules = tuple(Rule(contact=channel, after=timedelta(minutes=after)) for channel, after in ways)
    return Person(
        name=PersonName(name),
        full_name=name.title(),
        email=None,
        time_zone=ZoneInfo("Europe/Berlin"),
        role=Role.ADMIN if name == "root" else Role.RESPONDER,
        contacts=tuple(
            Contact(name=channel, channel=channel, address=f"http://{channel}.example/{name}") for channel, _ in ways
        ),
        rules=Rules(high=rules, low=rules[-1:]),
    )


def _schedule() -> Schedule:
    """Three turns of eight hours, of which the last is nobody's."""
    turns = Rotation(
        every=Turn(count=8, unit=Unit.HOURS),
        anchor=datetime(2026, 1, 1, 9),  # noqa: DTZ001
        participants=((PersonName("ada"),), (PersonName("linus"), PersonName("grace")), ()),
    )
    return Schedule(
        name=_PRIMARY.schedule,
        time_zone=ZoneInfo("Europe/Berlin"),
        layers=(Layer(name="turns", rotation=turns),),
        team=_DATA.team,
    )


def _silence(began: Instant) -> Silence:
    matcher = Matcher(label="zone", comparison=Comparison.EQUAL, value="a")
    return Silence(name="zone a", matchers=(matcher,), span=Span(began, began + timedelta(days=400)))


#: For how long the last contact of any plan may wait.
LONGEST_OWN_WAIT = max(sum((timedelta(minutes=after) for _, after in ways), timedelta(0)) for ways in _WAYS.values())


def longest_silence(policy: Policy) -> timedelta:
    """For how long a climb by this policy may ring nobody new: its waits in a row, and a person's own."""
    return _one_round(policy) + policy.last_resort_every + LONGEST_OWN_WAIT


def whole_climb(policy: Policy) -> timedelta:
    """How long a climb takes at most from its first step to its last resort."""
    return _one_round(policy) * (policy.repeat + 1)


def _one_round(policy: Policy) -> timedelta:
    return sum((step.after for step in policy.steps), timedelta(0)) + policy.wait_after_last
