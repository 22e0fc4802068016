"""Reasons, wishes and limits as people quote them, in plain English."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from tocsin.core.planning.duty import Absence
from tocsin.core.planning.limits import Gap, InARow, Limit, Most, Of, Per, Rest, Rule
from tocsin.core.planning.problem import Away, Pin, Problem, Reason, Takes
from tocsin.core.planning.wishes import Apart, Avoids, Kind, NotWith, Prefers, Wants, Which, Wish

_WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_ONE_OF = {Of.DUTIES: "duty", Of.HOURS: "hour", Of.NIGHTS: "night", Of.WEEKENDS: "weekend", Of.HOLIDAYS: "holiday"}
_SEVERAL = {"duty": "duties"}
_PER = {Per.WEEK: "a week", Per.MONTH: "a month", Per.PLAN: "in all"}
_MIDNIGHT = time()


def reason_text(reason: Reason, problem: Problem) -> str:
    """Something that may have to be given up: `ada: away 2026-12-21 to 2027-01-03`, `limit: 11 h between duties`."""
    match reason:
        case Away(person=person, absence=absence):
            return f"{person}: away {absence_text(absence, problem.person(person).time_zone)}"
        case Takes(person=person, roles=roles):
            return f"{person}: {' and '.join(sorted(roles))} only" if roles else f"{person}: no role at all"
        case Wish(person=person, name=name):
            return f"{person}: {name} (hard)"
        case Limit(name=name, people=people):
            return f"limit: {name}" + (f" ({', '.join(sorted(people))})" if people is not None else "")
        case Pin(duty=duty, person=person, holds=True):
            return f"pin: {duty} is {person}'s"
        case Pin(duty=duty, person=person):
            return f"pin: {duty} is not {person}'s"
        case _:
            assert_never(reason)


def absence_text(absence: Absence, zone: ZoneInfo) -> str:
    """From when to when on the person's clock, as whole days where it is whole days, and why."""
    first, end = absence.span.start.astimezone(zone), absence.span.end.astimezone(zone)
    if first.time() == end.time() == _MIDNIGHT:
        last = end - timedelta(days=1)
        text = _day(first) if first.date() == last.date() else f"{_day(first)} to {_day(last)}"
    else:
        text = f"{_day(first)} {first:%H:%M} to {_day(end)} {end:%H:%M}"
    return f"{text} ({absence.note})" if absence.note else text


def rule_text(rule: Rule) -> str:
    """What a limit that has no name of its own is called."""
    match rule:
        case Gap(at_least=at_least):
            return f"{length_text(at_least)} between duties"
        case Rest(at_least=at_least, in_every=in_every):
            return f"{length_text(at_least)} rest in every {length_text(in_every).removeprefix('1 ')}"
        case Most(count=count, of=of, per=per):
            return f"at most {_counted(count, _ONE_OF[of])} {_PER[per]}"
        case InARow(most=most):
            return f"at most {_counted(most, 'duty')} in a row"
        case _:
            assert_never(rule)


def wish_text(kind: Kind) -> str:
    """What a wish that has no name of its own is called."""
    match kind:
        case Avoids(which=which):
            return f"no {which_text(which)}"
        case Prefers(which=which):
            return f"rather {which_text(which)}"
        case Wants(which=which):
            return f"one of the {which_text(which)}"
        case Apart(by=by):
            return f"{length_text(by)} between duties"
        case NotWith(other=other):
            return f"not with {other}"
        case _:
            assert_never(kind)


def which_text(which: Which) -> str:
    """Duties of a kind: `secondary on Thursdays 17:00 to 22:00`, `nights on Fridays`."""
    parts = [" and ".join(sorted(which.roles))] if which.roles else []
    if which.during is not None:
        parts.append(which.during.value)
    if which.weekdays:
        days = ", ".join(_WEEKDAYS[day] for day in sorted(which.weekdays))
        parts.append(f"on {days}" if parts else days)
    parts = parts or ["duties"]
    if which.between is not None:
        parts.append(f"{which.between[0]:%H:%M} to {which.between[1]:%H:%M}")
    if which.first is not None and which.first == which.last:
        parts.append(f"on {which.first}")
    else:
        parts += [f"from {which.first}"] if which.first is not None else []
        parts += [f"to {which.last}"] if which.last is not None else []
    return " ".join(parts)


def length_text(length: timedelta) -> str:
    """Like `11 h`, `2 weeks`, `1 day 6 h`."""
    minutes = length // timedelta(minutes=1)
    weeks, rest = divmod(minutes, 7 * 1440)
    if weeks and not rest:
        return _counted(weeks, "week")
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    if days and days * 24 + hours < 72 and hours:
        days, hours = 0, days * 24 + hours
    parts = [_counted(days, "day")] if days else []
    parts += [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    return " ".join(parts) or "0 h"


def _counted(count: int, word: str) -> str:
    return f"{count} {word if count == 1 else _SEVERAL.get(word, f'{word}s')}"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"
