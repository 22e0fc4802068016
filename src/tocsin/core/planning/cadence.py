"""What has to be filled, as it is wished for: turns on the clock of a place, made into duties.

What instant a local time is, at clock changes too, is the business of schedules; they hand it in, so that a duty
begins exactly where the schedule that is made of it will say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from typing import TypeAlias
from zoneinfo import ZoneInfo

from tocsin.core.errors import Refused
from tocsin.core.planning.duty import Duty, DutyId, Role
from tocsin.core.vocabulary import Instant, Span

#: The instant of a local time in a zone.
WallClock: TypeAlias = Callable[[datetime, ZoneInfo], Instant]

#: A plan of more turns is a slip of the finger.
MOST_TURNS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One stretch of a cadence."""

    length: timedelta
    #: False: nobody is needed.
    is_served: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """Turns that come one after the other, and again from the first."""

    #: Naive local time.
    begins: datetime
    time_zone: ZoneInfo
    #: At least one, each longer than nothing.
    turns: tuple[Turn, ...]
    #: Turns that begin within this time are planned, to their ends.
    lasts: timedelta

    def starts(self) -> Iterator[tuple[datetime, Turn]]:
        """Each turn with the local time at which it begins, those in which nobody is needed too.

        Raises:
            Refused: there are too many.
        """
        begins = self.begins
        for number, turn in enumerate(cycle(self.turns)):
            if begins >= self.begins + self.lasts:
                return
            if number >= MOST_TURNS:
                raise Refused(
                    f"the plan has more than {MOST_TURNS:,} turns", field="weeks", hint="longer turns, or fewer weeks"
                )
            yield begins, turn
            begins += turn.length


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A role that every turn has to fill."""

    role: Role
    #: In percent, as of its duties.
    weight: int = 100


def duties(cadence: Cadence, posts: tuple[Post, ...], instant_of: WallClock) -> tuple[Duty, ...]:
    """One duty for each post in each turn that is served, in order of time and within it in the order of the posts.

    A turn that the clock skips altogether has none. A duty is called by its role and the day on which it begins, with
    the time where a day has several.
    """
    served = [(begins, turn) for begins, turn in cadence.starts() if turn.is_served]
    by_day = len({begins.date() for begins, _ in served}) == len(served)
    found = []
    for begins, turn in served:
        span = Span(instant_of(begins, cadence.time_zone), instant_of(begins + turn.length, cadence.time_zone))
        when = f"{begins:%Y-%m-%d}" if by_day else f"{begins:%Y-%m-%dT%H:%M}"
        if span.start < span.end:
            found += [
                Duty(
                    id=DutyId(f"{post.role} {when}"),
                    role=post.role,
                    span=span,
                    length=turn.length,
                    weight=post.weight,
                )
                for post in posts
            ]
    return tuple(found)
