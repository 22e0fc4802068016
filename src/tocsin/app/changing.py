"""`tocsin plan`: what applying files would change, and what that means for people's shifts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tocsin.app import configuring
from tocsin.app.database import open_store
from tocsin.app.directories import told
from tocsin.app.settings import Settings
from tocsin.configuration.building import directory
from tocsin.configuration.difference import Plan, applied, difference
from tocsin.core.directory import Directory
from tocsin.core.insight.documents import moves_document
from tocsin.core.insight.moves import Move, Moves, PersonMoves, Stretch, moves
from tocsin.core.schedules.shown.words import columns, padded
from tocsin.core.vocabulary import PersonName, Span
from tocsin.engine import clock
from tocsin.ports.feeds import Feed
from tocsin.ports.state import Document

#: How far ahead shifts are compared.
_DAYS = 90
#: So many people, and so many moves and gaps of a schedule, are shown to a reader.
_PEOPLE_SHOWN, _SHOWN = 10, 3
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What would change, and what would move."""

    plan: Plan
    moves: Moves


async def plan(settings: Settings, path: Path) -> Planned:
    """What applying the files would change.

    Raises:
        BadConfiguration: with all mistakes.
        Refused: something would be deleted that others refer to.
        Unavailable: the database cannot be asked.
    """
    async with open_store(settings, attach=True) as store:
        _, stored = await store.documents()
        feeds = await store.feeds()
    found = difference(stored, configuring.read_files(path, stored=stored, outgoing=settings.outgoing))
    before, after = _known(stored, feeds), _known(applied(stored, found), feeds)
    now = clock.now().replace(second=0, microsecond=0)
    zones = {person.name: person.time_zone for known in (before, after) for person in known.people.values()}
    window = Span(now, now + timedelta(days=_DAYS))
    return Planned(plan=found, moves=moves(before.rota, after.rota, window, zones=zones))


def _known(documents: Sequence[Document], feeds: Sequence[Feed]) -> Directory:
    """What documents say, with what the calendars say that they name."""
    plain = directory(documents)
    return directory(documents, calendars=told(feeds, plain)) if plain.calendars else plain


def as_text(planned: Planned) -> str:
    """The plan for a reader, and the first of what moves."""
    text = configuring.as_text(planned.plan)
    return "\n".join((text, "", *_told(planned.moves))) if planned.moves else text


def as_document(planned: Planned) -> dict[str, Any]:
    """The plan as JSON values, with everything that moves."""
    return {**configuring.as_document(planned.plan), "moves": moves_document(planned.moves)}


def _told(found: Moves) -> Iterator[str]:
    yield f"Shifts that move in the next {_DAYS} days"
    width = max((columns(each.person) for each in found.people), default=0)
    for each in found.people[:_PEOPLE_SHOWN]:
        yield from _of_person(each, width)
    yield from _more(found.people, _PEOPLE_SHOWN, "people")
    for schedule in found.schedules:
        yield f"  {schedule.schedule}"
        yield from (f"    {_move(move)}" for move in schedule.moves[:_SHOWN])
        yield from _more(schedule.moves, _SHOWN, "moves")
        for spans, what in ((schedule.opened, "nobody is on call any more"), (schedule.closed, "no gap any more")):
            yield from (f"    {_span(span)}: {what}" for span in spans[:_SHOWN])
            yield from _more(spans, _SHOWN, "times")


def _of_person(each: PersonMoves, width: int) -> Iterator[str]:
    """One line for what they lose, one for what they gain."""
    name = padded(each.person, width)
    if each.lost:
        yield f"  {name}  loses {_amount(each.lost, each.nights_lost, each.weekends_lost)}"
        name = " " * width
    if each.gained:
        yield f"  {name}  gains {_amount(each.gained, each.nights_gained, each.weekends_gained)}"


def _amount(stretches: Sequence[Stretch], nights: int, weekends: int) -> str:
    hours = sum((each.span.end - each.span.start for each in stretches), timedelta()) / _HOUR
    counts = [(len(stretches), "shift"), (nights, "night"), (weekends, "weekend")]
    told = ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts if count)
    return f"{told} ({hours:,.1f} hours)".replace(".0 hours", " hours")


def _move(move: Move) -> str:
    return f"{_span(move.span)}: {_who(move.before)} -> {_who(move.after)}"


def _who(people: tuple[PersonName, ...]) -> str:
    return ", ".join(people) or "nobody"


def _span(span: Span) -> str:
    return f"{span.start:%Y-%m-%d %H:%M} to {span.end:%Y-%m-%d %H:%M} UTC"


def _more(things: Sequence[object], shown: int, what: str) -> Iterator[str]:
    if len(things) > shown:
        yield f"    ... and {len(things) - shown} {what} more: --json lists them all"
