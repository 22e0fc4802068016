"""A directory, and what its rota comes to over a window: what all who look for trouble look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from tocsin.core.directory import Directory
from tocsin.core.escalation import Policy
from tocsin.core.escalation.steps import OnSchedule
from tocsin.core.people import Person
from tocsin.core.schedules import Rendered
from tocsin.core.vocabulary import PersonName, PolicyName, ScheduleName, ServiceName, Span


class Outlook:
    """One look at a directory. Each schedule is rendered once."""

    def __init__(self, directory: Directory, window: Span) -> None:
        self.directory = directory
        self.window = window

    @cached_property
    def rendered(self) -> Mapping[ScheduleName, Rendered]:
        """The final shifts and vacancies of every schedule, by name in order."""
        rota = self.directory.rota
        return {name: rota.shifts(name, self.window) for name in sorted(self.directory.schedules)}

    @cached_property
    def in_force(self) -> tuple[tuple[ServiceName | None, Policy], ...]:
        """Which policy counts for what: each service's own, and those that routes name."""
        return tuple(
            (service, self.directory.policy_for(service, named)) for service, named in named_policies(self.directory)
        )

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """The policies that count for anything, each once; their last resorts may differ by service."""
        return tuple({policy.name: policy for _, policy in self.in_force}.values())

    @cached_property
    def paged(self) -> frozenset[ScheduleName]:
        """The schedules that a policy in force asks."""
        targets = (
            target
            for _, policy in self.in_force
            for targets in (*(step.targets for step in policy.steps), policy.last_resort)
            for target in targets
        )
        return frozenset(target.schedule for target in targets if isinstance(target, OnSchedule))

    def person(self, name: PersonName) -> Person | None:
        """The person; None: there is none of this name any more."""
        return self.directory.people.get(name)


def named_policies(directory: Directory) -> Iterator[tuple[ServiceName | None, PolicyName | None]]:
    """Each service with None, for its own policy, and each pair of service and policy that a route names."""
    pairs: list[tuple[ServiceName | None, PolicyName | None]] = [(name, None) for name in directory.services]
    pairs += [(route.service, route.policy) for route in directory.routes if route.policy is not None]
    return iter(dict.fromkeys(pairs))
