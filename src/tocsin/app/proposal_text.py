"""What came of asking for a rota, for a terminal of eighty columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from textwrap import wrap
from typing import assert_never

from tocsin.app.proposing import Kept, Proposed
from tocsin.app.solvers import has_exact
from tocsin.core.planning import (
    POINT,
    Clash,
    Cost,
    Kind,
    Load,
    Missed,
    NoneFound,
    Problem,
    Proposal,
    Reason,
    Wish,
    loads,
)
from tocsin.core.planning.scoring import entitlements
from tocsin.core.planning.wording import reason_text
from tocsin.core.schedules.shown.table import aligned
from tocsin.core.schedules.shown.words import WEEKDAYS
from tocsin.solving.swaps import Swaps

_WIDTH = 80
_EXTRA = "pip install 'tocsin[rota]'"
_WORDS = {Kind.HOURS: "hours", Kind.NIGHT: "nights", Kind.WEEKEND: "weekends", Kind.HOLIDAY: "holidays"}
#: Of a wish that is missed more often, only so many duties are named.
_TIMES_TOLD = 3

_HEADINGS = ("person", "shifts", "hours", "night", "weekend", "holiday", "of an even share")


def as_text(found: Proposed) -> str:
    """The rota week by week, what everybody carries, what is missed; or why there is none."""
    match found.answer:
        case Proposal() as proposal:
            return "\n".join(_proposal(found, proposal))
        case Clash() as clash:
            return "\n".join(_clash(found, clash))
        case NoneFound():
            return "\n".join(_none(found))
        case _:
            assert_never(found.answer)


def status(found: Proposed, proposal: Proposal) -> str:
    """How good it is, and how that is known."""
    by = f"{found.solver}, {found.seconds:.1f} s"
    if proposal.is_optimal:
        return f"Proven optimal: no rota costs less ({by})."
    if proposal.gap is None:
        return f"The best that was found ({by}); nothing is proven."
    part = f"{proposal.gap / proposal.cost.total:.1%}"
    return f"The best that was found ({by}): none costs more than {points(proposal.gap)} points, {part}, less."


def points(cost: int) -> str:
    """A cost in points, of which a wish of weight 1 is one."""
    return f"{cost / POINT:,.1f}".removesuffix(".0")


def _title(found: Proposed) -> str:
    cadence = found.wanted.cadence
    weeks = cadence.lasts.days // 7
    length = f"{weeks} week{'' if weeks == 1 else 's'}"
    return f"{found.wanted.name}: {length} from {_time(cadence.begins)}, {cadence.time_zone.key}"


def _proposal(found: Proposed, proposal: Proposal) -> Iterator[str]:
    yield _title(found)
    yield from wrap(status(found, proposal), _WIDTH)
    yield ""
    yield from _rota(found, proposal)
    yield ""
    yield from _carried(found.wanted.problem, proposal)
    yield ""
    yield from wrap(_cost(proposal.cost), _WIDTH)
    if proposal.cost.missed:
        yield ""
        yield from _missed(found, proposal)


def _rota(found: Proposed, proposal: Proposal) -> Iterator[str]:
    """One line for each turn; what is pinned has an asterisk."""
    cadence, problem = found.wanted.cadence, found.wanted.problem
    pinned = {pin.duty for pin in problem.pins if pin.holds}
    begun = {(duty.span.start, duty.role): duty.id for duty in problem.duties}
    starts = sorted({duty.span.start for duty in problem.duties})
    times = [start.astimezone(cadence.time_zone).replace(tzinfo=None) for start in starts]
    is_daily = len({f"{local:%H:%M}" for local in times}) == 1
    rows = [("from", *(post.role for post in found.wanted.posts))]
    for start, local in zip(starts, times, strict=True):
        ids = [begun.get((start, post.role)) for post in found.wanted.posts]
        cells = ("" if each is None else proposal.assignment[each] + " *" * (each in pinned) for each in ids)
        rows.append((_time(local, with_clock=not is_daily), *cells))
    yield from aligned(rows)
    if pinned:
        yield "* pinned"


def _carried(problem: Problem, proposal: Proposal) -> Iterator[str]:
    carried, theirs = loads(problem, proposal.assignment), entitlements(problem)
    whole = {person.name: carried[person.name] + person.past for person in problem.people}
    all_hours, all_of_them = sum(load.hours for load in whole.values()), sum(theirs.values())
    rows: list[tuple[str, ...]] = [_HEADINGS]
    for person in problem.people:
        fair = all_hours * theirs[person.name] / all_of_them if all_of_them else 0
        part = f"{whole[person.name].hours / fair:.0%}" if fair else "-"
        rows.append((person.name, *_figures(carried[person.name]), part))
    yield from aligned(rows)
    weights = {duty.role: duty.weight for duty in problem.duties if duty.weight != 100}
    counted = "".join(f"; {role} counts {weight} %" for role, weight in weights.items())
    before = " and what was carried before" if any(person.past != Load() for person in problem.people) else ""
    yield from wrap(f"The share is of the hours{before}, by part time and absences{counted}.", _WIDTH)


def _figures(load: Load) -> tuple[str, ...]:
    hours = (load.hours, load.night_hours, load.weekend_hours, load.holiday_hours)
    return (str(load.shifts), *(f"{each / 100:,.0f}" for each in hours))


def _cost(cost: Cost) -> str:
    uneven = ", ".join(f"{_WORDS[kind]} {points(amount)}" for kind, amount in cost.uneven.items())
    return (
        f"It costs {points(cost.total)} points: {uneven} (what they are above exactly even), wishes "
        f"{points(cost.wishes)}."
    )


def _missed(found: Proposed, proposal: Proposal) -> Iterator[str]:
    soft = sum(1 for wish in found.wanted.problem.wishes if not wish.hard)
    yield f"Not fulfilled, {len(proposal.cost.missed)} of {soft} wishes:"
    kept = {each.missed.wish: each for each in found.kept}
    for each in proposal.cost.missed:
        yield from _listed(_miss(each))
        if each.wish in kept:
            yield from _listed(_instead(kept[each.wish], found, proposal), indent=4)


def _miss(each: Missed) -> str:
    times = "" if len(each.times) == 1 else f" {len(each.times)} times,"
    duties = "; ".join(" with ".join(duties) for duties in each.times[:_TIMES_TOLD] if duties)
    more = f" and {len(each.times) - _TIMES_TOLD} more" if len(each.times) > _TIMES_TOLD else ""
    which = f": {duties}{more}" if duties else ""
    return f"{each.wish.person}: {each.wish.name},{times} {points(each.cost)} points{which}"


def _instead(kept: Kept, found: Proposed, proposal: Proposal) -> str:
    """What keeping the wish would cost elsewhere, against what it costs to miss it."""
    match kept.instead:
        case Proposal() as other:
            more = other.cost.total - proposal.cost.total + kept.missed.cost
            most = "" if other.is_optimal else "at most "
            where = ", ".join(_differences(other.cost, proposal.cost, kept.missed.cost))
            return f"to keep it would cost {most}{points(more)} points elsewhere ({where})"
        case Clash(reasons=reasons):
            against = [each for each in reasons if not _is_of(kept.missed.wish, each)]
            told = "; ".join(reason_text(each, found.wanted.problem) for each in against)
            return f"no rota keeps it, for: {told}" if against else "no rota keeps it"
        case NoneFound():
            return "no rota that keeps it was found"
        case _:
            assert_never(kept.instead)


def _is_of(wish: Wish, reason: Reason) -> bool:
    return isinstance(reason, Wish) and (reason.person, reason.name) == (wish.person, wish.name)


def _differences(other: Cost, mine: Cost, missed: int) -> Iterator[str]:
    """Where another rota costs more or less, apart from the wish that it keeps."""
    parts = [(_WORDS[kind], amount - mine.uneven[kind]) for kind, amount in other.uneven.items()]
    for word, difference in (*parts, ("other wishes", other.wishes - mine.wishes + missed)):
        if difference:
            yield f"{word} {'+' if difference > 0 else '-'}{points(abs(difference))}"


def _clash(found: Proposed, clash: Clash) -> Iterator[str]:
    problem = found.wanted.problem
    yield _title(found)
    yield from wrap(f"There is no rota; that is proven ({found.solver}, {found.seconds:.1f} s).", _WIDTH)
    if clash.reasons:
        yield ""
        small = "and no smaller set does" if clash.smallest else "and none of them is idle"
        yield f"These clash, {small}:"
        for reason in clash.reasons:
            yield from _listed(reason_text(reason, problem))
    if clash.duties:
        yield ""
        why = "They leave" if clash.reasons else "Even without wishes, limits, pins and absences there is"
        yield from wrap(f"{why} nobody for: {', '.join(clash.duties)}.", _WIDTH)
    if clash.reasons:
        yield from wrap("Give one of them up and ask again; there may be others behind it.", _WIDTH)


def _none(found: Proposed) -> Iterator[str]:
    yield _title(found)
    told = f"No rota was found ({found.solver}, {found.seconds:.1f} s), which does not prove that there is none."
    yield from wrap(told, _WIDTH)
    if found.solver == Swaps.name:
        way = "leave out --swaps" if has_exact() else _EXTRA
        yield f"The exact solver finds out, and says why: {way}"


def _listed(text: str, *, indent: int = 2) -> list[str]:
    blanks = " " * indent
    return wrap(text, _WIDTH, initial_indent=blanks, subsequent_indent=blanks + "  ")


def _time(at: datetime, *, with_clock: bool = True) -> str:
    return f"{WEEKDAYS[at.weekday()]} {at:%Y-%m-%d}{f' {at:%H:%M}' if with_clock else ''}"
