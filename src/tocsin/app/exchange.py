"""What people change of the rota at run time, as documents that no file owns: overrides, absences, offers of shifts.

An offer that is taken and the overrides that make it so are one change of the configuration: both are there or neither.
A change that somebody else has overtaken is decided anew on what they have left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

import structlog

from tocsin.app.directories import Directories
from tocsin.app.exchange_documents import (
    ABSENCE,
    OVERRIDE,
    SWAP,
    absence_document,
    begins,
    ending,
    ends,
    handed_document,
    kept_override,
    offer_document,
    offer_of,
    override_document,
    text,
)
from tocsin.core.directory import Directory
from tocsin.core.errors import Forbidden, NotFound, Refused, Unavailable
from tocsin.core.exchange_news import asking, declined, expired, offered, overridden, taken, withdrawn
from tocsin.core.messages import Message
from tocsin.core.overriding import (
    FURTHEST,
    Asker,
    OverrideWish,
    acting_person,
    granted,
    refuse_other,
    refuse_span,
    refuse_unknown,
)
from tocsin.core.schedules import Absence
from tocsin.core.swapping import Offer, OfferId, Standing, decline, left, offer, standing, take, withdraw
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span, TeamName
from tocsin.engine.ids import new_id
from tocsin.ports.exchange import KeptOverride, OfferWish
from tocsin.ports.messages import Messages
from tocsin.ports.state import Document, Documents, Readings

log = structlog.get_logger()

R = TypeVar("R")

#: What is over for so long is no longer kept; the record of duty keeps who was on call.
KEPT_FOR = timedelta(days=90)
#: Offers that ended within this are still shown.
SHOWN_FOR = timedelta(days=30)
_TRIES = 8


class ExchangeStore(Documents, Readings, Messages, Protocol):
    """What has to be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """The configuration as one change finds it."""

    directory: Directory
    documents: tuple[Document, ...]
    now: Instant

    def find(self, kind: str, name: str) -> Document:
        """One that was made at run time.

        Raises:
            NotFound: there is none of this name.
        """
        for kept in self.documents:
            if (kept.kind, kept.name, kept.origin) == (kind, name, "api"):
                return kept
        raise NotFound(f"there is no {kind} {name!r}", field="id")

    def offer(self, offer_id: OfferId) -> Offer:
        """One offer.

        Raises:
            NotFound: there is none of this id.
        """
        return offer_of(self.find(SWAP, offer_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    """What a change writes."""

    put: tuple[Document, ...] = ()
    drop: tuple[tuple[str, str], ...] = ()


class StoredExchange:
    """Keeps what people change; those whom it concerns are told."""

    def __init__(self, store: ExchangeStore, directories: Directories) -> None:
        self._store = store
        self._directories = directories
        self._tidied: Instant | None = None

    # Overrides.

    async def overrides(self, schedule: ScheduleName | None = None) -> Sequence[KeptOverride]:
        """Those in force or to come, in order of their beginning."""
        look = await self._look()
        found = (kept_override(kept, look.directory) for kept in look.documents if kept.kind == OVERRIDE)
        wanted = (one for one in found if one is not None and schedule in (None, one.schedule))
        return sorted(
            (one for one in wanted if one.override.span.end > look.now), key=lambda one: one.override.span.start
        )

    async def override(self, wish: OverrideWish, asker: Asker) -> KeptOverride:
        """Make one. Responders put themselves on call; managers anybody, or nobody."""
        name = f"{OVERRIDE}-{new_id()[-12:]}"

        def decide(look: _Look) -> tuple[_Edit, Directory]:
            span = granted(look.directory, wish, asker, look.now)
            more = {"made": text(look.now), "by": asker.name, "instead_of": wish.instead_of, "note": wish.note}
            return _Edit(put=(override_document(name, wish.schedule, wish.people, span, **more),)), look.directory

        before = await self._change(decide, asker)
        look = await self._look()
        await self._tell_overridden(before, look, wish.schedule, by=asker.name, key=name)
        made = kept_override(look.find(OVERRIDE, name), look.directory)
        assert made is not None, "its schedule was there a moment ago"
        return made

    async def end_override(self, name: str, asker: Asker) -> None:
        """End one now, or take it back before it begins. What was on call stays."""

        def decide(look: _Look) -> tuple[_Edit, tuple[Directory, ScheduleName]]:
            kept = look.find(OVERRIDE, name)
            schedule = ScheduleName(str(kept.body["schedule"]))
            arranges = asker.arranges(_team_of(look.directory, schedule))
            if not arranges and (asker.person is None or kept.body.get("by") != asker.person):
                raise Forbidden("only its maker or a manager ends an override", known=True, field="name")
            if not arranges and name.startswith(f"{SWAP}-"):  # two people have agreed on it
                hint = "offer it to them, or ask a manager"
                raise Forbidden("what was handed over is not given back alone", known=True, field="name", hint=hint)
            return _ended(kept, look), (look.directory, schedule)

        before, schedule = await self._change(decide, asker)
        look = await self._look()
        await self._tell_overridden(before, look, schedule, by=asker.name, key=f"{name}/ended")

    # Absences.

    async def absences(self, person: PersonName | None = None) -> Sequence[Absence]:
        """Those that last or are to come, entered and from calendars, in order of their beginning."""
        look = await self._look()
        known = (one for one in look.directory.circumstances.absences if person in (None, one.person))
        return sorted((one for one in known if one.span.end > look.now), key=lambda one: (one.span, one.person))

    async def absent(self, person: PersonName, span: Span, note: str, asker: Asker) -> Absence:
        """Somebody is away: the next in each of their rotations takes over. One's own, or as a manager."""
        name = f"{ABSENCE}-{new_id()[-12:]}"

        def decide(look: _Look) -> tuple[_Edit, None]:
            refuse_other(person, asker, what="absence")
            refuse_unknown(look.directory, (person,), field="person")
            refuse_span(span, look.now)
            more = {"known_from": text(look.now), "by": asker.name, "note": note}
            return _Edit(put=(absence_document(name, person, span, **more),)), None

        await self._change(decide, asker)
        return next(one for one in await self.absences(person) if one.name == name)

    async def end_absence(self, name: str, asker: Asker) -> None:
        """The person is back, or does not go."""

        def decide(look: _Look) -> tuple[_Edit, None]:
            kept = look.find(ABSENCE, name)
            refuse_other(PersonName(str(kept.body["person"])), asker, what="absence")
            return _ended(kept, look), None

        await self._change(decide, asker)

    # Offers.

    async def offers(self, *, schedule: ScheduleName | None = None) -> Sequence[Offer]:
        """Those that are open, and those that ended within the last thirty days, newest first."""
        look = await self._look()
        found = [one for one in _offers(look) if schedule in (None, one.schedule)]
        shown = [one for one in found if one.span.end > look.now - SHOWN_FOR]
        return sorted(shown, key=lambda one: (one.made_at, one.id), reverse=True)

    async def offer(self, wish: OfferWish, asker: Asker) -> Offer:
        """Offer one's shift, or as a manager somebody's; those to whom it is made are told."""
        offer_id = OfferId(f"{SWAP}-{new_id()[-12:]}")

        def decide(look: _Look) -> tuple[_Edit, tuple[Offer, Directory]]:
            refuse_other(wish.by, asker, what="shift")
            made = offer(look.directory, _offer(wish, offer_id, look.now))
            return _Edit(put=(offer_document(made),)), (made, look.directory)

        made, directory = await self._change(decide, asker)
        await self._tell(offered(directory, made))
        return made

    async def cover(
        self, asker: Asker, *, lasts: timedelta, schedule: ScheduleName | None, note: str
    ) -> Sequence[Offer]:
        """Ask everybody to take over from now on for so long, in each schedule in which the asker is on call now."""
        look = await self._look()
        person = acting_person(asker)
        rota_now = look.directory.rota
        mine = [name for name in sorted(rota_now.schedules) if person in rota_now.on_call(name, look.now).people]
        names = [name for name in mine if schedule in (None, name)]
        if not names:
            raise Refused(f"{person} is not on call now", field="schedule", hint="offer a shift to come")
        span = Span(look.now, look.now + min(lasts, FURTHEST))
        wishes = [OfferWish(schedule=name, by=person, span=span, note=note) for name in names]
        return [await self.offer(wish, asker) for wish in wishes]

    async def take(self, offer_id: OfferId, asker: Asker, *, part: Span | None = None) -> Offer:
        """Take what is left of an offer, or a part of it: the taker is on call for it at once."""
        person = acting_person(asker)

        def decide(look: _Look) -> tuple[_Edit, tuple[Offer, Directory]]:
            known, handed = take(look.directory, look.offer(offer_id), by=person, part=part, now=look.now)
            made = (handed_document(one, known, number, look.now) for number, one in enumerate(handed))
            edit = _Edit(put=(offer_document(known), *made)) if handed else _Edit()
            return edit, (known, look.directory)

        known, directory = await self._change(decide, asker)
        await self._tell(taken(directory, known))
        if not left(known, known.taken[-1].at):
            await self._store.withdraw_messages(asking(known))
        return known

    async def decline(self, offer_id: OfferId, asker: Asker) -> Offer:
        """Say no."""
        person = acting_person(asker)
        known, directory = await self._step(
            offer_id, asker, lambda look, known: decline(look.directory, known, by=person, now=look.now)
        )
        await self._tell(declined(directory, known, person))
        return known

    async def withdraw(self, offer_id: OfferId, asker: Asker) -> Offer:
        """Keep what is left of one's own offer."""

        def step(look: _Look, known: Offer) -> Offer:
            refuse_other(known.by, asker, what="offer")
            return withdraw(look.directory, known, now=look.now)

        known, directory = await self._step(offer_id, asker, step)
        await self._store.withdraw_messages(asking(known))
        await self._tell(withdrawn(directory, known))
        return known

    # Chores.

    async def expire(self, before: Directory, directory: Directory, now: Instant) -> None:
        """Tell those whose offers nobody has taken; a chore of the keeper."""
        look = await self._look()
        recent = (one for one in _offers(look) if one.expires_at > now - timedelta(days=1))
        await self._tell(
            expired(directory, [one for one in recent if standing(directory, one, now) is Standing.EXPIRED])
        )

    async def tidy(self, before: Directory, directory: Directory, now: Instant) -> None:
        """Forget what is long over, once a day; a chore of the keeper."""
        if self._tidied is not None and now - self._tidied < timedelta(days=1):
            return

        def decide(look: _Look) -> tuple[_Edit, None]:
            kinds = (OVERRIDE, ABSENCE, SWAP)
            kept = [one for one in look.documents if one.kind in kinds and one.origin == "api"]
            return _Edit(drop=tuple((one.kind, one.name) for one in kept if ends(one) < now - KEPT_FOR)), None

        await self._change(decide, Asker(name="tocsin", person=None, manages=True))
        self._tidied = now

    async def _tell_overridden(
        self, before: Directory, look: _Look, schedule: ScheduleName, *, by: str, key: str
    ) -> None:
        """Beside the loop that answers and pages: a year of a rota takes a while."""
        await self._tell(
            await asyncio.to_thread(overridden, before, look.directory, schedule, by=by, key=key, now=look.now)
        )

    async def _tell(self, messages: Sequence[Message]) -> None:
        """What was changed is changed: whoever cannot be told now hears of it by the rota."""
        try:
            await self._store.put_messages(messages)
        except Unavailable as trouble:
            log.warning("people are not told of a change of the rota", error=trouble.detail)

    async def _step(
        self, offer_id: OfferId, asker: Asker, step: Callable[[_Look, Offer], Offer]
    ) -> tuple[Offer, Directory]:
        """Change one offer and nothing else; one that is as it was is not written."""

        def decide(look: _Look) -> tuple[_Edit, tuple[Offer, Directory]]:
            known = look.offer(offer_id)
            after = step(look, known)
            return _Edit(put=() if after == known else (offer_document(after),)), (after, look.directory)

        return await self._change(decide, asker)

    async def _change(self, decide: Callable[[_Look], tuple[_Edit, R]], asker: Asker) -> R:
        """Decide on the newest configuration and write; again when somebody else has written meanwhile."""
        for tried in range(_TRIES):
            look = await self._look()
            edit, result = decide(look)
            if not edit.put and not edit.drop:
                return result
            try:
                await self._store.change(
                    put=edit.put, drop=edit.drop, by=asker.name, at_revision=look.directory.revision
                )
            except Refused:
                revision, _ = await self._store.documents()
                if revision == look.directory.revision or tried == _TRIES - 1:
                    raise
                continue
            await self._directories.refresh()
            return result
        raise AssertionError("the last try has returned or raised")

    async def _look(self) -> _Look:
        """The configuration as it is stored, and the directory made of it."""
        for _ in range(_TRIES):
            revision, documents = await self._store.documents()
            if self._directories.current().revision != revision:
                await self._directories.refresh()
            directory = self._directories.current()
            if directory.revision == revision:
                return _Look(directory=directory, documents=documents, now=await self._store.now())
        raise Refused("the configuration cannot be read now", hint="look at what the log says of it")


def _offers(look: _Look) -> list[Offer]:
    return [offer_of(kept) for kept in look.documents if kept.kind == SWAP]


def _offer(wish: OfferWish, offer_id: OfferId, now: Instant) -> Offer:
    span = Span(max(wish.span.start, now), wish.span.end)
    usual = span.start if span.start > now else span.end
    return Offer(
        id=offer_id,
        schedule=wish.schedule,
        by=wish.by,
        span=span,
        to=wish.to,
        in_return=wish.in_return,
        note=wish.note,
        made_at=now,
        expires_at=wish.expires_at or usual,
    )


def _team_of(directory: Directory, schedule: ScheduleName) -> TeamName | None:
    known = directory.schedules.get(schedule)
    return None if known is None else known.team


def _ended(kept: Document, look: _Look) -> _Edit:
    """What has begun ends now; what has not is dropped; what is over stays."""
    if begins(kept) >= look.now:
        return _Edit(drop=((kept.kind, kept.name),))
    return _Edit(put=(ending(kept, look.now),)) if ends(kept) > look.now else _Edit()
