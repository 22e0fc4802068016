"""A written wish for a rota -> the core's problem of it: duties out of turns, people out of what is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.configuration import notation, planning_forms, rota_forms, rota_notation
from tocsin.configuration.circumstances import span_of
from tocsin.configuration.mistakes import quoted
from tocsin.configuration.planning_pins import duty_at, pin_of
from tocsin.configuration.planning_wishes import limit_of, wish_of
from tocsin.configuration.public_holidays import public_holidays
from tocsin.configuration.rota import schedule
from tocsin.core.errors import Refused
from tocsin.core.planning import (
    Absence,
    Cadence,
    Candidate,
    Duty,
    Load,
    Pin,
    Post,
    Problem,
    Role,
    Turn,
    duties,
)
from tocsin.core.schedules import Part, Region, Rotation, Unequal, Unit
from tocsin.core.schedules import Turn as EqualTurn
from tocsin.core.schedules.schedule import Every
from tocsin.core.schedules.wallclock import instant_of
from tocsin.core.vocabulary import PersonName, ScheduleName, Span

#: What an hour of a part counts, in percent, as fairness has it.
WEIGHTS: Mapping[Part, int] = {Part.PRIMARY: 100, Part.SECONDARY: 50, Part.SHADOW: 25, Part.REVERSE_SHADOW: 25}

_LENGTHS = {Unit.HOURS: timedelta(hours=1), Unit.DAYS: timedelta(days=1), Unit.WEEKS: timedelta(weeks=1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who takes part, as the installation knows them."""

    name: PersonName
    time_zone: ZoneInfo
    region: Region | None = None
    absences: tuple[Absence, ...] = ()
    past: Load = field(default_factory=Load)


@dataclass(frozen=True, slots=True, kw_only=True)
class Becoming:
    """A post, and the schedule that is to be made of it."""

    part: Part
    schedule: ScheduleName
    weight: int

    @property
    def role(self) -> Role:
        """What its duties are called."""
        return Role(self.part.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A problem, and what its solution is to become."""

    name: str
    team: str | None
    cadence: Cadence
    #: How its turns are written: one or the other.
    every: str | tuple[str, ...] | None
    change_at: tuple[str, ...] | None
    posts: tuple[Becoming, ...]
    problem: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """What is said beside the file, and counts more."""

    #: The day on which the first turn begins.
    begins: date | None = None
    weeks: int | None = None
    #: Like `2026-12-21=ada`, `secondary 2026-12-21!=ada`.
    pins: tuple[str, ...] = ()


def wanted(asked: planning_forms.Asked, members: Sequence[Member], instead: Instead) -> Wanted:
    """What is asked for. `members`: who takes part whether the form names them or not.

    Raises:
        Refused: something cannot be meant; its field is a path in the form, or an option.
    """
    zone = _zone(asked, members)
    cadence = _cadence(asked.duties, zone, instead)
    posts = _posts(asked)
    filled = duties(cadence, tuple(Post(role=post.role, weight=post.weight) for post in posts), instant_of)
    if not filled:
        raise Refused("nobody is needed in any turn", field="duties.idle", hint="leave a turn out of it")
    plan = Span(filled[0].span.start, max(duty.span.end for duty in filled))
    people = _people(asked.people, members, zone, plan)
    if not people:
        raise Refused("there is nobody to take a duty", field="people", hint="at least one person, or --team")
    problem = Problem(
        duties=filled,
        people=people,
        wishes=tuple(wish_of(PersonName(each.name), wish) for each in asked.people for wish in each.wishes),
        limits=tuple(map(limit_of, asked.limits)),
        pins=tuple(_pins(asked.pins, instead.pins, filled, people=people, zone=zone)),
    )
    return Wanted(
        name=asked.name,
        team=asked.team,
        cadence=cadence,
        every=asked.duties.every,
        change_at=asked.duties.change_at,
        posts=posts,
        problem=problem,
    )


def _zone(asked: planning_forms.Asked, members: Sequence[Member]) -> ZoneInfo:
    if asked.time_zone is not None:
        return notation.zone(asked.time_zone)
    zones = {member.time_zone for member in members}
    if len(zones) != 1:
        raise Refused("is missing", field="time_zone", hint=f"{notation.ZONE.what}, {notation.ZONE.example}")
    return zones.pop()


def _cadence(written: planning_forms.Duties, zone: ZoneInfo, instead: Instead) -> Cadence:
    begins = notation.local(written.from_)
    if instead.begins is not None:
        begins = datetime.combine(instead.begins, begins.time())
    lengths = _lengths(_every(written, begins))
    for number, idle in enumerate(written.idle):
        if idle > len(lengths):
            detail = f"there is no turn {idle}: {len(lengths)} of them repeat"
            raise Refused(detail, field=f"duties.idle[{number}]", hint=f"1 to {len(lengths)}")
    return Cadence(
        begins=begins,
        time_zone=zone,
        turns=tuple(
            Turn(length=length, is_served=number not in written.idle) for number, length in enumerate(lengths, start=1)
        ),
        lasts=timedelta(weeks=instead.weeks or written.weeks),
    )


def _every(written: planning_forms.Duties, begins: datetime) -> Every:
    """The turns as the schedule will have them that is made of the plan."""
    rotation = rota_forms.Rotation(
        every=written.every, change_at=written.change_at, from_=notation.moment_text(begins), people=(notation.NOBODY,)
    )
    layer = rota_forms.Layer(name=written.from_, rotation=rotation)
    try:
        made = schedule(rota_forms.Schedule(name=written.from_, time_zone="UTC", layers=(layer,))).layers[0].rotation
    except Refused as refusal:
        where = "duties.change_at" if written.change_at is not None else "duties.every"
        raise Refused(refusal.detail, field=where, hint=refusal.hint) from None
    assert isinstance(made, Rotation)
    return made.every


def _lengths(every: Every) -> tuple[timedelta, ...]:
    """How long each turn is on the clock on the wall."""
    match every:
        case Unequal(lengths=lengths):
            return lengths
        case EqualTurn(count=count, unit=Unit.HOURS) if 24 % count:
            hint = "hours that divide 24, days or weeks"
            raise Refused(f"turns of {count} hours do not follow the clock", field="duties.every", hint=hint)
        case EqualTurn(unit=Unit.MONTHS):
            hint = "weeks, or a list of lengths"
            raise Refused("turns of months are not equally long", field="duties.every", hint=hint)
        case EqualTurn(count=count, unit=unit):
            return (count * _LENGTHS[unit],)


def _posts(asked: planning_forms.Asked) -> tuple[Becoming, ...]:
    written = asked.duties.posts
    for number, post in enumerate(written):
        if post.part in [other.part for other in written[:number]]:
            detail = f"{post.part} is there twice"
            raise Refused(detail, field=f"duties.posts[{number}].part", hint="each part once")
    found = []
    for post in written:
        usual = f"{asked.name}-{post.part}" if len(written) > 1 else asked.name
        weight = post.weight if post.weight is not None else WEIGHTS[post.part]
        found.append(Becoming(part=post.part, schedule=ScheduleName(post.schedule or usual), weight=weight))
    return tuple(found)


def _people(
    written: Sequence[planning_forms.Person], members: Sequence[Member], zone: ZoneInfo, plan: Span
) -> tuple[Candidate, ...]:
    """Everybody who takes part: those who are known, in their order, with what the form adds; then the others."""
    by_name = {PersonName(each.name): (number, each) for number, each in enumerate(written)}
    if len(by_name) < len(written):
        names = [each.name for each in written]
        again = next(number for number, name in enumerate(names) if name in names[:number])
        raise Refused(f"{quoted(names[again])} is there twice", field=f"people[{again}].name", hint="each person once")
    known = {member.name: member for member in members}
    found = []
    for name in dict.fromkeys((*known, *by_name)):
        number, form = by_name.get(name, (0, planning_forms.Person(name=name)))
        member = known.get(name) or Member(name=name, time_zone=zone)
        found.append(_candidate(form, member, plan, path=f"people[{number}]"))
    return tuple(found)


def _candidate(written: planning_forms.Person, member: Member, plan: Span, *, path: str) -> Candidate:
    zone = notation.zone(written.time_zone) if written.time_zone is not None else member.time_zone
    region = Region(written.holidays) if written.holidays is not None else member.region
    absences = (*member.absences, *_absences(written, zone, path))
    return Candidate(
        name=member.name,
        time_zone=zone,
        share=written.share,
        roles=frozenset(Role(part.value) for part in written.parts) if written.parts is not None else None,
        absences=tuple(dict.fromkeys(each for each in absences if each.span.clipped(plan) is not None)),
        holidays=_holidays(region, plan),
        past=_past(written.past) if written.past is not None else member.past,
    )


def _absences(written: planning_forms.Person, zone: ZoneInfo, path: str) -> Iterator[Absence]:
    for number, each in enumerate(written.absences):
        try:
            yield Absence(span=span_of(each, zone), note=each.note)
        except Refused as refusal:
            field = f"{path}.absences[{number}].{refusal.field or 'from'}"
            raise Refused(refusal.detail, field=field, hint=refusal.hint) from None


def _holidays(region: Region | None, plan: Span) -> frozenset[date]:
    if region is None:
        return frozenset()
    years = range(plan.start.year - 1, plan.end.year + 2)  # in a zone of their own it may be another year already
    return frozenset(day for year in years for day in public_holidays(region, year))


def _past(written: planning_forms.Past) -> Load:
    return Load(
        shifts=written.shifts,
        hours=100 * written.hours,
        night_hours=100 * written.night_hours,
        weekend_hours=100 * written.weekend_hours,
        holiday_hours=100 * written.holiday_hours,
    )


def _pins(
    written: Iterable[planning_forms.Pin],
    options: Iterable[str],
    filled: Sequence[Duty],
    *,
    people: Sequence[Candidate],
    zone: ZoneInfo,
) -> Iterator[Pin]:
    roles = tuple(dict.fromkeys(duty.role for duty in filled))
    for number, each in enumerate(written):
        role = Role(each.part.value) if each.part is not None else roles[0]
        of_role = [duty for duty in filled if duty.role == role]
        try:
            duty = duty_at(rota_notation.day_or_moment(each.duty), of_role, zone)
        except Refused as refusal:
            raise Refused(refusal.detail, field=f"pins[{number}].duty", hint=refusal.hint) from None
        yield Pin(duty=duty, person=PersonName(each.person or each.not_person or ""), holds=each.person is not None)
    for text in options:
        try:
            yield pin_of(text, filled, zone, people=people, roles=roles)
        except Refused as refusal:
            raise Refused(refusal.detail, field="--pin", hint=refusal.hint) from None
