"""The story: which fact leads to which command in which domain. Read this page first.

    an alert rings           -> its group climbs the policy          (run: start, restart)
    no member rings          -> the climb is held, or ended          (run: hold, end), pages stop
    a step begins            -> everybody it asks is paged           (page: begin), their older page gives way
    a page's contact is due  -> it is tried                          (effect: send)
    no contact takes it      -> the climb is told and may move on    (run: cannot reach)

`Telling` carries one decision: facts in order, the case after them, and what the world must do.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from tocsin.core import case as cases
from tocsin.core.alerts import lifecycle, model
from tocsin.core.alerts.model import Alert, Reason, Reconsider, Status
from tocsin.core.alerts.quiet import labels_of
from tocsin.core.case import Case, Fact
from tocsin.core.directory import Directory
from tocsin.core.effects import Effect, SendPage, StopPage, TakeTurn
from tocsin.core.escalation import run as escalation
from tocsin.core.escalation.policy import Policy, straight_to
from tocsin.core.escalation.run import Surroundings
from tocsin.core.escalation.steps import Asked
from tocsin.core.paging import attempt as paging
from tocsin.core.paging.attempt import Line, Page, Stopped
from tocsin.core.paging.provider import ALL_WELL, Providers
from tocsin.core.people import Person
from tocsin.core.vocabulary import AlertId, GroupId, Instant, PageId, PersonName, PolicyName, Urgency

#: Pages of one group are named within this space, so that a decision made twice names the same page.
_PAGES = uuid.UUID("5b4bd1de-86b0-4b11-a3e9-7f0a3c1d0d2e")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a decision may look at: the configuration, the instant, whose turn it is."""

    directory: Directory
    now: Instant
    #: How many climbs took a round-robin step of a policy before.
    turn: Callable[[PolicyName, int], int] = field(default=lambda _policy, _step: 0)
    #: What this node knows of providers.
    providers: Providers = ALL_WELL


class Telling:
    """One decision about one case, while it is being made."""

    def __init__(self, case: Case | None, world: World) -> None:
        self._case = case
        self.world = world
        self.facts: list[Fact] = []
        self.effects: list[Effect] = []
        #: Set when the decision failed: the case is looked at again then.
        self.put_off_until: Instant | None = None
        self._unfollowed: deque[Fact] = deque()
        self._following = False

    @classmethod
    def put_off(cls, case: Case, world: World, *, until: Instant) -> Telling:
        """No decision: the case is left as it is until an instant."""
        telling = cls(case, world)
        telling.put_off_until = until
        return telling

    @property
    def due_at(self) -> Instant | None:
        """When time alone changes something; what the store writes beside the case."""
        return self.put_off_until or self.case.due_at

    @property
    def case(self) -> Case:
        """The case as the facts so far have made it."""
        if self._case is None:
            raise LookupError("the case is not open yet")
        return self._case

    def tell(self, facts: Iterable[Fact]) -> bool:
        """Take in the facts of one decision, then what they lead to, in order. True when there was any."""
        told = tuple(facts)
        for fact in told:
            self._case = cases.evolve(self._case, fact)
        self.facts.extend(told)
        self._unfollowed.extend(told)
        if not self._following:
            self._follow_all()
        return bool(told)

    def _follow_all(self) -> None:
        self._following = True
        while self._unfollowed:
            self._follow(self._unfollowed.popleft())
        self._following = False

    def _follow(self, fact: Fact) -> None:
        match fact:
            case escalation.StepBegan():
                if fact.round_robin and fact.step is not None and self.case.run is not None:
                    self.effects.append(TakeTurn(policy=self.case.run.policy.name, step=fact.step))
                self._page(fact.asked, fact.rung)
            case escalation.PersonAdded():
                self._page((fact.asked,), fact.rung, by_hand=True)
            case escalation.Reassigned():
                self._stop(self.case.pages.values(), Stopped.ELSEWHERE)
                self._page((fact.asked,), fact.rung, by_hand=True)
            case paging.AttemptMade() if fact.page_id in self.case.pages:
                self.effects.append(_sending(self.case, self.case.pages[fact.page_id], fact))
            case paging.PageStopped():
                self.effects.append(StopPage(page_id=fact.page_id))
            case paging.NobodyReached() if fact.page_id in self.case.pages:
                self._tell_climb(self.case.pages[fact.page_id].recipient)
            case _:
                pass

    def _page(self, asked: tuple[Asked, ...], rung: int, *, by_hand: bool = False) -> None:
        recipients = {escalation.recipient_of(one) for one in asked}
        older = [page for page in self.case.pages.values() if page.recipient in recipients]
        # Whoever was asked and not tried yet is not put off: rungs that come faster than a person's first contact would
        # else never reach them.
        untried = {page.recipient: page.next_at for page in older if not page.attempts}
        in_vain = {page.recipient for page in older if page.was_in_vain}
        self._stop(older, Stopped.SUPERSEDED)
        for one in asked:
            recipient = escalation.recipient_of(one)
            opened = _opened(self.case, one, rung, self.world, in_vain=recipient in in_vain)
            waited = untried.get(recipient)
            self.tell(paging.begin(replace(opened, by_hand=by_hand), self.world.providers, no_later_than=waited))

    def _tell_climb(self, recipient: str) -> None:
        if self.case.run is not None:
            command = escalation.CannotReach(now=self.world.now, recipient=recipient)
            self.tell(escalation.decide(self.case.run, command, self._surroundings()))

    def _stop(self, pages: Iterable[Page], why: Stopped) -> None:
        for page in tuple(pages):
            self.tell(paging.decide(page, paging.Stop(now=self.world.now, why=why)))

    def _surroundings(self) -> Surroundings:
        policy = self._policy()
        return Surroundings(
            roster=self.world.directory,
            severity=self.case.severity,
            administrators=self.world.directory.administrators,
            turn=lambda step: self.world.turn(policy.name, step),
        )

    def _policy(self) -> Policy:
        group, directory = self.case.group, self.world.directory
        policy = directory.policy_for(group.service, group.policy)
        if not group.people:
            return policy
        people = tuple(PersonName(person) for person in group.people)
        return straight_to(people, name="by hand", last_resort=policy.last_resort)

    @property
    def acknowledgement_lapses_after(self) -> timedelta | None:
        """How long an acknowledgement holds that is given now, by the policy of this very case; None: for good."""
        policy = self.case.run.policy if self.case.run is not None else self._policy()
        return policy.acknowledgement_lapses_after

    # What is asked from outside.

    def to_alert(self, alert_id: AlertId, command: model.Command) -> bool:
        """Give a command to one member."""
        return self.tell(lifecycle.decide(self.case.alerts[alert_id], command))

    def to_run(self, command: escalation.Command) -> bool:
        """Give a command to the climb; nothing happens when there is none yet, or it would climb for nothing."""
        if self.case.run is None or (isinstance(command, escalation.EscalateNow) and not self.case.ringing):
            return False
        return self.tell(escalation.decide(self.case.run, command, self._surroundings()))

    def to_page(self, page_id: PageId, command: paging.Command) -> bool:
        """Give a command to a page; nothing happens when it is gone."""
        page = self.case.pages.get(page_id)
        return page is not None and self.tell(paging.decide(page, command, self.world.providers))

    def settle(self) -> None:
        """Let time do its work, and bring climb and pages in line with the members."""
        now = self.world.now
        for alert in tuple(self.case.alerts.values()):
            if alert.is_open:
                self.tell(lifecycle.decide(alert, Reconsider(now=now, quiet=self._quiet(alert))))
        if not self.case.ringing:
            self._rest()
            return
        self._climb()
        for page in tuple(self.case.pages.values()):
            self.to_page(page.id, paging.TimePasses(now=now))

    def _quiet(self, alert: Alert) -> Reason | None:
        if alert.never_rings is not None:
            return alert.never_rings
        return self.world.directory.quiet(labels_of(alert), alert.service, self.world.now)

    def _rest(self) -> None:
        now, run = self.world.now, self.case.run
        if not self.case.is_open:
            self._stop(self.case.pages.values(), Stopped.OVER)
            self.to_run(escalation.End(now=now))
            return
        answered = any(alert.status is Status.ACKNOWLEDGED for alert in self.case.alerts.values())
        kept = self._asked_since()
        ending = [page for page in self.case.pages.values() if page.id not in kept]
        self._stop(ending, Stopped.ANSWERED if answered else Stopped.QUIET)
        if run is not None:
            self.to_run(escalation.Hold(now=now))
        for page_id in kept:
            self.to_page(page_id, paging.TimePasses(now=now))

    def _asked_since(self) -> tuple[PageId, ...]:
        """Pages for people who were brought in by hand when nothing rang any more: they still ring."""
        since = max(alert.quiet_since for alert in self.case.alerts.values() if alert.quiet_since is not None)
        pages = self.case.pages.values()
        return tuple(page.id for page in pages if page.by_hand and page.opened_at >= since)

    def _climb(self) -> None:
        now, run = self.world.now, self.case.run
        policy, urgency = self._policy(), self.case.urgency
        if run is None:
            surroundings = self._surroundings()
            self.tell(escalation.start(now=now, policy=policy, urgency=urgency, surroundings=surroundings))
        elif self.case.lacks_climb:
            self.to_run(escalation.Restart(now=now, policy=policy, urgency=urgency))
        else:
            self.to_run(escalation.TimePasses(now=now))


def _opened(case: Case, asked: Asked, rung: int, world: World, *, in_vain: bool) -> Page:
    """A page for one who is asked. `in_vain`: the one before it has reached them by no contact of their rules."""
    recipient = escalation.recipient_of(asked)
    urgency = case.run.urgency if case.run is not None else Urgency.HIGH
    person = world.directory.people.get(asked.person) if asked.person is not None else None
    return Page(
        id=page_id(case.group.id, rung, recipient),
        rung=rung,
        person=asked.person,
        recipient=recipient,
        because=asked.because,
        urgency=urgency,
        opened_at=world.now,
        plan=_plan(asked, person, urgency, in_vain=in_vain),
    )


def page_id(group_id: GroupId, rung: int, recipient: str) -> PageId:
    """The one name of the page for this recipient on this rung, whoever decides it and however often."""
    return PageId(str(uuid.uuid5(_PAGES, f"{group_id}/{rung}/{recipient}")))


def _plan(asked: Asked, person: Person | None, urgency: Urgency, *, in_vain: bool) -> tuple[Line, ...]:
    if asked.address is not None:
        no_wait = timedelta(0)
        return (Line(after=no_wait, contact="webhook", channel="webhook", address=asked.address),)
    if person is None:
        return ()
    return tuple(
        Line(after=after, contact=contact.name, channel=contact.channel, address=contact.address)
        for after, contact in (person.every_way(urgency) if in_vain else person.plan(urgency))
    )


def _sending(case: Case, page: Page, made: paging.AttemptMade) -> SendPage:
    line = page.plan[made.line]
    return SendPage(
        page_id=page.id,
        attempt=made.number,
        group_id=case.group.id,
        alert_ids=tuple(alert.id for alert in case.told),
        person=page.person,
        contact=line.contact,
        channel=line.channel,
        address=line.address,
        urgency=page.urgency,
        rung=page.rung,
        at=made.at,
        repeat=made.repeat,
        because=page.because,
        service=case.group.service,
    )
