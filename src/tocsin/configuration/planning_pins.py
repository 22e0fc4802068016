"""Pins as people write them: which duty a day or a time means, and whose it is to be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from tocsin.configuration.mistakes import meant, quoted
from tocsin.configuration.rota_notation import Day, day_or_moment
from tocsin.core.errors import Refused
from tocsin.core.planning import Candidate, Duty, DutyId, Pin, Role
from tocsin.core.schedules.wallclock import instant_of
from tocsin.core.vocabulary import Instant, PersonName

_PIN = re.compile(r"(?:(?P<role>\S+) +)?(?P<at>[^\s=!]+) *(?P<bar>!?)= *(?P<person>\S.*)")
_EXAMPLE = 'like "2026-12-21=ada", "secondary 2026-12-28=grace", "2027-01-04!=ada"'

#: A day means the duty that it lies in by this time, when none begins on it.
_NOON = time(12)


def pin_of(
    text: str, duties: Sequence[Duty], zone: ZoneInfo, *, people: Sequence[Candidate], roles: Sequence[Role]
) -> Pin:
    """A pin out of `2026-12-21=ada`; `!=` for anybody but them, and the part in front where it is not the first.

    Raises:
        Refused: it is none, or speaks of a duty or a person that is not there.
    """
    found = _PIN.fullmatch(text.strip())
    if found is None:
        raise Refused(f"{quoted(text)} is not a pin", hint=_EXAMPLE)
    role, names = Role(found["role"] or roles[0]), [person.name for person in people]
    if role not in roles:
        raise Refused(f"there is no part {quoted(role)} in the plan", hint=meant(role, roles, plural="parts"))
    person = PersonName(found["person"])
    if person not in names:
        raise Refused(f"unknown person {quoted(person)}", hint=meant(person, names, plural="people"))
    duty = duty_at(day_or_moment(found["at"]), [each for each in duties if each.role == role], zone)
    return Pin(duty=duty, person=person, holds=not found["bar"])


def duty_at(at: Day, duties: Sequence[Duty], zone: ZoneInfo) -> DutyId:
    """The one duty that begins on a day or at a time; when none does, the one that it lies in.

    Raises:
        Refused: there is none, or there are several.
    """
    if isinstance(at, datetime):
        moment: Instant = at if at.tzinfo is not None else instant_of(at, zone)
        found = [duty for duty in duties if moment in duty.span]
    else:
        begun = [duty for duty in duties if duty.span.start.astimezone(zone).date() == at]
        noon = instant_of(datetime.combine(at, _NOON), zone)
        found = begun or [duty for duty in duties if noon in duty.span]
    if not found:
        raise Refused(f"no duty of the plan is on {at}", hint=_reach(duties, zone))
    if len(found) > 1:
        times = ", ".join(f"{duty.span.start.astimezone(zone):%Y-%m-%dT%H:%M}" for duty in found)
        raise Refused(f"several duties begin on {at}", hint=f"one of {times}")
    return found[0].id


def _reach(duties: Sequence[Duty], zone: ZoneInfo) -> str | None:
    if not duties:
        return None
    first, last = duties[0].span.start.astimezone(zone), duties[-1].span.end.astimezone(zone)
    return f"from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
