"""Everything that must be kept, told to a model. What the rules mean stands in the core's checking; this is the same
once more in the solver's own terms, and tests hold the two together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from datetime import timedelta
from typing import assert_never

from ortools.sat.python import cp_model

from tocsin.core.planning import (
    Apart,
    Avoids,
    Away,
    Candidate,
    Gap,
    InARow,
    Limit,
    Most,
    NotWith,
    Prefers,
    Rest,
    Takes,
    Wants,
    Which,
    Wish,
)
from tocsin.core.planning.checking import counted
from tocsin.core.planning.limits import IN_A_ROW
from tocsin.core.vocabulary import Span
from tocsin.solving.variables import Variables

_Literals = list[cp_model.IntVar]


def rule(variables: Variables) -> None:
    """Put everything that must be kept into the model."""
    _fill(variables)
    for person in variables.problem.people:
        _at_most_one_near(variables, person, timedelta(), [])
        _only_what_they_can(variables, person)
        for limit in variables.problem.limits:
            if limit.holds_for(person.name):
                _limit(variables, person, limit)
    for wish in variables.problem.wishes:
        if wish.hard:
            _wish(variables, variables.problem.person(wish.person), wish)
    for pin in variables.problem.pins:
        takes, under = variables.takes[pin.person, pin.duty], variables.under(pin)
        variables.model.add(takes == int(pin.holds)).only_enforce_if(under)


def _fill(variables: Variables) -> None:
    for duty in variables.problem.duties:
        takers = [variables.takes[person.name, duty.id] for person in variables.problem.people]
        under = variables.under(duty.id)
        if under:
            variables.model.add_at_most_one(takers)
            variables.model.add_bool_or(takers).only_enforce_if(under)
        else:
            variables.model.add_exactly_one(takers)


def _only_what_they_can(variables: Variables, person: Candidate) -> None:
    for absence in person.absences:
        under = variables.under(Away(person=person.name, absence=absence))
        _none(variables, variables.at(person, variables.during(absence.span)), under)
    if person.roles is not None:
        under = variables.under(Takes(person=person.name, roles=person.roles))
        others = [duty for duty in variables.problem.duties if duty.role not in person.roles]
        _none(variables, [variables.takes[person.name, duty.id] for duty in others], under)


def _limit(variables: Variables, person: Candidate, limit: Limit) -> None:
    under = variables.under(limit)
    match limit.rule:
        case Gap(at_least=at_least):
            _at_most_one_near(variables, person, at_least, under)
        case Rest():
            _rest(variables, person, limit.rule, under)
        case Most():
            _most(variables, person, limit.rule, under)
        case InARow(most=1):
            _at_most_one_near(variables, person, IN_A_ROW, under)
        case InARow(most=most):
            _in_a_row(variables, person, most, under)
        case _:
            assert_never(limit.rule)


def _wish(variables: Variables, person: Candidate, wish: Wish) -> None:
    under = variables.under(wish)
    match wish.kind:
        case Avoids(which=which):
            _none(variables, matching(variables, person, which), under)
        case Prefers(which=which):
            _none(variables, matching(variables, person, which, instead=True), under)
        case Wants(which=which):
            variables.model.add_bool_or(matching(variables, person, which)).only_enforce_if(under)
        case Apart(by=by):
            _at_most_one_near(variables, person, by, under)
        case NotWith(other=other):
            for mine, theirs in meeting(variables, person, variables.problem.person(other)):
                variables.model.add_bool_or(~mine, ~theirs).only_enforce_if(under)
        case _:
            assert_never(wish.kind)


def matching(variables: Variables, person: Candidate, which: Which, *, instead: bool = False) -> _Literals:
    """Every duty of a kind as taken by a person or not; `instead`: every other duty."""
    return [
        variables.takes[person.name, duty.id]
        for duty in variables.problem.duties
        if which.matches(duty, person) is not instead
    ]


def meeting(variables: Variables, one: Candidate, other: Candidate) -> list[tuple[cp_model.IntVar, cp_model.IntVar]]:
    """Each two times that overlap, as served by one and by the other or not."""
    return [
        (variables.serves(one, mine), variables.serves(other, theirs))
        for mine in variables.spans
        for theirs in variables.during(mine)
    ]


def _none(variables: Variables, literals: _Literals, under: _Literals) -> None:
    for literal in literals:
        variables.model.add(literal == 0).only_enforce_if(under)


def _at_most_one_near(variables: Variables, person: Candidate, by: timedelta, under: _Literals) -> None:
    for spans in variables.near(by):
        literals = variables.at(person, spans)
        if len(literals) < 2:
            continue
        if under:
            variables.model.add(sum(literals) <= 1).only_enforce_if(under)
        else:
            variables.model.add_at_most_one(literals)


def _rest(variables: Variables, person: Candidate, rest: Rest, under: _Literals) -> None:
    """Whoever begins a duty has one of the free stretches that begin with the end of a duty, and nothing in it."""
    free: dict[Span, cp_model.IntVar] = {}
    for span in variables.spans:
        until = span.start + rest.in_every
        begun = (other for other in variables.during(Span(span.start, until)) if other.start >= span.start)
        stretches = [Span(begin, begin + rest.at_least) for begin in sorted({other.end for other in begun})]
        stretches = [stretch for stretch in stretches if stretch.end <= until]
        for stretch in stretches:
            if stretch not in free:
                free[stretch] = variables.model.new_bool_var("free")
                _none(variables, variables.at(person, variables.during(stretch)), [free[stretch]])
        serves = variables.serves(person, span)
        variables.model.add_bool_or(~serves, *(free[each] for each in stretches)).only_enforce_if(under)


def _most(variables: Variables, person: Candidate, most: Most, under: _Literals) -> None:
    """So many of what is counted in each period; what two duties take part in is there when either of them is."""
    found: defaultdict[Hashable, dict[Hashable, tuple[int, _Literals]]] = defaultdict(dict)
    for duty in variables.problem.duties:
        for each in counted(duty, person, most):
            _, takers = found[each.period].setdefault(each.item, (each.amount, []))
            takers.append(variables.takes[person.name, duty.id])
    for items in found.values():
        total = sum(amount * _any(variables.model, takers) for amount, takers in items.values())
        variables.model.add(total <= most.count).only_enforce_if(under)


def _any(model: cp_model.CpModel, literals: _Literals) -> cp_model.IntVar:
    """True when at least one is, as long as that is what costs."""
    if len(literals) == 1:
        return literals[0]
    found = model.new_bool_var("any")
    for literal in literals:
        model.add_implication(literal, found)
    return found


def _in_a_row(variables: Variables, person: Candidate, most: int, under: _Literals) -> None:
    """Each duty has a place in its run, one later than any before it within a day."""
    places = {span: variables.model.new_int_var(1, most, "place") for span in variables.spans}
    for span, later in variables.nearer(IN_A_ROW):
        both = [variables.serves(person, span), variables.serves(person, later)]
        variables.model.add(places[later] >= places[span] + 1).only_enforce_if(both + under)
