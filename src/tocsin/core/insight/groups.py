"""Whose duty is looked at together: the schedules of a team, or one schedule by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.core.directory import Directory
from tocsin.core.errors import NotFound, Refused
from tocsin.core.vocabulary import ScheduleName, TeamName


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Schedules whose people share one load."""

    #: None: one schedule was asked for, or it is nobody's.
    team: TeamName | None
    schedules: tuple[ScheduleName, ...]


def groups(directory: Directory, *, team: str | None = None, schedule: str | None = None) -> tuple[Group, ...]:
    """The group that is named; without a name every team that owns a schedule, and each schedule that nobody owns.

    Raises:
        NotFound: there is no such team or schedule.
        Refused: both are named.
    """
    if team is not None and schedule is not None:
        raise Refused("a team and a schedule are asked for at once", field="schedule", hint="give one of them")
    if schedule is not None:
        if schedule not in directory.schedules:
            raise NotFound(f"there is no schedule {schedule!r}", field="schedule")
        return (Group(team=None, schedules=(ScheduleName(schedule),)),)
    if team is not None:
        if team not in directory.teams:
            raise NotFound(f"there is no team {team!r}", field="team")
        return (_of_team(directory, TeamName(team)),)
    return tuple(_all(directory))


def _all(directory: Directory) -> Iterator[Group]:
    owners = {schedule.team for schedule in directory.schedules.values()}
    for team in sorted(owner for owner in owners if owner is not None):
        yield _of_team(directory, team)
    for name in sorted(directory.schedules):
        if directory.schedules[name].team is None:
            yield Group(team=None, schedules=(name,))


def _of_team(directory: Directory, team: TeamName) -> Group:
    names = (name for name, schedule in directory.schedules.items() if schedule.team == team)
    return Group(team=team, schedules=tuple(sorted(names)))
