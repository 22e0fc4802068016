"""Who takes what, as variables of a model, and the switches by which reasons are put in force.

While the best rota is looked for every rule holds outright. While a clash is looked for each reason has a switch, and
so has each duty's need of somebody: the solver is asked which of them cannot all be on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from functools import cache

from ortools.sat.python import cp_model

from tocsin.core.planning import Candidate, Duty, DutyId, Problem, Reason
from tocsin.core.vocabulary import PersonName, Span

#: Something that may be demanded, and given up: a reason of the problem's, or that a duty is filled.
Demand = Reason | DutyId


class Variables:
    """A model in the making."""

    def __init__(self, problem: Problem, *, switched: bool) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        self.takes = {
            (person.name, duty.id): self.model.new_bool_var(f"{person.name} {duty.id}")
            for person in problem.people
            for duty in problem.duties
        }
        #: Everything that is demanded, by its switch; empty when nothing is switched.
        self.switches: dict[Demand, cp_model.IntVar] = {}
        self._switched = switched
        self._at: dict[Span, list[Duty]] = defaultdict(list)
        for duty in problem.duties:
            self._at[duty.span].append(duty)
        self._serves: dict[tuple[PersonName, Span], cp_model.IntVar] = {}
        #: The times of all duties in order, each once.
        self.spans = tuple(sorted(self._at))
        # These are the same for everybody, and asked for each person.
        self.near = cache(self._near)
        self.nearer = cache(self._nearer)
        self.during = cache(self._during)

    def under(self, demand: Demand) -> list[cp_model.IntVar]:
        """The switch of a demand, as what a rule is enforced by; nothing when all rules hold outright."""
        if not self._switched:
            return []
        if demand not in self.switches:
            self.switches[demand] = self.model.new_bool_var(f"demand {len(self.switches)}")
        return [self.switches[demand]]

    def at(self, person: Candidate, spans: Iterable[Span]) -> list[cp_model.IntVar]:
        """Every duty at these times, as taken by a person or not."""
        return [self.takes[person.name, duty.id] for span in spans for duty in self._at[span]]

    def serves(self, person: Candidate, span: Span) -> cp_model.IntVar:
        """True when a person has any duty of this very time; of several roles at one time nobody has two."""
        key = (person.name, span)
        if key not in self._serves:
            duties = self._at[span]
            if len(duties) == 1:
                self._serves[key] = self.takes[person.name, duties[0].id]
            else:
                self._serves[key] = self.model.new_bool_var(f"{person.name} {span.start:%Y-%m-%dT%H:%M}")
                self.model.add(sum(self.at(person, [span])) == self._serves[key])
        return self._serves[key]

    def _during(self, stretch: Span) -> tuple[Span, ...]:
        """The times of duties that overlap a stretch of time."""
        return tuple(span for span in self.spans if span.clipped(stretch) is not None)

    def _near(self, by: timedelta) -> tuple[tuple[Span, ...], ...]:
        """Times of which any two have less than `by` between them, as large as such sets are; with zero, that overlap.

        Each time is stretched by so much: then those that are near each other all cover the start of the last of them.
        """
        found: list[tuple[Span, ...]] = []
        last: list[Span] = []
        for span in self.spans:
            near = [other for other in last if other.end + by > span.start]
            if len(near) < len(last):
                found.append(tuple(last))
            last = [*near, span]
        return (*found, tuple(last))

    def _nearer(self, by: timedelta) -> tuple[tuple[Span, Span], ...]:
        """Each two times that do not overlap with less than `by` between them, in order."""
        found: list[tuple[Span, Span]] = []
        for number, span in enumerate(self.spans):
            for later in self.spans[number + 1 :]:
                if later.start >= span.end + by:
                    break
                if later.start >= span.end:
                    found.append((span, later))
        return tuple(found)
