"""What was found when a rota was looked through: one value for every kind of trouble, made to be told once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from urllib.parse import quote

from tocsin.core.schedules import NobodyReason
from tocsin.core.vocabulary import Instant, PersonName, PolicyName, ScheduleName, ServiceName, Span, TeamName

#: The step of a finding that speaks of the last resort; others are `steps[0]`, `steps[1]`, ...
LAST_RESORT = "last_resort"


class FindingSeverity(StrEnum):
    """What is at stake."""

    #: Somebody may not be woken who should be.
    ERROR = "error"
    #: Worth a look: it may be meant so.
    WARNING = "warning"


class GapReason(StrEnum):
    """Why a step reaches nobody, or what is missing."""

    #: The service names no policy, or one that is gone: the administrators are paged instead.
    NO_POLICY = "no_policy"
    #: The schedule has nobody.
    NOBODY_ON_CALL = "nobody_on_call"
    #: The policy has no last resort, its service no team, and nobody is an administrator.
    NOBODY_NAMED = "nobody_named"
    #: There are people, but none of them has a contact.
    CANNOT_BE_REACHED = "cannot_be_reached"
    #: No step, and not even the last resort, reaches anybody.
    NOBODY_AT_ALL = "nobody_at_all"


class FindingKind(StrEnum):
    """What the trouble is."""

    #: A step of a policy, or the policy as a whole, reaches nobody.
    STEP_GAP = "step_gap"
    #: A schedule has nobody, whether a policy uses it or not.
    SCHEDULE_GAP = "schedule_gap"
    #: A later step asks only people whom an earlier one has asked: nobody else is woken.
    NOBODY_NEW = "nobody_new"
    #: Somebody is on call in several schedules at one time.
    IN_TWO_PLACES = "in_two_places"
    #: An override puts somebody on call who is so at that time anyway.
    DOUBLE_BOOKED = "double_booked"
    #: An override lies on top of one that was made in another way, with other people.
    OVERRIDE_HIDDEN = "override_hidden"
    #: Somebody is on call for a team that they are not a member of.
    LEFT_TEAM = "left_team"
    #: Somebody is on call who does not exist any more.
    UNKNOWN_PERSON = "unknown_person"
    #: Somebody is on call who has no contact.
    CANNOT_BE_REACHED = "cannot_be_reached"
    #: Somebody is on call whose rules say nothing of high urgency: their other rules are used.
    NO_RULE_FOR_HIGH = "no_rule_for_high"
    #: All participants of a rotation are away at a time at which one of them would serve.
    EVERYBODY_AWAY = "everybody_away"
    #: An imported calendar books nobody from now on.
    CALENDAR_EMPTY = "calendar_empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One stretch of time with one trouble. What does not belong to its kind is None or empty."""

    kind: FindingKind
    severity: FindingSeverity
    span: Span
    schedule: ScheduleName | None = None
    #: The other schedules in which the people are at the same time.
    others: tuple[ScheduleName, ...] = ()
    people: tuple[PersonName, ...] = ()
    #: Of a step gap; None: alerts without a service, to which a route gives the policy.
    service: ServiceName | None = None
    policy: PolicyName | None = None
    #: `steps[0]`, `last_resort`; None with a policy: the policy as a whole.
    step: str | None = None
    team: TeamName | None = None
    #: The layer that cannot have anybody.
    layer: str | None = None
    #: Why nobody is there; of gaps only.
    reason: GapReason | NobodyReason | None = None
    #: When a trouble that passes is over; None: it comes back, or stays, until somebody mends it.
    passes_at: Instant | None = None

    @property
    def key(self) -> str:
        """The same for what is one thing to a reader, whenever it is looked for: so that it is said once.

        What comes back every week is one thing. What passes is one thing each time; where the window ends before it
        does, it may be told twice, never not at all.
        """
        subjects = (self.service, self.policy, self.step, self.schedule, self.team, self.layer, self.reason)
        ends = None if self.passes_at is None else self.passes_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        told = (*(_plain(part) for part in subjects), _joined(self.others), _joined(self.people), ends or "")
        return "/".join((self.kind, *told))


def _joined(names: tuple[str, ...]) -> str:
    return "+".join(map(_plain, names))


def _plain(name: str | None) -> str:
    """A part of a key, in which what divides parts stands for nothing else."""
    return quote(name or "", safe=" ")
