"""How evenly being on call is spread: what each person carries, against an even share of what there was to carry.

The load of an hour is its part's weight, and more at night, at weekends and on public holidays, on the clock of whoever
serves it. At every instant the load there is belongs in equal parts to those who could carry it: the people of the
schedule (`membership`) who are not away; where a team owns it and has people among them, those of the team alone: who
stands in from elsewhere carries what is not theirs. Hence a newcomer is not owed and owes nothing for the time before
they came, and nobody owes for their holidays. How often people were woken is counted beside it and is no part of the
score: it is chance, and a rota cannot spread it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from tocsin.core.directory import Directory
from tocsin.core.insight.hours import LocalHours
from tocsin.core.insight.load import TRIFLE, Carried, Deviation, Fairness, Hours, Question, Uneven, Weights
from tocsin.core.insight.membership import away, membership, without
from tocsin.core.insight.stretches import NOTHING, Held, both, length, merged, paired, together
from tocsin.core.people import Person
from tocsin.core.schedules import Region, Rendered
from tocsin.core.schedules.intervals import union
from tocsin.core.schedules.timeline import OVERRIDE
from tocsin.core.vocabulary import PersonName, ScheduleName, Span

_HOUR = timedelta(hours=1)


def fairness(
    directory: Directory, question: Question, served: Mapping[ScheduleName, Rendered] | None = None
) -> Fairness:
    """What everybody carries in the window. `served`: what is known better than by the rota, as of the past.

    Raises:
        KeyError: there is no schedule of a name.
    """
    counting = _Counting(directory, question)
    for name in question.schedules:
        known = served.get(name) if served is not None else None
        counting.count(name, known or directory.rota.shifts(name, question.window))
    people = tuple(counting.carried(person) for person in sorted(counting.accounts))
    return Fairness(
        window=question.window, schedules=question.schedules, people=people, reason=_uneven(people, counting.accounts)
    )


def _uneven(people: Sequence[Carried], accounts: Mapping[PersonName, _Account]) -> Uneven | None:
    sharing = [each for each in people if each.fair_share >= TRIFLE]
    if not sharing:
        return None
    most = max(sharing, key=lambda each: each.load - each.fair_share)
    least = min(sharing, key=lambda each: each.load - each.fair_share)
    deviation = accounts[most.person].deviation(above=True)
    return None if deviation is None else Uneven(most=most.person, least=least.person, deviation=deviation)


class _Account:
    """What is counted for one person, by kind of hours."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.hours = dict.fromkeys(Hours, NOTHING)
        #: Weighed by part: carried, and an even share of what all carried.
        self.own = dict.fromkeys(Hours, NOTHING)
        self.share = dict.fromkeys(Hours, NOTHING)
        self.shifts = 0
        self.available: list[Span] = []

    def weighed(self, amounts: Mapping[Hours, timedelta]) -> float:
        return sum(self.weights.of_kind(kind) * (amount / _HOUR) for kind, amount in amounts.items())

    def deviation(self, *, above: bool | None = None) -> Deviation | None:
        """The kind that differs most in weighed hours; `above`: only kinds of which they have more."""
        differences = {kind: self.own[kind] - self.share[kind] for kind in Hours}
        weighed = {kind: self.weights.of_kind(kind) * (amount / _HOUR) for kind, amount in differences.items()}
        kind = max(Hours, key=lambda kind: weighed[kind] if above else abs(weighed[kind]))
        large = weighed[kind] if above else abs(weighed[kind])
        return Deviation(kind=kind, hours=differences[kind]) if large >= TRIFLE else None


class _Counting:
    """Counts schedule after schedule into one account a person."""

    def __init__(self, directory: Directory, question: Question) -> None:
        self.directory = directory
        self.question = question
        self.local = LocalHours(question.window, directory.circumstances.holidays)
        self.away = away(directory.circumstances.absences)
        self.accounts: defaultdict[PersonName, _Account] = defaultdict(lambda: _Account(question.weights))

    def count(self, name: ScheduleName, rendered: Rendered) -> None:
        weight = self.question.weights.of_part(self.directory.schedules[name].part)
        spans = _spans_by_person(rendered)
        sharing = self.sharing(name, rendered)
        for person, served in spans.items():
            account = self.accounts[person]
            account.shifts += len(served)
            for kind, hours in self.kinds(name, person, served).items():
                account.hours[kind] += length(hours)
                account.own[kind] += weight * length(hours)
                self.divide(person, kind, hours, sharing, weight)

    def kinds(
        self, name: ScheduleName, person: PersonName, served: tuple[Span, ...]
    ) -> Mapping[Hours, tuple[Span, ...]]:
        """What somebody served, by kind, on their own clock; one whom nobody knows lives by the schedule's."""
        known = self.directory.people.get(person)
        zone = known.time_zone if known is not None else self.directory.schedules[name].time_zone
        return {
            Hours.ALL: served,
            Hours.NIGHT: tuple(both(served, self.local.nights(zone))),
            Hours.WEEKEND: tuple(both(served, self.local.weekends(zone))),
            Hours.HOLIDAY: tuple(both(served, self.local.holidays(zone, _region(known)))),
        }

    def sharing(self, name: ScheduleName, rendered: Rendered) -> list[Held[frozenset[PersonName]]]:
        """Who could have served when: the window without those stretches in which nobody could."""
        directory, window = self.directory, self.question.window
        named = membership(directory.schedules, name, directory.circumstances, window)
        able: list[Held[PersonName]] = []
        for person, spans in {**_gone(rendered, named), **self.of_team(name, named)}.items():
            with_us = both(spans, self.question.present.get(person, (window,)))
            here = without(with_us, self.away.get(person, ()))
            self.accounts[person].available += here
            able += (Held(span.start, span.end, person) for span in here)
        return list(merged(together(sorted(able))))

    def of_team(
        self, name: ScheduleName, named: Mapping[PersonName, tuple[Span, ...]]
    ) -> Mapping[PersonName, tuple[Span, ...]]:
        """Of the people of a schedule those of the team that owns it; all of them where it has none among them."""
        team = self.directory.schedules[name].team
        members = (self.directory.members(team) if team is not None else None) or ()
        return {person: spans for person, spans in named.items() if person in members} or named

    def divide(
        self,
        person: PersonName,
        kind: Hours,
        hours: tuple[Span, ...],
        sharing: Sequence[Held[frozenset[PersonName]]],
        weight: float,
    ) -> None:
        """Give everybody who could have carried it an even part; where nobody could, it is all of whoever did."""
        rest = length(hours)
        for start, end, (_, people) in paired(
            [Held(span.start, span.end, frozenset((person,))) for span in hours], sharing
        ):
            rest -= end - start
            for each in people:
                self.accounts[each].share[kind] += weight * (end - start) / len(people)
        self.accounts[person].share[kind] += weight * rest

    def carried(self, person: PersonName) -> Carried:
        account = self.accounts[person]
        woken, at_night = self.woken(person)
        return Carried(
            person=person,
            hours=dict(account.hours),
            shifts=account.shifts,
            woken=woken,
            woken_at_night=at_night,
            available=length(union(sorted(account.available))),
            load=account.weighed(account.own),
            fair_share=account.weighed(account.share),
            reason=account.deviation(),
        )

    def woken(self, person: PersonName) -> tuple[int | None, int | None]:
        if self.question.pages is None:
            return None, None
        instants = [at for at in self.question.pages.get(person, ()) if at in self.question.window]
        known = self.directory.people.get(person)
        if known is None:
            return len(instants), None
        nights = self.local.nights(known.time_zone)
        return len(instants), sum(any(at in night for night in nights) for at in instants)


def _spans_by_person(rendered: Rendered) -> Mapping[PersonName, tuple[Span, ...]]:
    spans: defaultdict[PersonName, list[Span]] = defaultdict(list)
    for shift in rendered.shifts:
        for person in shift.people:
            spans[person].append(shift.span)
    return {person: tuple(union(found)) for person, found in spans.items()}


def _gone(rendered: Rendered, named: Iterable[PersonName]) -> Mapping[PersonName, tuple[Span, ...]]:
    """People who served by a layer that no longer names them: with the team from their first hour to their last."""
    spans: dict[PersonName, tuple[Span, ...]] = {}
    for shift in rendered.shifts:
        for person in shift.people if shift.source != OVERRIDE else ():
            start = spans[person][0].start if person in spans else shift.span.start
            spans[person] = (Span(start, shift.span.end),)
    return {person: found for person, found in spans.items() if person not in named}


def _region(person: Person | None) -> Region | None:
    return Region(person.holidays) if person is not None and person.holidays is not None else None
