"""Written wishes and limits -> the core's."""

from __future__ import annotations

from tocsin.configuration import notation, planning_forms, rota_notation
from tocsin.core.errors import Refused
from tocsin.core.planning import (
    Apart,
    Avoids,
    Gap,
    InARow,
    Limit,
    Most,
    NotWith,
    Prefers,
    Rest,
    Role,
    Wants,
    Which,
    Wish,
)
from tocsin.core.planning.limits import Rule
from tocsin.core.planning.wishes import Kind
from tocsin.core.planning.wording import rule_text, wish_text
from tocsin.core.schedules import Weekday
from tocsin.core.vocabulary import PersonName


def wish_of(person: PersonName, written: planning_forms.Wish) -> Wish:
    """One wish of a person."""
    kind = _kind(written)
    return Wish(
        person=person, name=written.name or wish_text(kind), kind=kind, weight=written.weight, hard=written.hard
    )


def _kind(written: planning_forms.Wish) -> Kind:
    match written:
        case planning_forms.Wish(avoids=planning_forms.Which() as which):
            return Avoids(which=_which(which))
        case planning_forms.Wish(prefers=planning_forms.Which() as which):
            return Prefers(which=_which(which))
        case planning_forms.Wish(wants=planning_forms.Which() as which):
            return Wants(which=_which(which))
        case planning_forms.Wish(apart=str(text)):
            return Apart(by=rota_notation.length(text))
        case planning_forms.Wish(not_with=str(name)):
            return NotWith(other=PersonName(name))
        case _:
            raise Refused("a wish says nothing", hint=f"one of {', '.join(planning_forms.Wish.one_of)}")


def _which(written: planning_forms.Which) -> Which:
    first, last = map(rota_notation.day, written.dates) if written.dates is not None else (None, None)
    begins_ends = tuple(map(notation.clock, written.between)) if written.between is not None else None
    return Which(
        roles=frozenset(Role(part.value) for part in written.parts),
        weekdays=frozenset(tuple(Weekday).index(day) for day in written.days),
        first=first,
        last=last,
        between=(begins_ends[0], begins_ends[1]) if begins_ends is not None else None,
        during=written.during,
    )


def limit_of(written: planning_forms.Limit) -> Limit:
    """One limit, called by what it says where it has no name."""
    rule = _rule(written)
    people = frozenset(map(PersonName, written.people)) if written.people is not None else None
    return Limit(name=written.name or rule_text(rule), rule=rule, people=people)


def _rule(written: planning_forms.Limit) -> Rule:
    match written:
        case planning_forms.Limit(gap=str(text)):
            return Gap(at_least=rota_notation.length(text))
        case planning_forms.Limit(rest=str(text)):
            return Rest(at_least=rota_notation.length(text), in_every=rota_notation.length(written.in_every))
        case planning_forms.Limit(most=int(count)):
            return Most(count=count, of=written.of, per=written.per)
        case planning_forms.Limit(in_a_row=int(most)):
            return InARow(most=most)
        case _:
            raise Refused("a limit says nothing", hint=f"one of {', '.join(planning_forms.Limit.one_of)}")
