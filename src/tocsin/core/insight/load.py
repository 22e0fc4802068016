"""The values of fairness: what an hour of duty weighs, what is asked, and what each person carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from tocsin.core.schedules import Part
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span

#: A difference, in weighed hours, that nobody would speak of.
TRIFLE = 0.01


class Hours(StrEnum):
    """What is counted. An hour may be of several kinds."""

    ALL = "hours"
    NIGHT = "night_hours"
    WEEKEND = "weekend_hours"
    HOLIDAY = "holiday_hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What an hour weighs. The defaults are a convention, not a measurement; what is compared is people, not teams."""

    #: By the part of the schedule: who is rung first, who is rung if nobody answers, who looks on.
    primary: float = 1.0
    secondary: float = 0.5
    shadow: float = 0.25
    reverse_shadow: float = 0.25
    #: On top of the hour itself: an hour at night counts twice, one at night at a weekend two and a half times.
    night: float = 1.0
    weekend: float = 0.5
    holiday: float = 1.0

    def of_part(self, part: Part) -> float:
        """What an hour of this part weighs by itself."""
        match part:
            case Part.PRIMARY:
                return self.primary
            case Part.SECONDARY:
                return self.secondary
            case Part.SHADOW:
                return self.shadow
            case Part.REVERSE_SHADOW:
                return self.reverse_shadow

    def of_kind(self, kind: Hours) -> float:
        """What an hour adds for being of this kind, in hours."""
        match kind:
            case Hours.ALL:
                return 1.0
            case Hours.NIGHT:
                return self.night
            case Hours.WEEKEND:
                return self.weekend
            case Hours.HOLIDAY:
                return self.holiday


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whose duty is to be compared, and when."""

    window: Span
    #: Together: what somebody carries in one of them counts in all.
    schedules: tuple[ScheduleName, ...]
    weights: Weights = field(default_factory=Weights)
    #: When each person was with the team, where that is known better than from the schedules. Missing: all the time.
    present: Mapping[PersonName, tuple[Span, ...]] = field(default_factory=dict)
    #: When each person was paged. None: nobody knows.
    pages: Mapping[PersonName, Sequence[Instant]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """Of which hours somebody has more than an even share, and how many."""

    kind: Hours
    #: Weighed by part: two hours as a secondary are one. Negative: less than an even share.
    hours: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What one person has carried. Hours are elapsed time; being on call in two schedules at once counts twice."""

    person: PersonName
    #: By kind; every hour is among `Hours.ALL`.
    hours: Mapping[Hours, timedelta]
    #: Stretches without a break in one schedule, whatever their source.
    shifts: int
    #: How often they were paged, and how often of that at night. None: nobody knows.
    woken: int | None
    woken_at_night: int | None
    #: How long they could have been on call in any of the schedules: with the team, and not away.
    available: timedelta
    #: In weighed hours: what they carried, and what would have been an even share.
    load: float
    fair_share: float
    #: What differs most; None: nothing worth a word.
    reason: Deviation | None

    @property
    def score(self) -> float | None:
        """100: exactly an even share; 50: half of it, or twice as much; 0: nothing. None: a guest has no share."""
        if self.fair_share < TRIFLE:
            return None if self.load >= TRIFLE else 100.0
        return 100 * min(self.load, self.fair_share) / max(self.load, self.fair_share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uneven:
    """Of those who have a share who carries most above it and who least, and what the first has more of."""

    most: PersonName
    least: PersonName
    deviation: Deviation


@dataclass(frozen=True, slots=True, kw_only=True)
class Fairness:
    """How evenly a window was, or will be, spread."""

    window: Span
    schedules: tuple[ScheduleName, ...]
    #: By name: everybody who carried something or could have.
    people: tuple[Carried, ...]
    #: None: it is even.
    reason: Uneven | None

    @property
    def score(self) -> float:
        """100 less the part of the load, in percent, that would have to change hands for it to be even."""
        load = sum(each.load for each in self.people)
        if load < TRIFLE:
            return 100.0
        return 100 * (1 - sum(abs(each.load - each.fair_share) for each in self.people) / 2 / load)
