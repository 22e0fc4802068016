"""Routes and the choice they make: the first that matches wins, without one the integration's service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from tocsin.core.events import Event, conditions_view
from tocsin.core.routing.condition import Condition
from tocsin.core.vocabulary import IntegrationName, PolicyName, ServiceName, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One line of the routing table. What it leaves out, the defaults choose."""

    name: str
    #: None: every event.
    when: Condition | None
    #: Only events of these integrations; empty: of all.
    integrations: frozenset[IntegrationName] = frozenset()
    service: ServiceName | None = None
    urgency: Urgency | None = None
    policy: PolicyName | None = None
    #: Labels whose values an alert must share with another to page together with it; None: alone.
    group_by: tuple[str, ...] | None = None
    group_window: timedelta = timedelta(minutes=5)
    #: Kept, shown, and never paged.
    suppress: bool = False
    resolve_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What routing says of one event."""

    #: The route that matched; None: none did.
    route: Route | None
    service: ServiceName | None
    urgency: Urgency
    #: The policy that the route names; None: the service's own.
    policy: PolicyName | None


def choose(
    event: Event, *, integration: IntegrationName, default_service: ServiceName | None, routes: Sequence[Route]
) -> Choice:
    """Walk the routes in order. The service is the route's, else the one the event names, else the integration's."""
    route = _first(event, integration, routes)
    named = ServiceName(event.service) if event.service else None
    chosen = route.service if route is not None and route.service is not None else named or default_service
    return Choice(
        route=route,
        service=chosen,
        urgency=(route.urgency if route is not None else None) or Urgency.HIGH,
        policy=route.policy if route is not None else None,
    )


def _first(event: Event, integration: IntegrationName, routes: Sequence[Route]) -> Route | None:
    """The first route that takes the event. What conditions see of it is made when the first of them asks."""
    view: dict[str, object] | None = None
    for route in routes:
        if route.integrations and integration not in route.integrations:
            continue
        if route.when is None:
            return route
        view = view or conditions_view(event)
        if route.when.matches(view):
            return route
    return None
