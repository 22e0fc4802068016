"""Offers of shifts as documents: made at run time, never written in files, kept together with their overrides."""

from __future__ import annotations

from tocsin.configuration import forms, notation
from tocsin.configuration.forms import Form
from tocsin.core.swapping import Offer, OfferId, Taken
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span

#: The kind of the documents.
KIND_NAME = "swap"


class Stretch(Form, frozen=True, kw_only=True):
    """From an instant to another."""

    from_: forms.Instant
    to: forms.Instant


class TakenPart(Form, frozen=True, kw_only=True):
    """Who took what."""

    by: str
    from_: forms.Instant
    to: forms.Instant
    at: forms.Instant


class Declined(Form, frozen=True, kw_only=True):
    """Who said no."""

    by: str
    at: forms.Instant


class KeptOffer(Form, frozen=True, kw_only=True):
    """An offer and what has become of it. Names that are gone since stay as they are."""

    name: str
    schedule: str
    by: str
    from_: forms.Instant
    to: forms.Instant
    offered_to: tuple[str, ...] = ()
    in_return: Stretch | None = None
    note: str = ""
    made: forms.Instant
    expires: forms.Instant
    taken: tuple[TakenPart, ...] = ()
    declined: tuple[Declined, ...] = ()
    withdrawn: forms.Instant | None = None


def offer(written: KeptOffer) -> Offer:
    """The offer as the core knows it."""
    back = written.in_return
    return Offer(
        id=OfferId(written.name),
        schedule=ScheduleName(written.schedule),
        by=PersonName(written.by),
        span=_span(written.from_, written.to),
        to=tuple(map(PersonName, written.offered_to)),
        in_return=_span(back.from_, back.to) if back is not None else None,
        note=written.note,
        made_at=notation.instant(written.made),
        expires_at=notation.instant(written.expires),
        taken=tuple(
            Taken(by=PersonName(each.by), span=_span(each.from_, each.to), at=notation.instant(each.at))
            for each in written.taken
        ),
        declined={PersonName(each.by): notation.instant(each.at) for each in written.declined},
        withdrawn_at=notation.instant(written.withdrawn) if written.withdrawn is not None else None,
    )


def written(known: Offer) -> KeptOffer:
    """The offer as it is kept."""
    back = known.in_return
    return KeptOffer(
        name=known.id,
        schedule=known.schedule,
        by=known.by,
        from_=_text(known.span.start),
        to=_text(known.span.end),
        offered_to=known.to,
        in_return=Stretch(from_=_text(back.start), to=_text(back.end)) if back is not None else None,
        note=known.note,
        made=_text(known.made_at),
        expires=_text(known.expires_at),
        taken=tuple(
            TakenPart(by=each.by, from_=_text(each.span.start), to=_text(each.span.end), at=_text(each.at))
            for each in known.taken
        ),
        declined=tuple(Declined(by=name, at=_text(at)) for name, at in known.declined.items()),
        withdrawn=_text(known.withdrawn_at) if known.withdrawn_at is not None else None,
    )


def _span(begins: str, ends: str) -> Span:
    return Span(notation.instant(begins), notation.instant(ends))


def _text(at: Instant) -> str:
    return notation.moment_text(at)
