"""The promises of state, asked after every step of the store, and of the whole town time and again.

1  what was answered is kept, and what rings has a next step
2  somebody is rung within what the policy says, nobody who was asked is dropped, and whoever answers is heard
3  nobody is rung twice for one thing without the mark, nor for what is over: see `calls.py`
4  the journal tells it all: the state can be made of the facts, and every call has its record
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from tocsin.core.case import Case, Fact, evolve
from tocsin.core.escalation.policy import Policy
from tocsin.core.escalation.run import PersonAdded, Reassigned, RunStarted, StepBegan, StepPassed
from tocsin.core.paging.attempt import AttemptMade, PageOpened, PageStopped, Standing, Stopped
from tocsin.core.vocabulary import GroupId, PolicyName
from tocsin.core.watch.troubles import Name, troubles
from tocsin.ports.doors import Taken
from tocsin.simulation.history import History
from tocsin.simulation.nodes import Node
from tocsin.simulation.shelf import Books
from tocsin.simulation.town import LONGEST_OWN_WAIT, longest_silence, whole_climb

KEPT = "1 nothing accepted is lost"
RUNG = "2 somebody is always rung"
ONCE = "3 nobody is rung twice, and nobody for nothing"
SHOWN = "4 everything can be shown afterwards"
#: Not a promise, and yet: nothing that nobody foresaw happens inside.
SOUND = "0 nothing breaks inside"

#: What is allowed on top of what a policy says: polls, leases, timeouts of providers, a node that comes up.
ALLOWANCE = timedelta(minutes=5)
#: A case that cannot be decided is put off for so long, and no longer.
_PUT_OFF = timedelta(seconds=35)
#: What a watchdog must not see when nothing is wrong.
_NOT_WHILE_WELL = (Name.STEPS_LATE, Name.STEPS_MISSING, Name.DELIVERIES_STUCK, Name.LOOP_SILENT, Name.STORE_AWAY)
#: Where a climb has not begun yet it is about to.
_NO_POLICY = Policy(name=PolicyName("none"), steps=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A promise that was broken, in a plain sentence."""

    promise: str
    sentence: str
    #: When, in seconds after the beginning.
    at: float


class Promises:
    """Watches over one world, and keeps the first promise that is broken in it."""

    def __init__(self, world: Callable[[], float], books: Books, history: History) -> None:
        self._world = world
        self._books = books
        self._history = history
        self.broken: Violation | None = None
        self._folded: dict[GroupId, tuple[int, Case]] = {}
        #: When somebody was last rung for a case, when it last began to climb, and when it was first seen to ring.
        self._rung_at: dict[GroupId, float] = {}
        self._began_at: dict[GroupId, float] = {}
        self._ringing_since: dict[GroupId, float] = {}
        #: Since when somebody was asked and not tried.
        self._asked_since: dict[tuple[GroupId, str], float] = {}
        #: Since when nothing is wrong that would excuse a delay.
        self._well_since = 0.0

    def break_(self, promise: str, sentence: str) -> None:
        """A promise is broken. The first one counts."""
        if self.broken is None:
            self.broken = Violation(promise=promise, sentence=sentence, at=self._world())
            self._history.tell("BROKEN", f"{promise}: {sentence}")

    def name(self, group_id: GroupId) -> str:
        """A case, as the history names it."""
        return self._history.name("case", group_id)

    def answered(self, taken: Sequence[Taken]) -> None:
        """A source was told that its events are taken."""
        for one in taken:
            if not self._books.holds_event(one.event_id):
                self.break_(KEPT, f"event {one.dedup_key} was answered and is not kept")
            if one.alert_id is not None and self._books.home_of(one.alert_id) is None:
                self.break_(KEPT, f"event {one.dedup_key} was answered and its alert is not kept")

    # After every step of the store.

    def look_at(self, groups: Iterable[GroupId]) -> None:
        """These cases were written."""
        waiting: set[tuple[str, int]] | None = None
        for group_id in groups:
            case = self._books.case_now(group_id)
            self._fold(case)
            if not case.is_open:
                self._ringing_since.pop(group_id, None)
                continue
            if waiting is None:
                waiting = self._books.attempts_under_way()
            self._look_at_steps(case)
            self._look_at_pages(case, waiting)

    def _fold(self, case: Case) -> None:
        group_id, entries = case.group.id, self._books.entries(case.group.id)
        seen, folded = self._folded.get(group_id, (0, None))
        for entry in entries[seen:]:
            for fact in entry.facts:
                folded = evolve(folded, fact)
                self._note(group_id, folded, fact)
        if folded is None or not _is_same(folded, case):
            self.break_(SHOWN, f"{self.name(group_id)} cannot be made of its facts")
        self._folded[group_id] = (len(entries), case)

    def _note(self, group_id: GroupId, case: Case, fact: Fact) -> None:
        self._history.tell("fact", f"{self.name(group_id)} {_told(fact)}")
        match fact:
            case RunStarted() | Reassigned():
                self._began_at[group_id] = self._world()
            case PageOpened():
                self._asked_since.setdefault((group_id, fact.page.recipient), self._world())
            case AttemptMade() if fact.page_id in case.pages:
                self._asked_since.pop((group_id, case.pages[fact.page_id].recipient), None)
            case PageStopped() if fact.why is not Stopped.SUPERSEDED:
                stays = {page.recipient for page in case.pages.values()}
                for key in [key for key in self._asked_since if key[0] == group_id and key[1] not in stays]:
                    del self._asked_since[key]
            case _:
                pass

    def _look_at_steps(self, case: Case) -> None:
        group_id, due = case.group.id, self._books.due_at(case.group.id)
        if not case.ringing:
            self._ringing_since.pop(group_id, None)
            return
        self._ringing_since.setdefault(group_id, self._world())
        if due is None:
            self.break_(KEPT, f"{self.name(group_id)} rings and has no next step")
        elif case.due_at is None or due > max(case.due_at, self._books.present()) + _PUT_OFF:
            self.break_(KEPT, f"{self.name(group_id)} is looked at at {due:%H:%M:%S}, and its step is due before")

    def _look_at_pages(self, case: Case, waiting: set[tuple[str, int]]) -> None:
        for page in case.pages.values():
            hopes = any(attempt.standing is not Standing.FAILED for attempt in page.attempts.values())
            if not hopes and page.next_at is None and not page.told:
                self.break_(RUNG, f"the page for {page.recipient} in {self.name(case.group.id)} was dropped")
            for attempt in page.attempts.values():
                if attempt.standing is Standing.CALLING and (page.id, attempt.number) not in waiting:
                    sentence = f"{page.recipient} is being called for {self.name(case.group.id)}, and nobody calls"
                    self.break_(RUNG, sentence)

    # Of the whole town.

    def rang(self, group_id: GroupId) -> None:
        """Somebody's device rang for a case."""
        self._rung_at[group_id] = self._world()

    def look(self, *, well: bool, nodes: Iterable[Node]) -> None:
        """`well`: nothing is wrong that would excuse a delay."""
        now = self._world()
        if not well:
            self._well_since = now
            return
        for group_id, since in self._ringing_since.items():
            self._look_at_silence(group_id, since)
        for (group_id, recipient), asked in self._asked_since.items():
            if now - max(asked, self._well_since) > (LONGEST_OWN_WAIT + ALLOWANCE).total_seconds():
                self.break_(RUNG, f"{recipient} was asked for {self.name(group_id)} and never tried")
        if now - self._well_since > ALLOWANCE.total_seconds():
            self._ask_watchdogs(nodes)

    def troubled(self) -> None:
        """Something happens that may delay pages."""
        self._well_since = self._world()

    def _look_at_silence(self, group_id: GroupId, since: float) -> None:
        now, case = self._world(), self._books.case_now(group_id)
        policy = case.run.policy if case.run is not None else _NO_POLICY
        quiet_for = now - max(since, self._well_since, self._rung_at.get(group_id, 0.0))
        if quiet_for > (longest_silence(policy) + ALLOWANCE).total_seconds():
            self.break_(RUNG, f"{self.name(group_id)} rings, and nobody was rung for {quiet_for / 60:.0f} minutes")
        climbs_for = now - max(since, self._well_since, self._began_at.get(group_id, 0.0))
        at_top = case.run is not None and case.run.at_last_resort
        if not at_top and climbs_for > (whole_climb(policy) + ALLOWANCE).total_seconds():
            self.break_(RUNG, f"{self.name(group_id)} climbs for {climbs_for / 60:.0f} minutes without its last resort")

    def _ask_watchdogs(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            if node.watchdog.repaired:
                self.break_(KEPT, f"the watchdog of {node.name} had to repair {node.watchdog.repaired} cases")
            seen = node.watchdog.sighting
            for trouble in troubles(seen) if seen is not None else ():
                if trouble.key.name in _NOT_WHILE_WELL:
                    sentence = node.watchdog.sentence(trouble)
                    self.break_(RUNG, f"the watchdog of {node.name} sees, with nothing wrong: {sentence}")


def _is_same(folded: Case, case: Case) -> bool:
    """True when the facts make this case. What plain repeats have moved is kept beside the facts."""
    alerts = {
        alert_id: replace(alert, expires_at=case.alerts[alert_id].expires_at)
        for alert_id, alert in folded.alerts.items()
        if alert_id in case.alerts
    }
    return replace(folded, alerts=alerts, version=case.version) == case


def _told(fact: Fact) -> str:
    match fact:
        case StepBegan():
            asked = ", ".join(one.person or one.address or "" for one in fact.asked)
            return f"rung {fact.rung} (step {fact.step}) asks {asked}"
        case StepPassed():
            return f"step {fact.step} passed: {', '.join(one.reason for one in fact.missing) or 'does not apply'}"
        case PersonAdded() | Reassigned():
            return f"{type(fact).__name__} {fact.asked.person} on rung {fact.rung}"
        case PageOpened():
            return f"page for {fact.page.recipient} on rung {fact.page.rung}"
        case PageStopped():
            return f"PageStopped {fact.why.value}"
        case _:
            return type(fact).__name__
