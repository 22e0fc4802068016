"""A case: one group of alerts with its climb and its pages. It is decided, locked and stored as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tocsin.core.alerts import lifecycle, model
from tocsin.core.alerts.model import Alert
from tocsin.core.errors import Broken
from tocsin.core.escalation import run as escalation
from tocsin.core.escalation.run import Run
from tocsin.core.paging import attempt as paging
from tocsin.core.paging.attempt import Page
from tocsin.core.vocabulary import AlertId, GroupId, Instant, PageId, PolicyName, ServiceName, Severity, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The alerts that page together. One alert alone by default."""

    id: GroupId
    #: What further alerts must share to join; None: nobody joins.
    key: str | None
    opened_at: Instant
    #: Until when others may join.
    gathers_until: Instant
    service: ServiceName | None
    #: The policy that a route or a person named; None: the service's own.
    policy: PolicyName | None = None
    #: Page just these, by name; empty: as the policy says.
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOpened:
    """A new group stands."""

    at: Instant
    group: Group


Fact = GroupOpened | model.Fact | escalation.Fact | paging.Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A group of alerts, the climb for it, and the pages that are under way."""

    group: Group
    alerts: Mapping[AlertId, Alert] = field(default_factory=dict)
    run: Run | None = None
    pages: Mapping[PageId, Page] = field(default_factory=dict)
    #: How many commits it has seen; a decision on an older version is not written.
    version: int = 0

    @property
    def ringing(self) -> tuple[Alert, ...]:
        """The members for which somebody must be found."""
        return tuple(alert for alert in self.alerts.values() if alert.rings)

    @property
    def told(self) -> tuple[Alert, ...]:
        """The members that a page speaks of."""
        return told_of(self.alerts.values())

    @property
    def urgency(self) -> Urgency:
        """High as soon as one member that rings is."""
        return Urgency.HIGH if any(alert.urgency is Urgency.HIGH for alert in self.ringing) else Urgency.LOW

    @property
    def lacks_climb(self) -> bool:
        """True when it rings and nothing climbs for it, or what climbs began when it was less urgent."""
        if not self.ringing:
            return False
        if self.run is None or not self.run.climbs:
            return True
        return self.urgency is Urgency.HIGH and self.run.urgency is Urgency.LOW

    @property
    def is_open(self) -> bool:
        """True until every member is resolved."""
        return any(alert.is_open for alert in self.alerts.values())

    @property
    def severity(self) -> Severity:
        """The worst severity among the members that ring, or among all when none does."""
        chosen = self.ringing or tuple(self.alerts.values())
        return min((alert.severity for alert in chosen), key=lambda severity: severity.rank, default=Severity.INFO)

    @property
    def due_at(self) -> Instant | None:
        """When time alone changes something here. A case that lacks its climb is due at once."""
        if not self.is_open:
            return None
        if self.lacks_climb:
            return self.group.opened_at
        waits = [alert.due_at for alert in self.alerts.values()]
        waits += [page.due_at for page in self.pages.values()]
        waits.append(self.run.next_at if self.run is not None else None)
        return min((at for at in waits if at is not None), default=None)


def told_of(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """The alerts that a page speaks of: those that ring; where none does, somebody was brought in by hand, all open."""
    known = tuple(alerts)
    return tuple(alert for alert in known if alert.rings) or tuple(alert for alert in known if alert.is_open)


def evolve(case: Case | None, fact: Fact) -> Case:
    """The case after a fact, by the domain that the fact belongs to."""
    if isinstance(fact, GroupOpened):
        return Case(group=fact.group)
    if case is None:
        raise Broken(f"a case begins with GroupOpened, not with {type(fact).__name__}")
    if isinstance(fact, model.AlertTriggered):
        alerts = {**case.alerts, fact.alert.id: fact.alert}
        # Written out, for every new alert comes by here: `replace` looks each field up and takes three times as long.
        return Case(group=case.group, alerts=alerts, run=case.run, pages=case.pages, version=case.version)
    if isinstance(fact, model.Fact):
        changed = lifecycle.evolve(case.alerts[fact.alert_id], fact)
        return replace(case, alerts={**case.alerts, changed.id: changed})
    if isinstance(fact, escalation.Fact):
        return replace(case, run=escalation.evolve(case.run, fact))
    return replace(case, pages=_pages_after(case.pages, fact))


def _pages_after(pages: Mapping[PageId, Page], fact: paging.Fact) -> Mapping[PageId, Page]:
    if isinstance(fact, paging.PageOpened):
        return {**pages, fact.page.id: fact.page}
    if isinstance(fact, paging.PageStopped):
        return {page_id: page for page_id, page in pages.items() if page_id != fact.page_id}
    return {**pages, fact.page_id: paging.evolve(pages[fact.page_id], fact)}
