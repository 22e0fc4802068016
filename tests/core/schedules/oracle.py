"""A second, deliberately simple reading of `docs/schedules.md`: it answers minute by minute and shares no code with the
product. Numbers in the docstrings are the sentences of the contract.

oracle_clock.py  what a wall clock shows, when a local time comes, which minutes lie in windows
oracle_turns.py  turns from the first on, one after the other, with absences and debts
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from core.schedules.oracle_clock import Minute, instant, number
from core.schedules.oracle_turns import Roster, Turn, turns
from tocsin.core.schedules import Change, Circumstances, Imported, Layer, Override, Schedule
from tocsin.core.vocabulary import Instant, Span

Who = tuple[str, ...]

#: Start, end, people, source or, of nobody, the reason.
Line = tuple[Instant, Instant, Who, str]


class Say(NamedTuple):
    """What something has to say about a minute: people with their source, or nobody with the reason."""

    who: Who
    why: str


UNCOVERED = Say((), "no_layer")


class Oracle:
    """All schedules, asked about the minutes of one window."""

    def __init__(self, schedules: Mapping[str, Schedule], circumstances: Circumstances, window: Span) -> None:
        self.schedules = {str(name): schedule for name, schedule in schedules.items()}
        self.circumstances = circumstances
        self.start, self.end = number(window.start), number(window.end)
        self._duties: dict[tuple[int, int], Duty] = {}
        self._answers: dict[tuple[str, Minute], Say] = {}

    def lines(self, name: str) -> list[Line]:
        """The final shifts and vacancies of the window, in order."""
        found: list[tuple[Minute, Minute, Say]] = []
        for minute in range(self.start, self.end):
            say = self.answer(name, minute)
            if found and found[-1][2] == say:
                found[-1] = (found[-1][0], minute + 1, say)
            else:
                found.append((minute, minute + 1, say))
        return [(instant(start), instant(end), say.who, say.why) for start, end, say in found]

    def answer(self, name: str, minute: Minute) -> Say:
        """8.1: whoever is on call in the minute, or nobody and why."""
        if (name, minute) not in self._answers:
            schedule = self.schedules[name]
            below = self._below_overrides(schedule, minute)
            self._answers[name, minute] = overridden(schedule.overrides, below, instant(minute))
        return self._answers[name, minute]

    def _below_overrides(self, schedule: Schedule, minute: Minute) -> Say:
        """Own layers, and below them what the schedule follows; 8.2: the topmost thing that has a say."""
        version = in_force(schedule, instant(minute))
        barred = self._people_of(schedule.apart_from, minute)
        says = [self._duty(layer, schedule).say(minute, barred=barred) for layer in version.layers]
        own = combined(says, version)
        if own is not None and own.who:
            return own
        followed = self._followed(schedule, minute, behind=0, barred=barred)
        if followed is not None and followed.who:
            return followed
        return own or followed or UNCOVERED

    def _followed(self, schedule: Schedule, minute: Minute, *, behind: int, barred: frozenset[str]) -> Say | None:
        """6.1: what the other's layers, some turns before, say; what the other follows itself lies below them."""
        follows = in_force(schedule, instant(minute)).follows
        if follows is None:
            return None
        other = self.schedules[follows.schedule]
        version, behind = in_force(other, instant(minute)), behind + follows.behind
        if not follows.may_repeat:
            barred |= self._people_of((follows.schedule,), minute)
        says = [self._duty(layer, other).say(minute, barred=barred, behind=behind) for layer in version.layers]
        upper = combined(says, version)
        if upper is not None and upper.who:
            return upper
        lower = self._followed(other, minute, behind=behind, barred=barred)
        return lower if lower is not None and (lower.who or upper is None) else upper

    def _people_of(self, names: Iterable[str], minute: Minute) -> frozenset[str]:
        return frozenset(person for name in names for person in self.answer(name, minute).who)

    def _duty(self, layer: Layer, schedule: Schedule) -> Duty:
        key = (id(schedule), id(layer))
        if key not in self._duties:
            roster = Roster(layer, schedule.time_zone, self.circumstances)
            self._duties[key] = Duty(roster, start=self.start, end=self.end)
        return self._duties[key]


class Duty:
    """One layer in the minutes of the window."""

    def __init__(self, roster: Roster, *, start: Minute, end: Minute) -> None:
        self.roster = roster
        self.name = roster.layer.name
        self.start, self.end = start, end
        self.turns: dict[Minute, Turn] = {}
        self._open: dict[str | None, frozenset[Minute]] = {}
        rotation = roster.layer.rotation
        if isinstance(rotation, Imported):
            self.participants: tuple[Who, ...] = ()
            return
        self.participants = rotation.participants
        for turn in turns(rotation, roster, before=end):
            self.turns.update(dict.fromkeys(range(max(start, turn.start), min(end, turn.end)), turn))

    def say(self, minute: Minute, *, barred: frozenset[str], behind: int | None = None) -> Say | None:
        """Whom the layer has, or why nobody; None: it has no say (8.2). `behind` is None for a schedule's own layer."""
        if not self.roster.in_force(minute):
            return None
        if isinstance(self.roster.layer.rotation, Imported):
            return self._booked(minute) if behind is None else None
        turn = self.turns.get(minute)
        if turn is None:
            return None
        place = turn.server if behind is None else (turn.place - behind) % len(self.participants)
        if not self.participants[place]:
            return Say((), "participant_is_nobody") if self._is_open(None, minute) else None
        if not self._serving(place, minute):
            return None
        return self._first_who_can(place, minute, barred)

    def _first_who_can(self, place: int, minute: Minute, barred: frozenset[str]) -> Say:
        """5.3, 6.2, 6.3: the one whose turn it is, or the next in order who is there and not on call elsewhere."""
        elsewhere = False
        for step in range(len(self.participants)):
            who = self._serving((place + step) % len(self.participants), minute)
            if who and not any(self.roster.is_away(person, minute) for person in who):
                if barred.isdisjoint(who):
                    return Say(who, self.name)
                elsewhere = True
        return Say((), "on_call_elsewhere" if elsewhere else "everybody_is_away")

    def _serving(self, place: int, minute: Minute) -> Who:
        """4.5: those of a participant whose windows are open."""
        return tuple(person for person in self.participants[place] if self._is_open(person, minute))

    def _booked(self, minute: Minute) -> Say | None:
        """1.9: whoever the calendar books."""
        rotation = self.roster.layer.rotation
        assert isinstance(rotation, Imported)
        who = [
            person
            for booking in self.roster.circumstances.calendars.get(rotation.calendar, ())
            if number(booking.span.start) <= minute < number(booking.span.end)
            for person in booking.people
            if self._is_open(person, minute)
        ]
        return Say(tuple(dict.fromkeys(who)), self.name) if who else None

    def _is_open(self, person: str | None, minute: Minute) -> bool:
        if person not in self._open:
            self._open[person] = self.roster.open_for(person, start=self.start, end=self.end)
        return minute in self._open[person]


def in_force(schedule: Schedule, at: Instant) -> Schedule | Change:
    """7.1: the rules that hold at an instant."""
    begun = [change for change in schedule.changes if change.at <= at]
    return begun[-1] if begun else schedule


def combined(says: Iterable[Say | None], rules: Schedule | Change) -> Say | None:
    """1.4 and 1.5: layers from the bottom, stacked or together; None: none of them has a say."""
    having = [say for say in says if say is not None]
    served = [say for say in having if say.who]
    if not served:
        return having[-1] if having else None
    if rules.combine == "stacked":
        return served[-1]
    everybody = dict.fromkeys(person for say in served for person in say.who)
    return Say(tuple(everybody), " + ".join(say.why for say in served))


def overridden(overrides: Iterable[Override], say: Say, at: Instant) -> Say:
    """1.6 to 1.8: one override after the other, in the order in which they were made."""
    for override in sorted(overrides, key=lambda override: override.made):
        if not override.span.start <= at < override.span.end:
            continue
        if override.instead_of is None:
            who: list[str] = list(override.people)
        elif override.instead_of in say.who:
            who = [name for old in say.who for name in (override.people if old == override.instead_of else (old,))]
        else:
            continue
        who = list(dict.fromkeys(who))
        say = Say(tuple(who), "override" if who else "override_says_nobody")
    return say
