"""What decisions come to, as changes of what is kept. Pure, and the same for PostgreSQL and its twin in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from tocsin.core.alerts.model import Alert
from tocsin.core.arrivals import Decided
from tocsin.core.case import Case, Fact
from tocsin.core.effects import Effect, SendPage, StopPage, TakeTurn
from tocsin.core.errors import Unavailable
from tocsin.core.flow import Telling
from tocsin.core.vocabulary import GroupId, Instant, PageId, PolicyName
from tocsin.ports.state import Result, Turn

Decide = Callable[[Case, Instant, Turn], Telling]

#: A case that is due and yields nothing is looked at again after this, not at once and for ever.
SECOND_LOOK = timedelta(seconds=1)
_MOST_TOPICS = 16


class Conflict(Unavailable):
    """Somebody else has changed what a decision was made on: it must be made again."""

    def __init__(self) -> None:
        super().__init__("too many changes of the same alerts at once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One case before and after a decision."""

    #: None: it is new.
    before: Case | None
    #: Its version is that of this commit.
    after: Case
    facts: tuple[Fact, ...]
    #: When it must be looked at again; None: not before somebody asks.
    due_at: Instant | None

    @property
    def is_due_sooner(self) -> bool:
        """True when it must be looked at before the instant that was known until now."""
        if self.due_at is None:
            return False
        known = self.before.due_at if self.before is not None else None
        return known is None or self.due_at < known

    @property
    def created(self) -> list[Alert]:
        """Members that were not there before."""
        known = self.before.alerts if self.before is not None else {}
        return [alert for alert in self.after.alerts.values() if alert.id not in known]

    @property
    def changed(self) -> list[tuple[Alert, Alert]]:
        """Members that were there and are different now: before and after."""
        if self.before is None:
            return []
        pairs = ((alert, self.after.alerts[alert.id]) for alert in self.before.alerts.values())
        return [(before, after) for before, after in pairs if before is not after]


@dataclass(slots=True, kw_only=True)
class Saving:
    """Everything that one transaction writes about cases."""

    now: Instant
    changes: dict[GroupId, Change] = field(default_factory=dict)
    #: Cases without facts: only when they are due is written.
    due: dict[GroupId, Instant | None] = field(default_factory=dict)
    sends: list[SendPage] = field(default_factory=list)
    stops: list[PageId] = field(default_factory=list)
    turns: Counter[tuple[PolicyName, int]] = field(default_factory=Counter)

    @property
    def is_due_sooner(self) -> bool:
        """True when a worker should look now, because it may not be waiting for so early an instant."""
        return any(change.is_due_sooner for change in self.changes.values())

    @property
    def topics(self) -> list[str]:
        """The cases that live pages must look at, as notices say it."""
        return topics_of(self.changes)

    def add(self, before: Case | None, tellings: Sequence[Telling]) -> None:
        """Take in the decisions about one case, each made on what the one before it left."""
        facts = tuple(fact for telling in tellings for fact in telling.facts)
        last = tellings[-1]
        if not facts:
            self._postpone(last)
            return
        after = replace(last.case, version=last.case.version + 1)
        self.changes[after.group.id] = Change(before=before, after=after, facts=facts, due_at=last.due_at)
        for telling in tellings:
            self._carry_out(telling.effects)

    def _postpone(self, telling: Telling) -> None:
        due_at = telling.due_at
        self.due[telling.case.group.id] = max(due_at, self.now + SECOND_LOOK) if due_at is not None else None

    def _carry_out(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case SendPage():
                    self.sends.append(effect)
                case StopPage():
                    self.stops.append(effect.page_id)
                    self.sends = [send for send in self.sends if send.page_id != effect.page_id]
                case TakeTurn():
                    self.turns[effect.policy, effect.step] += 1


class Turns:
    """Whose turn it is, while a round of decisions is made: what is stored, and what the round itself has taken."""

    def __init__(self, taken: Mapping[tuple[PolicyName, int], int] | None) -> None:
        #: None: not read yet, because most rounds do not ask.
        self.taken = taken
        self.asked = False
        self._since: Counter[tuple[PolicyName, int]] = Counter()

    def __call__(self, policy: PolicyName, step: int) -> int:
        """How many climbs took this step before."""
        self.asked = True
        return (self.taken or {}).get((policy, step), 0) + self._since[policy, step]

    def note(self, telling: Telling) -> None:
        """Count what a decision took, for those after it."""
        for effect in telling.effects:
            if isinstance(effect, TakeTurn):
                self._since[effect.policy, effect.step] += 1

    @property
    def unread(self) -> bool:
        """True when a decision asked for what was not read: it must be made again."""
        return self.asked and self.taken is None


def saving_of(decided: Decided, cases: Mapping[GroupId, Case], now: Instant) -> Saving:
    """What a batch of events comes to."""
    saving = Saving(now=now)
    for group_id, telling in decided.tellings.items():
        if telling.facts:
            saving.add(cases.get(group_id), [telling])
    return saving


def topics_of(group_ids: Collection[GroupId]) -> list[str]:
    """The cases that live pages must look at, as notices say it: by name, or in one word when they are many."""
    return [f"case {group_id}" for group_id in group_ids] if len(group_ids) <= _MOST_TOPICS else ["case *"]


def expiry_after(alert: Alert, repeated_until: Instant | None) -> Instant | None:
    """When an alert expires that a batch has changed and also repeated."""
    if alert.expires_at is None or repeated_until is None:
        return alert.expires_at
    return max(alert.expires_at, repeated_until)


def decide_cases(cases: Iterable[Case], now: Instant, turns: Turns, decide: Decide) -> Saving:
    """Give each case its decision."""
    saving = Saving(now=now)
    for case in cases:
        telling = decide(case, now, turns)
        turns.note(telling)
        saving.add(case, [telling])
    return saving


def decide_results(results: Iterable[Result], cases: Mapping[GroupId, Case], now: Instant, turns: Turns) -> Saving:
    """Tell each outcome to each case that it served, as the outcomes before it have left the case."""
    told: defaultdict[GroupId, list[Telling]] = defaultdict(list)
    for result in results:
        delivery = result.claimed.delivery
        for group_id in dict.fromkeys(item.group_id for item in delivery.items if item.group_id in cases):
            case = told[group_id][-1].case if told[group_id] else cases[group_id]
            telling = result.decide(case, now, turns, delivery)
            turns.note(telling)
            told[group_id].append(telling)
    saving = Saving(now=now)
    for group_id, tellings in told.items():
        saving.add(cases[group_id], tellings)
    return saving
