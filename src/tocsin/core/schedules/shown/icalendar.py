"""Shifts as an iCalendar text (RFC 5545, RFC 7986) that calendar programs open or subscribe to."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vText

from tocsin.core.schedules.shown.publishing import Published, published
from tocsin.core.schedules.shown.vtimezone import vtimezone
from tocsin.core.schedules.timeline import Rendered
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span

#: How often a calendar program is asked to look again.
REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What a calendar is called, on whose clock its events are, and whose it is."""

    title: str
    zone: ZoneInfo
    #: Full names; whoever is missing is called by the name of the configuration.
    names: Mapping[PersonName, str] = field(default_factory=dict)
    #: The one person whose shifts they all are; None: it is a schedule's.
    person: PersonName | None = None


def as_icalendar(schedule: ScheduleName, rendered: Rendered, *, zone: ZoneInfo, stamp: Instant) -> str:
    """A calendar of a rendered window, one event a shift, as made at `stamp`."""
    events = published((), ((schedule, shift) for shift in rendered.shifts), stamp)
    return calendar_text(events, Binding(title=schedule, zone=zone), at=stamp)


def calendar_text(events: Sequence[Published], binding: Binding, *, at: Instant) -> str:
    """The whole text, its lines ended as RFC 5545 wants; the same events give the same text.

    `at`: an instant whose year's clock changes are told where there is no event.
    """
    calendar = Calendar()
    for name, value in (
        ("version", "2.0"),
        ("prodid", "-//Tocsin//Tocsin on call//EN"),
        ("calscale", "GREGORIAN"),
        ("method", "PUBLISH"),
    ):
        calendar.add(name, value)
    title = vText(_clean(binding.title))
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{REFRESH // timedelta(hours=1)}H")
    starts, ends = [one.span.start for one in events], [one.span.end for one in events]
    calendar.add_component(vtimezone(binding.zone, Span(min(starts, default=at), max(ends, default=at))))
    for one in events:
        calendar.add_component(_event(one, binding))
    text: bytes = calendar.to_ical()
    return text.decode()


def _event(one: Published, binding: Binding) -> Event:
    event = Event()
    start, end = (edge.astimezone(binding.zone).replace(microsecond=0) for edge in (one.span.start, one.span.end))
    if start.fold or end.fold:
        # A local time that comes twice means its first coming (RFC 5545, 3.3.5): the second can be told in UTC alone.
        start, end = start.astimezone(UTC), end.astimezone(UTC)
    event.add("uid", one.uid)
    event.add("dtstamp", one.changed_at.replace(microsecond=0))
    event.add("last-modified", one.changed_at.replace(microsecond=0))
    event.add("sequence", one.sequence)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("summary", _clean(_summary(one, binding)))
    event.add("description", _clean(f"{one.schedule}, {one.source}"))
    event.add("status", "CONFIRMED" if one.cancelled_at is None else "CANCELLED")
    event.add("transp", "TRANSPARENT")  # being on call does not make a person busy
    return event


def _summary(one: Published, binding: Binding) -> str:
    others = ", ".join(binding.names.get(name, name) for name in one.people if name != binding.person)
    if binding.person is None:
        return f"{others} on call: {one.schedule}"
    return f"On call: {one.schedule}" + (f", with {others}" if others else "")


def _clean(text: str) -> str:
    """Without the control characters that a text may not have."""
    return "".join(" " if unicodedata.category(character) in ("Cc", "Cs") else character for character in text)
