"""Offers of shifts as one viewer sees them: what is left, what became of them, and what the viewer may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.core.directory import Directory
from tocsin.core.errors import NotFound
from tocsin.core.exchange_news import is_cover
from tocsin.core.swapping import Offer, Standing, addressed, left, standing
from tocsin.core.vocabulary import Instant, PersonName, ScheduleName, Span
from tocsin.web.context import Context
from tocsin.web.sessions import Viewer

#: What can still be taken: whoever said no may change their mind.
_TAKEABLE = frozenset({Standing.OPEN, Standing.DECLINED})


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenOffer:
    """An offer, to one viewer."""

    offer: Offer
    standing: Standing
    #: What can still be taken of it.
    left: tuple[Span, ...]
    #: To whom it was made.
    asked: tuple[PersonName, ...]
    #: True: somebody wants to be covered from that moment on.
    is_cover: bool
    #: True: it is the viewer's own duty.
    is_mine: bool
    #: True: the viewer is among those who were asked, and has not answered yet.
    awaits_me: bool
    may_take: bool
    may_decline: bool
    may_withdraw: bool

    @property
    def is_open(self) -> bool:
        """True while somebody can take it."""
        return self.standing in _TAKEABLE

    @property
    def waiting_for(self) -> tuple[PersonName, ...]:
        """Who has not said no."""
        return tuple(name for name in self.asked if name not in self.offer.declined)


class Board:
    """All offers, read anew when the configuration has changed: they are a part of it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._read: tuple[int, Sequence[Offer]] | None = None

    async def offers(self) -> Sequence[Offer]:
        """Those that are open, and those that ended within the last thirty days, newest first."""
        revision = self._context.counter.directory.revision
        if self._read is None or self._read[0] != revision:
            self._read = (revision, await self._context.exchange.offers())
        return self._read[1]

    async def seen(self, viewer: Viewer, now: Instant, *, schedule: ScheduleName | None = None) -> list[SeenOffer]:
        """The same, as a viewer sees them."""
        directory = self._context.counter.directory
        return [
            seen(directory, known, viewer, now)
            for known in await self.offers()
            if schedule in (None, known.schedule) and known.schedule in directory.schedules
        ]

    async def awaiting(self, viewer: Viewer, now: Instant) -> list[SeenOffer]:
        """What the viewer was asked to take and has not answered, soonest first."""
        if viewer.person is None:
            return []
        waiting = [one for one in await self.seen(viewer, now) if one.awaits_me]
        return sorted(waiting, key=lambda one: one.left)


async def find_offer(context: Context, offer_id: str) -> Offer:
    """One offer, as it is at this moment.

    Raises:
        NotFound: there is none of this id, or it ended long ago.
    """
    for known in await context.exchange.offers():
        if known.id == offer_id and known.schedule in context.counter.directory.schedules:
            return known
    raise NotFound("there is no such offer any more", field="id")


def seen(directory: Directory, known: Offer, viewer: Viewer, now: Instant) -> SeenOffer:
    """An offer as a viewer sees it."""
    state = standing(directory, known, now)
    asked = addressed(directory, known)
    person = viewer.person.name if viewer.person is not None else None
    takeable = state in _TAKEABLE
    may_take = takeable and viewer.may_act and person in asked
    return SeenOffer(
        offer=known,
        standing=state,
        left=left(known, now),
        asked=asked,
        is_cover=is_cover(known),
        is_mine=person == known.by,
        awaits_me=may_take and person not in known.declined,
        may_take=may_take,
        may_decline=may_take and person not in known.declined,
        may_withdraw=takeable and viewer.may_act and (viewer.manages or person == known.by),
    )
