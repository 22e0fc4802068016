"""Shifts that people hand to each other: offered to one or all, taken whole or in part, declined, withdrawn, expired.

Whoever offers stays on call until somebody takes it: an offer that nobody answers changes nothing. What is taken
becomes an override that replaces the one person by the other, in exchange perhaps for a part of the taker's own duty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import NewType

from tocsin.core.directory import Directory
from tocsin.core.errors import Forbidden, Refused
from tocsin.core.schedules.intervals import subtract, union
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span

OfferId = NewType("OfferId", str)

#: Nobody plans further ahead.
FURTHEST = timedelta(days=366)
#: The longest stretch that one offer may be about.
LONGEST = timedelta(days=62)


class Standing(StrEnum):
    """What has become of an offer."""

    OPEN = "open"
    #: Nothing of it is left.
    TAKEN = "taken"
    #: Everybody to whom it was made has said no.
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    #: Its time is over; what was taken of it stays taken.
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Somebody took a part of an offer, or all of it."""

    by: PersonName
    span: Span
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A stretch of somebody's duty that others may take."""

    id: OfferId
    schedule: ScheduleName
    #: Whose duty it is.
    by: PersonName
    span: Span
    #: To whom it is offered. Empty: everybody of the team, and everybody in the schedule.
    to: tuple[PersonName, ...] = ()
    #: A stretch of the taker's own duty in the same schedule that `by` takes in exchange. None: it is given away.
    in_return: Span | None = None
    note: str = ""
    made_at: Instant
    expires_at: Instant
    taken: tuple[Taken, ...] = ()
    #: Who has said no, and when.
    declined: Mapping[PersonName, Instant] = field(default_factory=dict)
    withdrawn_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """An override that taking an offer makes: `person` instead of `instead_of`."""

    schedule: ScheduleName
    person: PersonName
    instead_of: PersonName
    span: Span
    note: str


def offer(directory: Directory, wish: Offer) -> Offer:
    """The offer as it is made.

    Raises:
        Refused: the stretch is not the offerer's duty, lies in the past or too far ahead, or nobody can take it.
    """
    schedule = directory.schedules.get(wish.schedule)
    if schedule is None:
        raise Refused(f"there is no schedule {wish.schedule!r}", field="schedule")
    _refuse_span(wish.span, wish.made_at)
    if not _serves(directory, wish.schedule, wish.by, wish.span):
        detail = f"{wish.by} is not on call for {wish.schedule} all of that time"
        raise Refused(detail, field="from", hint="a stretch within one's own shifts")
    unknown = [name for name in wish.to if name not in directory.people or name == wish.by]
    if unknown:
        raise Refused(f"{unknown[0]!r} cannot take it", field="to", hint="the name of somebody else")
    if not addressed(directory, wish):
        raise Refused("there is nobody else in the team or in the schedule", field="to", hint="name somebody")
    _refuse_return(directory, wish, wish.made_at)
    if not wish.made_at < wish.expires_at <= wish.span.end:
        raise Refused("the offer ends in the past, or after its shift", field="expires_at")
    return wish


def addressed(directory: Directory, known: Offer) -> tuple[PersonName, ...]:
    """To whom an offer is made."""
    if known.to:
        return known.to
    schedule = directory.schedules.get(known.schedule)
    if schedule is None:
        return ()
    team = directory.members(schedule.team) if schedule.team is not None else None
    names = dict.fromkeys((*(team or ()), *schedule.people))
    return tuple(name for name in names if name != known.by and name in directory.people)


def standing(directory: Directory, known: Offer, now: Instant) -> Standing:
    """What has become of an offer by now."""
    if known.withdrawn_at is not None:
        return Standing.WITHDRAWN
    if known.taken and not left(known, known.taken[-1].at):
        return Standing.TAKEN  # what had passed before somebody took the rest is nobody's to take
    if now >= known.expires_at or not left(known, now):
        return Standing.EXPIRED
    if set(addressed(directory, known)) <= set(known.declined):
        return Standing.DECLINED
    return Standing.OPEN


def left(known: Offer, now: Instant) -> tuple[Span, ...]:
    """What can still be taken of it."""
    ahead = Span(now, max(now, known.span.end))
    return tuple(part for span in _untaken(known) if (part := span.clipped(ahead)) is not None)


def take(
    directory: Directory, known: Offer, *, by: PersonName, part: Span | None, now: Instant
) -> tuple[Offer, tuple[Handed, ...]]:
    """Somebody takes the offer, or a part of it; the offer afterwards, and the overrides that make it so.

    A second time it changes nothing.

    Raises:
        Forbidden: it was not offered to them.
        Refused: the offer is over, the part is not left, or somebody's duties have changed since.
    """
    _refuse_stranger(directory, known, by)
    if _has_taken(known, by, part):
        return known, ()
    state = standing(directory, known, now)
    if state not in (Standing.OPEN, Standing.DECLINED):
        raise Refused(f"this offer is {state.value}", field="id")
    spans = left(known, now) if part is None else _part(known, part, now)
    if known.in_return is not None and spans != left(known, now):
        raise Refused("an exchange is taken as a whole", field="from", hint="leave out `from` and `to`")
    for span in spans:
        _refuse_taker(directory, known, by, span)
    _refuse_return(directory, replace(known, to=(by,)), now)
    taken = tuple(Taken(by=by, span=span, at=now) for span in spans)
    declined = {name: at for name, at in known.declined.items() if name != by}
    handed = [
        Handed(schedule=known.schedule, person=by, instead_of=known.by, span=span, note=known.note) for span in spans
    ]
    if known.in_return is not None:
        ahead = Span(max(known.in_return.start, now), known.in_return.end)  # what was on call stays
        handed.append(Handed(schedule=known.schedule, person=known.by, instead_of=by, span=ahead, note=known.note))
    return replace(known, taken=(*known.taken, *taken), declined=declined), tuple(handed)


def decline(directory: Directory, known: Offer, *, by: PersonName, now: Instant) -> Offer:
    """Somebody says no; a second time it changes nothing, and they may still change their mind.

    Raises:
        Forbidden: it was not offered to them.
        Refused: the offer is over.
    """
    _refuse_stranger(directory, known, by)
    state = standing(directory, known, now)
    if state is Standing.DECLINED or by in known.declined:
        return known
    if state is not Standing.OPEN:
        raise Refused(f"this offer is {state.value}", field="id")
    return replace(known, declined={**known.declined, by: now})


def withdraw(directory: Directory, known: Offer, *, now: Instant) -> Offer:
    """Whoever offered keeps what is left; what was taken stays taken. A second time it changes nothing.

    Raises:
        Refused: nothing of it is left.
    """
    state = standing(directory, known, now)
    if state is Standing.WITHDRAWN:
        return known
    if state is Standing.TAKEN:
        raise Refused("all of it was taken", field="id", hint="ask for it back by an offer of its own")
    return replace(known, withdrawn_at=now)


def _untaken(known: Offer) -> tuple[Span, ...]:
    return tuple(subtract(known.span, sorted(taken.span for taken in known.taken)))


def _has_taken(known: Offer, by: PersonName, part: Span | None) -> bool:
    """True when they have taken that part already, or, of all that was left, the last."""
    if part is None:
        return bool(known.taken) and known.taken[-1].by == by and not left(known, known.taken[-1].at)
    return any(one.by == by and one.span == part for one in known.taken)


def _part(known: Offer, part: Span, now: Instant) -> tuple[Span, ...]:
    if not any(span.start <= part.start < part.end <= span.end for span in left(known, now)):
        raise Refused("that part is not left", field="from", hint="a stretch within what is still offered")
    return (part,)


def _serves(directory: Directory, schedule: ScheduleName, person: PersonName, span: Span) -> bool:
    """True when the person is on call for the whole of the span."""
    served = (shift.span for shift in directory.rota.shifts(schedule, span).shifts if person in shift.people)
    return tuple(union(served)) == (span,)


def _meets(directory: Directory, schedule: ScheduleName, person: PersonName, span: Span) -> bool:
    """True when the person is on call at any moment of the span."""
    return any(person in shift.people for shift in directory.rota.shifts(schedule, span).shifts)


def _refuse_span(span: Span, now: Instant) -> None:
    if span.end <= span.start:
        raise Refused("it ends before it starts", field="to", hint="a time after `from`")
    if span.end <= now:
        raise Refused("that time is over", field="to", hint="a time in the future")
    if span.end > now + FURTHEST or span.end - span.start > LONGEST:
        hint = f"at most {LONGEST.days} days at once, within the next {FURTHEST.days}"
        raise Refused("that is too long, or too far ahead", field="to", hint=hint)


def _refuse_return(directory: Directory, known: Offer, now: Instant) -> None:
    if known.in_return is None:
        return
    if len(known.to) != 1:
        raise Refused("an exchange is offered to one person", field="to", hint="the name of whoever has that shift")
    [taker] = known.to
    _refuse_span(known.in_return, now)
    if known.in_return.clipped(known.span) is not None:
        raise Refused("the two stretches of an exchange overlap", field="in_return")
    if not _serves(directory, known.schedule, taker, known.in_return):
        detail = f"{taker} is not on call for {known.schedule} all of the time asked for in return"
        raise Refused(detail, field="in_return", hint="a stretch within their shifts")
    if _meets(directory, known.schedule, known.by, known.in_return):
        raise Refused(f"{known.by} is on call then already", field="in_return")


def _refuse_stranger(directory: Directory, known: Offer, by: PersonName) -> None:
    if by not in addressed(directory, known):
        raise Forbidden("this shift was not offered to you", known=True, field="id")


def _refuse_taker(directory: Directory, known: Offer, by: PersonName, span: Span) -> None:
    if known.schedule not in directory.schedules:
        raise Refused(f"there is no schedule {known.schedule!r} any more", field="id")
    if not _serves(directory, known.schedule, known.by, span):
        raise Refused(f"{known.by} is not on call then any more", field="id", hint="somebody has changed the rota")
    if _meets(directory, known.schedule, by, span):
        raise Refused(f"{by} is on call then already", field="from", hint="a part in which they are not")
    if not directory.is_reachable(by):
        raise Refused(f"{by} cannot be reached", field="by", hint="a person with a contact")
    if any(one.person == by and one.span.clipped(span) for one in directory.circumstances.absences):
        raise Refused(f"{by} is away then", field="by", hint="end the absence first")
