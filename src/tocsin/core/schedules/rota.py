"""The rota: all schedules of an installation at one revision, asked by name. The one way to ask who is on call.

It is compiled as it is asked: the first question about a stretch of time renders it, the next ones look it up. What it
keeps is only ever derived from what it was made of, so a rota may be shared and asked in any order.
"""

from __future__ import annotations

from collections.abc import Mapping

from tocsin.core.schedules.circumstances import Circumstances
from tocsin.core.schedules.schedule import Schedule
from tocsin.core.schedules.timeline import OnCall, Rendered, Shift, on_call, shifts
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span


class Rota:
    """All schedules and the circumstances in which they hold."""

    def __init__(self, schedules: Mapping[ScheduleName, Schedule], circumstances: Circumstances | None = None) -> None:
        self.schedules = schedules
        self.circumstances = circumstances or Circumstances()

    def on_call(self, name: ScheduleName, at: Instant) -> OnCall:
        """Who is on call at `at`, from which source, and until when.

        Raises:
            KeyError: there is no schedule of this name.
        """
        return on_call(self.schedules[name], at)

    def next_up(self, name: ScheduleName, at: Instant) -> OnCall | None:
        """The first answer after the one at `at` that has somebody, and somebody else; None: not within the search.

        Raises:
            KeyError: there is no schedule of this name.
        """
        present = self.on_call(name, at)
        found: OnCall | None = present
        while found is not None:
            found = self.on_call(name, found.until) if found.until is not None else None
            if found is not None and found.people and found.people != present.people:
                return found
        return None

    def shifts(self, name: ScheduleName, window: Span) -> Rendered:
        """The final shifts and gaps of a window, clipped to it; an empty window has neither.

        Raises:
            KeyError: there is no schedule of this name.
            Refused: the window leaves the calendar.
        """
        return shifts(self.schedules[name], window)

    def shifts_of(self, person: PersonName, window: Span) -> tuple[tuple[ScheduleName, Shift], ...]:
        """One person's shifts over all schedules, in order of time; others may be on call with them."""
        found = [
            (name, shift)
            for name in sorted(self.schedules)
            for shift in self.shifts(name, window).shifts
            if person in shift.people
        ]
        return tuple(sorted(found, key=lambda each: (each[1].span, each[0])))
