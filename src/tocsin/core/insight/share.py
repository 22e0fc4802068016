"""Operations share: how much of a team's strength being on duty takes. Of five people with one on duty it is 20 %.

What is divided is the working time of the team's members: Monday to Friday, 09:00 to 17:00 in each member's own zone,
without their public holidays and absences. Of it, what somebody spends as the primary of one of the team's schedules
(at one time in several: once) counts as operations, the rest as development. Being on call at night or at a weekend
costs sleep, not development: fairness counts it, this does not. People who help out from other teams count for theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from tocsin.core.directory import Directory
from tocsin.core.errors import NotFound
from tocsin.core.insight.hours import LocalHours
from tocsin.core.insight.membership import away, without
from tocsin.core.insight.stretches import NOTHING, both, length
from tocsin.core.schedules import Part, Region, Rendered
from tocsin.core.schedules.intervals import union
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, TeamName


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Something that duty took somebody's time for: a page, a duty request."""

    person: PersonName
    at: Instant
    took: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonShare:
    """One member's part of it."""

    person: PersonName
    #: How long they work in the window.
    working: timedelta
    #: How long of that they are the primary of a schedule.
    on_duty: timedelta
    #: How long duty really took, at whatever hour. None: nobody knows.
    measured: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsShare:
    """How a team's working time is divided in a window."""

    team: TeamName
    window: Span
    #: By name.
    people: tuple[PersonShare, ...]

    @property
    def planned(self) -> float | None:
        """The part of the working time that is operations by the rota, 0 to 1. None: the team has no working time."""
        return _part((each.on_duty for each in self.people), self.working)

    @property
    def measured(self) -> float | None:
        """What duty really took, as a part of the same time; above 1 when it took more. None: nobody knows."""
        known = [each.measured for each in self.people if each.measured is not None]
        return _part(known, self.working) if known else None

    @property
    def working(self) -> timedelta:
        """The working time of all members together."""
        return sum((each.working for each in self.people), NOTHING)


def operations_share(
    directory: Directory,
    team: TeamName,
    window: Span,
    *,
    work: Iterable[Work] | None = None,
    served: Mapping[ScheduleName, Rendered] | None = None,
) -> OperationsShare:
    """The share of one team. `work`: what was measured; `served`: shifts that are known better than by the rota.

    Raises:
        NotFound: there is no such team.
    """
    members = directory.members(team)
    if members is None:
        raise NotFound(f"there is no team {team!r}", field="team")
    duty = _duty(directory, team, window, served or {})
    local = LocalHours(window, directory.circumstances.holidays)
    missing = away(directory.circumstances.absences)
    took = None if work is None else _took(work, window)
    people = []
    for name in sorted(set(members)):
        person = directory.people.get(name)
        if person is not None:
            region = Region(person.holidays) if person.holidays is not None else None
            working = without(local.working(person.time_zone, region), missing.get(name, ()))
            on_duty = length(both(working, duty.get(name, ())))
            measured = None if took is None else took.get(name, NOTHING)
            people.append(PersonShare(person=name, working=length(working), on_duty=on_duty, measured=measured))
    return OperationsShare(team=team, window=window, people=tuple(people))


def _duty(
    directory: Directory, team: TeamName, window: Span, served: Mapping[ScheduleName, Rendered]
) -> Mapping[PersonName, tuple[Span, ...]]:
    """When each person is the primary of a schedule of the team."""
    spans: dict[PersonName, list[Span]] = {}
    for name, schedule in directory.schedules.items():
        if schedule.team == team and schedule.part is Part.PRIMARY:
            for shift in (served.get(name) or directory.rota.shifts(name, window)).shifts:
                for person in shift.people:
                    spans.setdefault(person, []).append(shift.span)
    return {person: tuple(union(sorted(found))) for person, found in spans.items()}


def _took(work: Iterable[Work], window: Span) -> Mapping[PersonName, timedelta]:
    took: dict[PersonName, timedelta] = {}
    for one in work:
        if one.at in window:
            took[one.person] = took.get(one.person, NOTHING) + one.took
    return took


def _part(times: Iterable[timedelta], whole: timedelta) -> float | None:
    return sum(times, NOTHING) / whole if whole else None
