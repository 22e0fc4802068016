"""When people are away, ready to be asked for each participant of a rotation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tocsin.core.schedules.circumstances import Absence
from tocsin.core.schedules.intervals import Stretch, united
from tocsin.core.vocabulary import PersonName


class Absences:
    """All absences of an installation, by person."""

    def __init__(self, absences: Iterable[Absence]) -> None:
        self._by_person: defaultdict[PersonName, list[Absence]] = defaultdict(list)
        for absence in absences:
            if absence.span.start < absence.span.end:
                self._by_person[absence.person].append(absence)

    def of(self, people: Iterable[PersonName]) -> tuple[Absence, ...]:
        """When any of these people is away, in order of time."""
        found = (absence for person in set(people) for absence in self._by_person.get(person, ()))
        return tuple(sorted(found, key=lambda absence: absence.span))


def stretches_of(absences: Iterable[Absence]) -> list[Stretch]:
    """The time of absences that are in order, joined where they meet."""
    return united((absence.span.start, absence.span.end) for absence in absences)
