"""The rota: all schedules of an installation at one revision, asked by name. The one way to ask who is on call.

It is compiled as it is asked: the first question about a stretch of time renders it, the next ones look it up. What it
keeps is only ever derived from what it was made of, and bounded, so a rota may be shared and asked in any order, by
threads too: at worst two of them find out the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from functools import partial

from tocsin.core.schedules.answers import Answers, chunk_of
from tocsin.core.schedules.circumstances import Circumstances
from tocsin.core.schedules.schedule import Schedule
from tocsin.core.schedules.timeline import SEARCH, OnCall, Rendered, Shift, rendered
from tocsin.core.schedules.tracks import Tracks
from tocsin.core.schedules.wallclock import LATEST, within_calendar
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span

#: How many prebuilt answers are kept; when there are more, all are let go.
_ANSWERS_KEPT = 250_000


class Rota:
    """All schedules and the circumstances in which they hold."""

    def __init__(self, schedules: Mapping[ScheduleName, Schedule], circumstances: Circumstances | None = None) -> None:
        self.schedules = schedules
        self.circumstances = circumstances or Circumstances()
        self._tracks = Tracks(schedules, self.circumstances)
        self._answers: dict[tuple[ScheduleName, int], Answers] = {}
        self._kept = 0

    def on_call(self, name: ScheduleName, at: Instant) -> OnCall:
        """Who is on call at `at`, from which source, and until when.

        Raises:
            KeyError: there is no schedule of this name.
            Refused: the instant lies outside the calendar.
        """
        if at.tzinfo is UTC:
            answers = self._answers.get((name, chunk_of(at)))
            answer = answers.at(at) if answers is not None else None
            if answer is not None:
                return answer
        return self._found_out(name, within_calendar(at, field="at"))

    def next_up(self, name: ScheduleName, at: Instant) -> OnCall | None:
        """The first answer after the one at `at` that has somebody, and somebody else; None: not within the search.

        Raises:
            KeyError: there is no schedule of this name.
            Refused: the instant lies outside the calendar.
        """
        present = found = self.on_call(name, at)
        horizon = min(at + SEARCH, LATEST)
        while found.until is not None and found.until < horizon:
            found = self.on_call(name, found.until)
            if found.people and found.people != present.people:
                return found
        return None

    def shifts(self, name: ScheduleName, window: Span) -> Rendered:
        """The final shifts and gaps of a window, clipped to it; an empty window has neither.

        Raises:
            KeyError: there is no schedule of this name.
            Refused: the window leaves the calendar.
        """
        start, end = within_calendar(window.start, field="from"), within_calendar(window.end, field="to")
        return rendered(self._tracks.final(name, start, end) if start < end else [])

    def shifts_of(self, person: PersonName, window: Span) -> tuple[tuple[ScheduleName, Shift], ...]:
        """One person's shifts over all schedules, in order of time; others may be on call with them."""
        found = [
            (name, shift)
            for name in sorted(self.schedules)
            if person in self._tracks.people(name)
            for shift in self.shifts(name, window).shifts
            if person in shift.people
        ]
        return tuple(sorted(found, key=lambda each: (each[1].span, each[0])))

    def _found_out(self, name: ScheduleName, at: Instant) -> OnCall:
        chunk = chunk_of(at)
        answers = Answers(chunk, partial(self._tracks.final, name))
        if self._kept + len(answers) > _ANSWERS_KEPT:
            self._answers, self._kept = {}, 0
        self._answers[name, chunk] = answers
        self._kept += len(answers)
        answer = answers.at(at)
        assert answer is not None, "an instant within the calendar has an answer"
        return answer


def on_call(schedule: Schedule, at: Instant) -> OnCall:
    """Who is on call by one schedule that knows of no circumstances."""
    return Rota({schedule.name: schedule}).on_call(schedule.name, at)


def shifts(schedule: Schedule, window: Span) -> Rendered:
    """The final shifts and gaps of one schedule that knows of no circumstances."""
    return Rota({schedule.name: schedule}).shifts(schedule.name, window)
