"""What pictures are made of: a schedule's final shifts and vacancies over the window that is shown, in one order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tocsin.core.schedules.timeline import OVERRIDE, NobodyReason, Rendered
from tocsin.core.vocabulary import PersonName, ScheduleName, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A shift or a vacancy."""

    span: Span
    #: Empty: nobody, for `reason`.
    people: tuple[PersonName, ...]
    source: str = ""
    reason: NobodyReason | None = None

    @property
    def is_override(self) -> bool:
        """True for what no layer gave."""
        return self.source == OVERRIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One schedule over the window."""

    schedule: ScheduleName
    #: In order of time; together they cover the window.
    stretches: tuple[Stretch, ...]

    def within(self, span: Span) -> tuple[Stretch, ...]:
        """What is seen of it in a part of the window, not clipped."""
        return tuple(one for one in self.stretches if one.span.start < span.end and span.start < one.span.end)


def strip_of(schedule: ScheduleName, rendered: Rendered) -> Strip:
    """The strip of a rendered window."""
    found = [Stretch(span=one.span, people=one.people, source=one.source) for one in rendered.shifts]
    found += [Stretch(span=one.span, people=(), reason=one.reason) for one in rendered.vacancies]
    return Strip(schedule=schedule, stretches=tuple(sorted(found, key=lambda one: one.span)))


def people_of(strips: Iterable[Strip]) -> tuple[PersonName, ...]:
    """Everybody who is seen, by name."""
    return tuple(sorted({name for strip in strips for one in strip.stretches for name in one.people}))


def vacant(strips: Sequence[Strip]) -> dict[NobodyReason, timedelta]:
    """For how long nobody is on call, by reason, the longest first."""
    lengths: Counter[NobodyReason] = Counter()
    seconds = ((one.reason, one.span.end - one.span.start) for strip in strips for one in strip.stretches)
    for reason, length in seconds:
        if reason is not None:
            lengths[reason] += length // timedelta(seconds=1)
    return {reason: timedelta(seconds=amount) for reason, amount in lengths.most_common()}
