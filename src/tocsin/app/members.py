"""The people of a team as a plan needs to know them: zones, absences, holidays, and what they have carried."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

from tocsin.app.looking import Sight
from tocsin.configuration.mistakes import meant
from tocsin.configuration.planning_building import WEIGHTS, Member
from tocsin.core.directory import Directory
from tocsin.core.errors import NotFound, Refused
from tocsin.core.insight.fairness import fairness
from tocsin.core.insight.load import Carried, Hours, Question
from tocsin.core.people import Team
from tocsin.core.planning import Absence, Load
from tocsin.core.schedules import Region
from tocsin.core.vocabulary import PersonName, Span, TeamName

_HOUR = timedelta(hours=1)


def team_of(directory: Directory, name: str) -> Team:
    """The team of a name, which has members.

    Raises:
        NotFound: there is none; with the nearest name.
        Refused: nobody is in it.
    """
    found = directory.teams.get(TeamName(name))
    if found is None:
        hint = meant(name, directory.teams, plural="teams")
        raise NotFound(f"there is no team {name!r}", field="--team", hint=hint)
    if not found.members:
        raise Refused(f"nobody is in the team {name!r}", field="--team", hint="give it members")
    return found


async def members_of(sight: Sight, team: Team, past: Span | None) -> tuple[Member, ...]:
    """Everybody in a team; `past`: when what they have carried in the team's schedules is to count."""
    carried = {} if past is None else await _carried(sight, team.name, past)
    absences: defaultdict[PersonName, list[Absence]] = defaultdict(list)
    for each in sight.directory.circumstances.absences:
        absences[each.person].append(Absence(span=each.span, note=each.note))
    found = []
    for name in team.members:
        person = sight.directory.people[name]
        found.append(
            Member(
                name=name,
                time_zone=person.time_zone,
                region=Region(person.holidays) if person.holidays is not None else None,
                absences=tuple(absences[name]),
                past=carried.get(name, Load()),
            )
        )
    return tuple(found)


async def _carried(sight: Sight, team: TeamName, window: Span) -> Mapping[PersonName, Load]:
    schedules = [each for each in sight.directory.schedules.values() if each.team == team]
    served = await sight.shifts((each.name for each in schedules), window)
    loads: defaultdict[PersonName, Load] = defaultdict(Load)
    for schedule in schedules:
        measured = fairness(sight.directory, Question(window=window, schedules=(schedule.name,)), served)
        for each in measured.people:
            loads[each.person] += _load(each, weight=WEIGHTS[schedule.part])
    return loads


def _load(carried: Carried, *, weight: int) -> Load:
    def weighed(kind: Hours) -> int:
        return round(carried.hours[kind] / _HOUR * weight)

    return Load(
        shifts=carried.shifts,
        hours=weighed(Hours.ALL),
        night_hours=weighed(Hours.NIGHT),
        weekend_hours=weighed(Hours.WEEKEND),
        holiday_hours=weighed(Hours.HOLIDAY),
    )
