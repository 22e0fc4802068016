"""Overrides, absences and offers that people make at run time, as documents and back."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tocsin.configuration import notation, rota, rota_forms, swap_forms
from tocsin.configuration.documents import form
from tocsin.core.directory import Directory
from tocsin.core.swapping import Handed, Offer
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span
from tocsin.ports.exchange import KeptOverride
from tocsin.ports.state import Document

#: Their kinds.
OVERRIDE, ABSENCE, SWAP = "override", "absence", swap_forms.KIND_NAME


def kept_override(kept: Document, directory: Directory) -> KeptOverride | None:
    """An override as it is shown. None: its schedule is gone."""
    written = form(kept, rota_forms.KeptOverride)
    schedule = directory.schedules.get(ScheduleName(written.schedule))
    if schedule is None:
        return None
    read = rota.kept_override(written, schedule.time_zone)
    made_at = read.made if written.made is not None else None
    return KeptOverride(schedule=schedule.name, override=read.override, made_by=written.by, made_at=made_at)


def override_document(
    name: str, schedule: ScheduleName, people: Sequence[PersonName], span: Span, **more: str | None
) -> Document:
    """An override; `more`: made, by, instead_of, note, as far as there are any."""
    who: dict[str, object] = {"people": list(people)} if people else {"nobody": True}
    body = {"name": name, "schedule": schedule, **who, **_ends(span)}
    return _document(OVERRIDE, name, {**body, **{key: value for key, value in more.items() if value}})


def handed_document(handed: Handed, known: Offer, number: int, now: Instant) -> Document:
    """The override that hands a stretch over."""
    return override_document(
        f"{known.id}-{len(known.taken)}-{number}",
        handed.schedule,
        (handed.person,),
        handed.span,
        made=text(now),
        by=handed.person,
        instead_of=handed.instead_of,
        note=handed.note,
    )


def absence_document(name: str, person: PersonName, span: Span, **more: str | None) -> Document:
    """An absence; `more`: known_from, by, note, as far as there are any."""
    body = {"name": name, "person": person, **_ends(span)}
    return _document(ABSENCE, name, {**body, **{key: value for key, value in more.items() if value}})


def offer_document(known: Offer) -> Document:
    """An offer, with what has become of it."""
    return _document(SWAP, known.id, msgspec.to_builtins(swap_forms.written(known)))


def offer_of(kept: Document) -> Offer:
    """The offer of a document."""
    return swap_forms.offer(form(kept, swap_forms.KeptOffer))


def begins(kept: Document) -> Instant:
    """When it begins."""
    return notation.instant(str(kept.body["from"]))


def ends(kept: Document) -> Instant:
    """When it ends."""
    return notation.instant(str(kept.body["to"]))


def ending(kept: Document, at: Instant) -> Document:
    """The same, ending then."""
    return _document(kept.kind, kept.name, {**kept.body, "to": text(at)})


def text(at: Instant) -> str:
    """An instant as documents write it."""
    return notation.moment_text(at)


def _ends(span: Span) -> dict[str, object]:
    return {"from": text(span.start), "to": text(span.end)}


def _document(kind: str, name: str, body: dict[str, object]) -> Document:
    return Document(kind=kind, name=name, body=body, origin="api")
