"""Routes: the first that matches chooses; what it leaves out, the event and the integration choose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.scene import NATIVE, directory, trigger
from tocsin.core.routing import Choice, Condition, Route, choose
from tocsin.core.services import Service
from tocsin.core.vocabulary import IntegrationName, PolicyName, ServiceName, Severity, Urgency

PIPELINES, WEB, DEFAULT = ServiceName("pipelines"), ServiceName("web"), ServiceName("default")
OTHER = IntegrationName("other")


def route(name: str, when: str | None = None, **more: object) -> Route:
    """A route by its condition."""
    return replace(Route(name=name, when=Condition(when) if when is not None else None), **more)


CRITICAL = route("critical", 'severity == "critical"', service=WEB, policy=PolicyName("loud"))
INFO = route("info", 'severity == "info"', urgency=Urgency.LOW)
REST = route("rest", urgency=Urgency.LOW, service=PIPELINES)
ELSEWHERE = route("elsewhere", integrations=frozenset({OTHER}))


@pytest.mark.parametrize(
    ("severity", "chosen"),
    [(Severity.CRITICAL, "critical"), (Severity.INFO, "info"), (Severity.ERROR, "rest")],
)
def test_the_first_that_matches_wins(severity: Severity, chosen: str) -> None:
    """Routes are walked in order, and no further than to the first that matches."""
    routes = (ELSEWHERE, CRITICAL, INFO, REST, route("never"))
    choice = choose(trigger(severity=severity), integration=NATIVE, default_service=DEFAULT, routes=routes)
    assert choice.route is not None
    assert choice.route.name == chosen


def test_a_route_may_be_of_some_integrations() -> None:
    """A route that names integrations leaves the events of all others alone."""
    for integration, chosen in ((NATIVE, None), (OTHER, ELSEWHERE)):
        choice = choose(trigger(), integration=integration, default_service=None, routes=(ELSEWHERE,))
        assert choice.route is chosen


@pytest.mark.parametrize(
    ("of_route", "of_event", "of_integration", "chosen"),
    [
        (WEB, "pipelines", DEFAULT, WEB),
        (None, "pipelines", DEFAULT, PIPELINES),
        (None, "", DEFAULT, DEFAULT),
        (None, None, DEFAULT, DEFAULT),
        (None, None, None, None),
    ],
)
def test_which_service(
    of_route: ServiceName | None,
    of_event: str | None,
    of_integration: ServiceName | None,
    chosen: ServiceName | None,
) -> None:
    """The route's service goes before the one that the event names, and that before the integration's."""
    event = trigger(service=of_event)
    choice = choose(event, integration=NATIVE, default_service=of_integration, routes=(route("r", service=of_route),))
    assert choice.service == chosen


def test_without_a_route_the_defaults_hold() -> None:
    """No route is no reason not to ring: high urgency, the integration's service, that service's policy."""
    choice = choose(trigger(), integration=NATIVE, default_service=DEFAULT, routes=())
    assert choice == Choice(route=None, service=DEFAULT, urgency=Urgency.HIGH, policy=None)


def test_a_route_chooses_urgency_and_policy() -> None:
    """What a route names is chosen; what it leaves out is not changed."""
    found = [
        choose(trigger(severity=severity), integration=NATIVE, default_service=None, routes=(CRITICAL, INFO))
        for severity in (Severity.CRITICAL, Severity.INFO)
    ]
    assert [(one.urgency, one.policy) for one in found] == [(Urgency.HIGH, "loud"), (Urgency.LOW, None)]


def test_a_route_may_translate_the_service_of_a_source() -> None:
    """Conditions see the service as the source names it, also where the catalog has none of that name."""
    translating = route("translate", 'service == "etl-legacy"', service=PIPELINES)
    installation = directory(
        routes=(translating,), services={name: Service(name=name) for name in (PIPELINES, DEFAULT)}
    )
    assert installation.choice(trigger(service="etl-legacy"), NATIVE).route is translating
    assert installation.choice(trigger(service="etl-legacy"), NATIVE).service == PIPELINES


@pytest.mark.parametrize(("named", "chosen"), [("web", WEB), ("nobody-knows", PIPELINES), (None, PIPELINES)])
def test_a_service_that_nobody_knows_is_not_chosen(named: str | None, chosen: ServiceName) -> None:
    """An event that names no known service belongs to the service of its integration."""
    installation = directory()
    services = {**installation.services, WEB: Service(name=WEB)}
    assert replace(installation, services=services).choice(trigger(service=named), NATIVE).service == chosen
