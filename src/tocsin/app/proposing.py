"""A rota is asked for and proposed: who takes part, the problem, the solver, and what keeping a wish would cost."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from zoneinfo import ZoneInfo

from tocsin.app.asking import in_force
from tocsin.app.configuring import documents_offline
from tocsin.app.ending import heard_at_once
from tocsin.app.looking import Sight
from tocsin.app.members import members_of, team_of
from tocsin.app.settings import load
from tocsin.channels import CHANNELS
from tocsin.configuration.building import directory
from tocsin.configuration.notation import moment_text
from tocsin.configuration.planning_building import Instead, Member, Wanted, wanted
from tocsin.configuration.planning_forms import Asked, Duties, Post
from tocsin.configuration.planning_reading import read
from tocsin.core.errors import Refused
from tocsin.core.people import Team
from tocsin.core.planning import Answer, Effort, Missed, Problem, Proposal
from tocsin.core.schedules import Part
from tocsin.core.schedules.wallclock import local_of
from tocsin.core.vocabulary import Instant, ScheduleName, Span
from tocsin.engine import clock
from tocsin.ports.planning import Solver
from tocsin.ports.state import Document

#: When a team hands over, unless it says otherwise: on Mondays.
_HANDOVER = time_of_day(9)

#: What a team has to fill, unless it says otherwise.
_POSTS = (Post(part=Part.PRIMARY), Post(part=Part.SECONDARY))


#: Of so many missed wishes, the dearest, it is asked what keeping them would cost.
_MOST_WHYS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Where it is said what is wanted."""

    #: None: the usual duties of a team.
    file: Path | None
    #: None: the people of the file alone.
    team: str | None
    #: Where teams are read from; None: the installation.
    config: Path | None
    #: Of the installation; None: where settings say.
    data: str | None
    #: How long what people have carried counts; None: what the file says of it alone.
    past: timedelta | None
    instead: Instead


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What came of an order."""

    wanted: Wanted
    #: The schedules that there are already.
    existing: Mapping[ScheduleName, Document]
    answer: Answer
    solver: str
    #: How long it took altogether.
    seconds: float
    kept: tuple[Kept, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What it would take to keep a wish that the proposal misses."""

    missed: Missed
    #: The best rota that keeps it, the proof that there is none, or nothing.
    instead: Answer


async def propose(order: Order, solver: Solver, effort: Effort, *, why: bool) -> Proposed:
    """Ask the solver. `why`: as much time again goes into what keeping the missed wishes would cost.

    Raises:
        Refused: the order is wrong; with all mistakes of its file.
        Unavailable: the installation cannot be asked for the team.
    """
    asked, existing = await _asked(order)
    begun = time.perf_counter()
    with heard_at_once():
        answer = solver.solve(asked.problem, effort)
        kept = _kept(asked.problem, answer, solver, effort) if why and isinstance(answer, Proposal) else ()
    seconds = time.perf_counter() - begun
    return Proposed(wanted=asked, existing=existing, answer=answer, solver=solver.name, seconds=seconds, kept=kept)


def _kept(problem: Problem, proposal: Proposal, solver: Solver, effort: Effort) -> tuple[Kept, ...]:
    missed = sorted(proposal.cost.missed, key=lambda each: -each.cost)[:_MOST_WHYS]
    share = replace(effort, seconds=effort.seconds / max(1, len(missed)))
    return tuple(Kept(missed=each, instead=solver.solve(_with(problem, each), share)) for each in missed)


def _with(problem: Problem, missed: Missed) -> Problem:
    """The same problem in which the wish is hard."""
    wishes = (replace(wish, hard=True) if wish == missed.wish else wish for wish in problem.wishes)
    return replace(problem, wishes=tuple(wishes))


async def _asked(order: Order) -> tuple[Wanted, Mapping[ScheduleName, Document]]:
    if order.team is None:
        return _wanted(order, None, ()), {}
    if order.config is not None:
        documents = documents_offline(order.config)
        return await _of_team(order, Sight(directory=directory(documents), book=None), documents)
    async with in_force(load(CHANNELS, data=order.data)) as (store, known):
        _, documents = await store.documents()
        return await _of_team(order, Sight(directory=known, book=store), documents)


async def _of_team(
    order: Order, sight: Sight, documents: Sequence[Document]
) -> tuple[Wanted, Mapping[ScheduleName, Document]]:
    team = team_of(sight.directory, order.team or "")
    now = clock.now().replace(second=0, microsecond=0)
    past = Span(now - order.past, now) if order.past is not None else None
    members = await members_of(sight, team, past)
    existing = {ScheduleName(each.name): each for each in documents if each.kind == "schedule"}
    return _wanted(order, team, members), existing


def _wanted(order: Order, team: Team | None, members: tuple[Member, ...]) -> Wanted:
    if order.file is not None:
        asked = read(str(order.file), _text(order.file), environment=os.environ, members=members, instead=order.instead)
        return replace(asked, team=asked.team or (team.name if team is not None else None))
    if team is None:
        hint = "a file that says what is wanted, or --team NAME"
        raise Refused("nothing says what is to be proposed", field="FILE", hint=hint)
    return wanted(_usual(team, members, clock.now()), members, order.instead)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as trouble:
        raise Refused(f"{path} cannot be read: {(trouble.strerror or str(trouble)).lower()}", field="FILE") from None
    except UnicodeDecodeError:
        raise Refused(f"{path} is not UTF-8", field="FILE", hint="save the file as UTF-8") from None


def _usual(team: Team, members: Sequence[Member], now: Instant) -> Asked:
    """Weeks from next Monday on, where most of the team are."""
    zone = Counter(member.time_zone for member in members).most_common(1)[0][0]
    begins = moment_text(datetime.combine(_next_monday(now, zone), _HANDOVER))
    weekly = Duties(every="1 week", from_=begins, posts=_POSTS)
    return Asked(tocsin=1, name=team.name, team=team.name, time_zone=zone.key, duties=weekly)


def _next_monday(now: Instant, zone: ZoneInfo) -> date:
    today = local_of(now, zone).date()
    return today + timedelta(days=7 - today.weekday())
