"""Who is told what when people change the rota at run time: offers, answers to them, and overrides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, timedelta

from tocsin.core.directory import Directory
from tocsin.core.insight.moves import moves
from tocsin.core.messages import Message
from tocsin.core.swapping import Offer, addressed
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span

#: What an override moves is told as far ahead.
AHEAD = timedelta(days=366)


def offered(directory: Directory, known: Offer) -> tuple[Message, ...]:
    """To everybody who can take it. What is asked for from now on is a cry for cover."""
    kind = "cover_asked" if is_cover(known) else "swap_offered"
    tell = _Teller(directory, known)
    return tuple(tell(kind, person, key="offered", **{"from": known.by}) for person in addressed(directory, known))


def taken(directory: Directory, known: Offer) -> tuple[Message, ...]:
    """To whoever offered: somebody has taken it, or a part of it, just now."""
    kind = "cover_taken" if is_cover(known) else "swap_accepted"
    parts = [part for part in known.taken if part.at == known.taken[-1].at]
    return tuple(
        _Teller(directory, known, part.span)(kind, known.by, key=f"taken/{_text(part.span.start)}", by=part.by)
        for part in parts
    )


def declined(directory: Directory, known: Offer, by: PersonName) -> tuple[Message, ...]:
    """To whoever offered: one has said no."""
    return (_Teller(directory, known)("swap_declined", known.by, key=f"declined/{by}", by=by),)


def withdrawn(directory: Directory, known: Offer) -> tuple[Message, ...]:
    """To everybody who could have taken it and has not said no."""
    people = (person for person in addressed(directory, known) if person not in known.declined)
    tell = _Teller(directory, known)
    return tuple(tell("swap_withdrawn", person, key="withdrawn", **{"from": known.by}) for person in people)


def expired(directory: Directory, offers: Iterable[Offer]) -> tuple[Message, ...]:
    """To whoever offered: nobody has taken it, or all of it, and the rest is still theirs."""
    return tuple(_Teller(directory, known)("swap_expired", known.by, key="expired") for known in offers)


def asking(known: Offer) -> str:
    """How the keys of the messages begin that ask people to take an offer."""
    return f"swap/{known.id}/offered/"


def is_cover(known: Offer) -> bool:
    """True when it is about the time from the asking on."""
    return known.span.start == known.made_at


def overridden(
    before: Directory, after: Directory, schedule: ScheduleName, *, by: str, key: str, now: Instant
) -> tuple[Message, ...]:
    """To everybody but its maker whom an override, or the end of one, has put on call or taken off."""
    if schedule not in before.schedules or schedule not in after.schedules:
        return ()
    found = moves(before.rota, after.rota, Span(now, now + AHEAD), zones=after.circumstances.zones)
    zone = after.schedules[schedule].time_zone.key
    return tuple(
        Message(
            key=f"override/{key}/{person.person}/{change}/{_text(span.start)}",
            person=person.person,
            kind="override_made",
            values={"schedule": schedule, **_ends(span), "by": by, "change": change, "zone": zone},
            due_at=now,
            until=span.end,
        )
        for person in found.people
        if person.person != by and person.person in after.people
        for change, stretches in (("on", person.gained), ("off", person.lost))
        for span in (one.span for one in stretches if one.schedule == schedule)
    )


class _Teller:
    """Makes messages about one offer, or about a part of it."""

    def __init__(self, directory: Directory, known: Offer, span: Span | None = None) -> None:
        self._known = known
        self._span = span or known.span
        schedule = directory.schedules.get(known.schedule)
        self._zone = {"zone": schedule.time_zone.key} if schedule is not None else {}

    def __call__(self, kind: str, person: PersonName, *, key: str, **values: str) -> Message:
        return Message(
            key=f"swap/{self._known.id}/{key}/{person}",
            person=person,
            kind=kind,
            values={"schedule": self._known.schedule, **_ends(self._span), **values, **self._zone},
            due_at=self._known.made_at,
            until=self._span.end,
            path=f"/swaps/{self._known.id}",
        )


def _ends(span: Span) -> dict[str, str]:
    return {"start": _text(span.start), "end": _text(span.end)}


def _text(at: Instant) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
