"""A climb as a value, the commands that may be given to it, and the facts of its life."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tocsin.core.escalation.policy import Policy
from tocsin.core.escalation.steps import Asked, Nobody, Roster
from tocsin.core.vocabulary import Instant, PersonName, Severity, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Where a climb stands."""

    policy: Policy
    urgency: Urgency
    started_at: Instant
    #: How many rungs were begun since the group was opened; never falls, so that a rung's number names it.
    rungs: int = 0
    #: 0 is the first time through the steps.
    round: int = 0
    #: The step to begin next; as many as there are steps: the round is over.
    next_step: int = 0
    #: When it begins; None: held or ended.
    next_at: Instant | None = None
    #: True once the last resort has been rung.
    at_last_resort: bool = False
    ended: bool = False
    #: Recipients of the present rung, those of them whom no contact reached, and the programs, which never answer.
    asked: frozenset[str] = frozenset()
    unreached: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()
    #: When the present rung began; None: nobody was asked in this round yet.
    asked_at: Instant | None = None
    #: True when a rung of this round before the present one reached somebody, and when the last such rung began.
    reached_before: bool = False
    reached_at: Instant | None = None

    @property
    def reached(self) -> bool:
        """True when somebody was asked in this round who is not known to be out of reach."""
        return self.reached_before or bool(self.asked - self.programs - self.unreached)

    @property
    def rings_since(self) -> Instant | None:
        """When the last rung of this round began that somebody may still answer; None: there is none."""
        return self.asked_at if self.asked - self.programs - self.unreached else self.reached_at

    @property
    def is_out_of_reach(self) -> bool:
        """True when nobody of the present rung took its page; programs count where only programs were asked."""
        awaited = self.asked - self.programs or self.asked
        return bool(awaited) and awaited <= self.unreached

    @property
    def climbs(self) -> bool:
        """True while it goes on by itself."""
        return self.next_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a step needs to know of the world when it begins."""

    roster: Roster
    severity: Severity
    #: Rung beside the last resort when it comes to nobody, or nobody of it can be reached.
    administrators: tuple[PersonName, ...] = ()
    #: Whose turn it is in a round robin: the count of climbs that took this step before.
    turn: Callable[[int], int] = field(default=lambda _step: 0)


# What may be asked.


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePasses:
    """The instant that the run waits for has come."""

    now: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Nothing rings any more, but it may again: acknowledged, snoozed, suppressed."""

    now: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """It rings again: begin from the first step."""

    now: Instant
    policy: Policy
    urgency: Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """All is resolved."""

    now: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateNow:
    """Somebody wants the next step without waiting."""

    now: Instant
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPerson:
    """Somebody wants this one as well; the climb goes on as it was."""

    now: Instant
    by: str
    asked: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassign:
    """Somebody hands it to this one; without an answer the policy begins anew."""

    now: Instant
    by: str
    asked: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotReach:
    """No contact of this recipient took its page."""

    now: Instant
    recipient: str


Command = TimePasses | Hold | Restart | End | EscalateNow | AddPerson | Reassign | CannotReach


# What happens.


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """A climb begins, by this policy as it is now."""

    at: Instant
    policy: Policy
    urgency: Urgency
    #: When its first step begins; None: at once.
    next_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBegan:
    """A rung: these are asked, and the next one comes at `next_at`."""

    at: Instant
    rung: int
    round: int
    #: None: the last resort.
    step: int | None
    asked: tuple[Asked, ...]
    #: Targets that came to nobody, beside those that came to somebody.
    missing: tuple[Nobody, ...]
    next_step: int
    next_at: Instant
    round_robin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPassed:
    """A step that asks nobody: its condition does not hold, or its targets come to nobody.

    The next step begins at once where nobody could be found, or nobody is being rung. While somebody is, a step that
    did not apply keeps its distance to the next one, and no new round begins before they have had their time.
    """

    at: Instant
    round: int
    #: None: the last resort, which is tried again at `next_at`.
    step: int | None
    #: Empty: its condition does not hold.
    missing: tuple[Nobody, ...]
    next_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalatedByHand:
    """Somebody did not want to wait."""

    at: Instant
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAdded:
    """Somebody brought this one in."""

    at: Instant
    rung: int
    asked: Asked
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassigned:
    """Somebody handed it to this one; from `next_at` on the policy goes on without them."""

    at: Instant
    rung: int
    asked: Asked
    by: str
    next_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfReach:
    """No contact of a recipient took the page; when that is everybody of the rung, the climb moves on."""

    at: Instant
    recipient: str
    next_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHeld:
    """Nothing rings any more; it may again."""

    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """All is resolved."""

    at: Instant


Fact = (
    RunStarted | StepBegan | StepPassed | EscalatedByHand | PersonAdded | Reassigned | OutOfReach | RunHeld | RunEnded
)


def recipient_of(asked: Asked) -> str:
    """The name under which one who is asked is known within a rung: the person's, or the program's address."""
    return asked.person or asked.address or ""
